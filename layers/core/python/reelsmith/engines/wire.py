"""A connection to a checked address that ends in time.

`http.client` waits for each piece as long as its socket does, so a server that drips one byte at
a time would hold it for ever. Here every wait is bounded, and handshake, sending, head and body
together count against one deadline. Proxies of the environment are not asked.
"""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from reelsmith.engines.addresses import Target, is_public, refused
from reelsmith.errors import Unavailable

Resolve = Callable[[str, int], Sequence[str]]
Connect = Callable[[tuple[str, int], float], socket.socket]

_STALL_S = 10.0  # the longest silence
_CONNECT_S = 5.0
_ADDRESSES = 3  # of a host that are tried
_HEAD_MOST_BYTES = 64 << 10
_BUFFER_BYTES = 16 << 10
_GRACE_S, _PACE_BYTES_PER_S = 20.0, 16 << 10  # slower than this is no transfer


def addresses_of(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, as the system finds them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(place[0]) for *_, place in found]


def dial(address: tuple[str, int], timeout_s: float) -> socket.socket:
    """A connection to an address, by no proxy."""
    return socket.create_connection(address, timeout_s)


class Line:
    """What `http.client` takes for its socket. Its owner closes the real one.

    `until` is a time of `time.monotonic`. `ended` says that the other side has hung up.
    """

    def __init__(self, sock: socket.socket, *, until: float) -> None:
        self._sock = sock
        self._until = until
        self._began = time.monotonic()
        self._came = 0
        self.head_is_over = False
        self.ended = False

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What comes in, to be read."""
        return io.BufferedReader(_Incoming(self), _BUFFER_BYTES)

    def sendall(self, body: bytes) -> None:
        """Send all of it in time."""
        self._sock.settimeout(_patience(self._until))
        self._sock.sendall(body)

    def close(self) -> None:
        """Leave it open: an answer may still be read when `http.client` is done asking."""

    def receive_into(self, buffer: memoryview) -> int:
        """Bytes that came, 0 at the end.

        Raises:
            TimeoutError: silence for too long, a deadline that is over, or hardly any pace.
            Invalid: a head without an end.
        """
        self._sock.settimeout(_patience(self._until))
        came = self._sock.recv_into(buffer)
        self._came += came
        self.ended = not came
        if not self.head_is_over and self._came > _HEAD_MOST_BYTES:
            raise refused("its server begins with too long a head")
        passed = time.monotonic() - self._began
        if passed > _GRACE_S and self._came < passed * _PACE_BYTES_PER_S:
            raise TimeoutError
        return came


class _Incoming(io.RawIOBase):
    def __init__(self, line: Line) -> None:
        self._line = line

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        return self._line.receive_into(buffer)


class Exchange:
    """How a host is reached: looked up once, checked, and connected to where it was checked."""

    def __init__(
        self,
        *,
        resolve: Resolve = addresses_of,
        connect: Connect = dial,
        trust: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self._resolve = resolve
        self._connect = connect
        self._trust = trust

    @contextmanager
    def open(self, target: Target, *, until: float) -> Iterator[Line]:
        """A line to the target, closed in the end. Raises Invalid, Unavailable."""
        with failures_told():
            sock = self._reach(target, until)
        try:
            if target.scheme == "https":
                with failures_told():
                    sock = self._seal(sock, target.host, until)
            yield Line(sock, until=until)
        finally:
            sock.close()

    def _reach(self, target: Target, until: float) -> socket.socket:
        """Connect to one of the host's addresses, all of which have to be public ones."""
        try:
            found = list(dict.fromkeys(self._resolve(target.host, target.port)))
        except UnicodeError as odd:
            raise refused("its host has no name that can be looked up") from odd
        if target.checked and not all(is_public(address) for address in found):
            raise refused("its host is not on the public internet")
        failure: OSError = ConnectionError("the host has no address")
        for address in found[:_ADDRESSES]:
            try:
                return self._connect((address, target.port), min(_patience(until), _CONNECT_S))
            except OSError as refusal:
                failure = refusal
        raise failure

    def _seal(self, sock: socket.socket, host: str, until: float) -> ssl.SSLSocket:
        """TLS, with the certificate of the host that was asked for.

        An end without TLS's own farewell is an error: the body might have been cut there.
        """
        sock.settimeout(_patience(until))
        return self._trust().wrap_socket(sock, server_hostname=host, suppress_ragged_eofs=False)


def _patience(until: float) -> float:
    """How long to wait for the next piece, in seconds. Raises TimeoutError."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return min(left, _STALL_S)


@contextmanager
def failures_told() -> Iterator[None]:
    """Turn what a connection may raise into Invalid, which the caller mends, or Unavailable."""
    try:
        yield
    except TimeoutError as late:
        raise Unavailable("the server of the URL is too slow") from late
    except ssl.SSLCertVerificationError as unknown:
        raise refused("its server has no valid certificate for its name") from unknown
    except socket.gaierror as lost:
        if lost.errno == socket.EAI_AGAIN:
            raise Unavailable("the host of the URL cannot be looked up just now") from lost
        raise refused("its host does not exist") from lost
    except (OSError, http.client.IncompleteRead) as broken:
        raise Unavailable("the server of the URL cannot be reached, or breaks off") from broken
    except http.client.HTTPException as babble:
        raise refused("its server does not answer in HTTP") from babble
