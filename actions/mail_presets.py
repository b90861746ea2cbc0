"""What is known of the large providers: servers, and where their consent is given."""

from dataclasses import dataclass

from models.mail_enums import MailDirection, MailSecurity


@dataclass(frozen=True)
class ServerPreset:
    """Where a provider's server is."""

    host: str
    port: int
    security: MailSecurity


@dataclass(frozen=True)
class Preset:
    """One provider."""

    provider: str
    name: str
    incoming: ServerPreset
    outgoing: ServerPreset
    authorise_url: str
    token_url: str
    scope: str
    """As OAuth2 has it: names between spaces."""


MICROSOFT = "https://login.microsoftonline.com/common/oauth2/v2.0"
PRESETS = (
    Preset(
        "google",
        "Google",
        ServerPreset("imap.gmail.com", 993, MailSecurity.TLS),
        ServerPreset("smtp.gmail.com", 465, MailSecurity.TLS),
        "https://accounts.google.com/o/oauth2/v2/auth",
        "https://oauth2.googleapis.com/token",
        "https://mail.google.com/",
    ),
    Preset(
        "microsoft",
        "Microsoft 365",
        ServerPreset("outlook.office365.com", 993, MailSecurity.TLS),
        ServerPreset("smtp.office365.com", 587, MailSecurity.STARTTLS),
        f"{MICROSOFT}/authorize",
        f"{MICROSOFT}/token",
        "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send "
        "offline_access",
    ),
)
PORTS = {
    (MailDirection.IN, MailSecurity.TLS): 993,
    (MailDirection.IN, MailSecurity.STARTTLS): 143,
    (MailDirection.IN, MailSecurity.NONE): 143,
    (MailDirection.OUT, MailSecurity.TLS): 465,
    (MailDirection.OUT, MailSecurity.STARTTLS): 587,
    (MailDirection.OUT, MailSecurity.NONE): 25,
}
"""What is meant when none is given."""


def preset(provider: str) -> Preset | None:
    """The preset of a provider; None for a custom one."""
    return next((one for one in PRESETS if one.provider == provider), None)
