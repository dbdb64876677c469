"""Sweeps as jobs of the plan: what a helper's sweep tries, and the tree of one job for all of its combinations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from batchai2aml.azureml.model import METRIC, METRIC_GOAL
from batchai2aml.batchai.model import Operation
from batchai2aml.emit import az
from batchai2aml.emit.search import tree as space_of
from batchai2aml.mapping.facts import Facts
from batchai2aml.mapping.sweeps import ONE_BY_ONE, PLACEHOLDER, NoSearch, search
from batchai2aml.values import Expression, Literal, Value

_VARIABLE = re.compile(r"properties\.environmentVariables\[\d+\]\.name")
LOOP = "its values are those of a sweep, which the code goes through; --sweeps service makes one job of them"


@dataclass(frozen=True, slots=True)
class Sweep:
    """A search space by parameter, and how many combinations are drawn from it; None for all that there are."""

    space: Mapping[str, az.Tree]
    count: int | None

    @property
    def every(self) -> int:
        """The number of runs."""
        if self.count is not None:
            return self.count
        found = 1
        for tried in self.space.values():
            values = tried["values"]
            found *= len(values) if isinstance(values, list) else 1
        return found


def is_generated(operation: Operation) -> bool:
    """Whether jobs are those that a sweep of the recipes' helper has generated."""
    return any(_names(operation)) and operation.via is not None and "submit_jobs" in operation.via


def _names(operation: Operation) -> Iterator[str]:
    for field in operation.fields:
        if _VARIABLE.fullmatch(field.path) and isinstance(field.value, Literal):
            name = str(field.value.value)
            value = operation.get(f"{field.path.removesuffix('.name')}.value")
            if name.startswith("PARAM_") and isinstance(value, Expression) and PLACEHOLDER.fullmatch(value.code):
                yield name.removeprefix("PARAM_")


def sweep(operation: Operation, facts: Facts) -> Sweep:
    """
    The sweep that jobs come from.

    Raises:
        OnlyAtRun: what it tries is not known.

    """
    here = [op for op in facts.operations if op.where.path == operation.where.path]
    if any(op.op in ONE_BY_ONE for op in here):
        raise az.OnlyAtRun("what its loop does")
    before = [op for op in here if op.index < operation.index]
    made = next((op for op in reversed(before) if op.op.startswith("helpers.generate_jobs")), None)
    drawn = made is not None and made.op.endswith("random_search")
    count = _plain(made, "num_jobs") if made is not None and drawn else None
    if drawn and not isinstance(count, int):
        raise az.OnlyAtRun("the number of the sweep's jobs")
    space: dict[str, az.Tree] = {}
    for name in _names(operation):
        found = next((op for op in reversed(before) if _plain(op, "parameter_name") == name), None)
        if found is None:
            raise az.OnlyAtRun(f"the parameter {name}")
        space[name] = _space(found, drawn)
    return Sweep(space, count if isinstance(count, int) else None)


def _space(made: Operation, drawn: bool) -> az.Tree:
    def code(name: str) -> str | None:
        value = _argument(made, name)
        if isinstance(value, Literal):
            return None if value.value is None else repr(value.value)
        return value.code if isinstance(value, Expression) else None

    def known(name: str) -> str | None:
        value = _plain(made, name)
        return value if isinstance(value, str) else None

    try:
        return space_of(search(made.op.split(".")[1], code, known, drawn))
    except NoSearch as error:
        raise az.OnlyAtRun(str(error)) from None


def _argument(made: Operation, name: str) -> Value | None:
    return next((field.value for field in made.arguments if field.path == name), None)


def _plain(made: Operation, name: str) -> object:
    value = _argument(made, name)
    return value.value if isinstance(value, Literal) else None


def tree(job: az.Tree, late: az.Late, made: Sweep) -> tuple[az.Tree, az.Tree]:
    """
    The job for all combinations, and what it says of each, from the job for one with its `late` values.

    Raises:
        OnlyAtRun: another value is late, too.

    """
    body = dict(job)
    command = str(body.pop("command"))
    given = body.pop("environment_variables", None)
    variables = dict(given) if isinstance(given, dict) else {}
    for key, code in late.items():
        found = PLACEHOLDER.fullmatch(code.text)
        name = found and (found[3] or found[4])
        if not key.startswith("environment_variables.") or name not in made.space:
            raise az.OnlyAtRun(code.text)
        variable = key.partition(".")[2]
        command = command.replace(f"${{{variable}}}", f"${{{{search_space.{name}}}}}")
        variables.pop(variable, None)
    exported = "".join(f"export PARAM_{name}=${{{{search_space.{name}}}}}; " for name in made.space)
    limits = body.pop("limits")
    assert isinstance(limits, dict)
    trial: az.Tree = {"code": body.pop("code"), "command": exported + command, "environment": body.pop("environment")}
    trial |= {"environment_variables": variables} if variables else {}
    trial |= {key: body.pop(key) for key in ("resources", "distribution") if key in body}
    whole: az.Tree = {
        "$schema": az.schema("sweepJob"),
        "type": "sweep",
        "trial": trial,
        **{key: body[key] for key in ("inputs", "outputs", "compute") if key in body},
        "search_space": {**made.space},
        "sampling_algorithm": "grid" if made.count is None else "random",
        "objective": {"goal": METRIC_GOAL, "primary_metric": METRIC},
        "limits": {"max_total_trials": made.every, "trial_timeout": limits["timeout"]},
    }
    return whole, trial
