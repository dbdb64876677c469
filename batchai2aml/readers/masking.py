"""Operations without the secrets that the project's files name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from batchai2aml.batchai.model import Field, Operation
from batchai2aml.project.secrets import Secrets
from batchai2aml.values import Expression, Literal, Parts, Secret, Value


def without(operation: Operation, secrets: Secrets) -> Operation:
    """The operation with no secret in any value, wherever the program put one."""

    def hidden(fields: Iterable[Field]) -> tuple[Field, ...]:
        return tuple(replace(f, value=_hidden(f.value, f.path, secrets)) for f in fields)

    return replace(
        operation,
        fields=hidden(operation.fields),
        arguments=hidden(operation.arguments),
        rounds=tuple(hidden(arguments) for arguments in operation.rounds),
        keys=hidden(operation.keys),
        flags=tuple(replace(flag, value=_hidden(flag.value, flag.spelled, secrets)) for flag in operation.flags),
        notices=tuple(replace(notice, detail=secrets.mask(notice.detail)) for notice in operation.notices),
    )


def _hidden(value: Value, path: str, secrets: Secrets) -> Value:
    match value:
        case Literal(str() as text) if secrets.inside(text):
            return Secret(path)
        case Parts(parts) if any(secrets.inside(p if isinstance(p, str) else p.code) for p in parts):
            return Secret(path)
        case Expression(code) if secrets.inside(code):
            return replace(value, code=secrets.mask(code))
    return value
