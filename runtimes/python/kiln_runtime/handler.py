"""Finds the handler that `_HANDLER` names, with AWS's errors."""
import importlib
import os
import site
import sys

from .errors import Fault


def set_search_path():
    """
    Where modules are looked for, in AWS's order. Who sets PYTHONPATH says it alone, but for the function's own code;
    who does not finds it set for child processes. Returns the directories that are the function's.
    """
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    root = os.environ["LAMBDA_TASK_ROOT"]
    if "PYTHONPATH" in os.environ:
        directories = [root]
        sys.path.insert(0, root)
    else:
        directories = [root, f"/opt/python/lib/python{version}/site-packages", "/opt/python"]
        sys.path[:0] = [*directories, f"/var/lang/lib/python{version}/site-packages"]
        os.environ["PYTHONPATH"] = os.environ["LAMBDA_RUNTIME_DIR"]
    # For the .pth files there.
    for directory in directories:
        site.addsitedir(directory)
    return directories


def load_handler(name):
    """name: for instance `src/app.create`: module `src.app`, attribute `create`"""
    try:
        module_name, attribute = name.rsplit(".", 1)
    except ValueError as error:
        raise Fault("MalformedHandlerName", f"Bad handler '{name}': {error}") from None
    module = _load_module(module_name)
    try:
        return getattr(module, attribute)
    except AttributeError:
        raise Fault("HandlerNotFound", f"Handler '{attribute}' missing on module '{module_name}'") from None


def _load_module(name):
    if name.split(".")[0] in sys.builtin_module_names:
        raise Fault("BuiltInModuleConflict", f"Cannot use built-in module {name} as a handler module")
    try:
        return importlib.import_module(name.replace("/", "."))
    except ImportError as error:
        raise Fault("ImportModuleError", f"Unable to import module '{name}': {error}") from None
    except SyntaxError as error:
        place = f'  File "{error.filename}" Line {error.lineno}\n    {error.text}'
        raise Fault("UserCodeSyntaxError", f"Syntax error in module '{name}': {error}", [place]) from None
