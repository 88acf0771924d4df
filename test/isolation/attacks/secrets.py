"""
Runs as a function. Looks for secrets wherever a process can look: its own memory and that of its neighbours in the jail,
variables, files. A secret is `secret-` and 32 hexadecimal digits; the event's `own` is told as a digest.
"""
import ctypes
import hashlib
import os
import re

SECRET = re.compile(rb"secret-[0-9a-f]{32}")
SPECIAL = ("[vvar]", "[vsyscall]", "[vvar_vclock]")


def memory():
    """Of this process, which was there before it had a function: what is read through pointers cannot be refused."""
    with open("/proc/self/maps") as file:
        lines = file.read().splitlines()
    for line in lines:
        span, rights, *_ = line.split()
        if not rights.startswith("r") or line.endswith(SPECIAL):
            continue
        first, last = (int(end, 16) for end in span.split("-"))
        with_file = line.split()[5:] and line.split()[5].startswith("/")
        if not with_file:
            yield ctypes.string_at(first, last - first)


def others():
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        for file in ("environ", "cmdline"):
            yield content("/proc/%s/%s" % (name, file))


def files():
    for place in ("/tmp", "/var/task", "/opt", "/run", "/dev/shm", "/var/tmp", "/mnt", "/home"):
        for directory, _, names in os.walk(place):
            for name in names:
                path = os.path.join(directory, name)
                if os.path.isfile(path):
                    yield content(path)


def content(path):
    try:
        with open(path, "rb") as file:
            return file.read(1 << 20)
    except OSError:
        return b""


kept = []


def handler(event, context):
    if event.get("keep"):
        # A tenant's secret comes with the call.
        secret = event.get("secret") or os.environ["SECRET"]
        kept.append(secret)
        with open("/tmp/kept", "w") as file:
            file.write(secret)
        return "kept"
    found = {}
    for where, pieces in (("memory", memory()), ("others", others()), ("files", files())):
        seen = {match for piece in pieces for match in SECRET.findall(piece)}
        found[where] = sorted(hashlib.sha256(secret).hexdigest() for secret in seen)
    keys = {name: os.environ[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_LAMBDA_LOG_STREAM_NAME")}
    return {"found": found, "keys": keys}
