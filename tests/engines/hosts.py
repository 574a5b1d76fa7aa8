"""A host of the internet on this machine: real TLS by a CA of its own, raw answers by a script."""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from reelsmith.engines.fetch import SafeFetcher
from reelsmith.engines.wire import Exchange, dial

NAME = "files.reelsmith-cdn.net"
PUBLIC = "93.184.215.14"
URL = f"https://{NAME}/film.mp4"
BODY = bytes(range(256)) * 4000  # about a megabyte
LINE = b"HTTP/1.1 200 OK\r\n"

Script = Callable[["Call"], None]


class Call:
    """One request, and the connection to answer it on."""

    def __init__(self, sock: socket.socket, number: int) -> None:
        self.sock, self.number = sock, number
        self.takes_leave = True
        head = b""
        while b"\r\n\r\n" not in head:
            came = sock.recv(4096)
            if not came:
                break
            head += came
        head, _, self.body = head.partition(b"\r\n\r\n")
        first, *rest = head.decode().split("\r\n")
        self.method, self.path, _ = (first.split(" ") + ["", "", ""])[:3]
        self.headers = {n.lower(): v for n, _, v in (line.partition(": ") for line in rest)}
        while len(self.body) < int(self.headers.get("content-length", 0)):
            self.body += sock.recv(4096)

    def say(self, *pieces: bytes) -> None:
        """Send raw bytes."""
        for piece in pieces:
            self.sock.sendall(piece)

    def answer(self, body: bytes = b"", status: str = "200 OK", **headers: object) -> None:
        """Send a whole answer; `Content_Length=None` leaves a header out."""
        told = {"Content-Length": len(body), "Connection": "close"}
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"{name}: {value}" for name, value in told.items() if value is not None]
        self.say("\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode(), body)


class Host:
    """Answers each connection by the script, one after the other. `calls` are those that came."""

    def __init__(self, script: Script, context: ssl.SSLContext | None) -> None:
        self.script, self.context = script, context
        self.calls: list[Call] = []
        self.connections = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close the door."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                sock, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            with sock:
                try:
                    self._attend(sock)
                except OSError:
                    continue

    def _attend(self, sock: socket.socket) -> None:
        sock.settimeout(5)
        if self.context:
            sock = self.context.wrap_socket(sock, server_side=True)
        with sock:
            call = Call(sock, len(self.calls))
            self.calls.append(call)
            self.script(call)
            if self.context and call.takes_leave:
                sock.unwrap()


class Internet:
    """Looks names up and connects, as planted by a test; counts both."""

    def __init__(self, port: int, names: dict[str, list[list[str]]] | None = None) -> None:
        self.names = names or {NAME: [[PUBLIC]]}
        self.looked_up: list[str] = []
        self.dialled: list[tuple[str, int]] = []
        self._port = port

    def resolve(self, host: str, _port: int) -> list[str]:
        """The next planted answer of a name, the last one for ever; a public one if none is."""
        self.looked_up.append(host)
        answers = self.names.get(host, [[PUBLIC]])
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def connect(self, address: tuple[str, int], timeout_s: float) -> socket.socket:
        """Whatever is dialled, the host of the test answers."""
        self.dialled.append(address)
        return dial(("127.0.0.1", self._port), timeout_s)


class Certificates:
    """A CA, and what it vouches for."""

    def __init__(self, folder) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A CA of tests")])
        own = self._made(self._name, self._key, ca=True)
        (folder / "ca.pem").write_bytes(own.public_bytes(serialization.Encoding.PEM))

    def trust(self) -> ssl.SSLContext:
        """A client's context that believes this CA, and otherwise is the ordinary one."""
        return ssl.create_default_context(cafile=str(self._folder / "ca.pem"))

    def server(self, name: str) -> ssl.SSLContext:
        """A server's context with a certificate for this name."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        leaf = self._made(subject, key, name=name)
        pem = leaf.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        file = self._folder / f"{name}.pem"
        file.write_bytes(pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _made(self, subject, key, *, ca: bool = False, name: str = "ca.invalid"):
        now = datetime.now(UTC)
        usage = x509.KeyUsage(True, False, False, False, False, ca, ca, False, False)
        signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(signer, critical=False)
            .sign(self._key, hashes.SHA256())
        )


@contextmanager
def a_host(script: Script, *, certificates: Certificates, name: str = NAME, names=None):
    """(fetcher, host, internet): a fetcher for which every public address is this host."""
    host = Host(script, certificates.server(name))
    internet = Internet(host.port, names)
    exchange = Exchange(
        resolve=internet.resolve, connect=internet.connect, trust=certificates.trust
    )
    try:
        yield SafeFetcher(exchange=exchange), host, internet
    finally:
        host.stop()


def get(fetcher, into, url=URL, *, most_bytes=4 << 20, timeout_s=10.0, **more):
    """Fetch a file as tests mostly do."""
    return fetcher.fetch(url, into, most_bytes=most_bytes, timeout_s=timeout_s, **more)


def nothing_is_left(folder):
    """Whether a folder holds no file, or part of one, that was fetched into it."""
    return [file.name for file in folder.iterdir() if file.suffix != ".json"] == []
