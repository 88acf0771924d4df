/**
 * The shapes of Firecracker's API, as its published description has them (`src/firecracker/swagger/firecracker.yaml`,
 * 1.14 to 1.16, `definitions`). Fields that its notes call deprecated are left out: Kiln must not use them.
 */
export type Kind =
  | "string"
  | "boolean"
  | { readonly integer: readonly [least: number, most: number] }
  | { readonly oneOf: readonly string[] }
  | { readonly list: Kind }
  | { readonly object: string };

export interface Definition {
  required: Readonly<Record<string, Kind>>;
  optional?: Readonly<Record<string, Kind>>;
}

const whole = { integer: [0, Number.MAX_SAFE_INTEGER] } as const;
const limiter = { object: "RateLimiter" } as const;

export const definitions: Readonly<Record<string, Definition>> = {
  TokenBucket: { required: { refill_time: whole, size: whole }, optional: { one_time_burst: whole } },
  RateLimiter: {
    required: {},
    optional: { bandwidth: { object: "TokenBucket" }, ops: { object: "TokenBucket" } },
  },
  Balloon: {
    required: { amount_mib: whole, deflate_on_oom: "boolean" },
    optional: { stats_polling_interval_s: whole, free_page_hinting: "boolean", free_page_reporting: "boolean" },
  },
  BalloonUpdate: { required: { amount_mib: whole } },
  BootSource: { required: { kernel_image_path: "string" }, optional: { boot_args: "string", initrd_path: "string" } },
  // `is_read_only` and `path_on_host` by their notes: required for virtio-block, and Kiln has no vhost-user-block.
  Drive: {
    required: { drive_id: "string", is_root_device: "boolean", is_read_only: "boolean", path_on_host: "string" },
    optional: {
      partuuid: "string",
      cache_type: { oneOf: ["Unsafe", "Writeback"] },
      rate_limiter: limiter,
      io_engine: { oneOf: ["Sync", "Async"] },
    },
  },
  PartialDrive: { required: { drive_id: "string" }, optional: { path_on_host: "string", rate_limiter: limiter } },
  EntropyDevice: { required: {}, optional: { rate_limiter: limiter } },
  InstanceActionInfo: { required: { action_type: { oneOf: ["FlushMetrics", "InstanceStart", "SendCtrlAltDel"] } } },
  Logger: {
    required: {},
    optional: {
      level: { oneOf: ["Error", "Warning", "Info", "Debug", "Trace", "Off"] },
      log_path: "string",
      show_level: "boolean",
      show_log_origin: "boolean",
      module: "string",
    },
  },
  MachineConfiguration: {
    required: { mem_size_mib: whole, vcpu_count: { integer: [1, 32] } },
    optional: { smt: "boolean", track_dirty_pages: "boolean", huge_pages: { oneOf: ["None", "2M"] } },
  },
  MemoryBackend: { required: { backend_type: { oneOf: ["File", "Uffd"] }, backend_path: "string" } },
  Metrics: { required: { metrics_path: "string" } },
  NetworkInterface: {
    required: { host_dev_name: "string", iface_id: "string" },
    optional: { guest_mac: "string", rx_rate_limiter: limiter, tx_rate_limiter: limiter },
  },
  PartialNetworkInterface: {
    required: { iface_id: "string" },
    optional: { rx_rate_limiter: limiter, tx_rate_limiter: limiter },
  },
  NetworkOverride: { required: { iface_id: "string", host_dev_name: "string" } },
  SerialDevice: { required: {}, optional: { serial_out_path: "string" } },
  SnapshotCreateParams: {
    required: { mem_file_path: "string", snapshot_path: "string" },
    optional: { snapshot_type: { oneOf: ["Full", "Diff"] } },
  },
  SnapshotLoadParams: {
    required: { snapshot_path: "string", mem_backend: { object: "MemoryBackend" } },
    optional: {
      track_dirty_pages: "boolean",
      resume_vm: "boolean",
      network_overrides: { list: { object: "NetworkOverride" } },
      vsock_override: { object: "VsockOverride" },
    },
  },
  VsockOverride: { required: { uds_path: "string" } },
  Vm: { required: { state: { oneOf: ["Paused", "Resumed"] } } },
  Vsock: { required: { guest_cid: { integer: [3, 2 ** 32 - 1] }, uds_path: "string" } },
};
