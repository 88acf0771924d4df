"""The runtime's own errors, and errors as AWS's runtime reports them."""
import os
import traceback

# Frames of these files come before the function's in a stack trace.
_OWN_FILES = os.path.dirname(os.path.abspath(__file__)) + os.sep


class Fault(Exception):
    """Something that the runtime itself finds; `type` is AWS's error type without `Runtime.`."""

    def __init__(self, type, message, trace=()):
        super().__init__(message)
        self.type = f"Runtime.{type}"
        self.message = message
        self.trace = list(trace)


def describe(error, request_id=""):
    """The body of an error request: `errorMessage`, `errorType`, `requestId`, `stackTrace`. Never raises."""
    if isinstance(error, Fault):
        message, kind, trace = error.message, error.type, error.trace
    else:
        message, kind, trace = _text(error), type(error).__name__, _trace(error)
    return {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": trace}


def _text(error):
    try:
        return str(error)
    except Exception:
        return f"<unprintable {type(error).__name__} object>"


def _trace(error):
    # As tuples, because AWS has no marks below the part of the line that failed.
    frames = [(frame.filename, frame.lineno, frame.name, frame.line) for frame in traceback.extract_tb(error.__traceback__)]
    first = next((index for index, frame in enumerate(frames) if not frame[0].startswith(_OWN_FILES)), 0)
    return traceback.format_list(frames[first:])

