/** The isolation level `microvm`, with the files that the set-up has left. */
import { microvmFiles } from "../artifacts/microvm/files.ts";
import { firecrackerFiles, usableFirecracker } from "../artifacts/microvm/firecracker/files.ts";
import { KilnError } from "../base/errors.ts";
import type { Config } from "../config/index.ts";
import type { Sandbox } from "../sandbox/contract.ts";
import type { GroundOptions } from "../sandbox/jail/ground.ts";
import { vmmDrivers } from "../sandbox/microvm/drivers.ts";
import { createMicrovmSandbox } from "../sandbox/microvm/microvm-sandbox.ts";
import { chooseDriver, probeMicrovm } from "../sandbox/microvm/probe.ts";

export async function openMicrovmSandbox(
  { runtimesDir, ociRuntimes }: Pick<Config, "runtimesDir" | "ociRuntimes">,
  ground: GroundOptions,
): Promise<Sandbox> {
  const files = microvmFiles(runtimesDir);
  if (files === undefined) {
    throw new KilnError("NO_MICROVM", `The files of microVMs are not in ${runtimesDir}.`, {
      hint: "Run: kiln setup microvm",
    });
  }
  const options = { guest: files, ociRuntimes, rootImage: files.qemu.image };
  const firecracker = firecrackerFiles(runtimesDir) && (await usableFirecracker(runtimesDir));
  const driver = await chooseDriver(vmmDrivers({ ...files, firecracker }), (tried) =>
    probeMicrovm({ ...options, driver: tried }),
  );
  return createMicrovmSandbox({ ...ground, driver, guest: files, ociRuntimes });
}
