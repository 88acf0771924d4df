"""
Hooks of functions with SnapStart, under the name and with the interface of AWS's library
(https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-python.html). Each function takes what is to be called,
with its arguments, and answers it, so that both are decorators as well.
"""
__all__ = ["register_before_snapshot", "register_after_restore"]

_before = []
_after = []


def register_before_snapshot(func, *args, **kwargs):
    """func(*args, **kwargs) is called before the snapshot is taken; what is registered last comes first."""
    _before.append((func, args, kwargs))
    return func


def register_after_restore(func, *args, **kwargs):
    """func(*args, **kwargs) is called in each environment that is restored, in the order of registration."""
    _after.append((func, args, kwargs))
    return func


def get_before_snapshot():
    """The hooks as (function, arguments, named arguments), in the order of registration."""
    return _before


def get_after_restore():
    """The same for those after a restore."""
    return _after
