"""How long a job may run."""

from __future__ import annotations

import re

WEEK = 604800
"""The longest run of a job in Batch AI, in seconds."""


def seconds(text: str) -> int | None:
    """The length of an ISO 8601 duration, or of C#'s `7.00:00:00`, in seconds; None when it is neither."""
    iso = re.fullmatch(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?", text.strip())
    sharp = re.fullmatch(r"(?:(\d+)\.)?(\d+):(\d+):(\d+)", text.strip())
    if iso and len(text.strip()) > 1:
        weeks, days, hours, minutes, secs = (int(part or 0) for part in iso.groups())
    elif sharp:
        days, hours, minutes, secs = (int(part or 0) for part in sharp.groups())
        weeks = 0
    else:
        return None
    return (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + secs
