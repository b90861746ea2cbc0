"""The closed lists of mail, described for the API."""

from mail.trial import Outcome, Stage
from models import mail_enums
from schema.core import described

MailDirection = described(
    mail_enums.MailDirection,
    "Which way a mail goes.",
    IN="To the desk: IMAP.",
    OUT="From the desk: SMTP.",
)
MailSecurity = described(
    mail_enums.MailSecurity,
    "How a connection to a mail server is encrypted.",
    TLS="From the start: ports 993 and 465.",
    STARTTLS="After a greeting in plain text: ports 143 and 587. Without it nothing is said.",
    NONE="Not at all: anybody on the way reads password and mails.",
)
MailAuth = described(
    mail_enums.MailAuth,
    "How the desk signs in to a mail server.",
    PASSWORD="With a password.",  # noqa: S106
    OAUTH2="With OAuth2 (XOAUTH2), by an administrator's consent.",
    NONE="Not at all: a relay that trusts this machine. Outgoing only.",
)
MailboxState = described(
    mail_enums.MailboxState,
    "How one direction of a mailbox is.",
    OK="As it should be.",
    PAUSED="By an administrator, or until the daily limit's next window: retryAt.",
    BLOCKED="The server refuses the credentials: change them, or mailboxResume.",
    REAUTHORISE="The consent is gone: give it anew with mailboxOAuthBegin.",
    UNREACHABLE="It does not answer, or answers wrongly; tried again at retryAt.",
)
MailStage = described(
    Stage,
    "The steps of a conversation with a mail server, in order.",
    DNS="The host's name has an address.",
    CONNECT="A server answers there.",
    TLS="The connection is encrypted, by a certificate that is trusted.",
    CAPABILITY="The server is one for IMAP.",
    EHLO="The server is one for SMTP, and greets this machine.",
    AUTH="It takes the credentials.",
    LIST="It lists its folders.",
    SELECT="The folder can be opened; it is opened for reading alone.",
    UIDPLUS="It deletes single mails (RFC 4315).",
    MOVE="It moves mails (RFC 6851).",
    IDLE="It tells of new mail by itself (RFC 2177).",
    MAIL="It takes mail from the mailbox's address.",
    RCPT="It takes mail to the recipient.",
    DATA="It took the mail.",
)
MailOutcome = described(
    Outcome,
    "How a stage went.",
    OK="Well.",
    FAILED="Not at all: see detail and advice.",
    MISSING="The server does not offer it; mail works without.",
    SKIPPED="Not tried: not needed, or an earlier stage failed.",
)
