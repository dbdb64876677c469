"""What a conversion leaves in scripts: command lines that stay, and secrets, which are read from the environment."""

from __future__ import annotations

from collections.abc import Mapping

from batchai2aml.mapping.ledger import finding
from batchai2aml.mapping.types import Finding
from batchai2aml.place import Where
from batchai2aml.project.secrets import Secrets
from batchai2aml.project.text import TextFile
from batchai2aml.scanning import Scan

STAYS = "stays as it is"
"""What a finding about something that was not converted says."""


def from_environment(text: str, file: TextFile, secrets: Secrets) -> str:
    """A script that reads its secrets from the environment, where the text around them allows it."""
    shell = {"shell": '"${}"', "makefile": "$({})", "powershell": "$env:{}"}.get(file.kind)
    if shell is None or file.path.lower().endswith((".bat", ".cmd")):
        shell = "%{}%"
    for value, name in secrets.values.items():
        for quoted in (f"'{value}'", f'"{value}"', value):
            text = text.replace(quoted, shell.format(name) if quoted != value or shell[0] != '"' else f"${name}")
    return text


def say_left(scan: Scan, changed: Mapping[str, bytes], outcomes: dict[str, str], findings: list[Finding]) -> None:
    """Findings about command lines that stay though the file was converted, or that were not read at all."""
    from batchai2aml.readers.traces import left

    texts = {path: file.decoded.text for path, file in (scan.scripts.sources if scan.scripts else {}).items()}
    texts = {
        p: t
        for p, t in texts.items()
        if scan.scripts and scan.scripts.sources[p].kind not in ("json", "other", "markdown")
    }
    for path, source in scan.program.sources.items() if scan.program is not None else ():
        if source.kind == "python":
            texts[path] = source.decoded.text
    for path, old in texts.items():
        if outcomes.get(path) == "failed":
            continue
        said = {f.where.line for f in findings if f.where.path == path and STAYS in f.message}
        new = changed[path].decode("utf-8", "replace") if path in changed else old
        for line, command in left(new, path.endswith(".py")):
            shown = next((n for n, text in left(old, path.endswith(".py")) if text == command), line)
            if shown in said:
                continue
            detail = f"{STAYS}: {scan.secrets.mask(command)}"
            findings.append(finding("BAI813", Where(path, None, shown), detail, "manual", "error"))
            outcomes[path] = "partly"
