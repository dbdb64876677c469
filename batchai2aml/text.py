"""
Text that remembers how the user built it.

`'$ROOT/{0}/{1}'.format(share, folder)` is four segments: what each one says, if that is known, and the
expression that says it, if the user wrote one. So a path can be cut at its mount, and what is left still
be written in the user's own words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from batchai2aml.values import Expression, Literal, Parts, Secret, Value


@dataclass(frozen=True, slots=True)
class Segment:
    """
    A piece of text: `text` is None when only the run knows it, `code` is None when it was written in place.

    A piece that differs between rounds of a loop, or calls of a function, has as its `example` what the first
    round says; it may hold `many` words of a command line. `origin` is the expression that a variable was given.
    """

    text: str | None
    code: str | None = None
    secret: bool = False
    undefined: bool = False
    many: bool = False
    example: str | None = None
    origin: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Text:
    """Segments, joined."""

    segments: tuple[Segment, ...]

    @classmethod
    def literal(cls, text: str) -> Text:
        """Text written in place."""
        return cls((Segment(text),) if text else ())

    @classmethod
    def of(cls, value: Value) -> Text:
        """The text that a leaf holds; an expression stands for the whole of it."""
        match value:
            case Literal(scalar):
                return cls.literal("" if scalar is None else str(scalar))
            case Expression(code, _, undefined):
                return cls((Segment(None, code, undefined=undefined),))
            case Parts(parts):
                return cls.join(cls.literal(part) if isinstance(part, str) else cls.of(part) for part in parts)
            case Secret(source):
                return cls((Segment(None, source, secret=True),))

    @classmethod
    def join(cls, pieces: Iterable[Text]) -> Text:
        """Concatenation; neighbours written in place grow together."""
        merged: list[Segment] = []
        for segment in (s for piece in pieces for s in piece.segments):
            last = merged[-1] if merged else None
            if (
                last
                and last.code is None
                and segment.code is None
                and last.text is not None
                and segment.text is not None
            ):
                merged[-1] = replace(last, text=last.text + segment.text, secret=last.secret or segment.secret)
            elif segment.text != "" or segment.code is not None:
                merged.append(segment)
        return cls(tuple(merged))

    @property
    def known(self) -> str | None:
        """The whole text, or None when part of it is open."""
        texts = [segment.text for segment in self.segments]
        return None if any(text is None for text in texts) else "".join(text or "" for text in texts)

    @property
    def code(self) -> str | None:
        """The expression that says the whole text, or None when it takes several pieces or was written in place."""
        return self.segments[0].code if len(self.segments) == 1 else None

    @property
    def pieces(self) -> tuple[str | None, ...]:
        """What each segment says, or the expression that says it."""
        return tuple(s.text if s.text is not None else s.code for s in self.segments)

    @property
    def first_round(self) -> Text:
        """The text as the first round says it."""
        return Text(tuple(s if s.text is not None else replace(s, text=s.example) for s in self.segments))

    @property
    def secret(self) -> bool:
        """Whether a part is a secret."""
        return any(segment.secret for segment in self.segments)

    @property
    def start(self) -> str:
        """The known text before the first open segment."""
        found = ""
        for segment in self.segments:
            if segment.text is None:
                break
            found += segment.text
        return found

    def without(self, count: int) -> Text:
        """The text after its first `count` known characters; a segment cut in two loses its expression."""
        rest = list(self.segments)
        while rest and count:
            text = rest[0].text
            if text is None:
                raise ValueError("cannot cut inside an unknown segment")
            if len(text) <= count:
                count -= len(text)
                rest.pop(0)
            else:
                rest[0] = Segment(text[count:], None, rest[0].secret)
                count = 0
        return Text(tuple(rest))

    def upto(self, count: int) -> Text:
        """The first `count` known characters; a segment cut in two loses its expression."""
        found: list[Segment] = []
        for segment in self.segments:
            if count <= 0 or segment.text is None:
                break
            whole = len(segment.text) <= count
            found.append(segment if whole else Segment(segment.text[:count], None, segment.secret))
            count -= len(segment.text)
        return Text(tuple(found))

    def stripped(self, characters: str) -> Text:
        """Without these characters at either end (known ends only)."""
        segments = list(self.segments)
        while segments and segments[0].text is not None:
            cut = segments[0].text.lstrip(characters)
            if cut == segments[0].text:
                break
            segments[0] = Segment(cut, None, segments[0].secret)
            if cut:
                break
            segments.pop(0)
        while segments and segments[-1].text is not None:
            cut = segments[-1].text.rstrip(characters)
            if cut == segments[-1].text:
                break
            segments[-1] = Segment(cut, None, segments[-1].secret)
            if cut:
                break
            segments.pop()
        return Text(tuple(segments))

    def partition(self, separator: str) -> tuple[Text, Text]:
        """What stands before and after the first known separator character; the second is empty without one."""
        for number, segment in enumerate(self.segments):
            if segment.text is not None and separator in segment.text:
                before, after = segment.text.split(separator, 1)
                head = (*self.segments[:number], *((Segment(before),) if before else ()))
                tail = (*((Segment(after),) if after else ()), *self.segments[number + 1 :])
                return Text(head), Text(tail)
        return self, Text(())

    def value(self, source: str) -> Value:
        """The leaf for the ledger; `source` names a secret."""
        if self.secret:
            return Secret(source)
        known = self.known
        if known is not None:
            return Literal(known)
        pieces: list[str | Expression] = []
        for segment in self.segments:
            if segment.text is None:
                pieces.append(Expression(segment.origin or segment.code or "?", undefined=segment.undefined))
            elif pieces and isinstance(pieces[-1], str):
                pieces[-1] += segment.text
            else:
                pieces.append(segment.text)
        if len(pieces) == 1 and isinstance(pieces[0], Expression):
            return pieces[0]
        return Parts(tuple(pieces))
