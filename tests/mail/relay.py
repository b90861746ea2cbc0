"""A real relay: Exim takes mail by SMTP and gives it to Dovecot by LMTP, which keeps it in files.

Users it does not know it takes as well, and sends a real report of non-delivery.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.app.program import free_port
from tests.conftest import missing

EXIM, DOVECOT, DOMAIN = "/usr/sbin/exim4", "/usr/sbin/dovecot", "demo.test"
PATIENCE_S = 20
ROOT = os.getuid() == 0


@dataclass(frozen=True)
class Relay:
    """One that listens."""

    port: int
    folder: Path

    def arrived(self, user: str) -> list[bytes]:
        """What a user has, in order."""
        home = self.folder / "mail" / f"{user}@{DOMAIN}"
        found = [one for part in ("new", "cur") for one in (home / part).glob("*")]
        return [one.read_bytes() for one in sorted(found, key=lambda one: one.name)]


@contextmanager
def relay(users: Sequence[str]) -> Generator[Relay]:
    """Exim and Dovecot, for these users of demo.test; both are ended with the block."""
    for program in (EXIM, DOVECOT, "/usr/lib/dovecot/lmtp"):
        if not Path(program).exists():
            missing(f"{program} is missing: apt-get install exim4-daemon-light dovecot-lmtpd")
    folder = Path(tempfile.mkdtemp(prefix="rl"))  # sockets want a short path
    folder.chmod(0o755)
    smtp, lmtp = free_port(), free_port()
    for name, owner in (("mail", "nobody"), ("spool", "Debian-exim"), ("log", "Debian-exim")):
        (folder / name).mkdir()
        if ROOT:
            shutil.chown(folder / name, owner)
    (folder / "dovecot.conf").write_text(_dovecot(folder, lmtp))
    (folder / "exim.conf").write_text(_exim(folder, smtp, lmtp, users))
    (folder / "users").write_text("".join(f"{one}@{DOMAIN}:{{PLAIN}}x\n" for one in users))
    try:
        with ExitStack() as running:
            running.enter_context(_process(DOVECOT, "-F", "-c", str(folder / "dovecot.conf")))
            running.enter_context(_process(EXIM, "-C", str(folder / "exim.conf"), "-bdf", "-q1m"))
            for port in (smtp, lmtp):
                _wait_for(port, folder)
            yield Relay(smtp, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _process(*command: str) -> Generator[None]:
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet)
    try:
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _wait_for(port: int, folder: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    logs = [one.read_text() for one in (folder / "log").glob("*")]
    raise AssertionError(f"nobody listens on {port}: {logs}")


def _exim(folder: Path, smtp: int, lmtp: int, users: Sequence[str]) -> str:
    return f"""
exim_path = {EXIM}
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
pid_file_path = {folder}/spool/exim.pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {smtp}
primary_hostname = mail.{DOMAIN}
qualify_domain = {DOMAIN}
acl_smtp_rcpt = all
acl_smtp_data = all
keep_environment =
host_lookup =
rfc1413_query_timeout = 0s
begin acl
all:
  accept
begin routers
known:
  driver = manualroute
  domains = {DOMAIN}
  local_parts = {" : ".join(users)}
  local_part_suffix = +*
  local_part_suffix_optional
  route_list = {DOMAIN} 127.0.0.1
  self = send
  transport = lmtp
begin transports
lmtp:
  driver = smtp
  protocol = lmtp
  port = {lmtp}
  hosts_try_fastopen =
begin retry
* * F,1h,1m
"""


def _dovecot(folder: Path, lmtp: int) -> str:
    if ROOT:
        uid, gid, own = "nobody", "nogroup", ("dovecot", "dovecot", "dovenull")
    else:
        uid, gid = str(os.getuid()), str(os.getgid())
        own = (uid, gid, uid)
    return f"""
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/dovecot.log
protocols = lmtp
listen = 127.0.0.1
ssl = no
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 1
default_internal_user = {own[0]}
default_internal_group = {own[1]}
default_login_user = {own[2]}
recipient_delimiter = +
lmtp_save_to_detail_mailbox = no
postmaster_address = postmaster@{DOMAIN}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
namespace inbox {{
  inbox = yes
}}
service anvil {{
  chroot =
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
"""
