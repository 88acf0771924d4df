/**
 * Files of /proc that tell about the host, or steer it, and are not a process's business. There is no /sys in a jail.
 * Paths that a kernel does not have are passed over by the OCI runtime.
 */

/** Replaced by an empty file or directory. */
export const maskedPaths: string[] = [
  // The kernel: its memory layout, command line, build, modules, keys, log.
  "/proc/kcore",
  "/proc/kallsyms",
  "/proc/kmsg",
  "/proc/cmdline",
  "/proc/config.gz",
  "/proc/modules",
  "/proc/keys",
  "/proc/key-users",
  "/proc/iomem",
  "/proc/ioports",
  "/proc/dma",
  "/proc/execdomains",
  "/proc/dynamic_debug",
  // Hardware and drivers.
  "/proc/acpi",
  "/proc/asound",
  "/proc/bus",
  "/proc/driver",
  "/proc/scsi",
  "/proc/tty",
  "/proc/irq",
  "/proc/mtrr",
  "/proc/fb",
  "/proc/consoles",
  "/proc/devices",
  "/proc/misc",
  "/proc/crypto",
  "/proc/mdstat",
  "/proc/partitions",
  "/proc/fs",
  // What the rest of the machine does: side channels between tenants.
  "/proc/diskstats",
  "/proc/interrupts",
  "/proc/softirqs",
  "/proc/latency_stats",
  "/proc/lock_stat",
  "/proc/locks",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/proc/sched_debug",
  "/proc/schedstat",
  "/proc/slabinfo",
  "/proc/vmallocinfo",
  "/proc/vmstat",
  "/proc/zoneinfo",
  "/proc/buddyinfo",
  "/proc/pagetypeinfo",
  "/proc/pressure",
  "/proc/kpagecgroup",
  "/proc/kpagecount",
  "/proc/kpageflags",
  "/proc/allocinfo",
  // Writing here does something to the machine.
  "/proc/sysrq-trigger",
];

/** Kept for reading. */
export const readonlyPaths: string[] = ["/proc/sys"];
