/** What of the host is used, as the configuration says. */
import { join } from "node:path";
import { KilnError } from "../base/errors.ts";
import { instanceName, type Config } from "../config/index.ts";
import type { Sandbox } from "../sandbox/contract.ts";
import { createGvisorSandbox } from "../sandbox/gvisor/gvisor-sandbox.ts";
import type { NetworkOptions } from "../sandbox/host/network/host-network.ts";
import { createContainerSandbox } from "../sandbox/jail/container-sandbox.ts";
import { openMicrovmSandbox } from "./microvm.ts";
import { report } from "./say.ts";

export function requireHost(): void {
  if (process.platform !== "linux") {
    throw new KilnError("NOT_LINUX", `This is ${process.platform}, and Kiln runs on Linux only.`, {
      hint: "It isolates functions with Linux namespaces, cgroups and seccomp: run it on a Linux machine.",
    });
  }
  if (process.getuid?.() !== 0) {
    throw new KilnError("NEEDS_ROOT", "kiln serve needs root: it makes namespaces, cgroups and mounts for the jails.", {
      hint: "Run it as root, for instance with sudo.",
    });
  }
}

/** Nothing where no function may reach anybody: then the host's network is left alone. */
function networkOptions({ network }: Config): { network?: NetworkOptions } {
  const { access, catalog, cidr, uplinks, limits, resolvers } = network;
  if (access === "none" && catalog === undefined) return {};
  return { network: { cidr, uplinks, limits, report, ...(resolvers === undefined ? {} : { resolvers }) } };
}

/** `auto` is the container: what is stronger is slower, or not on every host, and the choice of those who say so. */
function openSandbox(config: Config): Promise<Sandbox> {
  const instance = instanceName(config.stateDir);
  const { bytes, operations } = config.disk;
  const disks = bytes === 0 && operations === 0 ? {} : { disks: config.disk };
  const options = { runDir: join(config.runDir, instance), instance, report, ...networkOptions(config), ...disks };
  if (config.isolation === "gvisor") return createGvisorSandbox(options);
  if (config.isolation === "microvm") return openMicrovmSandbox(config, options);
  return createContainerSandbox({ ...options, ociRuntimes: config.ociRuntimes });
}

/**
 * Opens the sandbox beside whatever else a start does, as it waits for other programs most of the time. What comes back waits
 * for it, and has it closed before everything that was opened until then. A start that ends before that closes it too.
 */
export function beginSandbox(config: Config, opened: AsyncDisposableStack): () => Promise<Sandbox> {
  const opening = openSandbox(config);
  // Why it failed is told by whoever waits for it, or comes second to why the start has ended.
  const openedIfAny = opening.catch(() => undefined);
  let taken = false;
  opened.defer(async () => {
    if (!taken) await (await openedIfAny)?.close();
  });
  return async () => {
    const sandbox = await opening;
    taken = true;
    opened.defer(() => sandbox.close());
    return sandbox;
  };
}
