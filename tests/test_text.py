"""Text that remembers its parts."""

from __future__ import annotations

import pytest

from batchai2aml.batchai import commandline, paths
from batchai2aml.text import Segment, Text

OPEN = Text((Segment("/data/", None), Segment(None, "name"), Segment("/train", None)))


def test_known_and_start() -> None:
    assert Text.literal("a").known == "a"
    assert OPEN.known is None
    assert OPEN.start == "/data/"


def test_cutting_keeps_expressions() -> None:
    text = Text((Segment("$ROOT/"), Segment("afs", "share"), Segment("/"), Segment("code", "folder")))
    rest = text.without(len("$ROOT/afs/"))
    assert rest.segments == (Segment("code", "folder"),)


@pytest.mark.parametrize(
    ("path", "root", "name", "rest"),
    [
        ("$AZ_BATCHAI_JOB_MOUNT_ROOT/afs/a/b", "mount", "afs", "a/b"),
        ("${AZ_BATCHAI_MOUNT_ROOT}/nfs/", "mount", "nfs", ""),
        ("$AZ_BATCHAI_JOB_MOUNT_ROOT/a/b/c", "mount", "a/b", "c"),
        ("$AZ_BATCHAI_JOB_MOUNT_ROOT/afsother/c", "unknown", "afsother", "afsother/c"),
        ("$AZ_BATCHAI_INPUT_DATA/x", "input", "DATA", "x"),
        ("$AZ_BATCHAI_OUTPUT_MODEL", "output", "MODEL", ""),
        ("$AZ_BATCHAI_JOB_TEMP/x", "temp", "", "x"),
        ("/mnt/batch/tasks/shared/LS_root/mounts/nfs/x", "mount", "nfs", "x"),
        ("/opt/x", "local", "", "/opt/x"),
        ("train.py", "relative", "", "train.py"),
    ],
)
def test_resolve(path: str, root: str, name: str, rest: str) -> None:
    found = paths.resolve(Text.literal(path), {"afs": "job", "nfs": "cluster", "a/b": "job"})
    assert (found.root, found.name, found.rest.known) == (root, name, rest)


@pytest.mark.parametrize(
    ("line", "words", "shell"),
    [
        ("a  --b 'c d' \"e f\"", ["a", "--b", "c d", "e f"], False),
        ("a\\ b", ["a b"], False),
        ("python x.py | tee log", ["python", "x.py", "|", "tee", "log"], True),
        ("ls *.txt", ["ls", "*.txt"], True),
        ("echo '*'", ["echo", "*"], False),
        ("", [], False),
    ],
)
def test_split(line: str, words: list[str], shell: bool) -> None:
    found = commandline.split(Text.literal(line))
    assert [word.known for word in found.words] == words
    assert found.shell is shell


def test_quotes_that_do_not_match() -> None:
    assert commandline.split(Text.literal("a 'b")).broken


def test_negative_numbers_are_values() -> None:
    words = commandline.split(Text.literal("--shift -1 --flag --rate 0.1")).words
    assert [[word.known for word in pair] for pair in commandline.pairs(words)] == [
        ["--shift", "-1"],
        ["--flag"],
        ["--rate", "0.1"],
    ]


def test_roles_share_what_is_equal() -> None:
    def split(line: str) -> tuple[Text, ...]:
        return commandline.split(Text.literal(line)).words

    roles = commandline.split_roles(split("--job=worker --steps 10 --data D"), [("ps", split("--job=ps --steps 10"))])
    assert [word.known for word in roles.shared] == ["--steps", "10"]
    assert {role: [w.known for w in words] for role, words in roles.by_role} == {
        "worker": ["--job=worker", "--data", "D"],
        "ps": ["--job=ps"],
    }
