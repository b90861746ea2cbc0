"""A real Dovecot of a test's own, with one user, and a certificate that nobody has signed."""

import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.conftest import missing

BINARY = "/usr/sbin/dovecot"
USER, PASSWORD = "support@example.test", "dovecot-word"
CONFIG = """
base_dir = {d}/run
state_dir = {d}/run
log_path = {d}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{d}/cert.pem
ssl_key = <{d}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain xoauth2
mail_location = maildir:{d}/mail/%u
first_valid_uid = 1
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {d}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={d}/mail/%u
}}
namespace inbox {{
  inbox = yes
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {tls_port}
    ssl = yes
  }}
}}
"""


@dataclass(frozen=True)
class ImapServer:
    """Where it listens, and where its files are."""

    port: int
    tls_port: int
    folder: Path

    @property
    def certificate(self) -> Path:
        """Of itself alone: to be trusted by SSL_CERT_FILE."""
        return self.folder / "cert.pem"

    @property
    def maildir(self) -> Path:
        """Of the user."""
        return self.folder / "mail" / USER


def certificate(folder: Path) -> None:
    """cert.pem and key.pem, for localhost and 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def server_context(folder: Path) -> ssl.SSLContext:
    """For a server that shows this certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


def free_port() -> int:
    """One that nobody has just now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def imap_server() -> Generator[ImapServer]:
    """Dovecot, running; ended with the block. Skipped where it is not installed."""
    if not Path(BINARY).exists():
        missing("Dovecot is not installed: apt-get install dovecot-imapd")
    folder = Path(tempfile.mkdtemp(prefix="imap", dir="/tmp"))
    try:
        folder.chmod(0o755)
        server = ImapServer(free_port(), free_port(), folder)
        with _running(server):
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(server: ImapServer) -> Generator[None]:
    folder = server.folder
    certificate(folder)
    (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
    (folder / "mail").mkdir()
    root = os.geteuid() == 0
    uid, gid = (65534, 65534) if root else (os.geteuid(), os.getegid())
    if root:
        os.chown(folder / "mail", uid, gid)
    own = subprocess.run(["/usr/bin/id", "-un"], capture_output=True, text=True, check=True)
    group = subprocess.run(["/usr/bin/id", "-gn"], capture_output=True, text=True, check=True)
    config = folder / "dovecot.conf"
    config.write_text(
        CONFIG.format(
            d=folder,
            uid=uid,
            gid=gid,
            port=server.port,
            tls_port=server.tls_port,
            internal="dovecot" if root else own.stdout.strip(),
            internal_group="dovecot" if root else group.stdout.strip(),
            login="dovenull" if root else own.stdout.strip(),
        )
    )
    process = subprocess.Popen([BINARY, "-F", "-c", str(config)])
    try:
        _wait(server.port, process)
        yield
    finally:
        process.terminate()
        process.wait()


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError("Dovecot did not start")
