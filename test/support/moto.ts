/** moto's server for one test. */
import type { TestContext } from "node:test";
import { moto } from "../../tools/moto.ts";
import { startServer, type ServerProcess } from "./server-process.ts";

export async function startMoto(context: TestContext): Promise<ServerProcess> {
  return startServer(context, { ...(await moto()), port: (port) => ["-p", String(port)] });
}
