"""What can go wrong with a request, by what a person or the next attempt can do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal as OneOf
from typing import TypeAlias

Cause: TypeAlias = OneOf[
    "missing",
    "signed out",
    "denied",
    "throttled",
    "server",
    "unreachable",
    "dropped",
    "conflict",
    "quota",
    "refused",
    "no answer",
    "no json",
    "failed",
    "lost",
    "changed",
    "otherwise",
    "local",
]

PASSING: frozenset[Cause] = frozenset({"throttled", "server", "dropped", "conflict", "no json", "lost", "signed out"})
"""What another attempt may not meet again; whether the request took effect must be looked at first."""

REMEDIES: Mapping[Cause, str] = {
    "missing": "make it first, or correct the name in the plan",
    "signed out": "sign in with `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET",
    "denied": "ask for the role 'AzureML Data Scientist' or 'Contributor' on the workspace or its resource group",
    "throttled": "run apply again in some minutes",
    "server": "run apply again in some minutes; Azure's status page says whether the service is disturbed",
    "unreachable": "check the network, and HTTPS_PROXY if there is a proxy",
    "dropped": "run apply again; it looks first at what has taken effect",
    "conflict": "wait until the other operation is over, and run apply again",
    "quota": "ask for more quota in the Azure portal (Usage + quotas), or choose a smaller number or another size",
    "refused": "correct the resource's file, and run apply again",
    "no answer": "run apply again, with a longer --timeout if the operation needs it",
    "no json": "check the network: a proxy or sign-in page has answered in the place of Azure",
    "failed": "look at the resource in Azure ML studio, remove what is broken, and run apply again",
    "lost": "run apply again",
    "changed": "run apply again: it shows what is there now",
    "otherwise": "compare the resource in Azure ML studio with its file, and correct one of them",
    "local": "correct the file, and run apply again",
}


class Failure(Exception):
    """
    Why a request, or what it began, came to nothing.

    `code` and `message` are Azure's words, `after` the seconds that it asks to wait.
    """

    def __init__(self, cause: Cause, code: str, message: str, after: float | None = None, remedy: str = "") -> None:
        super().__init__(f"{code}: {message}" if code else message)
        self.cause, self.code, self.message, self.after = cause, code, message, after
        self.remedy = remedy or REMEDIES[cause]


def one_line(text: str) -> str:
    """A message in one line."""
    return " ".join(text.split())
