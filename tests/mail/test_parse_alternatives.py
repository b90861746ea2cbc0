"""A mail's alternatives: one of them is shown, and the words that stand in no other."""

import pytest

from mail.parse import parse
from tests.mail.mails import check, multipart, nested, part, read


@pytest.mark.parametrize(
    ("alternatives", "words"),
    [
        ([nested("mixed", part("text/plain", "A"), part("text/plain", "B"))], "A B"),
        (
            [nested("mixed", part("text/plain", "answer"), part("text/html", "<p>footer</p>"))],
            "answer footer",
        ),
        (
            [
                part("text/plain", "answer footer"),
                nested("mixed", part("text/plain", "answer"), part("text/html", "<p>footer</p>")),
            ],
            "answer footer",
        ),
        (
            [
                part("text/plain", "answer P.S. more"),
                nested("mixed", part("text/plain", "answer"), part("text/html", "<p>footer</p>")),
            ],
            "answer footer answer P.S. more",
        ),
        (
            [part("text/plain", "Order 77 is broken"), part("text/html", "<div><br></div>")],
            "Order 77 is broken",
        ),
        (
            [part("text/plain", "Order 77 is broken"), part("text/html", "<p>Sent by phone</p>")],
            "Sent by phone Order 77 is broken",
        ),
        ([part("text/plain", "same"), part("text/enriched", "<bold>Same</bold>")], "same"),
        ([part("text/html", "<p>one</p>"), part("text/html", "<p>two</p>")], "two one"),
        (
            [
                part("text/plain", "before after"),
                nested("mixed", part("text/html", "<p>before"), part("text/html", "<p>after")),
            ],
            "before after",
        ),
    ],
)
def test_no_words_of_an_alternative_are_lost(alternatives: list[bytes], words: str) -> None:
    message = parse(multipart("alternative", *alternatives))
    check(message)
    assert message.text.split() == words.split()
    assert "".join(read(message.html).split()) == "".join(words.split())
    assert message.files == ()
