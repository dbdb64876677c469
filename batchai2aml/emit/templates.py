"""The templates, wherever they are: in the wheel, or beside the package in a checkout."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


def folder() -> Path:
    """
    The folder of the templates.

    Raises:
        FileNotFoundError: the installation lacks them.

    """
    package = Path(__file__).resolve().parent.parent
    for candidate in (package / "templates", package.parent / "templates"):
        if (candidate / "batchai_launch.py").is_file():
            return candidate
    raise FileNotFoundError(f"no templates beside {package}; install batchai2aml again")


def launcher() -> bytes:
    """The launcher, byte for byte."""
    return (folder() / "batchai_launch.py").read_bytes()


@lru_cache(maxsize=4)
def environment(quote: str) -> Environment:
    """Jinja over the templates; the filter `quoted` writes a literal with this quote."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from batchai2aml.emit.style import Style

    made = Environment(
        loader=FileSystemLoader(folder()), undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False
    )
    made.filters["quoted"] = Style(quote).string
    return made


def page(template: str, **values: object) -> str:
    """A page for people, such as `report.html`; every value is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(loader=FileSystemLoader(folder()), undefined=StrictUndefined, autoescape=True, trim_blocks=True)
    return made.get_template(f"{template}.j2").render(**values) + "\n"


def render(template: str, quote: str, **values: object) -> str:
    """A template of code, such as `v1/compute`."""
    return environment(quote).get_template(f"{template}.j2").render(**values).strip("\n")
