"""Keeping secrets where they are: what was recognised is masked in everything that is printed or copied."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
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

BY_KEY = {
    "accountKey": STORAGE_KEY,
    "adminUserPassword": ADMIN_PASSWORD,
    "password": REGISTRY_PASSWORD,
    "instrumentationKey": INSTRUMENTATION_KEY,
    "value": OTHER,
}
"""The environment variable for a secret field, by its key."""

_WORDS = "password|passwd|pwd|secret|token|api[-_]?key|access[-_]?key|account[-_]?key|storage[-_]?key"
_VALUE = r"""["']?(?P<value>[^\s"',;<>{}()$\[\]]{8,})"""
_SIGNATURE = re.compile(r"[?&]sig=([\w%+/=-]{8,})")
_NAMED = (
    re.compile(rf"""(?i)(?P<name>[\w.-]*(?:{_WORDS}|\bkey))["']?\s*[=:]\s*{_VALUE}"""),
    re.compile(rf"""(?i)--?(?P<name>[\w-]*(?:{_WORDS}))\s+{_VALUE}"""),
    re.compile(rf"""(?i)"name"\s*:\s*"(?P<name>[\w.-]*(?:{_WORDS}|key))"\s*,\s*"value"\s*:\s*{_VALUE}"""),
)
"""Values that a telling name stands before: in settings, in assignments, on command lines."""
_SURE = (
    (re.compile(r"(?i)\bAccountKey=([^;'\"\s<{]{8,})"), STORAGE_KEY),
    (re.compile(r"(?<![\w+/])([A-Za-z0-9+/]{86}==)"), STORAGE_KEY),
    (
        re.compile(r"""["'](?:client_?secret|aad_secret_key)["']\s*:\s*["']([^"'\s<>{}]{8,})["']""", re.IGNORECASE),
        CLIENT_SECRET,
    ),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s*([\w+/=\s]+?)\s*-----END"), OTHER),
)
"""Secrets that their own form gives away: connection strings, account keys, private keys."""

MASK = "MASKED"
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

    @property
    def weak_password(self) -> bool:
        """Whether a literal password has fewer than three of the four kinds of characters that Azure asks for."""
        kinds = ("[a-z]", "[A-Z]", r"\d", r"[^A-Za-z0-9]")
        passwords = [value for value, variable in self.values.items() if variable == ADMIN_PASSWORD]
        return any(sum(bool(re.search(kind, password)) for kind in kinds) < 3 for password in passwords)

    def inside(self, text: str) -> bool:
        """Whether a text holds a secret."""
        return self.mask(text) != text


def spotted(text: str, named: bool = False) -> Iterator[tuple[str, str]]:
    """
    Secrets in a text, each with the environment variable that takes its place.

    With `named` also what a telling name stands before, as in `--password=...` or `"storage_key": "..."`, and
    signatures of links, which elsewhere are often public samples.
    """
    for pattern, variable in _SURE:
        for found in pattern.finditer(text):
            yield found.group(1), variable
    for found in _SIGNATURE.finditer(text) if named else ():
        yield found.group(1), SAS_TOKEN
    for pattern in _NAMED if named else ():
        for found in pattern.finditer(text):
            if _SHAPED.search(found.group("value")):
                yield found.group("value"), variable_for(found.group("name"))


_MOUNTED = re.compile(r"\b(?:password|pass)=([^,\s\"']{8,})")


def mounted(command: str) -> Iterator[tuple[str, str]]:
    """The password of a `mount` command."""
    for found in _MOUNTED.finditer(command):
        yield found.group(1), OTHER


_SHAPED = re.compile(r"^(?=.*\d)(?=.*[A-Za-z])(?!\W)(?!.*://)(?!.*\.\w{1,5}$).{12,}")
"""What a written-out secret looks like: letters and digits, long enough, no path, address or file name."""


def storage_key(account: str | None, accounts: Collection[str]) -> str:
    """The environment variable for an account's key; the accounts are told apart where there are several."""
    if account is None or len(accounts) < 2:
        return STORAGE_KEY
    return f"{STORAGE_KEY}_{re.sub(r'[^A-Z0-9]+', '_', account.upper())}"


def variable_for(name: str) -> str:
    """The environment variable for a secret that the user calls `name` (MAPPING 0.3)."""
    slug = re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_")
    if slug in ("STORAGE_KEY", "ACCOUNT_KEY", "STORAGE_ACCOUNT_KEY"):
        return STORAGE_KEY
    return f"{OTHER}_{slug}" if slug else OTHER


def collect(found: Iterable[tuple[str, str]]) -> Secrets:
    """Secrets from (value, environment variable) pairs; of several names the last that says what it is counts."""
    names: dict[str, str] = {}
    for value, name in found:
        if len(value) >= SHORTEST and (name != OTHER or value not in names):
            names[value] = name
    return Secrets(names)
