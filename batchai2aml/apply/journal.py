"""The journal of a plan's folder: what was asked, what was answered, and when; and that one `apply` runs at a time."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from threading import Lock
from types import TracebackType

from batchai2aml.config import Misuse

NAME = ".journal.jsonl"
_FAR = 1 << 30


class Journal:
    """
    Lines of JSON in the plan's folder, each written at once, and held against a second `apply` while it is open.

    The lock is the operating system's, on the open file: it ends with the process, however that ends.
    """

    def __init__(self, folder: Path, hide: Callable[[str], str]) -> None:
        self._path = folder / NAME
        self._hide = hide
        self._lock = Lock()
        self._file = -1

    def __enter__(self) -> Journal:
        """
        Open the journal.

        Raises:
            Misuse: another `apply` has it, or it cannot be written.

        """
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            raise Misuse(f"{self._path}: cannot be written: {error.strerror}; apply keeps its journal there") from None
        if not _locked(self._file):
            os.close(self._file)
            raise Misuse(f"{self._path}: another apply is at work with this plan; wait until it has ended")
        self._end_torn_line()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)

    def _end_torn_line(self) -> None:
        """A line that a killed process did not finish is ended, so that the next one can be read."""
        size = os.lseek(self._file, 0, os.SEEK_END)
        if size:
            os.lseek(self._file, size - 1, os.SEEK_SET)
            if os.read(self._file, 1) != b"\n":
                os.write(self._file, b"\n")

    def write(self, **entry: str) -> None:
        """Add a line."""
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        text = self._hide(json.dumps({"at": now, **entry}, ensure_ascii=False))
        with self._lock:
            os.write(self._file, text.encode() + b"\n")
            os.fsync(self._file)


def _locked(file: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            os.lseek(file, _FAR, os.SEEK_SET)  # where no reader is kept out
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
