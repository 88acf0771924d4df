/** The isolation level `container`: jails on an OCI runtime. */
import { KilnError } from "../../base/errors.ts";
import type { Jail, JailSpec, Sandbox } from "../contract.ts";
import { createImageMounts } from "../host/images.ts";
import { createJail } from "./create-jail.ts";
import { type GroundOptions, NAME, type OpenGround, openGround } from "./ground.ts";
import type { JailHost } from "./jail-host.ts";
import { chooseOciRuntime } from "./probe.ts";

export interface ContainerSandboxOptions extends GroundOptions {
  /** Names or paths of OCI runtimes; the first that passes the self-test is used. */
  ociRuntimes: readonly string[];
}

async function chooseProgram(opened: OpenGround, names: readonly string[]): Promise<string> {
  try {
    return await chooseOciRuntime(names, opened.ground);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** Cleans up after a killed Kiln of the same instance first. Needs root. */
export async function createContainerSandbox(options: ContainerSandboxOptions): Promise<Sandbox> {
  const opened = await openGround(options);
  const program = await chooseProgram(opened, options.ociRuntimes);
  const host: JailHost = { ...opened.ground, program, images: createImageMounts(opened.ground.run.images) };
  const jails = new Map<string, Promise<Jail>>();
  let closing: Promise<void> | undefined;

  async function end(): Promise<void> {
    const ends = [...jails.values()].map(async (created) => {
      // A start that failed has cleaned up and told its caller.
      const jail = await created.catch(() => undefined);
      await jail?.destroy();
    });
    const outcomes = await Promise.allSettled(ends);
    host.images.close();
    await opened.close();
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  }

  return {
    level: "container",
    preboot: true,
    async create(spec: JailSpec): Promise<Jail> {
      if (closing !== undefined) throw new KilnError("SANDBOX_CLOSED", "The sandbox is closed.");
      if (!NAME.test(spec.id))
        throw new KilnError("BAD_JAIL_ID", `"${spec.id}" cannot name a jail: use a-z, 0-9 and -.`);
      if (jails.has(spec.id)) throw new KilnError("JAIL_EXISTS", `There is a jail ${spec.id} already.`);
      const created = createJail(host, spec, () => jails.delete(spec.id));
      jails.set(spec.id, created);
      try {
        return await created;
      } catch (error) {
        jails.delete(spec.id);
        throw error;
      }
    },
    filesIn: (image, dir) => host.images.filesIn(image, dir),
    close() {
      closing ??= end();
      return closing;
    },
  };
}
