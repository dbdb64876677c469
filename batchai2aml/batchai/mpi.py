"""`mpirun` and its relatives in command lines: how many processes, with which environment, of which program."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from batchai2aml.text import Text

_STARTERS = re.compile(r"(^|/)(mpirun|mpiexec|mpiexec\.hydra|orterun|horovodrun)$")

TOTAL = frozenset({"n", "np", "num-proc"})
PER_NODE = frozenset({"ppn", "perhost", "npernode", "N"})
HOSTS = frozenset({"hosts", "host", "hostfile", "machinefile", "machine", "f", "H", "hostfile-path"})
ALONE = frozenset(
    {
        "allow-run-as-root",
        "bind-to-none",
        "display-map",
        "envall",
        "genvall",
        "gloo",
        "l",
        "mpi",
        "nolocal",
        "oversubscribe",
        "prepend-rank",
        "print-rank-map",
        "q",
        "quiet",
        "report-bindings",
        "tag-output",
        "timestamp-output",
        "v",
        "verbose",
    }
)
"""Options without a value that mean nothing once Azure ML starts the processes."""
WITH_VALUE = frozenset(
    {
        "bind-to",
        "binding",
        "bootstrap",
        "envlist",
        "genvlist",
        "iface",
        "launcher",
        "map-by",
        "output-filename",
        "p",
        "prefix",
        "rank-by",
        "rmk",
        "ssh-port",
        "start-timeout",
        "wdir",
    }
)
"""Options with one value, of the same kind."""
WITH_PAIR = frozenset({"mca", "gmca"})
FABRIC = re.compile(r"^(I_MPI_|OMPI_|FI_|DAPL_|UCX_|PSM)")
"""Environment variables that tune the MPI library or the network of the old machines."""


@dataclass(frozen=True, slots=True)
class MpiRun:
    """
    What a starter was asked for.

    `program` are the words behind its options; `processes` is the total, `per_node` the number on each node;
    `dropped` are options that Azure ML has no use for.
    """

    program: tuple[Text, ...]
    processes: Text | None = None
    per_node: Text | None = None
    environment: tuple[tuple[str, Text], ...] = ()
    dropped: tuple[str, ...] = ()


def is_starter(word: Text) -> bool:
    """Whether a word is `mpirun`, `mpiexec`, `horovodrun`, ..."""
    return bool(_STARTERS.search(word.known or ""))


def parse(words: Sequence[Text]) -> MpiRun | None:
    """Take a starter's options off; None when one of them is not known, or several programs are started."""
    if not words or not is_starter(words[0]) or any(word.known == ":" for word in words):
        return None
    processes: Text | None = None
    per_node: Text | None = None
    environment: list[tuple[str, Text]] = []
    dropped: list[str] = []
    at = 1
    while at < len(words) and words[at].start.startswith("-"):
        option = (words[at].known or "").lstrip("-")
        following = words[at + 1 : at + 3]
        if option in ALONE:
            dropped.append(f"-{option}")
            at += 1
            continue
        if not following:
            return None
        value = following[0]
        if option in TOTAL:
            processes = value
        elif option in PER_NODE:
            per_node = value
        elif option == "x" or (option in ("env", "genv") and "=" in value.start):
            name, given = value.partition("=")
            _keep(environment, dropped, name.known or "", given)
        elif option in ("env", "genv") and len(following) == 2:
            _keep(environment, dropped, value.known or "", following[1])
            at += 1
        elif option in WITH_PAIR and len(following) == 2:
            dropped.append(f"-{option} {value.known} {following[1].known}")
            at += 1
        elif option == "map-by" and (shape := re.fullmatch(r"ppr:(\d+):node", value.known or "")):
            per_node = Text.literal(shape.group(1))
        elif option in WITH_VALUE or option in HOSTS:
            dropped.append(f"-{option} {value.known or ''}".strip())
        else:
            return None
        at += 2
    if at >= len(words):
        return None
    return MpiRun(tuple(words[at:]), processes, per_node, tuple(environment), tuple(dropped))


def _keep(environment: list[tuple[str, Text]], dropped: list[str], name: str, value: Text) -> None:
    """A variable with a value is kept; one that is only passed on, or tunes the library, is not needed."""
    if FABRIC.match(name):
        dropped.append(f"{name}={value.known or ''}")
    elif value.segments:
        environment.append((name, value))


def names_starter(line: Text) -> bool:
    """Whether a command line starts MPI somewhere."""
    text = "".join(segment.text or " " for segment in line.segments)
    return any(_STARTERS.search(word) for word in re.split(r"[\s;&|()\"']+", text))
