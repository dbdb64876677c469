"""Keeping secrets where they are: what was recognised is masked in everything that is printed or copied."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

STORAGE_KEY = "AZURE_BATCHAI_STORAGE_KEY"
SAS_TOKEN = "AZURE_BATCHAI_SAS_TOKEN"
CLIENT_SECRET = "AZURE_CLIENT_SECRET"
PASSWORD = "AZURE_PASSWORD"
ADMIN_PASSWORD = "BATCHAI_ADMIN_PASSWORD"
REGISTRY_PASSWORD = "BATCHAI_REGISTRY_PASSWORD"
INSTRUMENTATION_KEY = "BATCHAI_INSTRUMENTATION_KEY"
OTHER = "BATCHAI_SECRET"
"""The environment variables that converted code reads its secrets from."""

MASK = "***"
SHORTEST = 8


@dataclass(frozen=True, slots=True)
class Secrets:
    """Recognised secret values of eight or more characters, each with the environment variable that replaces it."""

    values: Mapping[str, str] = field(default_factory=dict)

    def mask(self, text: str) -> str:
        """The text with every secret replaced, also in the form that JSON and Python escape it in."""
        for value in sorted(self.values, key=len, reverse=True):
            for form in dict.fromkeys((value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1])):
                text = text.replace(form, MASK)
        return text

    def inside(self, text: str) -> bool:
        """Whether a text holds a secret."""
        return self.mask(text) != text


def collect(found: Iterable[tuple[str, str]]) -> Secrets:
    """Secrets from (value, environment variable) pairs."""
    return Secrets({value: name for value, name in found if len(value) >= SHORTEST})
