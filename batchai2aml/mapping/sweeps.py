"""Parameters of the recipes' sweeps (MAPPING 3.8), with the values that the helper itself would try."""

from __future__ import annotations

import re
from collections.abc import Callable

from batchai2aml.azureml.model import Code
from batchai2aml.azureml.search import Choice, Range, Search, Spread

ONE_BY_ONE = {
    "helpers.FileParameter": "its files are listed when the jobs are submitted",
    "helpers.DictParameter": "some of its parameters are set together",
    "helpers.resubmit_failed_jobs": "failed jobs are sent again",
    "helpers.convert_job_to_jcp": "jobs are sent again with parameters of earlier ones",
}
"""Calls that a sweep of the service leaves no room for."""


PLACEHOLDER = re.compile(r"""(\w+)(?:\[(['"])(\w+)\2\]|\.([A-Z_][A-Z0-9_]*))""")
"""A parameter in a template, `sweep['NAME']` or `sweep.NAME`: the sweep, the quote, and one name or the other."""


class NoSearch(Exception):
    """A parameter whose values are not known."""


def search(kind: str, code: Callable[[str], str | None], known: Callable[[str], str | None], drawn: bool) -> Search:
    """
    What a parameter tries.

    `kind` is the helper's class, `code` gives the expression of an argument, `known` its text where that is a literal;
    `drawn` says that combinations are drawn at random.

    Raises:
        NoSearch: the helper would refuse it, or it is of a kind without values of its own.

    """
    if kind == "DiscreteParameter":
        return Choice(Code(code("values") or "[]"))
    start, end = code("start"), code("end")
    if kind != "NumericParameter" or start is None or end is None:
        raise NoSearch(f"{kind} is not converted yet")
    log = known("scale") == "LOG"
    if drawn:
        return Range(Code(start), Code(end), log)
    step, count = code("step"), code("num_values")
    whole = known("data_type") == "INTEGER"
    if step is not None and not log:
        return Spread("arange", Code(start), Code(end), Code(step), whole)
    if count is not None:
        return Spread("geomspace" if log else "linspace", Code(start), Code(end), Code(count), whole)
    raise NoSearch("the sweep gives neither step nor num_values")
