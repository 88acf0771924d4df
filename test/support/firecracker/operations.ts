/** The requests of Firecracker's API that the fake serves: their bodies, and when they are allowed. */
export interface Operation {
  method: "GET" | "PUT" | "PATCH";
  path: string;
  /** Definition of the body; absent: there is none. */
  body?: string;
  /** The field of the body that the path ends with. */
  id?: string;
  /** `before`: "Pre-boot only." `after`: only with a machine. */
  when: "before" | "after" | "always";
  /** A machine is configured by it, and no snapshot can be loaded any more. */
  configures?: true;
}

export const operations: readonly Operation[] = [
  { method: "GET", path: "/", when: "always" },
  { method: "GET", path: "/version", when: "always" },
  { method: "PUT", path: "/logger", body: "Logger", when: "before" },
  { method: "PUT", path: "/metrics", body: "Metrics", when: "before" },
  // Says nothing about the machine: a snapshot can still be loaded.
  { method: "PUT", path: "/serial", body: "SerialDevice", when: "before" },
  { method: "PUT", path: "/machine-config", body: "MachineConfiguration", when: "before", configures: true },
  { method: "PUT", path: "/boot-source", body: "BootSource", when: "before", configures: true },
  { method: "PUT", path: "/drives", body: "Drive", id: "drive_id", when: "before", configures: true },
  { method: "PATCH", path: "/drives", body: "PartialDrive", id: "drive_id", when: "after" },
  {
    method: "PUT",
    path: "/network-interfaces",
    body: "NetworkInterface",
    id: "iface_id",
    when: "before",
    configures: true,
  },
  {
    method: "PATCH",
    path: "/network-interfaces",
    body: "PartialNetworkInterface",
    id: "iface_id",
    when: "after",
  },
  { method: "PUT", path: "/vsock", body: "Vsock", when: "before", configures: true },
  { method: "PUT", path: "/entropy", body: "EntropyDevice", when: "before", configures: true },
  { method: "PUT", path: "/balloon", body: "Balloon", when: "before", configures: true },
  { method: "PATCH", path: "/balloon", body: "BalloonUpdate", when: "after" },
  { method: "PUT", path: "/actions", body: "InstanceActionInfo", when: "always" },
  { method: "PATCH", path: "/vm", body: "Vm", when: "after" },
  { method: "PUT", path: "/snapshot/create", body: "SnapshotCreateParams", when: "after" },
  { method: "PUT", path: "/snapshot/load", body: "SnapshotLoadParams", when: "before" },
];
