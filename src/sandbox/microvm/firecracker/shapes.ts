/**
 * What Firecracker's API takes, as far as Kiln says it. Names and units are Firecracker's own
 * (`src/firecracker/swagger/firecracker.yaml` of 1.14 to 1.16).
 */

/** Full at first; refilled evenly, `size` tokens in `refill_time`. */
export interface TokenBucket {
  /** Bytes, or operations. 0: no limit. */
  size: number;
  /** Tokens that come once, at the start, before `size` counts. */
  one_time_burst?: number;
  /** ms */
  refill_time: number;
}

export interface RateLimiter {
  /** Tokens are bytes. */
  bandwidth?: TokenBucket;
  /** Tokens are requests of the device: packets, reads, writes. */
  ops?: TokenBucket;
}

export interface MachineConfiguration {
  /** 1 to 32. */
  vcpu_count: number;
  mem_size_mib: number;
  smt?: boolean;
  /** Needed for incremental snapshots; costs a fault for each page that is written. */
  track_dirty_pages?: boolean;
  huge_pages?: "None" | "2M";
}

export interface BootSource {
  /** On x86_64 an uncompressed kernel (ELF). */
  kernel_image_path: string;
  initrd_path?: string;
  boot_args?: string;
}

export interface Drive {
  drive_id: string;
  path_on_host: string;
  is_root_device: boolean;
  is_read_only: boolean;
  cache_type?: "Unsafe" | "Writeback";
  io_engine?: "Sync" | "Async";
  rate_limiter?: RateLimiter;
}

export interface NetworkInterface {
  iface_id: string;
  /** Name of a TAP device in the network namespace of the VMM. */
  host_dev_name: string;
  guest_mac?: string;
  rx_rate_limiter?: RateLimiter;
  tx_rate_limiter?: RateLimiter;
}

export interface Vsock {
  /** 3 or more. */
  guest_cid: number;
  /**
   * The VMM listens there; a connection says `CONNECT PORT\n` first. Connections of the guest to a port come to
   * `<uds_path>_<port>`, where somebody else listens.
   */
  uds_path: string;
}

export interface Balloon {
  amount_mib: number;
  deflate_on_oom: boolean;
  stats_polling_interval_s?: number;
  /** The guest tells which pages it does not use, and they are the host's again. From 1.14. */
  free_page_reporting?: boolean;
}

export interface Serial {
  /** Absent: the VMM's standard output. */
  serial_out_path?: string;
}

export interface Logger {
  level?: "Error" | "Warning" | "Info" | "Debug" | "Trace" | "Off";
  log_path?: string;
  show_level?: boolean;
  show_log_origin?: boolean;
}

export interface Metrics {
  /** A file or pipe; one line of JSON each minute, and at `FlushMetrics`. */
  metrics_path: string;
}

export interface SnapshotCreate {
  snapshot_type: "Full" | "Diff";
  /** State of the machine. */
  snapshot_path: string;
  /** As large as the guest's memory. */
  mem_file_path: string;
}

export interface SnapshotLoad {
  snapshot_path: string;
  mem_backend: { backend_type: "File" | "Uffd"; backend_path: string };
  track_dirty_pages: boolean;
  resume_vm: boolean;
  network_overrides?: readonly { iface_id: string; host_dev_name: string }[];
  /** From 1.16. */
  vsock_override?: { uds_path: string };
}

export interface InstanceInfo {
  app_name: string;
  id: string;
  state: "Not started" | "Running" | "Paused";
  vmm_version: string;
}
