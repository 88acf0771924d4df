/** Takes the snapshot of a machine whose first process waits for the Runtime API. */
import { once } from "node:events";
import type { Socket } from "node:net";
import { KilnError } from "../../../base/errors.ts";
import type { JailSpec, ServedPort } from "../../contract.ts";
import { within } from "../../jail/ending.ts";
import type { Agent } from "../agent/agent.ts";
import type { Vm } from "../vmm/contract.ts";
import type { SnapshotFacts } from "./facts.ts";
import type { PlacedSnapshot } from "./place.ts";
import { MicrovmSnapshot } from "./snapshots.ts";
import { copySparse } from "./sparse.ts";

export interface Taken {
  agent: Agent;
  vm: Vm;
  connections: Connections;
  placed: PlacedSnapshot;
  facts: Omit<SnapshotFacts, "port">;
  /** The file of /tmp, on the host. */
  scratch: string;
  /** ms that the guest may take to come to rest. */
  withinMs: number;
}

export interface Connections {
  /** The same specification, whose connections are known. */
  spec: JailSpec;
  /** Resolves when none is left, on this side. */
  close(): Promise<void>;
}

export function knownConnections(spec: JailSpec): Connections {
  const open = new Set<Socket>();
  const known = (accept: (socket: Socket) => void) => (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    accept(socket);
  };
  const kilnApi: ServedPort | undefined = spec.kilnApi && {
    port: spec.kilnApi.port,
    onConnection: known((socket) => spec.kilnApi?.onConnection(socket)),
  };
  return {
    spec: { ...spec, onConnection: known((socket) => spec.onConnection(socket)), kilnApi },
    async close() {
      await Promise.all(
        [...open].map((socket) => {
          const closed = once(socket, "close");
          socket.destroy();
          return closed;
        }),
      );
    },
  };
}

function late(): never {
  throw new KilnError("GUEST_NOT_READY", "The guest does not come to rest for its snapshot.");
}

/**
 * The processes are stopped first, and what they have said is read. Then the connections end: that the guest's kernel has
 * heard of it is certain once it has answered something that was said later, as packets keep their order.
 */
export async function takeSnapshot(of: Taken): Promise<MicrovmSnapshot> {
  const { agent, vm, connections, placed, withinMs } = of;
  await within(withinMs, agent.set([["rest", 1]]), late);
  await connections.close();
  const port = await within(withinMs, agent.wait(), late);
  await vm.pause();
  await vm.save();
  if (!of.facts.runtime) await copySparse(of.scratch, placed.disk);
  placed.close();
  return new MicrovmSnapshot({ ...of.facts, port }, placed);
}
