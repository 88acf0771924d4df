"""
Events and answers as JSON. AWS's runtime encodes with simplejson, which takes more than the standard library does:
named tuples (and whatever else has `_asdict`) become objects, bytes become text, decimals become numbers.
"""
import json
import math
import os
import sys

from .errors import Fault

# From 3.12 on, AWS leaves characters beyond ASCII as they are.
_ASCII = sys.version_info < (3, 12)
# The encoder can replace a value by another value only, so a decimal becomes a string with this on both sides, which
# goes away together with the quotes. Nobody can guess it, so no other string has it.
_NUMBER = f"kiln-number-{os.urandom(16).hex()}:"
_SCALARS = {str, int, float, bool, type(None)}


def unmarshal(body, content_type):
    """body: bytes"""
    if content_type != "application/json":
        return body
    try:
        return json.loads(body)
    except Exception as error:
        raise Fault("UnmarshalError", f"Unable to unmarshal input: {error}") from None


def marshal(answer):
    """Returns bytes and their content type."""
    if isinstance(answer, bytes):
        return answer, "application/unknown"
    try:
        return encode(answer).encode("utf-8"), "application/json"
    except Exception as error:
        raise Fault("MarshalError", f"Unable to marshal response: {_message(error)}") from None


def _message(error):
    """The standard library names the type of a key with its module, AWS's encoder without."""
    text = str(error)
    if not text.startswith("keys must be "):
        return text
    rest, _, name = text.rpartition(" ")
    return f"{rest} {name.rpartition('.')[2]}"


def encode(value):
    encoder = _Encoder(ensure_ascii=_ASCII)
    text = encoder.encode(_converted(value))
    if encoder.numbers:
        text = text.replace(f'"{_NUMBER}', "").replace(f'{_NUMBER}"', "")
    return text


class _Encoder(json.JSONEncoder):
    numbers = False

    def default(self, o):
        if isinstance(o, bytes):
            return o.decode("utf-8")
        # A decimal can only be there when its module is.
        decimal = sys.modules.get("decimal")
        if decimal is not None and isinstance(o, decimal.Decimal):
            if o.is_nan():
                return math.nan
            self.numbers = True
            return f"{_NUMBER}{o}{_NUMBER}"
        if (members := _members(o)) is not None:
            return _converted(members)
        return super().default(o)


def _converted(value):
    """The same value with dicts for named tuples and text for keys that are bytes; itself if it has neither."""
    try:
        return value if type(value) in _SCALARS or _is_plain(value) else _with_objects(value, set())
    except RecursionError:
        return value  # A circle, or too deep: the encoder knows what to say.


def _is_plain(value):
    """Whether a value is of JSON's own types all through. Most are, and need no copy."""
    if type(value) is dict:
        if bytes in map(type, value):
            return False
        members = value.values()
    elif type(value) is list or type(value) is tuple:
        members = value
    else:
        return False
    if not _SCALARS.issuperset(map(type, members)):
        for member in members:
            if type(member) not in _SCALARS and not _is_plain(member):
                return False
    return True


def _with_objects(value, outer):
    """outer: ids of the containers around this one; what is in itself stays as it is."""
    if isinstance(value, tuple) and (members := _members(value)) is not None:
        value = members
    if not isinstance(value, (list, tuple, dict)) or id(value) in outer:
        return value
    outer.add(id(value))
    if isinstance(value, dict):
        changed = {_key(key): _with_objects(member, outer) for key, member in value.items()}
    else:
        changed = [_with_objects(member, outer) for member in value]
    outer.discard(id(value))
    return changed


def _key(key):
    return key.decode("utf-8") if isinstance(key, bytes) else key


def _members(value):
    as_dict = getattr(value, "_asdict", None)
    return as_dict() if callable(as_dict) else None
