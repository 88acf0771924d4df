"""
HTTP/1.1 to the Runtime API over one kept-alive connection. It does what this one server needs and no more, because
every call passes through it: requests go out whole, an answer and the request for the next event in the same write, and
answers come back in the order of the requests (RFC 9112, section 9.3.2). The C module of sockets spares the start the
import of `socket`.
"""
import _socket

HEAD_BYTES = 64 * 1024
# Events have at most 6 MiB.
BODY_BYTES = 16 * 1024 * 1024
READ_BYTES = 64 * 1024
# Where Kiln listens as well, if it can, by the address that it gives a runtime; a proxy of the function's has another.
_ADDRESS, _LOCAL = "127.0.0.1:9001", b"\0kiln-runtime-api"


class RuntimeApiError(Exception):
    """The Runtime API is gone, or sends what it should not."""


class Response:
    __slots__ = ("status", "headers", "body")

    def __init__(self, status, headers, body):
        self.status = status
        # Names in lower case; values as Latin-1, as bytes arrive.
        self.headers = headers
        self.body = body


class Client:
    def __init__(self, address):
        """address: `host:port`"""
        self._host = address
        self.connect()

    def connect(self):
        """Anew where there was a connection; what had come through that is forgotten."""
        self._socket = self._local() or self._tcp()
        self._held = bytearray()

    def _local(self):
        if self._host != _ADDRESS:
            return None
        local = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM | _socket.SOCK_CLOEXEC)
        try:
            local.connect(_LOCAL)
            return local
        except OSError:
            local.close()
            return None

    def _tcp(self):
        host, _, port = self._host.rpartition(":")
        tcp = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM | _socket.SOCK_CLOEXEC)
        tcp.connect((host, int(port)))
        tcp.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
        return tcp

    def get(self, path):
        """Sends a GET and waits for its answer, for ever."""
        self._socket.sendall(self._get(path))
        return self.receive()

    def post(self, path, fields, body):
        """fields: header lines, each with its CRLF; body: bytes"""
        self._socket.sendall(self._post(path, fields, body))
        return self.receive()

    def send(self, path, fields, body, next_path):
        """Sends a POST and, in the same write, a GET. Their answers are to be received in this order."""
        self._socket.sendall(self._post(path, fields, body) + self._get(next_path))

    def receive(self):
        """Waits for the answer to the oldest request that has none."""
        lines = self._take_until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        if not lines[0].startswith("HTTP/1.1 ") or not _is_number(lines[0][9:12]) or lines[0][12:13] not in ("", " "):
            raise RuntimeApiError("The Runtime API sent something that is not HTTP/1.1.")
        headers = {}
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if colon == "":
                raise RuntimeApiError("The Runtime API sent a malformed header.")
            headers[name.lower()] = value.strip()
        return Response(int(lines[0][9:12]), headers, self._body(headers))

    def _get(self, path):
        return f"GET {path} HTTP/1.1\r\nhost: {self._host}\r\n\r\n".encode("latin-1")

    def _post(self, path, fields, body):
        head = f"POST {path} HTTP/1.1\r\nhost: {self._host}\r\n{fields}content-length: {len(body)}\r\n\r\n"
        return head.encode("latin-1") + body

    def _body(self, headers):
        if "transfer-encoding" in headers:
            return self._chunks()
        length = headers.get("content-length", "0")
        if not _is_number(length) or int(length) > BODY_BYTES:
            raise RuntimeApiError("The Runtime API sent a body that is too long.")
        return self._take(int(length))

    def _chunks(self):
        body = bytearray()
        while True:
            size = self._take_until(b"\r\n").partition(b";")[0].strip()
            if not size or size.strip(b"0123456789abcdefABCDEF") or len(size) > 8:
                raise RuntimeApiError("The Runtime API sent a malformed chunk.")
            length = int(size, 16)
            if length == 0:
                break
            if len(body) + length > BODY_BYTES:
                raise RuntimeApiError("The Runtime API sent a body that is too long.")
            body += self._take(length)
            self._take(2)
        while self._take_until(b"\r\n"):
            pass  # Trailers, which nothing here needs.
        return bytes(body)

    def _take_until(self, terminator):
        """The bytes before a terminator, which is taken too."""
        held = self._held
        while (end := held.find(terminator)) < 0:
            if len(held) > HEAD_BYTES:
                raise RuntimeApiError("The Runtime API sent a head that is too long.")
            self._fill()
        taken = bytes(held[:end])
        del held[: end + len(terminator)]
        return taken

    def _take(self, length):
        held = self._held
        if len(held) >= length:
            taken = bytes(held[:length])
            del held[:length]
            return taken
        whole = bytearray(length)
        filled = len(held)
        whole[:filled] = held
        held.clear()
        with memoryview(whole) as view:
            while filled < length:
                filled += _some(self._socket.recv_into(view[filled:]))
        return bytes(whole)

    def _fill(self):
        data = self._socket.recv(READ_BYTES)
        _some(len(data))
        self._held += data


def _some(count):
    if count == 0:
        raise RuntimeApiError("The Runtime API closed the connection.")
    return count


def _is_number(text):
    return 0 < len(text) < 16 and text.isascii() and text.isdigit()
