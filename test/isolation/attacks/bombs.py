"""Runs as a function. Takes what it can get, as its event says."""
import ctypes
import errno
import mmap
import os
import resource
import signal
import subprocess
import sys
import threading
import time

ticks = 0


def fork():
    """Every child forks on."""
    born = 0
    end = time.monotonic() + 2
    refused = None
    while time.monotonic() < end:
        try:
            if os.fork() == 0:
                fork_on()
            born += 1
        except OSError as error:
            refused = errno.errorcode[error.errno]
    return {"refused": refused, "born": born}


def fork_on():
    while True:
        try:
            os.fork()
        except OSError:
            pass


def descriptors():
    count = 0
    try:
        while True:
            os.dup(0)
            count += 1
    except OSError as error:
        return {"refused": errno.errorcode[error.errno], "count": count}


def memory():
    held = []
    while True:
        held.append(mmap.mmap(-1, 1 << 24))
        held[-1].write(b"x" * (1 << 24))


def shared_memory():
    libc = ctypes.CDLL(None, use_errno=True)
    refused = []
    for size in (1 << 40, 1 << 30):
        if libc.shmget(0, ctypes.c_size_t(size), 0o1600) == -1:
            refused.append(errno.errorcode[ctypes.get_errno()])
    while True:
        descriptor = libc.memfd_create(b"x", 0)
        if descriptor == -1:
            return {"refused": [*refused, errno.errorcode[ctypes.get_errno()]]}
        os.write(descriptor, b"x" * (1 << 24))


def spin():
    for _ in range(16):
        subprocess.Popen([sys.executable, "-c", "while True: pass"])
    end = time.monotonic() + 1
    while time.monotonic() < end:
        pass


def disk():
    written = 0
    refused = None
    piece = b"x" * (1 << 20)
    try:
        with open("/tmp/flood", "wb", buffering=0) as file:
            while True:
                written += file.write(piece)
    except OSError as error:
        refused = errno.errorcode[error.errno]
    sparse = None
    try:
        os.truncate("/tmp/flood", 0)
        os.truncate("/tmp/flood", 1 << 50)
    except OSError as error:
        sparse = errno.errorcode[error.errno]
    os.remove("/tmp/flood")
    return {"refused": refused, "megabytes": written >> 20, "sparse": sparse}


def allocate():
    """All the blocks that there are, without writing to them."""
    libc = ctypes.CDLL(None, use_errno=True)
    megabytes = 0
    with open("/tmp/flood", "wb") as file:
        while libc.fallocate(file.fileno(), 0, ctypes.c_long(megabytes << 20), ctypes.c_long(1 << 20)) == 0:
            megabytes += 1
        refused = errno.errorcode[ctypes.get_errno()]
    os.remove("/tmp/flood")
    return {"refused": refused, "megabytes": megabytes, "count": os.statvfs("/tmp").f_ffree}


def files():
    count = 0
    try:
        while True:
            os.mknod("/tmp/%d" % count)
            count += 1
    except OSError as error:
        return {"refused": errno.errorcode[error.errno], "count": count}


def names():
    deep = 0
    try:
        os.chdir("/tmp")
        while deep < 5000:
            os.mkdir("d" * 255)
            os.chdir("d" * 255)
            deep += 1
    except OSError:
        pass
    finally:
        os.chdir("/var/task")
    return {"deep": deep}


def log():
    line = b"x" * 65535 + b"\n"
    for _ in range(1024):
        os.write(1, line)
    os.write(1, b"\0\x1b[2J\xff\xfe\r\n" * 1000)


def stubborn():
    """SIGTERM and all else that can be ignored is; children that leave the process group live on."""
    for number in range(1, 64):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    ignore = "import signal,time\nfor n in (1,2,3,15): signal.signal(n, signal.SIG_IGN)\ntime.sleep(1000)"
    for _ in range(3):
        subprocess.Popen([sys.executable, "-c", ignore], start_new_session=True)


def work_on():
    """A process of its own and a thread go on after the answer."""
    def count():
        global ticks
        while True:
            ticks += 1
            time.sleep(0.01)
    threading.Thread(target=count, daemon=True).start()
    subprocess.Popen(["/bin/sh", "-c", "while :; do echo >> /tmp/ticks; sleep 0.01; done"], start_new_session=True)
    # Both are at work when the answer goes out, however slow the processor is.
    while ticks == 0 or not os.path.exists("/tmp/ticks"):
        time.sleep(0.01)


def worked():
    with open("/tmp/ticks") as file:
        return {"thread": ticks, "process": len(file.read())}


def limits():
    names = ("RLIMIT_NOFILE", "RLIMIT_CORE", "RLIMIT_MEMLOCK", "RLIMIT_NPROC")
    for name in names:
        try:
            resource.setrlimit(getattr(resource, name), (1 << 40, 1 << 40))
            return {"raised": name}
        except (OSError, ValueError):
            pass
    return {"raised": None}


def plain():
    return {}


def handler(event, context):
    return {"done": event["attack"], **(globals()[event["attack"]]() or {})}
