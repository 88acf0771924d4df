/**
 * The fake as a program: Firecracker's command line, as far as Kiln uses it, and its API. While its machine runs it writes the
 * letters A to Z to standard output, as the tiny kernel does on the real one.
 */
import { parseArgs } from "node:util";
import { fakeFirecracker } from "./server.ts";

const LETTER_MS = 5;

const { values } = parseArgs({
  options: {
    id: { type: "string" },
    "api-sock": { type: "string" },
    "log-path": { type: "string" },
    level: { type: "string" },
    version: { type: "boolean" },
  },
});

if (values.version === true) {
  process.stdout.write("Firecracker v1.16.1\n");
} else {
  if (!/^[A-Za-z0-9-]{1,64}$/.test(values.id ?? "")) throw new Error("Invalid instance ID");
  const { server, machine } = fakeFirecracker({
    ...(values.id === undefined ? {} : { id: values.id }),
    onBroken: () => process.exit(1),
  });
  setInterval(() => {
    if (machine.state !== "Running") return;
    const turn = Number(machine.configuration["turn"] ?? 0);
    process.stdout.write(String.fromCodePoint(65 + (turn % 26)));
    machine.configuration["turn"] = turn + 1;
  }, LETTER_MS);
  server.listen(values["api-sock"] ?? "/run/firecracker.socket");
}
