/** A sandbox of jails that an OCI runtime starts; the isolation level is which one, and what it is told. */
import { KilnError } from "../../base/errors.ts";
import type { IsolationLevel, Jail, JailSpec, Sandbox, Snapshots } from "../contract.ts";
import { createImageMounts } from "../host/images.ts";
import { createJail } from "./create-jail.ts";
import { type Ground, type GroundOptions, NAME, type OpenGround, openGround } from "./ground.ts";
import type { JailHost } from "./jail-host.ts";
import type { OciRuntime } from "./oci-runtime.ts";

export interface JailSandboxLevel {
  level: IsolationLevel;
  /** Whether a bind mount on the host appears in a jail that runs. */
  preboot: boolean;
  /** See `Sandbox`. */
  slowness?: number | undefined;
  snapshots?: Snapshots | undefined;
  /** The OCI runtime that passes a self-test here. */
  choose: (ground: Ground) => Promise<OciRuntime>;
  /** How a jail is made; `onGone` is called when it has been destroyed, and never if this fails. Default: a process in it. */
  create?: (host: JailHost, spec: JailSpec, onGone: () => void) => Promise<Jail>;
}

async function chooseRuntime(opened: OpenGround, choose: JailSandboxLevel["choose"]): Promise<OciRuntime> {
  try {
    return await choose(opened.ground);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** Cleans up after a killed Kiln of the same instance first. Needs root. */
export async function createJailSandbox(options: GroundOptions, of: JailSandboxLevel): Promise<Sandbox> {
  const opened = await openGround(options);
  const runtime = await chooseRuntime(opened, of.choose);
  const host: JailHost = { ...opened.ground, runtime, images: createImageMounts(opened.ground.run.images) };
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
    runtime.close?.();
    await opened.close();
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  }

  return {
    level: of.level,
    preboot: of.preboot,
    slowness: of.slowness,
    snapshots: of.snapshots,
    async create(spec: JailSpec): Promise<Jail> {
      if (closing !== undefined) throw new KilnError("SANDBOX_CLOSED", "The sandbox is closed.");
      if (!NAME.test(spec.id))
        throw new KilnError("BAD_JAIL_ID", `"${spec.id}" cannot name a jail: use a-z, 0-9 and -.`);
      if (jails.has(spec.id)) throw new KilnError("JAIL_EXISTS", `There is a jail ${spec.id} already.`);
      const created = (of.create ?? createJail)(host, spec, () => jails.delete(spec.id));
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
