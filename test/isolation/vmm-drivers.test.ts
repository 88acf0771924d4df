/** The drivers of VMMs: QEMU without KVM, Firecracker against the fake of its API, and the real one with KVM where there are both. */
import { join } from "node:path";
import { microvmFiles } from "../../src/artifacts/microvm/files.ts";
import { loadConfig } from "../../src/config/index.ts";
import { vmmConformance } from "../../src/sandbox/microvm/vmm/conformance.ts";
import { firecrackerProgram } from "../support/firecracker/harness.ts";
import { noRealFirecracker } from "../support/firecracker/start.ts";
import { vmmHarness } from "../support/vmm/harness.ts";
import { qemuProgram } from "../support/vmm/qemu.ts";

const root = process.getuid?.() !== 0 && "a network namespace with a TAP device needs root";
const fake = [process.execPath, join(import.meta.dirname, "../support/firecracker/program.ts")];
const real = process.env["KILN_FIRECRACKER"];
const files = microvmFiles(loadConfig({}, process.env).runtimesDir);

vmmConformance({
  name: "QEMU without KVM",
  skip: files === undefined ? "QEMU is not set up here (bin/node tools/build-microvm.ts)" : root,
  open: async (context) => vmmHarness(context, (dir) => qemuProgram(files ?? missing(), dir)),
  saves: true,
});

vmmConformance({
  name: "Firecracker's fake",
  skip: root,
  open: async (context) => vmmHarness(context, () => firecrackerProgram(fake)),
  saves: true,
});

vmmConformance({
  name: "Firecracker",
  skip: noRealFirecracker(),
  open: async (context) => vmmHarness(context, () => firecrackerProgram([real ?? ""])),
  saves: true,
});

function missing(): never {
  throw new Error("QEMU is not set up here");
}
