/**
 * The machine behind the fake: what has been configured, and what a request does to it. It reads and writes the files that
 * Firecracker would, and opens its TAP device by name; it has no CPU.
 */
import { closeSync, existsSync, openSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";

export interface Configuration {
  [resource: string]: unknown;
  drives: Record<string, Fields>;
  networks: Record<string, Fields>;
}

type Fields = Readonly<Record<string, unknown>>;

export interface Machine {
  state: "Not started" | "Running" | "Paused";
  configuration: Configuration;
}

/** An answer of 400 with this message. */
export class Fault extends Error {}

function readable(path: unknown, what: string): void {
  try {
    closeSync(openSync(String(path), "r"));
  } catch (error) {
    throw new Fault(`${what}: ${String(error)}`);
  }
}

/** In the network namespace of this process. */
function hasInterface(name: unknown): boolean {
  return readFileSync("/proc/net/dev", "utf8")
    .split("\n")
    .some((line) => line.trim().startsWith(`${String(name)}:`));
}

export interface Effects {
  [request: string]: (machine: Machine, body: Fields) => void;
}

function devicesAreThere({ drives, networks }: Configuration): void {
  for (const drive of Object.values(drives))
    readable(drive["path_on_host"], "Unable to create the virtio block device");
  for (const { host_dev_name: tap } of Object.values(networks)) {
    if (!hasInterface(tap)) throw new Fault(`Open tap device failed: no interface ${String(tap)}`);
  }
}

function keep(name: string): (machine: Machine, body: Fields) => void {
  return ({ configuration }, body) => {
    configuration[name] = body;
  };
}

function start(machine: Machine): void {
  if (machine.state !== "Not started")
    throw new Fault("The requested operation is not supported after starting the microVM.");
  if (machine.configuration["boot-source"] === undefined) {
    throw new Fault("Start microvm error: Cannot start microvm without kernel configuration.");
  }
  devicesAreThere(machine.configuration);
  machine.state = "Running";
}

export const effects: Effects = {
  "PUT /logger": keep("logger"),
  "PUT /metrics": keep("metrics"),
  "PUT /serial": keep("serial"),
  "PUT /machine-config": keep("machine-config"),
  "PUT /entropy": keep("entropy"),
  "PUT /vsock": keep("vsock"),
  "PUT /balloon": keep("balloon"),
  "PUT /boot-source": ({ configuration }, body) => {
    readable(body["kernel_image_path"], "Boot source error: The kernel file cannot be opened");
    if (body["initrd_path"] !== undefined) {
      readable(body["initrd_path"], "Boot source error: The initrd file cannot be opened");
    }
    configuration["boot-source"] = body;
  },
  "PUT /drives": ({ configuration: { drives } }, body) => {
    readable(body["path_on_host"], "Drive config error: Unable to create the virtio block device");
    const root = Object.values(drives).find((drive) => drive["is_root_device"] === true);
    if (body["is_root_device"] === true && root !== undefined && root["drive_id"] !== body["drive_id"]) {
      throw new Fault("Drive config error: A root block device already exists!");
    }
    drives[String(body["drive_id"])] = body;
  },
  "PATCH /drives": ({ configuration: { drives } }, body) => {
    const drive = drives[String(body["drive_id"])];
    if (drive === undefined) throw new Fault("Drive config error: Device not found");
    if (body["path_on_host"] !== undefined) readable(body["path_on_host"], "Drive config error");
    drives[String(body["drive_id"])] = { ...drive, ...body };
  },
  "PUT /network-interfaces": ({ configuration: { networks } }, body) => {
    networks[String(body["iface_id"])] = body;
  },
  "PATCH /network-interfaces": ({ configuration: { networks } }, body) => {
    const device = networks[String(body["iface_id"])];
    if (device === undefined) throw new Fault("Network config error: Device not found");
    networks[String(body["iface_id"])] = { ...device, ...body };
  },
  "PATCH /balloon": ({ configuration }) => {
    if (configuration["balloon"] === undefined) throw new Fault("Balloon config error: Device not found");
  },
  "PUT /actions": (machine, body) => {
    if (body["action_type"] === "InstanceStart") start(machine);
    else if (machine.state === "Not started") {
      throw new Fault("The requested operation is not supported before starting the microVM.");
    }
  },
  "PATCH /vm": (machine, body) => {
    machine.state = body["state"] === "Paused" ? "Paused" : "Running";
  },
  "PUT /snapshot/create": ({ state, configuration }, body) => {
    if (state !== "Paused") throw new Fault("Create snapshot error: The microVM is not paused.");
    const machine = configuration["machine-config"] as { mem_size_mib?: number } | undefined;
    const memory = String(body["mem_file_path"]);
    writeFileSync(memory, "");
    truncateSync(memory, (machine?.mem_size_mib ?? 128) * 1024 * 1024);
    writeFileSync(String(body["snapshot_path"]), JSON.stringify(configuration));
  },
  "PUT /snapshot/load": (machine, body) => {
    const { backend_path: memory } = body["mem_backend"] as { backend_path: string };
    const path = String(body["snapshot_path"]);
    if (!existsSync(path)) throw new Fault("Load snapshot error: Failed to open the snapshot state file");
    const saved = JSON.parse(readFileSync(path, "utf8")) as Configuration;
    const size = ((saved["machine-config"] as { mem_size_mib?: number }).mem_size_mib ?? 128) * 1024 * 1024;
    if (!existsSync(memory) || statSync(memory).size !== size) {
      throw new Fault("Load snapshot error: the memory file is not of the machine's size");
    }
    for (const { iface_id: id, host_dev_name: tap } of (body["network_overrides"] ?? []) as Record<string, string>[]) {
      const device = saved.networks[String(id)];
      if (device === undefined) throw new Fault("Load snapshot error: Unknown Network Device.");
      saved.networks[String(id)] = { ...device, host_dev_name: tap };
    }
    devicesAreThere(saved);
    machine.configuration = saved;
    machine.state = body["resume_vm"] === true ? "Running" : "Paused";
  },
};
