/** What Firecracker is told of a plan: the contract's words in Firecracker's. Pure functions. */
import type { TokenBucket, VmBoot, VmDrive, VmMachine, VmRateLimit, VmSnapshot } from "../vmm/contract.ts";
import type {
  BootSource,
  Drive,
  MachineConfiguration,
  NetworkInterface,
  RateLimiter,
  SnapshotLoad,
  TokenBucket as Bucket,
} from "./shapes.ts";

/** The machine's one network interface, in Firecracker's words. */
export const INTERFACE = "net0";

/**
 * No serial port: what a guest writes there would be work for the VMM without a bound. Devices come from ACPI.
 */
const KERNEL_ARGUMENTS = "8250.nr_uarts=0";

function bucket({ size, refillMs, oneTimeBurst }: TokenBucket): Bucket {
  return {
    size,
    refill_time: refillMs,
    ...(oneTimeBurst === undefined ? {} : { one_time_burst: oneTimeBurst }),
  };
}

export function rateLimiter({ bandwidth, operations }: VmRateLimit): RateLimiter {
  return {
    ...(bandwidth === undefined ? {} : { bandwidth: bucket(bandwidth) }),
    ...(operations === undefined ? {} : { ops: bucket(operations) }),
  };
}

export function machineConfiguration({ vcpus, memoryMB }: VmMachine): MachineConfiguration {
  return { vcpu_count: vcpus, mem_size_mib: memoryMB };
}

export function bootSource({ kernel, initramfs, commandLine }: VmBoot): BootSource {
  return {
    kernel_image_path: kernel,
    initrd_path: initramfs,
    boot_args: `${KERNEL_ARGUMENTS} ${commandLine}`.trim(),
  };
}

/** No drive is the root device: then the kernel is not told of one, and the initramfs decides. */
export function drive({ id, path, readOnly, rateLimit }: VmDrive): Drive {
  return {
    drive_id: id,
    path_on_host: path,
    is_root_device: false,
    is_read_only: readOnly,
    // What the guest flushes is nobody's but the guest's, and ends with it.
    cache_type: "Unsafe",
    // Without io_uring, which the jail does not have.
    io_engine: "Sync",
    ...(rateLimit === undefined ? {} : { rate_limiter: rateLimiter(rateLimit) }),
  };
}

export function networkInterface({ network }: VmMachine): NetworkInterface {
  return {
    iface_id: INTERFACE,
    host_dev_name: network.tap,
    guest_mac: network.mac,
    ...(network.receive === undefined ? {} : { rx_rate_limiter: rateLimiter(network.receive) }),
    ...(network.transmit === undefined ? {} : { tx_rate_limiter: rateLimiter(network.transmit) }),
  };
}

/** Nobody saves differences: pages that are written need not be noted. */
export function snapshotLoad({ network }: VmMachine, from: VmSnapshot, resume: boolean): SnapshotLoad {
  return {
    snapshot_path: from.state,
    mem_backend: { backend_type: "File", backend_path: from.memory },
    track_dirty_pages: false,
    resume_vm: resume,
    // The name may be another one than where it was saved.
    network_overrides: [{ iface_id: INTERFACE, host_dev_name: network.tap }],
  };
}
