"""
Between the init phase and the first event of a function with SnapStart: the hooks before the snapshot, the wait in which it
is taken, and, in each environment that comes out of it, what must not be the same in all of them, and the hooks after.
"""
import os
import sys
import time

from snapshot_restore_py import get_after_restore, get_before_snapshot

from .client import Client, RuntimeApiError

_API = "/2018-06-01/runtime"
_RESTORE = f"{_API}/restore/next"
_SEED_BYTES = 48
# An environment that goes on has the Runtime API at once; seconds for a machine that is busy.
_CONNECT_WITHIN = 10
_CONNECT_AGAIN = 0.01


class HookError(Exception):
    """A hook has failed, which its cause says."""

    def __init__(self, client, kind, path, status):
        super().__init__(kind)
        # Who hears of it.
        self.client = client
        self.kind = kind
        self.path = path
        # Of the process, as AWS's client ends.
        self.status = status


def wait_for_restore(client):
    """Returns the client of the restored environment. Raises HookError."""
    hooks = get_before_snapshot()
    try:
        while hooks:
            function, arguments, named = hooks.pop()
            function(*arguments, **named)
    except Exception as error:
        raise HookError(client, "Runtime.BeforeSnapshotError", f"{_API}/init/error", 64) from error
    client = _restored(client)
    _reseed()
    try:
        for function, arguments, named in get_after_restore():
            function(*arguments, **named)
    except Exception as error:
        raise HookError(client, "Runtime.AfterRestoreError", f"{_API}/restore/error", 65) from error
    return client


def _restored(client):
    """The connection that waits ends with the snapshot, and is made anew in the environment that goes on."""
    try:
        response = client.get(_RESTORE)
    except (RuntimeApiError, OSError):
        client = _connected()
        response = client.get(_RESTORE)
    if response.status != 200:
        raise RuntimeApiError(f"The Runtime API answered {response.status} to a request for the restore.")
    return client


def _connected():
    address = os.environ["AWS_LAMBDA_RUNTIME_API"]
    until = time.monotonic() + _CONNECT_WITHIN
    while True:
        try:
            return Client(address)
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(_CONNECT_AGAIN)


def _reseed():
    """Environments of one snapshot share the state of these generators; that of the kernel is new in each of them."""
    if random := sys.modules.get("random"):
        random.seed()
    if ssl := sys.modules.get("ssl"):
        ssl.RAND_add(os.urandom(_SEED_BYTES), _SEED_BYTES)
