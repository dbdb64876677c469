"""Names that Azure ML accepts (MAPPING 6.1; rules from the SDK's own checks and the documented limits)."""

from __future__ import annotations

import hashlib
import re


def slug(text: str, variable: bool = False) -> str:
    """Lower case, everything outside `[a-z0-9]` becomes `_`; a variable's name does not start with a digit."""
    found = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") or "x"
    return f"x{found}" if variable and found[0].isdigit() else found


def _short(text: str, limit: int, keep: int) -> str:
    if len(text) <= limit:
        return text
    return f"{text[:keep].rstrip('-_')}-{hashlib.sha1(text.encode()).hexdigest()[:6]}"


def compute(name: str) -> str:
    """3 to 24 letters, digits and hyphens, a letter first, a letter or digit last."""
    found = re.sub(r"-+", "-", re.sub(r"[^A-Za-z0-9-]", "-", name)).strip("-")
    if not found[:1].isalpha():
        found = f"c-{found}"
    if len(found) < 3:
        found = f"{found}-cl"
    return _short(found, 24, 17)


def workspace(name: str) -> str:
    """3 to 33 letters, digits, `_` and `-`, a letter or digit first."""
    found = name.lstrip("_-")
    if len(found) < 3:
        found = f"{found}-ws"
    return _short(found, 33, 26)


def experiment(name: str) -> str:
    """1 to 255 letters, digits, `_` and `-`, a letter or digit first."""
    return name.replace(" ", "-").lstrip("_-") or "experiment"


def binding(name: str) -> str:
    """The id of an input or output: a letter or `_` first, then letters, digits and `_`."""
    found = re.sub(r"[^A-Za-z0-9_]", "_", name)
    return f"_{found}" if found[:1].isdigit() else found


def ours(text: str) -> str:
    """An environment or a connection that stands for an image or a registry."""
    return f"bai-{slug(text).replace('_', '-')}"


def identifier(name: str, taken: frozenset[str] | set[str] = frozenset()) -> str:
    """A Python variable for a name, stepping aside when it is taken."""
    import keyword

    found = re.sub(r"\W+", "_", name).strip("_") or "x"
    if found[0].isdigit() or keyword.iskeyword(found):
        found = f"x{found}" if found[0].isdigit() else f"{found}_"
    result, number = found, 2
    while result in taken:
        result, number = f"{found}_{number}", number + 1
    return result
