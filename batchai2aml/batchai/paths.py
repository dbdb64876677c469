"""The algebra of Batch AI's paths (MAPPING 4.1 and 4.2): which mount, input or output a path lies in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal as OneOf
from typing import TypeAlias

from batchai2aml.text import Segment, Text

Root: TypeAlias = OneOf["mount", "input", "output", "stdouterr", "temp", "shared", "local", "relative", "unknown"]

_VARIABLE = re.compile(r"^\$(?:\{(\w+)\}|(\w+))")
_FILE = re.compile(r"[^/]\.[A-Za-z]\w{0,8}$")
_DIRECTORIES: tuple[tuple[str, Root], ...] = (("AZ_BATCHAI_INPUT_", "input"), ("AZ_BATCHAI_OUTPUT_", "output"))
_NODE_ROOT = "/mnt/batch/tasks/shared/LS_root/mounts"


def names_file(path: str) -> bool:
    """Whether a path looks like that of a file, by its ending."""
    return bool(_FILE.search(path))


@dataclass(frozen=True, slots=True)
class Path:
    """Where a path leads: the kind of root, the mount or id there, and the rest below it."""

    root: Root
    name: str
    rest: Text
    level: OneOf["job", "cluster", ""] = ""


def variable(text: Text) -> tuple[str, Text] | None:
    """The variable that a path begins with and what follows it, or None."""
    found = _VARIABLE.match(text.start)
    if found is None:
        return None
    return found.group(1) or found.group(2), text.without(found.end())


def resolve(text: Text, mounts: Mapping[str, str]) -> Path:
    """
    Follow a path to its root; `mounts` says for every relative mount path whether the job or the cluster has it.

    A mount is looked up by the longest mount path that is a whole-component prefix; the wrong root
    variable is forgiven (the caller compares `level`).
    """
    found = variable(text)
    if found is None:
        if text.start.startswith(_NODE_ROOT):
            return _mounted(text.without(len(_NODE_ROOT)), mounts, "cluster")
        if text.start.startswith("/"):
            return Path("local", "", text)
        return Path("relative" if text.known is not None or text.start else "unknown", "", text)
    name, rest = found
    below = rest.stripped("/") if rest.start.startswith("/") or not rest.segments else rest
    if name == "AZ_BATCHAI_JOB_MOUNT_ROOT":
        return _mounted(rest, mounts, "job")
    if name == "AZ_BATCHAI_MOUNT_ROOT":
        return _mounted(rest, mounts, "cluster")
    for prefix, root in _DIRECTORIES:
        if name.startswith(prefix):
            return Path(root, name[len(prefix) :], below)
    if name == "AZ_BATCHAI_STDOUTERR_DIR":
        return Path("stdouterr", "", below)
    if name in ("AZ_BATCHAI_JOB_TEMP", "AZ_BATCHAI_JOB_TEMP_DIR"):
        return Path("temp", "", below)
    if name == "AZ_BATCHAI_SHARED_JOB_TEMP":
        return Path("shared", "", below)
    return Path("unknown", name, below)


def _mounted(rest: Text, mounts: Mapping[str, str], level: OneOf["job", "cluster"]) -> Path:
    rest = rest.stripped("/")
    for name in sorted(mounts, key=len, reverse=True):
        start = rest.start
        whole = rest.known if rest.known is not None else start
        if whole == name or start.startswith(name + "/") or (start == name and len(rest.segments) > 1):
            return Path("mount", name, rest.without(len(name)).stripped("/"), level)
    return Path("unknown", rest.start.split("/")[0], rest, level)


def basename(text: Text) -> Text:
    """The last component of a path."""
    head, tail = split(text)
    return tail if tail.segments else head


def split(text: Text) -> tuple[Text, Text]:
    """`os.path.split` on text that is known in part: the folder and the last component."""
    segments = list(text.segments)
    for number in range(len(segments) - 1, -1, -1):
        piece = segments[number].text
        if piece is not None and "/" in piece:
            at = piece.rindex("/")
            whole = segments[number]
            head = Text((*segments[:number], *_piece(whole, piece[:at])))
            tail = Text((*_piece(whole, piece[at + 1 :]), *segments[number + 1 :]))
            return head, tail
    return Text(()), text


def _piece(segment: Segment, text: str) -> tuple[Segment, ...]:
    if not text:
        return ()
    return (Segment(text, segment.code if segment.text == text else None, segment.secret),)


def same_text(left: Text, right: Text) -> bool:
    """Whether two texts say the same, as far as can be known: equal when known, the same expressions when not."""
    if left.known is not None or right.known is not None:
        return left.known == right.known
    return left.pieces == right.pieces or _origins(left) == _origins(right)


def _origins(text: Text) -> list[str | None]:
    """What each segment says, or where what it says comes from."""
    return [s.origin or s.code if s.text is None else s.text for s in text.segments]
