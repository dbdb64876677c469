"""How the user writes: quotes and indentation."""

from __future__ import annotations

import re
from dataclasses import dataclass

from batchai2aml.text import Text


@dataclass(frozen=True, slots=True)
class Style:
    """The quote and the indentation that a file uses most."""

    quote: str = "'"
    indent: str = "    "

    def string(self, text: str) -> str:
        """A string literal."""
        shown = repr(text)
        if self.quote == '"' and shown[0] == "'" and '"' not in text:
            return f'"{shown[1:-1]}"'.replace("\\'", "'")
        return shown

    def text(self, text: Text) -> str:
        """The expression for a text that is known in part: a literal, the user's expression, or an f-string."""
        segments = text.segments
        if not segments:
            return self.string("")
        if text.code is not None:
            return text.code
        if all(segment.code is None and segment.text is not None for segment in segments):
            return self.string(text.known or "")
        pieces: list[str] = []
        for segment in segments:
            if segment.code is not None:
                if any(char in segment.code for char in "'\"\\{}\n"):
                    return self._sum(text)
                pieces.append("{" + segment.code + "}")
            else:
                pieces.append((segment.text or "").replace("{", "{{").replace("}", "}}"))
        return "f" + self.string("".join(pieces))

    def _sum(self, text: Text) -> str:
        template = "".join(
            "{}" if s.code is not None else (s.text or "").replace("{", "{{").replace("}", "}}") for s in text.segments
        )
        arguments = ", ".join(s.code for s in text.segments if s.code is not None)
        return f"{self.string(template)}.format({arguments})"

    def lines(self, text: str) -> str:
        """Emitted text, written with four blanks a level, in the file's own indentation."""
        if self.indent == "    ":
            return text
        return re.sub(r"^(?: {4})+", lambda m: self.indent * (len(m.group()) // 4), text, flags=re.M)


def of(source: str) -> Style:
    """The style of a file, measured."""
    source = re.sub(r"\"\"\".*?\"\"\"|'''.*?'''", "", source, flags=re.S)
    single, double = len(re.findall(r"'[^'\"\n]*'", source)), len(re.findall(r'"[^\'"\n]*"', source))
    indents = re.findall(r":[ \t]*(?:#.*)?\r?\n(?:[ \t]*\r?\n)*([ \t]+)\S", source)
    tabs = sum(1 for indent in indents if indent.startswith("\t"))
    if tabs > len(indents) / 2:
        return Style('"' if double > single else "'", "\t")
    widths = [len(indent) for indent in indents if not indent.startswith("\t")]
    width = min(widths) if widths else 4
    return Style('"' if double > single else "'", " " * (width if width in (2, 3, 4, 8) else 4))
