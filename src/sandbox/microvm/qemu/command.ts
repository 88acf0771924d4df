/** QEMU's command line for its machine `microvm`: no PCI, no BIOS menu, virtio devices alone (docs/system/i386/microvm.rst). */
import { API_SOCKET, type TokenBucket, type VmDrive, type VmPlan, type VmmCommand } from "../vmm/contract.ts";

export type Acceleration = "kvm" | "tcg";

const PROGRAM = "/usr/bin/qemu-system-x86_64";
/** MiB of translated code that emulation keeps. */
export const TRANSLATED_MB = 64;

/**
 * Devices are found by ACPI: Debian's kernel does not take them from its command line. The clock device, because without
 * one a kernel waits for seconds for it; emulation has no other timers than the processor's own.
 */
const MACHINE =
  "microvm,acpi=on,auto-kernel-cmdline=off,isa-serial=on,rtc=on,pit=off,pic=off,graphics=off,mem-merge=off";

function accelerator(acceleration: Acceleration): string[] {
  if (acceleration === "kvm") return ["-accel", "kvm", "-cpu", "host"];
  return ["-accel", `tcg,thread=multi,tb-size=${TRANSLATED_MB}`, "-cpu", "qemu64"];
}

/** What a bucket gives in a second. */
function perSecond({ size, refillMs }: TokenBucket): number {
  return Math.max(1, Math.round((size * 1000) / refillMs));
}

function throttle({ rateLimit }: VmDrive): string {
  const { bandwidth, operations } = rateLimit ?? {};
  return [
    bandwidth === undefined ? "" : `,throttling.bps-total=${perSecond(bandwidth)}`,
    operations === undefined ? "" : `,throttling.iops-total=${perSecond(operations)}`,
  ].join("");
}

function drive(of: VmDrive): string[] {
  const access = of.readOnly ? "readonly=on" : "discard=unmap";
  const backing = `if=none,id=${of.id},file=${of.path},format=raw,${access}${throttle(of)}`;
  return ["-drive", backing, "-device", `virtio-blk-device,drive=${of.id}`];
}

/** The plan's console is QEMU's standard output. It starts nothing before it is told to (`-S`). */
export function qemuCommand({ machine, from }: VmPlan, acceleration: Acceleration): VmmCommand {
  const { vcpus, memoryMB, drives, network } = machine;
  const options: readonly (readonly string[])[] = [
    ["-M", MACHINE],
    accelerator(acceleration),
    ["-smp", String(vcpus), "-m", `${memoryMB}M`],
    ["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-S"],
    ["-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console"],
    ["-chardev", `socket,id=control,path=${API_SOCKET},server=on,wait=off`, "-mon", "chardev=control,mode=control"],
    ["-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"],
    from.kind === "snapshot" ? ["-incoming", "defer"] : [],
    ["-kernel", from.kernel, "-initrd", from.initramfs, "-append", `console=ttyS0 ${from.commandLine}`],
    ...drives.map(drive),
    ["-netdev", `tap,id=network,ifname=${network.tap},script=no,downscript=no,vhost=off`],
    ["-device", `virtio-net-device,netdev=network,mac=${network.mac}`],
    ["-object", "rng-random,id=entropy,filename=/dev/urandom", "-device", "virtio-rng-device,rng=entropy"],
    ["-device", "virtio-balloon-device,free-page-reporting=on"],
  ];
  return { argv: [PROGRAM, ...options.flat()], env: {} };
}
