"""Drafts of Dockerfiles from setup tasks and preparations: installations become layers, all else is quoted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from batchai2aml.batchai.installs import installs
from batchai2aml.plan.files import MARK


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
    for part in installs(command):
        match part.by:
            case "apt":
                yield f"RUN apt-get update && apt-get install -y {part.words}"
            case "pip":
                yield f"RUN pip install {part.words}"
            case "conda":
                yield f"RUN conda install -y {part.words}"
            case "upgrade":
                yield "RUN apt-get update && apt-get upgrade -y"
            case "other":
                yield f"# for you to decide: {part.words}"
