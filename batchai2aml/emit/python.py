"""Python that both generations of the SDK need: calls, and the launcher's plan."""

from __future__ import annotations

from collections.abc import Iterable

from batchai2aml.azureml.model import Code, Job, Launcher
from batchai2aml.emit.style import Style
from batchai2aml.emit.templates import render

WIDTH = 96


def call(function: str, arguments: Iterable[tuple[str, Code | str]], style: Style) -> str:
    """A call, on one line when it is short."""
    pairs = [(name, str(value)) for name, value in arguments]
    short = f"{function}({', '.join(f'{n}={v}' if n else v for n, v in pairs)})"
    if len(short) <= WIDTH - 20 and "\n" not in short and len(pairs) < 3:
        return short
    return render("python/call", style.quote, function=function, arguments=[(n, nested(v)) for n, v in pairs])


def nested(text: str) -> str:
    """Code as it stands one level deeper."""
    return text.replace("\n", "\n    ")


def environment(made: Job) -> Code | None:
    """The dictionary of a job's environment variables."""
    if isinstance(made.environment, Code):
        return made.environment
    pairs = ", ".join(f"{name}: {value}" for name, value in made.environment)
    return Code(f"{{{pairs}}}") if pairs else None


def plan(launcher: Launcher, variable: str, path: str, style: Style) -> str:
    """The statements that make what the launcher needs, and write it to `path` unless that is empty."""
    entries: list[tuple[str, str]] = []
    if launcher.command is not None:
        entries.append(("command", str(launcher.command)))
    if launcher.script is not None:
        entries.append(("script", str(launcher.script)))
    if launcher.python is not None:
        entries.append(("python", str(launcher.python)))
    if launcher.args:
        lines = ",\n        ".join(str(word) for word in launcher.args)
        entries.append(("args", f"[\n        {lines},\n    ]"))
    if launcher.line is not None:
        entries.append(("line", str(launcher.line)))
    if launcher.roles:
        roles = [f"{style.string(role)}: [{', '.join(str(word) for word in words)}]" for role, words in launcher.roles]
        entries.append(("role_args", "{\n        " + ",\n        ".join(roles) + ",\n    }"))
    if launcher.env:
        pairs = ", ".join(f"{style.string(name)}: {value}" for name, value in launcher.env)
        entries.append(("env", "{" + pairs + "}"))
    if launcher.first_only:
        entries.append(("rank0_only", "True"))
    if launcher.prepare is not None:
        entries.append(("prepare", str(launcher.prepare)))
    if launcher.secrets:
        items = [
            f"{style.string(name)}: {{{style.string('vault')}: {style.string(vault)}, "
            f"{style.string('name')}: {style.string(secret)}"
            + (f", {style.string('version')}: {style.string(version)}" if version else "")
            + "}"
            for name, vault, secret, version in launcher.secrets
        ]
        entries.append(("secrets", "{\n        " + ",\n        ".join(items) + ",\n    }"))
    return render("python/launch_plan", style.quote, variable=variable, entries=entries, path=path)
