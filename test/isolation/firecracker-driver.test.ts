/** Firecracker's driver: against the fake of its API, and with the real program and KVM where there are both. */
import { join } from "node:path";
import { vmmConformance } from "../../src/sandbox/microvm/vmm/conformance.ts";
import { firecrackerHarness } from "../support/firecracker/harness.ts";
import { noRealFirecracker } from "../support/firecracker/start.ts";

const root = process.getuid?.() !== 0 && "a network namespace with a TAP device needs root";
const fake = [process.execPath, join(import.meta.dirname, "../support/firecracker/program.ts")];
const real = process.env["KILN_FIRECRACKER"];

vmmConformance({
  name: "Firecracker's fake",
  skip: root,
  open: async (context) => firecrackerHarness(context, fake),
  saves: true,
});

vmmConformance({
  name: "Firecracker",
  skip: noRealFirecracker(),
  open: async (context) => firecrackerHarness(context, [real ?? ""]),
  saves: true,
});
