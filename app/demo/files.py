"""Small files of real formats, to hang on posts."""

import hashlib
import struct
import zlib
from dataclasses import dataclass, field
from random import Random

from models.documents import Upload

_NAMES = {
    "it": {
        "application/pdf": ("contratto", "busta paga", "ricevuta", "certificato", "delega"),
        "image/png": ("passaporto", "permesso fronte", "firma", "scontrino"),
        "text/plain": ("appunti", "elenco documenti", "riepilogo"),
    },
    "en": {
        "application/pdf": ("contract", "pay slip", "receipt", "certificate", "lease"),
        "image/png": ("passport", "permit front", "signature"),
        "text/plain": ("notes", "list of documents", "summary"),
    },
}
_EXTENSIONS = {"application/pdf": "pdf", "image/png": "png", "text/plain": "txt"}
_SIDE = 16
"""Pixels of an image's edge."""


@dataclass
class Files:
    """The files made so far, by storage key: to be stored with the desk."""

    random: Random
    stored: dict[str, bytes] = field(default_factory=dict[str, bytes])

    def make(self, language: str) -> Upload:
        """One more file, measured; the upload is never written, it becomes a document."""
        media_type = self.random.choice(sorted(_EXTENSIONS))
        title = self.random.choice(_NAMES[language][media_type])
        number = len(self.stored) + 1
        data = self._content(media_type, f"{title} {number}")
        digest = hashlib.sha256(data).hexdigest()
        # The digest is in the key: a second demo desk on the same storage overwrites nothing else.
        key = f"demo/{number:03}-{digest[:16]}"
        self.stored[key] = data
        return Upload(
            name=f"{title}.{_EXTENSIONS[media_type]}",
            size=len(data),
            media_type=media_type,
            sha256=digest,
            storage_key=key,
        )

    def _content(self, media_type: str, title: str) -> bytes:
        if media_type == "application/pdf":
            return pdf(title)
        if media_type == "image/png":
            return png((self.random.randrange(256), self.random.randrange(256), 160))
        return f"{title}\n{'-' * len(title)}\nDemo data of Sportello.\n".encode()


def png(colour: tuple[int, int, int]) -> bytes:
    """A square of one colour (PNG, 8 bits, RGB)."""
    rows = (b"\0" + bytes(colour) * _SIDE) * _SIDE
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pdf(title: str) -> bytes:
    """One page with a line of text (PDF 1.4); `title` is ASCII without parentheses."""
    text = f"BT /F1 24 Tf 72 720 Td ({title}) Tj ET".encode("ascii")
    fonts = b"<< /Font << /F1 5 0 R >> >>"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources %s >>"
        % fonts,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    whole = b"%PDF-1.4\n"
    places: list[int] = []
    for number, content in enumerate(objects, 1):
        places.append(len(whole))
        whole += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return whole + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (size, table, size, len(whole))
    )
