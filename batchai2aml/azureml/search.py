"""What a sweep tries: the values of one parameter, or where they are drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf
from typing import TypeAlias

from batchai2aml.azureml.model import Code


@dataclass(frozen=True, slots=True)
class Choice:
    """Values from a list."""

    values: Code


@dataclass(frozen=True, slots=True)
class Spread:
    """Numbers between two others: `by` is the step of `arange`, or how many there are; `whole` rounds them."""

    function: OneOf["arange", "linspace", "geomspace"]
    start: Code
    end: Code
    by: Code
    whole: bool


@dataclass(frozen=True, slots=True)
class Range:
    """A number drawn from between two others, evenly, or so that its logarithm is."""

    start: Code
    end: Code
    log: bool


Search: TypeAlias = Choice | Spread | Range
