"""From values to Python source: the user's own expression where it may stand, a literal where the value must change."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from batchai2aml.azureml.model import Code
from batchai2aml.config import Settings
from batchai2aml.mapping.body import Given
from batchai2aml.text import Text
from batchai2aml.values import Literal


class Unprintable(Exception):
    """A value that cannot be written where it is needed: only the run knows it, and no expression reaches there."""


class Style(Protocol):
    """How the user's file writes literals and texts (`emit.style` has the real one)."""

    def string(self, text: str) -> str:
        """A string literal."""

    def text(self, text: Text) -> str:
        """A text that is known in part."""


@dataclass(frozen=True)
class Printer:
    """Prints values for one file; `need` is told about every module that the text uses."""

    style: Style
    settings: Settings
    need: Callable[[str], None]

    def string(self, text: str) -> Code:
        """A string literal."""
        return Code(self.style.string(text))

    def code(self, given: Given) -> Code:
        """
        The user's expression, or a literal for what was written elsewhere.

        Raises:
            Unprintable: there is neither.

        """
        if given.code is not None:
            return Code(given.code)
        if given.text is not None and all(s.code is not None or s.text is not None for s in given.text.segments):
            return Code(self.style.text(given.text))
        if isinstance(given.value, Literal):
            value = given.value.value
            return Code(self.style.string(value) if isinstance(value, str) else repr(value))
        raise Unprintable("the value is known only elsewhere in the program")

    def text(self, text: Text) -> Code:
        """
        A text.

        Raises:
            Unprintable: a part has neither a value nor an expression.

        """
        if any(s.code is None and s.text is None for s in text.segments):
            raise Unprintable("a part of the text is known only elsewhere in the program")
        return Code(self.style.text(text))

    def number(self, text: Text) -> Code:
        """A word of a command line: a number when it reads as one and was written as a literal."""
        known = text.known
        literal = known is not None and all(s.code is None for s in text.segments)
        if literal and known is not None:
            for kind in (int, float):
                try:
                    if str(kind(known)) == known:
                        return Code(known)
                except ValueError:
                    continue
        return self.text(text)

    def secret(self, given: Given, name: str, optional: bool = False) -> Code:
        """A secret: read as the user reads it at run time, or from an environment variable."""
        if given.code is not None and (given.runtime or "environ" in given.code):
            return Code(re.sub(r"^(os\.environ\.get\([^()]*\)) or None$", r"\1", given.code))
        return self.environment(name, optional)

    def environment(self, name: str, optional: bool = False) -> Code:
        """A read of an environment variable."""
        self.need("os")
        quoted = self.style.string(name)
        return Code(f"os.environ.get({quoted})" if optional else f"os.environ[{quoted}]")
