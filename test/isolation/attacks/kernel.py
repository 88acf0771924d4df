"""Runs as a function. Asks the kernel for what functions must not have, and answers what has come of each attempt."""
import ctypes
import errno
import glob
import os
import platform
import stat

libc = ctypes.CDLL(None, use_errno=True)
X64 = platform.machine() == "x86_64"
CLONE_NEW = {"user": 0x10000000, "mount": 0x20000, "pid": 0x20000000, "net": 0x40000000, "ipc": 0x8000000, "uts": 0x4000000, "cgroup": 0x2000000}

# name: (number on x86-64, number on arm64, arguments)
CALLS = {
    "bpf": (321, 280, 0, 0, 0),
    "perf_event_open": (298, 241, 0, 0, -1, -1, 0),
    "userfaultfd": (323, 282, 1),
    "io_uring_setup": (425, 425, 1, 0),
    "keyctl": (250, 219, 0, -3, 0),
    "add_key": (248, 217, 0, 0, 0, 0, -3),
    "kexec_load": (246, 104, 0, 0, 0, 0),
    "kexec_file_load": (320, 294, -1, -1, 0, 0, 0),
    "init_module": (175, 105, 0, 0, 0),
    "finit_module": (313, 273, -1, 0, 0),
    "delete_module": (176, 106, b"none", 0),
    # Without its magic numbers it would be refused as malformed, and do nothing.
    "reboot": (169, 142, 0, 0, 0, 0),
    "swapon": (167, 224, b"/tmp/x", 0),
    "mount": (165, 40, b"proc", b"/tmp", b"proc", 0, 0),
    "umount": (166, 39, b"/tmp", 2),
    "pivot_root": (155, 41, b"/tmp", b"/tmp"),
    "chroot": (161, 51, b"/tmp"),
    "open_tree": (428, 428, -100, b"/", 1),
    "fsopen": (430, 430, b"tmpfs", 0),
    "setns": (308, 268, -1, 0),
    "ptrace of process 1": (101, 117, 16, 1, 0, 0),
    "process_vm_readv of process 1": (310, 270, 1, 0, 0, 0, 0, 0),
    "open_by_handle_at": (304, 265, -100, 0, 0),
    "syslog": (103, 116, 3, 0, 0),
    "settimeofday": (164, 170, 0, 0),
    "sethostname": (170, 161, b"x", 1),
    "setuid(0)": (105, 146, 0),
    "setgid(0)": (106, 144, 0),
    "setgroups": (116, 159, 0, 0),
    "setresuid(0)": (117, 147, 0, 0, 0),
    "an ambient capability": (157, 167, 47, 2, 21, 0, 0),
    "new privileges again": (157, 167, 38, 0, 0, 0, 0),
    "no seccomp": (157, 167, 22, 0, 0, 0, 0),
    **{"a namespace: " + name: (272, 97, flag) for name, flag in CLONE_NEW.items()},
}


def outcome(action):
    try:
        found = action()
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error.errno))
    return "allowed" if found is None else found


def make(numbers):
    number, arm, *arguments = numbers
    ctypes.set_errno(0)
    values = [a if isinstance(a, bytes) else ctypes.c_long(a) for a in arguments]
    if libc.syscall(ctypes.c_long(number if X64 else arm), *values) == -1:
        raise OSError(ctypes.get_errno(), "refused")


def create(path):
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o666))


def write(path, text="x"):
    descriptor = os.open(path, os.O_WRONLY)
    try:
        # What is masked is /dev/null, which takes anything.
        if stat.S_ISCHR(os.fstat(descriptor).st_mode):
            return "masked"
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def read(path):
    with open(path, "rb") as file:
        return None if file.read(64) else "nothing in it"


def node(name, mode, major, minor):
    return lambda: os.mknod("/tmp/" + name, mode | 0o666, os.makedev(major, minor))


def rights():
    with open("/proc/self/status") as file:
        status = dict(line.split(":\t", 1) for line in file.read().splitlines() if ":\t" in line)
    return [status["CapEff"], status["CapPrm"], status["CapBnd"], status.get("NoNewPrivs")]


WRITES = [
    "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/kernel/hotplug", "/proc/sys/kernel/hostname",
    "/proc/sys/kernel/randomize_va_space", "/proc/sys/kernel/yama/ptrace_scope", "/proc/sys/kernel/unprivileged_bpf_disabled",
    "/proc/sys/vm/overcommit_memory", "/proc/sys/vm/drop_caches", "/proc/sys/fs/binfmt_misc/register", "/proc/sys/fs/protected_symlinks",
    "/proc/sys/net/ipv4/ip_forward", "/proc/sysrq-trigger", "/proc/irq/default_smp_affinity",
    "/proc/self/uid_map", "/proc/acpi/wakeup",
    "/sys/kernel/uevent_helper", "/sys/kernel/mm/transparent_hugepage/enabled", "/sys/power/state", "/sys/fs/cgroup/release_agent",
    "/sys/fs/cgroup/memory/release_agent", "/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/memory/memory.limit_in_bytes",
    "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/devices/devices.allow", "/sys/kernel/security/apparmor/.remove",
    "/etc/passwd", "/etc/ld.so.preload", "/var/task/attack.py", "/var/runtime/bootstrap",
]
CREATES = ["/opt/x", "/var/task/x", "/var/runtime/x", "/usr/bin/x", "/mnt/x", "/x", "/dev/x"]
READS = [
    "/dev/kvm", "/dev/mem", "/dev/kmem", "/dev/port", "/dev/kmsg", "/dev/sda", "/dev/vda", "/dev/nvme0n1", "/dev/loop0", "/dev/loop-control",
    "/dev/fuse", "/dev/net/tun", "/dev/dm-0", "/dev/mapper/control", "/dev/vhost-net", "/dev/userfaultfd", "/dev/bpf",
    "/proc/kcore", "/proc/kmsg", "/proc/keys", "/proc/timer_list", "/proc/sched_debug", "/proc/1/root/etc/shadow",
    "/etc/shadow", "/sys/kernel/debug/tracing/trace", "/sys/class/dmi/id/product_uuid", "/sys/firmware/acpi/tables/DSDT", "/sys/fs/bpf",
    "/run/docker.sock", "/run/kiln", "/var/lib/kiln",
]


def handler(event, context):
    found = {name: outcome(lambda numbers=numbers: make(numbers)) for name, numbers in CALLS.items()}
    for path in WRITES:
        found["write " + path] = outcome(lambda path=path: write(path))
    for path in CREATES:
        found["create " + path] = outcome(lambda path=path: create(path))
    for path in READS:
        found["read " + path] = outcome(lambda path=path: read(path))
    for name, mode, major, minor in (("mem", stat.S_IFCHR, 1, 1), ("kmsg", stat.S_IFCHR, 1, 11), ("disk", stat.S_IFBLK, 8, 0), ("loop", stat.S_IFBLK, 7, 0), ("kvm", stat.S_IFCHR, 10, 232)):
        found["mknod " + name] = outcome(node(name, mode, major, minor))
    setuid = [path for place in ("/usr/bin/*", "/usr/sbin/*", "/usr/lib/**/*", "/opt/*") for path in glob.glob(place, recursive=True) if os.path.isfile(path) and os.stat(path).st_mode & 0o6000]
    return {
        "attempts": found,
        "allowed": {"create": outcome(lambda: create("/tmp/x")), "write": outcome(lambda: write("/tmp/x")), "read": outcome(lambda: read("/tmp/x"))},
        "rights": rights(),
        "user": [os.getresuid(), os.getresgid(), os.getgroups()],
        "setuid": setuid,
        "sys": os.listdir("/sys"),
    }
