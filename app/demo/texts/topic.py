"""What a topic is: the subject of many tickets, with what is said about it."""

from dataclasses import dataclass
from textwrap import dedent


@dataclass(frozen=True)
class Opening:
    """How a conversation begins."""

    subject: str
    message: str
    reply: str
    """What the desk says to it."""


@dataclass(frozen=True)
class Script:
    """What is said in one language. Texts are HTML; `{facts}` are filled in (`letters`)."""

    openings: tuple[Opening, ...]
    answers: tuple[str, ...]
    """What the contact writes next."""


@dataclass(frozen=True)
class Topic:
    """What many tickets are about."""

    category: str
    mail_to: str
    """The department whose address people write to about it."""
    weight: int
    """How often it comes up."""
    tags: tuple[str, ...]
    italian: Script
    english: Script

    def script(self, language: str) -> Script:
        """What is said in the contact's language."""
        return self.italian if language == "it" else self.english


def script(text: str) -> Script:
    """A script from paragraphs: `# subject` with the message under it, `> reply`, `< answer`.

    A reply serves the messages above it, up to the reply before.
    """
    openings: list[Opening] = []
    answers: list[str] = []
    unanswered: list[tuple[str, str]] = []
    for paragraph in dedent(text).strip().split("\n\n"):
        head, _, rest = paragraph.partition("\n")
        whole = " ".join(paragraph.split())
        match paragraph[0]:
            case "#":
                unanswered.append((head.removeprefix("# "), " ".join(rest.split())))
            case ">":
                reply = whole.removeprefix("> ")
                openings += [Opening(subject, message, reply) for subject, message in unanswered]
                unanswered.clear()
            case _:
                answers.append(whole.removeprefix("< "))
    return Script(tuple(openings), tuple(answers))
