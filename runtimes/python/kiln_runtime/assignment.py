"""
A jail that started before its function was known: Python has started, what most functions import is loaded, and one
request waits for the function's environment variables.
"""
import importlib
import json
import os
import sys
import time

from .client import RuntimeApiError

_PATH = "/kiln/2026-11-01/assignment"
# Together 20 ms of a start, and 6 MB.
_WARM = (
    "base64",
    "contextlib",
    "copy",
    "dataclasses",
    "datetime",
    "decimal",
    "hashlib",
    "hmac",
    "http.client",
    "random",
    "ssl",
    "tempfile",
    "typing",
    "urllib.parse",
    "uuid",
)


def receive_assignment(client):
    """Waits for the assignment and makes the process environment exactly the function's."""
    warmed = _warm_up()
    response = _ask(client)
    if response.status != 200:
        raise RuntimeApiError(f"The Runtime API answered {response.status} to a request for an assignment.")
    os.environ.clear()
    os.environ.update(json.loads(response.body)["env"])
    time.tzset()
    return warmed


def _ask(client):
    """
    Where the connection ends instead of an answer, this process goes on from a snapshot in a machine of its own, as others
    do: it asks again there. A snapshot is taken once.
    """
    try:
        return client.get(_PATH)
    except (OSError, RuntimeApiError):
        client.connect()
    response = client.get(_PATH)
    # Here, as `ssl` is loaded by now; without a pre-booted start nobody wants it.
    from .unique import be_unique

    be_unique()
    return response


def _warm_up():
    """Imports what most functions import; returns the top-level names that this has brought."""
    before = set(sys.modules)
    for name in _WARM:
        importlib.import_module(name)
    return {name.partition(".")[0] for name in set(sys.modules) - before}


def forget_shadowed(warmed, directories):
    """
    A function's own module comes before one of the standard library with the same name. What was loaded before the
    function was known must not hide it.
    """
    if not warmed:
        return
    there = set()
    for directory in directories:
        try:
            there.update(entry.partition(".")[0] for entry in os.listdir(directory))
        except OSError:
            pass  # Most functions have no layers.
    hidden = warmed & there
    if hidden:
        for name in list(sys.modules):
            if name.partition(".")[0] in hidden:
                del sys.modules[name]
