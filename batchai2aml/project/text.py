"""Bytes to text and back, without changing a byte that nobody meant to change."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")


class Unreadable(Exception):
    """A file that cannot be read; the message is one line for the user, `line` and `column` count from 1."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text with what is needed to write it back: encoding, byte order mark, line ending."""

    text: str
    encoding: str
    bom: bool
    newline: str

    def encode(self, text: str) -> bytes:
        """The bytes of a changed text in the file's own encoding; UTF-8 when that cannot hold it."""
        prefix = codecs.BOM_UTF8 if self.bom else b""
        try:
            return prefix + text.encode(self.encoding)
        except UnicodeEncodeError:
            return prefix + text.encode("utf-8")


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file of commands, or a JSON file, decoded; `kind` is one of SPEC's words, or `json` for any JSON file."""

    path: str
    kind: str
    decoded: Decoded


def decode(data: bytes, python: bool = False) -> Decoded:
    """
    Decode a file: a byte order mark, a PEP 263 line (for Python), UTF-8, and at last Latin-1.

    Raises:
        Unreadable: the file holds NUL bytes, so it is not text.

    """
    if b"\0" in data:
        raise Unreadable("holds NUL bytes, so it is not a text file", data[: data.index(b"\0")].count(b"\n") + 1)
    bom = data.startswith(codecs.BOM_UTF8)
    body = data[len(codecs.BOM_UTF8) :] if bom else data
    encoding = "utf-8"
    if python and not bom:
        for line in body.splitlines()[:2]:
            declared = _CODING.match(line)
            if declared:
                encoding = declared.group(1).decode("ascii", "replace")
    try:
        text = body.decode(codecs.lookup(encoding).name)
    except (LookupError, UnicodeDecodeError):
        encoding = "latin-1"
        text = body.decode(encoding)
    newline = "\r\n" if text.count("\r\n") > text.count("\n") / 2 else "\n"
    return Decoded(text, encoding, bom, newline)
