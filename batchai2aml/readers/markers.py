"""Numbered markers: what stands for a variable in a text that is read by a reader which knows no variables."""

from __future__ import annotations

import re
from collections.abc import Sequence

from batchai2aml.text import Segment, Text

OPEN, CLOSE = "\ue000", "\ue001"
"""What stands around the number of a variable."""
MARKER = re.compile(f"{OPEN}(\\d+){CLOSE}")


def marker(number: int) -> str:
    """The marker of a number."""
    return f"{OPEN}{number}{CLOSE}"


def marked(text: Text) -> tuple[str, tuple[Segment, ...]]:
    """A text with markers for its variables, and what they stand for; a variable that holds a document is none."""
    shown, variables = "", list[Segment]()
    for segment in text.segments:
        if segment.text is not None and (segment.code is None or "{" in segment.text):
            shown += segment.text
        else:
            shown += marker(len(variables))
            variables.append(segment)
    return shown, tuple(variables)


def filled(text: str, variables: Sequence[Segment]) -> Text:
    """A text with what its markers stand for."""
    pieces = MARKER.split(text)
    return Text.join(
        Text((variables[int(piece)],)) if number % 2 else Text.literal(piece) for number, piece in enumerate(pieces)
    )
