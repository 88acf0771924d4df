"""The order of things: assignment, search path, log, handler, calls."""
import os
import sys

from .assignment import forget_shadowed, receive_assignment
from .client import Client, RuntimeApiError
from .context import context_of, set_trace
from .errors import describe
from .handler import load_handler, set_search_path
from .log import Logs
from .payload import encode, marshal, unmarshal

_API = "/2018-06-01/runtime"
_NEXT = f"{_API}/invocation/next"
_ERROR_TYPE = "content-type: application/vnd.aws.lambda.error+json\r\nlambda-runtime-function-error-type: "


def main():
    client = Client(os.environ["AWS_LAMBDA_RUNTIME_API"])
    warmed = receive_assignment(client) if os.environ.get("KILN_PREBOOT") == "1" else set()
    # Again for a pre-booted runtime: its directory is the one below the function's.
    os.chdir(os.environ["LAMBDA_TASK_ROOT"])
    logs = Logs()
    try:
        forget_shadowed(warmed, set_search_path())
        handler = load_handler(os.environ["_HANDLER"])
    except Exception as error:
        described = describe(error)
        logs.error(described)
        client.post(f"{_API}/init/error", *_error_request(described))
        sys.exit(1)
    if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start":
        client = _after_snapshot(client, logs)
    response = client.get(_NEXT)
    while True:
        # Nothing of a call is kept while the next one is awaited.
        client.send(*_answer(handler, logs, response), _NEXT)
        # What the answer to an answer says changes nothing here.
        client.receive()
        response = client.receive()


def _after_snapshot(client, logs):
    """Returns the client of the environment that comes out of the snapshot. What it needs, other functions need not load."""
    from .snap_start import HookError, wait_for_restore

    try:
        return wait_for_restore(client)
    except HookError as failed:
        described = describe(failed.__cause__)
        logs.error(described)
        failed.client.post(failed.path, *_error_request(described, failed.kind))
        sys.exit(failed.status)


def _answer(handler, logs, response):
    """Runs the handler on an event; the path, header lines and body of the request that answers it."""
    if response.status != 200:
        raise RuntimeApiError(f"The Runtime API answered {response.status} to a request for the next event.")
    headers = response.headers
    request_id = headers["lambda-runtime-aws-request-id"]
    logs.request_id = request_id
    logs.tenant_id = headers.get("lambda-runtime-aws-tenant-id")
    set_trace(headers)
    path = f"{_API}/invocation/{request_id}"
    try:
        context = context_of(headers)
        event = unmarshal(response.body, headers.get("content-type"))
        response.body = b""
        body, content_type = marshal(handler(event, context))
    except Exception as error:
        described = describe(error, request_id)
        logs.error(described)
        return f"{path}/error", *_error_request(described)
    return f"{path}/response", f"content-type: {content_type}\r\n", body


def _error_request(described, kind=None):
    """Header lines and body of an error request. kind: the error type of the header, where it is not that of the body."""
    kind = "".join(char if " " <= char <= "~" else "?" for char in kind or described["errorType"])[:256]
    return f"{_ERROR_TYPE}{kind}\r\n", encode(described).encode("utf-8", "replace")
