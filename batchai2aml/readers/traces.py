"""What speaks of Batch AI without driving it: scripts that read its variables, and other ways into the service."""

from __future__ import annotations

import re

from batchai2aml.batchai.model import Trace
from batchai2aml.place import Where

_VARIABLE = re.compile(
    r"(?:environ|env|getenv)(?:\.get)?\s*[\[(.]\s*[frbuFRBU]*[\"']?(AZ_BATCHAI_\w+)"
    r"|expandvars\([^)\n]*?(AZ_BATCHAI_\w+)"
    r"|[$%]\{?(?:env:)?(AZ_BATCHAI_\w+)"
)
_IN_TEXT = re.compile(r"expandvars|shell=True|os\.system")
_WAYS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("the .NET SDK", re.compile(r"\bMicrosoft\.Azure\.Management\.BatchAI\b")),
    ("the Java SDK", re.compile(r"\bcom\.microsoft\.azure\.management\.batchai\b")),
    (
        "the Node.js SDK",
        re.compile(r"['\"](?:azure-arm-batchai|@azure/arm-batchai)['\"]|\bBatchAIManagementClient\b.*require"),
    ),
    ("the Go SDK", re.compile(r"azure-sdk-for-go/[\w./-]*batchai\b")),
    (
        "a REST request",
        re.compile(
            r"management\.azure\.com[^\n]*Microsoft\.BatchAI|\baz\s+(?:rest|resource)\b[^\n]*Microsoft\.BatchAI"
        ),
    ),
    (
        "a REST request",
        re.compile(r"Microsoft\.BatchAI/[^\n]*api-version=20|armclient[^\n]*Microsoft\.BatchAI", re.IGNORECASE),
    ),
    ("the R package", re.compile(r"\bbatch_?ai\w*\s*(?:<-|::)|\blibrary\(\s*\w*[bB]atchAI\w*\s*\)")),
)

LAUNCHER = "batchai_launch.py"


def variables(path: str, cell: int | None, text: str) -> list[Trace]:
    """The variables of Batch AI that a text reads, each where it is first."""
    if path.endswith(LAUNCHER):
        return []
    found: dict[str, Trace] = {}
    code = path.endswith((".py", ".ipynb"))
    for match in _VARIABLE.finditer(text):
        name = next(group for group in match.groups() if group)
        if match.group(3) and code and not _IN_TEXT.search(text):
            continue
        found.setdefault(name, Trace(name, Where(path, cell, text.count("\n", 0, match.start()) + 1)))
    return list(found.values())


def other_ways(path: str, cell: int | None, text: str) -> Trace | None:
    """Another language's SDK, or a request that is made by hand."""
    hits = [(match.start(), what) for what, pattern in _WAYS if (match := pattern.search(text))]
    if not hits:
        return None
    at, what = min(hits)
    return Trace(what, Where(path, cell, text.count("\n", 0, at) + 1))


_LEFT = (
    re.compile(r"(?<![\w/.-])az(?:\.cmd|\.exe)?(?:[ \t]+--?[\w-]+)*[ \t]+batchai[ \t]+[a-z][\w-]*[^\n]{0,60}"),
    re.compile(r"""['"]az(?:\.cmd)?['"]\s*,\s*['"]batchai['"]"""),
)
_TALK = re.compile(r"^\s*@?(?:echo|printf|Write-Host|Write-Output)\b", re.IGNORECASE)
_REMARK = re.compile(r"^\s*(?:@?rem\b|::|#|//)|^[^'\"]*\s#", re.IGNORECASE)
_IN_PROGRAM = re.compile(r"""['"]\s*(?:sudo\s+)?az(?:\.cmd)?\s+batchai\b""")


def _command_before(head: str) -> str:
    """What stands before a place of a line since the command there began."""
    return head if head.count('"') % 2 or head.count("'") % 2 else re.split(r"[|;&]", head)[-1]


def left(text: str, program: bool) -> list[tuple[int, str]]:
    """The lines of a text that still call `az batchai`; in a `program` only texts that begin with it count."""
    found: list[tuple[int, str]] = []
    for number, line in enumerate(text.split("\n"), 1):
        hit = next((match for pattern in _LEFT if (match := pattern.search(line))), None)
        if hit is None or _TALK.search(_command_before(line[: hit.start()])) or _REMARK.match(line[: hit.start()]):
            continue
        if not program or _IN_PROGRAM.search(line) or hit.re is _LEFT[1] or line.lstrip().startswith(("!", "az ")):
            found.append((number, hit.group().strip()))
    return found
