"""
The service behind real HTTPS: a proxy on this machine that answers for Azure's hosts, with a certificate of its own.

A child process reaches it with `HTTPS_PROXY` and `REQUESTS_CA_BUNDLE`, unmodified. Any other host is refused, and
kept in `strangers`.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.azure.service import Answer, Request, Service

HOSTS = re.compile(
    r"management\.azure\.com|login\.microsoftonline\.com|\w+\.blob\.core\.windows\.net|[\w.]+\.api\.azureml\.ms"
)
NAMES = ("management.azure.com", "login.microsoftonline.com", "*.blob.core.windows.net", "*.api.azureml.ms")


@dataclass
class Fault:
    """
    What goes wrong with requests of a method and a path.

    `answer` is given in place of the service's, after it `took effect` or not; None drops the connection. It happens
    `times` times, after `skip` requests that match.
    """

    method: str
    path: str
    answer: Answer | None = None
    takes_effect: bool = False
    times: int = 1
    skip: int = 0
    hang: float = 0.0
    met: int = field(default=0, init=False)

    def meets(self, method: str, path: str) -> bool:
        if method != self.method or not re.search(self.path, path):
            return False
        self.met += 1
        return self.skip < self.met <= self.skip + self.times


class Server:
    """The proxy, with its service; a context manager."""

    def __init__(self, folder: Path, service: Service) -> None:
        self.service = service
        self.faults: list[Fault] = []
        self.strangers: list[str] = []
        self.heads: list[str] = []
        self.asked: list[Request] = []
        self.watch: Callable[[int], None] = lambda number: None
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self.bundle, chain = _certificates(folder)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(chain)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Server:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._listener.close()
        for connection in self._open:
            connection.close()

    @property
    def writes(self) -> list[Request]:
        """The requests that ask for a change."""
        return [found for found in self.asked if found.method not in ("GET", "HEAD") and "login." not in found.host]

    def forget(self) -> None:
        """Begin a new list of requests."""
        with self._lock:
            self.asked, self.heads = [], []

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            head = _head(connection)
            if head is None:
                return
            method, target, _ = head[0].split(" ", 2)
            host = target.rsplit(":", 1)[0]
            if method != "CONNECT" or not HOSTS.fullmatch(host):
                self.strangers.append(target)
                connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
                return
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            with self._context.wrap_socket(connection, server_side=True) as line:
                while self._request(line, host):
                    pass
        except (OSError, ValueError):
            pass
        finally:
            connection.close()

    def _request(self, line: socket.socket, host: str) -> bool:
        head = _head(line)
        if head is None:
            return False
        method, path, _ = head[0].split(" ", 2)
        headers = {
            name.strip().lower(): value.strip() for name, _, value in (entry.partition(":") for entry in head[1:])
        }
        body = _body(line, headers)
        with self._lock:
            number = len(self.asked)
            fault = next((found for found in self.faults if found.meets(method, path)), None)
            given: Answer | None
            if fault is None:
                given = self._answer(method, host, path, body)
            else:
                if fault.takes_effect:
                    self._answer(method, host, path, body)
                else:
                    self.asked.append(Request(method, host, path, {}, _parsed(body)))
                given = fault.answer
            self.heads.append(f"{host} {headers.get('authorization', '')[:10]} {body[:4000]!r} {path}")
        if fault is not None and fault.hang:
            threading.Event().wait(fault.hang)
        self.watch(number)
        if given is None:
            return False
        line.sendall(_bytes(given, method))
        return True

    def _answer(self, method: str, host: str, path: str, body: bytes) -> Answer:
        given = self.service.answer(method, f"https://{host}{path}", body)
        self.asked.append(self.service.requests[-1])
        return given


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body


def _head(line: socket.socket) -> list[str] | None:
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        more = line.recv(1)
        if not more:
            return None
        data += more
    return data.decode("latin-1").split("\r\n")[:-2]


def _body(line: socket.socket, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding") == "chunked":
        data = b""
        while True:
            size = b""
            while not size.endswith(b"\r\n"):
                size += line.recv(1)
            length = int(size, 16)
            chunk = _exactly(line, length + 2)[:-2]
            if not length:
                return data
            data += chunk
    return _exactly(line, int(headers.get("content-length", "0")))


def _exactly(line: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        more = line.recv(length - len(data))
        if not more:
            raise ValueError("the connection ended")
        data += more
    return data


def _bytes(given: Answer, method: str) -> bytes:
    if isinstance(given.body, bytes):
        content = given.body
    else:
        content = b"" if given.body is None else json.dumps(given.body).encode()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(content)), **given.headers}
    head = (
        f"HTTP/1.1 {given.status} X\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
    )
    return head.encode() + (b"" if method == "HEAD" else content)


def _certificates(folder: Path) -> tuple[Path, Path]:
    """An authority's certificate, and the server's with its key."""
    now = datetime.now(timezone.utc)

    def made(subject: str, key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey, issuer: str) -> Any:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
        by = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)])
        builder = x509.CertificateBuilder(
            by, name, key.public_key(), x509.random_serial_number(), now - timedelta(days=1), now + timedelta(days=2)
        )
        authority = subject == issuer
        builder = builder.add_extension(x509.BasicConstraints(authority, 0 if authority else None), critical=True)
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        if authority:
            usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
            builder = builder.add_extension(usage, critical=True)
        else:
            names = [x509.DNSName(known) for known in (*NAMES, "eastus.api.azureml.ms")]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(signer, hashes.SHA256())

    top, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = made("test authority", top, top, "test authority")
    leaf = made("azure of the tests", own, top, "test authority")
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    bundle, chain = folder / "authority.pem", folder / "server.pem"
    bundle.write_bytes(root.public_bytes(encoding))
    private = own.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
    chain.write_bytes(leaf.public_bytes(encoding) + private)
    return bundle, chain
