"""AMQP 0-9-1 in its own few words, for a test that must share nothing with the programs it tests:
connect, publish, get. Written from the protocol's specification (amqp0-9-1.pdf, chapters 2 and 4).
"""
import socket
import struct
from urllib.parse import unquote, urlsplit

METHOD, HEADER, BODY, HEARTBEAT, END = 1, 2, 3, 8, b"\xce"
BASIC = 60
PERSISTENT = 2


def short_text(text):
    data = text.encode()
    return struct.pack(">B", len(data)) + data


def long_text(data):
    return struct.pack(">I", len(data)) + data


class Stranger:
    """One connection with one channel. Nothing is declared: the original's clients never did."""

    def __init__(self, url, seconds=20):
        parts = urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port), seconds)
        self.input = self.socket.makefile("rb")
        self.socket.sendall(b"AMQP\0\0\x09\x01")
        self._wait_for(0, (10, 10))  # connection.start
        login = f"\0{unquote(parts.username)}\0{unquote(parts.password)}".encode()
        self._send(0, (10, 11), long_text(b"") + short_text("PLAIN") + long_text(login)
                   + short_text("en_US"))
        tune = self._wait_for(0, (10, 30))
        channels, self.frame_max, _ = struct.unpack(">HIH", tune)
        self._send(0, (10, 31), struct.pack(">HIH", channels, self.frame_max, 0))  # no heartbeat
        self._send(0, (10, 40), short_text(unquote(parts.path[1:])) + short_text("") + b"\0")
        self._wait_for(0, (10, 41))
        self._send(1, (20, 10), short_text(""))  # channel.open
        self._wait_for(1, (20, 11))

    def close(self):
        self.socket.close()

    def publish(self, exchange, key, body, message_id=""):
        """As the original's clients did: a message id at most, and not persistent."""
        data = body.encode()
        self._send(1, (BASIC, 40), struct.pack(">H", 0) + short_text(exchange) + short_text(key)
                   + b"\0")
        flags = 0x0080 if message_id else 0
        properties = short_text(message_id) if message_id else b""
        self._frame(HEADER, 1, struct.pack(">HHQH", BASIC, 0, len(data), flags) + properties)
        piece = self.frame_max - 8
        for at in range(0, len(data), piece):
            self._frame(BODY, 1, data[at:at + piece])

    def get(self, queue):
        """The first message, which is gone then; None where there is none."""
        self._send(1, (BASIC, 70), struct.pack(">H", 0) + short_text(queue) + b"\1")
        method, _ = self._next_method(1)
        if method == (BASIC, 72):  # get-empty
            return None
        if method != (BASIC, 71):
            raise OSError(f"AMQP: {method} instead of a message")
        kind, _, payload = self._read_frame()
        assert kind == HEADER, kind
        size = struct.unpack(">Q", payload[4:12])[0]
        body = b""
        while len(body) < size:
            _, _, payload = self._read_frame()
            body += payload
        return body.decode()

    # ---- frames ----

    def _frame(self, kind, channel, payload):
        self.socket.sendall(struct.pack(">BHI", kind, channel, len(payload)) + payload + END)

    def _send(self, channel, method, arguments):
        self._frame(METHOD, channel, struct.pack(">HH", *method) + arguments)

    def _read_frame(self):
        while True:
            head = self.input.read(7)
            if len(head) < 7:
                raise OSError("AMQP: the broker has closed the connection")
            kind, channel, size = struct.unpack(">BHI", head)
            payload = self.input.read(size)
            assert self.input.read(1) == END
            if kind != HEARTBEAT:
                return kind, channel, payload

    def _next_method(self, channel):
        kind, got, payload = self._read_frame()
        method = struct.unpack(">HH", payload[:4])
        if kind != METHOD or got != channel or method in ((10, 50), (20, 40)):
            raise OSError(f"AMQP: {method}: {payload[4:]!r}")
        return method, payload[4:]

    def _wait_for(self, channel, wanted):
        method, arguments = self._next_method(channel)
        if method != wanted:
            raise OSError(f"AMQP: {method} instead of {wanted}")
        return arguments
