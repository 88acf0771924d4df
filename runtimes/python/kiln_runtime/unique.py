"""
What no two processes may have in common that go on from one snapshot, before the function's code does. The kernel's random
numbers and the clock have been seen to before: `os.urandom`, `secrets` and `uuid4` are right as they are.
"""
import os
import random
import ssl

_SEED_BYTES = 48


def be_unique():
    random.seed()
    # OpenSSL's own generators, of TLS and `ssl.RAND_bytes`.
    ssl.RAND_add(os.urandom(_SEED_BYTES), _SEED_BYTES)
