"""What the output must set, from the model; the read-back looks for it in the text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from batchai2aml.azureml.model import Binding, Compute, Datastore, Job, Wanted
from batchai2aml.emit.style import Style
from batchai2aml.emit.v1 import statements as v1


def of_compute(made: Compute) -> Wanted:
    """The configuration of a cluster."""
    return Wanted(
        "AmlCompute.provisioning_configuration", tuple((name, code.text) for name, code in v1.provisioning(made))
    )


def of_datastore(store: Datastore, style: Style) -> Wanted:
    """The registration of a datastore; the text that is asked for is the one that is emitted."""
    function, arguments = v1.registration(store, style)
    return Wanted(function, tuple((name, str(code)) for name, code in arguments))


def of_job(made: Job, style: Style) -> Iterator[Wanted]:
    """An estimator, and its arguments with their values."""
    yield Wanted(v1.estimator(made), tuple((name, code.text) for name, code in v1.keywords(made, style)))
    uses = Counter(entry.value.id for entry in made.arguments if isinstance(entry.value, Binding))
    pairs: list[tuple[str, str]] = []
    for entry in made.arguments:
        value = "" if entry.value is None else str(entry.value)
        if isinstance(entry.value, Binding):
            value = v1.binding(entry.value, style) if uses[entry.value.id] == 1 else ""
        if entry.name.text:
            pairs.append((entry.name.text, value))
    if pairs:
        yield Wanted("", tuple(pairs))
