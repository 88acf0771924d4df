/** A guest that was loaded waits for its host: its connections were those of another machine. */
import { once } from "node:events";
import type { Tap } from "../../host/network/tap.ts";
import type { Agent } from "../agent/agent.ts";

export async function connectToGuest(tap: Tap, port: number, agent: Agent): Promise<void> {
  const socket = tap.connect(port);
  await once(socket, "connect");
  socket.setNoDelay(true);
  agent.accept(socket);
}
