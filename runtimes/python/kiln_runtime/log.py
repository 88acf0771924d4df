"""
Standard output, the root logger, and the runtime's own error lines, in AWS's text and JSON formats. One line on standard
output is one log event; a newline inside an event is sent as a carriage return, and the host turns it back. Everything
is written at once, so a line is out before the answer of the call that wrote it.
"""
import errno
import logging
import os
import select
import sys
import time

from .payload import encode

# What AWS puts for the spaces at the start of a stack trace's line.
_INDENT = "\u00a0"
_JSON_TIME = "%Y-%m-%dT%H:%M:%SZ"


class Stream:
    """A standard stream that holds nothing back. Whatever it has not itself is the real stream's."""

    def __init__(self, stream):
        self.stream = stream
        self.in_line = False

    def __getattr__(self, name):
        return getattr(self.stream, name)

    def __enter__(self):
        return self

    def __exit__(self, exc_type, exc_value, exc_tb):
        pass

    def write(self, msg):
        self.stream.write(msg)
        self.stream.flush()
        if msg:
            self.in_line = not msg.endswith("\n")

    def writelines(self, msgs):
        for msg in msgs:
            self.write(msg)


class LogSink:
    """Log events, each of which may have several lines. AWS has a channel of its own for them."""

    def __init__(self, stdout):
        self._stdout = stdout

    def log(self, msg):
        text = msg.removesuffix("\n").replace("\r\n", "\r").replace("\n", "\r") + "\n"
        if self._stdout.in_line:
            # An unfinished line of `print` is an event of its own.
            text = "\n" + text
            self._stdout.in_line = False
        _write(1, text.encode("utf-8", "replace"))


class LambdaLoggerHandler(logging.Handler):
    """As on AWS, an error in the arguments of a log call is the caller's."""

    def __init__(self, log_sink):
        super().__init__()
        self.log_sink = log_sink

    def emit(self, record):
        self.log_sink.log(self.format(record))


class Logs:
    """The log of this environment, for the runtime itself."""

    def __init__(self):
        """Replaces the standard streams and gives the root logger its handler, as the environment says."""
        sys.stdout = Stream(sys.stdout)
        sys.stderr = Stream(sys.stderr)
        self.request_id = ""
        self.tenant_id = None
        self._sink = LogSink(sys.stdout)
        self._json = os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"
        self._set_up_root()

    def error(self, described):
        """Logs an error as `errors.describe` tells it."""
        self._sink.log(_json_error(described) if self._json else _text_error(described))

    def _set_up_root(self):
        logging.Formatter.converter = time.gmtime
        handler = LambdaLoggerHandler(self._sink)
        handler.setFormatter(self._formatter())
        handler.addFilter(self._annotate)
        root = logging.getLogger()
        level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
        level = "DEBUG" if level == "TRACE" else level
        if level in logging.getLevelNamesMapping():
            root.setLevel(level)
        root.addHandler(handler)

    def _formatter(self):
        if self._json:
            from .json_formatter import JsonFormatter

            return JsonFormatter(_JSON_TIME)
        return logging.Formatter(
            "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n", "%Y-%m-%dT%H:%M:%S"
        )

    def _annotate(self, record):
        record.aws_request_id = self.request_id
        record.tenant_id = self.tenant_id
        return True


def _json_error(described):
    return encode({"timestamp": time.strftime(_JSON_TIME, time.gmtime()), "level": "ERROR", **described})


def _text_error(described):
    parts = [described["errorType"], described["errorMessage"]]
    lines = ["[ERROR] " + ": ".join(part for part in parts if part), "Traceback (most recent call last):"]
    for entry in described["stackTrace"]:
        for line in entry.splitlines():
            text = line.lstrip(" ")
            lines.append(_INDENT * (len(line) - len(text)) + text)
    return "\n".join(lines)


def _write(descriptor, data):
    while data:
        try:
            data = data[os.write(descriptor, data) :]
        except OSError as error:
            if error.errno != errno.EAGAIN:
                return  # The reader is gone, and this process with it.
            select.select([], [descriptor], [])
