"""What a sweep tries, as each form of a sweep writes it: a loop in Python, a sweep of azure-ai-ml, and its YAML."""

from __future__ import annotations

import math
from collections.abc import Callable

from batchai2aml.azureml.search import Choice, Range, Search, Spread
from batchai2aml.emit.az import OnlyAtRun, Tree, plain

Need = Callable[[str], None]


def listed(found: Choice | Spread, need: Need) -> str:
    """All values; `need` is told which modules the text uses."""
    if isinstance(found, Choice):
        return found.values.text
    need("numpy")
    last = f"{found.end} + 0.001" if found.function == "arange" else found.end  # as the helper has it
    values = f"numpy.{found.function}({found.start}, {last}, {found.by})"
    return f"[int(round(value)) for value in {values}]" if found.whole else f"list({values})"


def drawn(found: Search, need: Need) -> str:
    """A function that draws a value."""
    need("random")
    if not isinstance(found, Range):
        return f"lambda: random.choice({listed(found, need)})"
    if not found.log:
        return f"lambda: random.uniform({found.start}, {found.end})"
    need("math")
    return f"lambda: math.exp(random.uniform(math.log({found.start}), math.log({found.end})))"


def distribution(found: Search, need: Need, want: Need) -> str:
    """An object of azure-ai-ml; `want` is told which names of the SDK the text uses."""
    if not isinstance(found, Range):
        want("Choice")
        return f"Choice(values={listed(found, need)})"
    if not found.log:
        want("Uniform")
        return f"Uniform(min_value={found.start}, max_value={found.end})"
    need("math")
    want("LogUniform")
    return f"LogUniform(min_value=math.log({found.start}), max_value=math.log({found.end}))"


def tree(found: Search) -> Tree:
    """
    A search space of the YAML of `az ml`.

    Raises:
        OnlyAtRun: a value is no literal.

    """
    if isinstance(found, Range):
        start, end = _number(found.start.text, plain(found.start)), _number(found.end.text, plain(found.end))
        if not found.log:
            return {"type": "uniform", "min_value": start, "max_value": end}
        return {"type": "loguniform", "min_value": math.log(start), "max_value": math.log(end)}
    if isinstance(found, Choice):
        values = plain(found.values)
        if not isinstance(values, (list, tuple)):
            raise OnlyAtRun(found.values.text)
        return {"type": "choice", "values": [*values]}
    return {"type": "choice", "values": _numbers(found)}


def _number(code: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise OnlyAtRun(code)
    return value


def _numbers(found: Spread) -> list[float] | list[int]:
    """The values that numpy's function of that name gives."""
    start, end, by = (_number(code.text, plain(code)) for code in (found.start, found.end, found.by))
    if found.function == "arange":
        count = max(0, math.ceil((end + 0.001 - start) / by)) if by else 0
        values = [start + number * by for number in range(count)]
    elif by <= 1:
        values = [start] * int(by)
    else:
        steps = int(by) - 1
        even = found.function == "linspace"
        between = [
            start + (end - start) * number / steps if even else start * (end / start) ** (number / steps)
            for number in range(1, steps)
        ]
        values = [start, *between, end]
    return [round(value) for value in values] if found.whole else [float(value) for value in values]
