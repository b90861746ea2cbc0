"""A real Dovecot on ports of its own: mails are put into its folders, and fetched over sockets."""

import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.app.program import free_port
from tests.conftest import missing
from tests.mail.certificate import Certificate

DOVECOT = "/usr/sbin/dovecot"
DOVEADM = "/usr/bin/doveadm"
PASSWORD = "secret"
PATIENCE_S = 20


@dataclass
class Dovecot:
    """A running one."""

    folder: Path
    port: int
    tls_port: int
    lmtp_port: int
    certificate: Certificate
    process: "subprocess.Popen[bytes]"
    _put: int = field(default=0)

    @property
    def context(self) -> ssl.SSLContext:
        """One that trusts its certificate."""
        return self.certificate.trusting()

    def put(self, user: str, raws: Sequence[bytes], folder: str = "INBOX") -> None:
        """New mails, in this order, as a delivery program would put them."""
        place = self.maildir(user, folder)
        now = int(time.time())
        for raw in raws:
            self._put += 1
            name = f"{now}.M{self._put:06d}P1.test"
            temporary = place / "tmp" / name
            temporary.write_bytes(raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
            self._give(temporary)
            temporary.rename(place / "new" / name)

    def maildir(self, user: str, folder: str = "INBOX") -> Path:
        """Where a folder is; made if it is not there."""
        home = self.folder / "mail" / user
        place = home if folder == "INBOX" else home / f".{folder}"
        for one in (home, place, *(place / part for part in ("cur", "new", "tmp"))):
            one.mkdir(parents=True, exist_ok=True)
            self._give(one)
        return place

    def count(self, user: str, folder: str = "INBOX") -> int:
        """Mails in a folder."""
        place = self.maildir(user, folder)
        return sum(1 for part in ("cur", "new") for _ in (place / part).iterdir())

    def renumber(self, user: str, uidvalidity: int, folder: str = "INBOX") -> None:
        """Give the folder another UIDVALIDITY."""
        self.doveadm("mailbox", "update", "-u", user, "--uid-validity", str(uidvalidity), folder)

    def kick(self, user: str) -> None:
        """Cut the user's connections, if there are any."""
        words = [DOVEADM, "-c", str(self.folder / "dovecot.conf"), "kick", user]
        subprocess.run(words, check=False, capture_output=True, timeout=PATIENCE_S)

    def doveadm(self, *words: str) -> str:
        """Run its administration."""
        done = subprocess.run(
            [DOVEADM, "-c", str(self.folder / "dovecot.conf"), *words],
            check=True, capture_output=True, timeout=PATIENCE_S,
        )  # fmt: skip
        return done.stdout.decode()

    def _give(self, path: Path) -> None:
        if os.getuid() == 0:
            shutil.chown(path, "nobody", "nogroup")


@contextmanager
def dovecot(users: Sequence[str], *, token_url: str = "", more: str = "") -> Generator[Dovecot]:
    """One that knows these users, each with the password `secret`, or a token of `token_url`.

    `more` is added to its settings.
    """
    if not Path(DOVECOT).exists():
        missing("Dovecot is not installed: apt-get install dovecot-imapd dovecot-lmtpd")
    folder = Path(tempfile.mkdtemp(prefix="dc"))  # its sockets want a short path
    folder.chmod(0o755)
    ports = [free_port() for _ in range(3)]
    certificate = Certificate.made(folder)
    (folder / "users").write_text("".join(f"{one}:{{PLAIN}}{PASSWORD}\n" for one in users))
    (folder / "mail").mkdir()
    if os.getuid() == 0:
        shutil.chown(folder / "mail", "nobody", "nogroup")
    configuration = folder / "dovecot.conf"
    configuration.write_text(_configuration(folder, ports, token_url) + more)
    process = subprocess.Popen(
        [DOVECOT, "-F", "-c", str(configuration)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(ports[0], folder)
        yield Dovecot(folder, ports[0], ports[1], ports[2], certificate, process)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(port: int, folder: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    log = folder / "dovecot.log"
    raise AssertionError(log.read_text() if log.exists() else "Dovecot does not start")


def _configuration(folder: Path, ports: Sequence[int], token_url: str) -> str:
    root = os.getuid() == 0
    me = str(os.getuid())
    uid, gid = ("nobody", "nogroup") if root else (me, str(os.getgid()))
    name = "dovecot" if root else _own_name()
    login = "dovenull" if root else _own_name()
    lmtp = Path("/usr/lib/dovecot/lmtp").exists()
    tokens = ""
    if token_url:
        (folder / "oauth2.conf.ext").write_text(
            f"tokeninfo_url = {token_url}\nusername_attribute = email\n"
        )
        tokens = f"""
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf.ext
}}"""
    return f"""
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/dovecot.log
protocols = imap {"lmtp" if lmtp else ""}
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain{" xoauth2 oauthbearer" if token_url else ""}
auth_failure_delay = 0
auth_username_chars =
recipient_delimiter = +
lmtp_save_to_detail_mailbox = no
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 1
default_internal_user = {name}
default_internal_group = {name if root else gid}
default_login_user = {login}
default_process_limit = 400
default_client_limit = 2000
mail_max_userip_connections = 400
{tokens}
passdb {{
  driver = passwd-file
  mechanisms = plain
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u allow_all_users=yes
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
    port = {ports[0]}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {ports[1]}
    ssl = yes
  }}
}}
""" + (
        f"""
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {ports[2]}
  }}
}}
protocol lmtp {{
  auth_username_format = %u
}}
"""
        if lmtp
        else ""
    )


def _own_name() -> str:
    import pwd

    return pwd.getpwuid(os.getuid()).pw_name
