"""What one row of the command table says."""

from __future__ import annotations

from dataclasses import dataclass

GENERATIONS = ("0.1", "0.2", "0.3")
"""Releases of azure-cli-batchai whose commands differ; 0.4 takes what 0.3 takes."""
ALL = frozenset(GENERATIONS)
UNTIL_0_2 = frozenset({"0.1", "0.2"})
ONLY_0_1 = frozenset({"0.1"})
ONLY_0_2 = frozenset({"0.2"})
SINCE_0_2 = frozenset({"0.2", "0.3"})
SINCE_0_3 = frozenset({"0.3"})


@dataclass(frozen=True, slots=True)
class Flag:
    """
    One option: its spellings, what it is about, and the generations that have it.

    `to` is a REST path of API 2018-05-01, or a name of `requests` that several options make fields of;
    `takes` is how many values follow: 1, or 0 for a switch.
    """

    names: tuple[str, ...]
    to: str
    generations: frozenset[str] = ALL
    takes: int = 1


@dataclass(frozen=True, slots=True)
class Command:
    """One command below `az batchai`: `op` is the operation that it stands for, in the 2018-05-01 naming."""

    words: str
    op: str
    flags: tuple[Flag, ...]
    generations: frozenset[str] = ALL


def flag(names: str, to: str, generations: frozenset[str] = ALL, takes: int = 1) -> Flag:
    """A row; `names` is a list in one string."""
    return Flag(tuple(names.split()), to, generations, takes)
