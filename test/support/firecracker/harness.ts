/** Firecracker's driver with a program of the test's choice: the fake, or a real one. */
import { join } from "node:path";
import { firecrackerDriver } from "../../../src/sandbox/microvm/firecracker/driver.ts";
import { API_SOCKET } from "../../../src/sandbox/microvm/vmm/contract.ts";
import type { Program } from "../vmm/harness.ts";

export function firecrackerProgram(program: readonly string[]): Program {
  const driver = firecrackerDriver({ version: "1.16.1", rootImage: "/none" });
  return {
    driver,
    start(plan, dir) {
      const socket = join(dir, "api.sock");
      // The jail's standard error is a pipe, which can be opened anew; this one is a socket.
      const own = new Map([
        [API_SOCKET, socket],
        ["/proc/self/fd/2", join(dir, "log")],
      ]);
      const [, ...args] = driver.command(plan).argv;
      return { argv: [...program, ...args.map((argument) => own.get(argument) ?? argument)], socket };
    },
  };
}
