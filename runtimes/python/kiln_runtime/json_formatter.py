"""Log records as JSON objects, with AWS's members. Only functions that ask for JSON load this."""
import json
import logging
import traceback

# Members of a record that have another name in the event, or none. Everything else is what `extra` gave.
_RESERVED = frozenset(logging.makeLogRecord({}).__dict__) - {"taskName"} | {"aws_request_id", "tenant_id"}
# What is not JSON is logged as text, so that no event is lost.
_encode = json.JSONEncoder(ensure_ascii=False, default=str).encode


class JsonFormatter(logging.Formatter):
    def __init__(self, time_format):
        super().__init__(datefmt=time_format)

    def format(self, record):
        # Levels between AWS's are the next lower one.
        record.levelno = min(50, max(0, record.levelno)) // 10 * 10
        record.levelname = logging.getLevelName(record.levelno)
        event = {
            "timestamp": self.formatTime(record, self.datefmt),
            "level": record.levelname,
            "message": record.msg if isinstance(record.msg, dict) and not record.args else record.getMessage(),
            "logger": record.name,
        }
        if record.exc_info:
            event |= _described(record.exc_info)
        event["requestId"] = getattr(record, "aws_request_id", None)
        if record.exc_info:
            event["location"] = f"{record.pathname}:{record.funcName}:{record.lineno}"
        event["tenantId"] = getattr(record, "tenant_id", None)
        for name, value in record.__dict__.items():
            if name not in _RESERVED and name not in event:
                event[name] = value
        return _encode({name: value for name, value in event.items() if value is not None})


def _described(exc_info):
    type, value, trace = exc_info
    name = None if type is None else type.__name__
    return {"stackTrace": traceback.format_tb(trace), "errorType": name, "errorMessage": str(value)}
