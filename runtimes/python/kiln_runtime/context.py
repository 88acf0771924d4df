"""The handler's second argument, with AWS's attributes and methods."""
import json
import logging
import os
import sys
import time

from .errors import Fault


class LambdaContext:
    def __init__(
        self,
        invoke_id,
        client_context,
        cognito_identity,
        epoch_deadline_time_in_ms,
        invoked_function_arn=None,
        tenant_id=None,
    ):
        environ = os.environ
        self.aws_request_id = invoke_id
        self.log_group_name = environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = invoked_function_arn
        self.tenant_id = tenant_id
        self._w3c_fields = _take_w3c(client_context)
        self.client_context = _filled(ClientContext(), client_context)
        if self.client_context is not None:
            self.client_context.client = _filled(Client(), self.client_context.client)
        identity = cognito_identity or {}
        self.identity = CognitoIdentity()
        self.identity.cognito_identity_id = identity.get("cognitoIdentityId")
        self.identity.cognito_identity_pool_id = identity.get("cognitoIdentityPoolId")
        self._epoch_deadline_time_in_ms = epoch_deadline_time_in_ms

    def get_remaining_time_in_millis(self):
        return max(0, self._epoch_deadline_time_in_ms - int(time.time() * 1000))

    def w3c(self):
        """The W3C trace context that came with the client context."""
        return dict(self._w3c_fields)

    def log(self, msg):
        for handler in logging.getLogger().handlers:
            if hasattr(handler, "log_sink"):
                handler.log_sink.log(str(msg))
                return
        sys.stdout.write(str(msg))

    def __repr__(self):
        names = (
            "aws_request_id",
            "log_group_name",
            "log_stream_name",
            "function_name",
            "memory_limit_in_mb",
            "function_version",
            "invoked_function_arn",
            "client_context",
            "identity",
            "tenant_id",
        )
        return _repr(self, names)


class _Members:
    """An object with exactly the members that AWS documents."""

    __slots__ = ()

    def __repr__(self):
        return _repr(self, self.__slots__)


class CognitoIdentity(_Members):
    __slots__ = ("cognito_identity_id", "cognito_identity_pool_id")


class Client(_Members):
    __slots__ = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")


class ClientContext(_Members):
    __slots__ = ("custom", "env", "client")


def context_of(headers):
    """headers: of the answer to `next`. Raises Fault when the client context or the identity is not JSON."""
    return LambdaContext(
        headers["lambda-runtime-aws-request-id"],
        _parsed(headers, "lambda-runtime-client-context", "Client Context"),
        _parsed(headers, "lambda-runtime-cognito-identity", "Cognito Identity"),
        int(headers["lambda-runtime-deadline-ms"]),
        headers.get("lambda-runtime-invoked-function-arn"),
        headers.get("lambda-runtime-aws-tenant-id"),
    )


def set_trace(headers):
    """The X-Ray SDK and OpenTelemetry read the trace from the environment."""
    trace = headers.get("lambda-runtime-trace-id")
    if trace:
        os.environ["_X_AMZN_TRACE_ID"] = trace
    else:
        os.environ.pop("_X_AMZN_TRACE_ID", None)


def _parsed(headers, header, name):
    # Header bytes arrive as Latin-1; the JSON in them is UTF-8.
    text = headers.get(header)
    if not text:
        return None
    try:
        return json.loads(text.encode("latin-1"))
    except Exception as error:
        raise Fault("LambdaContextUnmarshalError", f"Unable to parse {name} JSON: {error}") from None


def _take_w3c(client_context):
    """Removes the trace context, which is not for the function to see there; returns its fields."""
    given = client_context.pop("w3c", None) if isinstance(client_context, dict) else None
    if not isinstance(given, dict):
        return {}
    return {name: given[name] for name in ("traceparent", "tracestate", "baggage") if isinstance(given.get(name), str)}


def _filled(target, members):
    if members is None:
        return None
    for name in target.__slots__:
        setattr(target, name, members.get(name))
    return target


def _repr(target, names):
    members = ",".join(f"{name}={getattr(target, name)}" for name in names)
    return f"{type(target).__name__}([{members}])"
