"""Reports for other programs and for people: every finding is in them, at its place, and nothing is markup by accident."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

from tests.conftest import Done


class Page(HTMLParser):
    """Counts elements, and keeps what they refer to."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.references: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.references += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.words += data


def test_sarif_has_every_finding_at_its_line(project: Callable[[str], Path], run: Callable[..., Done]) -> None:
    source = project("notebooks/recipe_style")
    found = json.loads(run("scan", source, "--output-format", "json", cwd=source.parent).out)["findings"]
    document = json.loads(run("scan", source, "--output-format", "sarif", cwd=source.parent).out)
    assert document["version"] == "2.1.0"
    (only,) = document["runs"]
    rules = [rule["id"] for rule in only["tool"]["driver"]["rules"]]
    assert [(r["ruleId"], r["message"]["text"]) for r in only["results"]] == [(f["rule"], f["message"]) for f in found]
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in only["results"])
    retired = next(result for result in only["results"] if result["ruleId"] == "BAI112")
    place = retired["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "project/numbers.ipynb"
    line = (source / "numbers.ipynb").read_text().splitlines()[place["region"]["startLine"] - 1]
    assert "STANDARD_NC6" in line
    assert retired["level"] == "error"


CODE = """from azure.mgmt.batchai import BatchAIManagementClient
client = BatchAIManagementClient(None, 's')  # batchai2aml: ignore[BAI610]
client.jobs.terminate('rg', 'work', 'exp', '<b>a</b>')
"""


def test_sarif_marks_what_a_comment_suppresses(tmp_path: Path, run: Callable[..., Done]) -> None:
    (tmp_path / "a b.py").write_text(CODE)
    document = json.loads(run("scan", ".", "--output-format", "sarif", cwd=tmp_path).out)
    marked = {r["ruleId"]: r.get("suppressions") for r in document["runs"][0]["results"]}
    assert marked["BAI610"] == [{"kind": "inSource"}]
    assert [rule for rule, kinds in marked.items() if kinds] == ["BAI610"]
    places = [r["locations"][0]["physicalLocation"] for r in document["runs"][0]["results"]]
    assert {place["artifactLocation"]["uri"] for place in places} == {"a%20b.py"}


def test_html_is_one_page_with_everything(tmp_path: Path, run: Callable[..., Done]) -> None:
    (tmp_path / "a.py").write_text(CODE)
    run("convert", ".", "--check", "--report", "r.html", "--report", "r.json", cwd=tmp_path)
    data = json.loads((tmp_path / "r.json").read_text())
    page = Page()
    page.feed((tmp_path / "r.html").read_text())
    assert page.references == []
    assert page.tags["script"] == page.tags["b"] == 0
    assert "<b>a</b>" in page.words
    shown = [finding for finding in data["findings"] if not finding["suppressed"]]
    assert page.tags["li"] == len(shown)
    assert all(finding["action"] in page.words for finding in shown)
    assert page.tags["tr"] >= 2 + len(data["ledger"])
