"""What machines write: bounces, receipts, answers, lists; and what only looks like it."""

# ruff: noqa: RUF001 (mails stand here as they come)

import pytest

from mail.message import Machine
from mail.parse import parse
from tests.mail.mails import check, mail, multipart, part

OURS = "t7.0a1b2c.f00d@desk.example"


def dsn(
    status: str,
    *,
    kind: str = "message/rfc822",
    report: str = "; report-type=delivery-status",
    **headers: str,
) -> bytes:
    return multipart(
        f"report{report}",
        part("text/plain", "Your message could not be delivered."),
        part("message/delivery-status", f"Reporting-MTA: dns; mx.example\r\n\r\n{status}"),
        part(kind, f"From: support@desk.example\r\nMessage-ID: <{OURS}>\r\nSubject: x\r\n\r\nHi"),
        **{"return_path": "<>", **headers},
    )


EXIM = (
    "Action: failed\r\nFinal-Recipient: rfc822;nobody@x.example\r\nStatus: 5.0.0\r\n"
    "Remote-MTA: dns; mx.x.example\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n"
)


def test_exim_says_failed() -> None:
    """Case 22."""
    message = parse(
        dsn(
            EXIM,
            auto_submitted="auto-replied",
            references=f"<{OURS}>",
            x_failed_recipients="nobody@x.example",
        )
    )
    check(message)
    assert message.machine is Machine.BOUNCE
    report = message.report
    assert report
    assert report.original_ids == (OURS,)
    assert report.recipients == ("nobody@x.example",)
    assert (report.action, report.status, report.diagnostic, report.permanent) == (
        "failed",
        "5.0.0",
        "550 5.1.1 no such user",
        True,
    )


def test_a_delay() -> None:
    """Case 23."""
    report = parse(
        dsn("Final-Recipient: rfc822; a@x.example\r\nAction: delayed\r\nStatus: 4.4.1\r\n")
    ).report
    assert report
    assert (report.action, report.status, report.permanent) == ("delayed", "4.4.1", False)


@pytest.mark.parametrize("kind", ["text/rfc822-headers", "message/rfc822", "message/global"])
@pytest.mark.parametrize(
    "report", ["", "; report-type=delivery-status", '; report-type="Delivery-Status"']
)
def test_parts_of_a_report(kind: str, report: str) -> None:
    message = parse(
        dsn(
            EXIM,
            kind=kind,
            report=report,
            subject="Undeliverable: x",
            sender="<MAILER-DAEMON@mx.example>",
        )
    )
    assert message.machine is Machine.BOUNCE
    assert message.report
    assert message.report.original_ids == (OURS,)


def test_several_recipients_the_worst_counts() -> None:
    status = (
        "Final-Recipient: rfc822; a@x.example\r\nAction: delivered\r\nStatus: 2.0.0\r\n\r\n"
        "Final-Recipient: rfc822; b@x.example\r\nAction: failed\r\nStatus: 5.2.2\r\n"
    )
    report = parse(dsn(status)).report
    assert report
    assert (report.action, report.status) == ("failed", "5.2.2")
    assert report.recipients == ("a@x.example", "b@x.example")


QMAIL = f"""Hi. This is the qmail-send program at mx.example.
I'm afraid I wasn't able to deliver your message to the following addresses.

<nobody@x.example>:
192.0.2.1 does not like recipient.
Remote host said: 550 5.1.1 user unknown

--- Below this line is a copy of the message.

Message-ID: <{OURS}>
Subject: x
"""
PLAIN_EXIM = f"""This message was created automatically by mail delivery software.

A message that you sent could not be delivered to all of its recipients:

  nobody@x.example
    550 Unrouteable address

------ This is a copy of the message, including all the headers. ------

Message-ID: <{OURS}>
"""


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (
            QMAIL,
            {
                "return_path": "<>",
                "sender": "MAILER-DAEMON@mx.example",
                "subject": "failure notice",
            },
        ),
        (QMAIL, {"sender": "mailer-daemon@mx.example", "subject": "failure notice"}),
        (QMAIL, {"return_path": "<>", "sender": "", "subject": "x"}),
        (
            PLAIN_EXIM,
            {"return_path": "<>", "subject": "Mail delivery failed: returning message to sender"},
        ),
        (PLAIN_EXIM, {"x_failed_recipients": "nobody@x.example"}),
    ],
)
def test_bounces_without_parts(body: str, headers: dict[str, str]) -> None:
    """Case 24."""
    message = parse(mail(body, **headers))
    check(message)
    assert message.machine is Machine.BOUNCE
    report = message.report
    assert report
    assert report.original_ids == (OURS,)
    assert report.recipients == ("nobody@x.example",)
    assert report.permanent
    assert report.diagnostic.startswith("550")


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({}, None),
        ({"auto_submitted": "no"}, None),
        ({"auto_submitted": "No (really)"}, None),
        ({"auto_submitted": ""}, None),
        ({"auto_submitted": "auto-replied"}, Machine.AUTO_REPLY),
        (
            {"auto_submitted": "auto-replied; owner-email=x", "return_path": "<>"},
            Machine.AUTO_REPLY,
        ),
        ({"auto_submitted": "auto-generated", "return_path": "<>"}, Machine.AUTO_REPLY),
        (
            {
                "x_auto_response_suppress": "All",
                "return_path": "<>",
                "subject": "Automatic reply: x",
            },
            Machine.AUTO_REPLY,
        ),
        ({"x_auto_response_suppress": "None"}, None),
        ({"return_path": "<>", "subject": "Abwesenheitsnotiz: x"}, Machine.AUTO_REPLY),
        (
            {
                "return_path": "<>",
                "subject": "=?utf-8?b?0JDQstGC0L7QvNCw0YLQuNGH0LXRgdC60LjQuSDQvtGC0LLQtdGC?=",
            },
            Machine.AUTO_REPLY,
        ),
        (
            {"return_path": "<>", "subject": "Out of Office", "sender": "postmaster@x.example"},
            Machine.AUTO_REPLY,
        ),
        ({"x_autoreply": "yes"}, Machine.AUTO_REPLY),
        ({"x_autorespond": "x"}, Machine.AUTO_REPLY),
        ({"precedence": "auto_reply"}, Machine.AUTO_REPLY),
        ({"precedence": "list"}, Machine.LIST),
        ({"list_id": "<x.example>", "precedence": "bulk"}, Machine.LIST),
        ({"precedence": "bulk"}, Machine.BULK),
        ({"precedence": "junk"}, Machine.BULK),
        ({"return_path": "<>"}, Machine.BOUNCE),
        ({"subject": "Undeliverable: x"}, None),
        ({"subject": "Out of office"}, None),
        (
            {
                "sender": "Mail Delivery System <x@x.example>",
                "subject": "Undelivered Mail Returned to Sender",
            },
            Machine.BOUNCE,
        ),
        ({"sender": "postmaster@x.example", "subject": "Our new server"}, None),
        ({"sender": "postmaster@x.example", "subject": "Unzustellbar: x"}, Machine.BOUNCE),
        ({"sender": "postmaster@x.example", "subject": "Не удается доставить: x"}, Machine.BOUNCE),
    ],
)
def test_kinds(headers: dict[str, str], kind: Machine | None) -> None:
    """Cases 25, 26, 27."""
    message = parse(mail("Text", **headers))
    check(message)
    assert message.machine is kind
    assert (message.report is not None) == (kind is Machine.BOUNCE)


def test_a_read_receipt() -> None:
    message = parse(
        multipart(
            "report; report-type=disposition-notification",
            part("text/plain", "Read"),
            part("message/disposition-notification", "Disposition: manual-action/x; displayed"),
            return_path="<>",
        )
    )
    assert message.machine is Machine.READ_RECEIPT
    assert message.report is None


def test_a_bounce_that_a_person_passes_on_is_a_persons() -> None:
    message = parse(
        multipart(
            "mixed",
            part("text/plain", "See"),
            part(
                "message/rfc822",
                dsn(EXIM),
            ),
            return_path="<max@x.example>",
            boundary="outer",
        )
    )
    assert message.machine is None
