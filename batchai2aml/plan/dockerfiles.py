"""Drafts of Dockerfiles from setup tasks and preparations: installations become layers, all else is quoted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from batchai2aml.batchai import commandline, startup
from batchai2aml.plan.files import MARK
from batchai2aml.text import Text

_PARTS = re.compile(r"(?:\"[^\"]*\"|'[^']*'|[^;&|\n'\"]|(?<![&|])[&|](?![&|])|['\"])+")
_PREFIX = re.compile(r"^(?:sudo\s+(?:-\w+\s+)*)?(?:DEBIAN_FRONTEND=\S+\s+)?")
_APT = re.compile(r"apt(?:-get)?\s+(?:-\S+\s+)*(install|update|upgrade)\b\s*(.*)")
_PIP = re.compile(r"(?:python[\d.]*\s+-m\s+)?pip[\d.]*\s+install\s+(.*)")
_CONDA = re.compile(r"(?:\S*/)?conda\s+install\s+(.*)")
_OF_RUN = re.compile(r"\$|[|<>`]")


def dockerfile(image: str, commands: Sequence[tuple[str, str]]) -> str:
    """
    A Dockerfile that starts from an image.

    `commands` are command lines, each with what it was: a setup task, or the preparation of a job.
    """
    lines = [f"{MARK}: a draft; build it with the environment that names this folder", f"FROM {image}"]
    for origin, command in commands:
        lines += ["", f"# {origin}", *_layers(command)]
    return "\n".join(lines) + "\n"


def _layers(command: str) -> Iterator[str]:
    """The layer for each part of a command line; a part that is no installation is a comment."""
    for part in _PARTS.findall(_unwrapped(command)):
        plain = _PREFIX.sub("", part.strip())
        if not plain:
            continue
        apt, pip, conda = _APT.fullmatch(plain), _PIP.fullmatch(plain), _CONDA.fullmatch(plain)
        if _OF_RUN.search(plain):
            yield f"# for you to decide: {plain}"
        elif apt is not None and apt[1] == "install":
            words = [word for word in apt[2].split() if word not in ("-y", "--yes", "--assume-yes", "-qq", "-q")]
            yield f"RUN apt-get update && apt-get install -y {' '.join(words)}"
        elif pip is not None:
            yield f"RUN pip install {pip[1]}"
        elif conda is not None:
            words = [word for word in conda[1].split() if word not in ("-y", "--yes")]
            yield f"RUN conda install -y {' '.join(words)}"
        elif apt is not None and apt[1] == "upgrade":
            yield "RUN apt-get update && apt-get upgrade -y"
        elif apt is None:
            yield f"# for you to decide: {plain}"


def _unwrapped(command: str) -> str:
    """The command inside `bash -c`, or the command itself."""
    words = commandline.split(Text.literal(command))
    inner = None if words.broken else startup.inner(words.words)
    return (inner.known if inner is not None else None) or command
