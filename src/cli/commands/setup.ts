import { resolve } from "node:path";
import type { Command } from "../command.ts";
import { UsageError } from "../errors.ts";

export const setup: Command = {
  summary: "Prepare what microVMs need: a guest, QEMU, and the Firecracker that you have.",
  usage: "microvm [--firecracker PATH] [options]",
  about: `The guest's kernel and QEMU are made of Debian's packages (some 200 MB to download); with --firecracker they are left as they
are. Kiln downloads no Firecracker: give it the binary of a release (firecracker-vX.Y.Z-ARCH), 1.14.4 or newer. Its checksum is
recorded, versions with a known way out of the guest are refused (CVE-2026-5747: 1.13.0 to 1.14.3, and 1.15.0), and a copy is
kept beside the runtime images. The next start of Kiln takes it.`,
  options: {
    firecracker: { value: "PATH", help: "The binary of a release of Firecracker." },
    sha256: { value: "HEX", help: "What its SHA-256 must be; a release says it." },
    runtimes: { value: "DIR", help: "Where the images are. Default: KILN_RUNTIMES, else /var/cache/kiln/runtimes." },
  },
  words: { least: 1, most: 1, name: "What to set up (microvm)" },
  examples: [
    ["sudo kiln setup microvm", "what --isolation microvm needs"],
    ["sudo kiln setup microvm --firecracker ./firecracker-v1.16.1-x86_64", "run microVMs with this Firecracker"],
    ["sudo kiln setup microvm --firecracker ./firecracker --sha256 $(cut -c1-64 SHA256SUMS)", "if it is the right one"],
  ],

  async run(input, terminal) {
    if (input.word() !== "microvm") throw new UsageError(`There is no "${input.word()}" to set up: there is microvm.`);
    const program = input.text("firecracker");
    const sha256 = input.text("sha256");
    if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256)) {
      throw new UsageError(`--sha256 is "${sha256}": it must have 64 hexadecimal digits.`);
    }
    const { loadConfig } = await import("../../config/index.ts");
    const runtimes = input.text("runtimes");
    const { runtimesDir } = loadConfig(runtimes === undefined ? {} : { runtimes: resolve(runtimes) });
    if (program === undefined) {
      const { buildMicrovm } = await import("../../artifacts/microvm/build.ts");
      const made = await terminal.progress("making microVMs", (say) => buildMicrovm({ runtimesDir, onStep: say }));
      if (input.flag("json")) terminal.json(made);
      else
        terminal.print(
          `A guest with Linux ${made.kernelVersion} and QEMU ${made.qemu.version} are in ${runtimesDir}/microvm.`,
        );
      return;
    }
    const { installFirecracker } = await import("../../artifacts/microvm/firecracker/install.ts");
    const files = await terminal.progress("looking at Firecracker", () =>
      installFirecracker({ runtimesDir, program: resolve(program), ...(sha256 === undefined ? {} : { sha256 }) }),
    );
    if (input.flag("json")) terminal.json(files);
    else terminal.print(`Firecracker ${files.version}, SHA-256 ${files.sha256}, is at ${files.image}.`);
  },
};
