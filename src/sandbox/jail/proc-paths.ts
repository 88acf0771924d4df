/**
 * Files of /proc that tell about the host, or steer it, and are not a process's business. There is no /sys in a jail.
 * Paths that a kernel does not have are passed over by the OCI runtime.
 */

function paths(text: string): string[] {
  return text
    .trim()
    .split(/\s+/)
    .map((name) => `/proc/${name}`);
}

/** The kernel: its memory layout, command line, build, modules, keys, log. */
const kernel = paths(`
  kcore kallsyms kmsg cmdline config.gz modules keys key-users iomem ioports dma execdomains dynamic_debug
`);

/** Which machine it is, and which of its disks it swaps to. */
const identity = paths(`
  sys/kernel/random/boot_id swaps
`);

/** Hardware and drivers. */
const hardware = paths(`
  acpi asound bus driver scsi tty irq mtrr fb consoles devices misc crypto mdstat partitions fs
`);

/** What the rest of the machine does: side channels between tenants. */
const activity = paths(`
  diskstats interrupts softirqs latency_stats lock_stat locks timer_list timer_stats sched_debug schedstat slabinfo
  vmallocinfo vmstat zoneinfo buddyinfo pagetypeinfo pressure kpagecgroup kpagecount kpageflags allocinfo
`);

/** Writing here does something to the machine. */
const levers = paths(`
  sysrq-trigger
`);

/** Replaced by an empty file or directory. */
export const maskedPaths: string[] = [kernel, identity, hardware, activity, levers].flat();

/** Kept for reading. */
export const readonlyPaths: string[] = ["/proc/sys"];
