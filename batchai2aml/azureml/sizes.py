"""VM sizes: which are retired, which have a GPU."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Series:
    """A VM series and the day it was or will be switched off (Azure's retirement notices, AZURE.md §5)."""

    pattern: str
    name: str
    date: datetime.date
    successors: str


_GPU_OLD = datetime.date(2023, 9, 6)
_DATE = datetime.date
SERIES: tuple[Series, ...] = (
    Series(r"nc\d+r?(_promo)?", "NC (K80)", _GPU_OLD, "NC4as_T4_v3 to NC64as_T4_v3, NC24ads_A100_v4 and larger"),
    Series(r"nc\d+r?s_v2", "NCv2 (P100)", _GPU_OLD, "NC4as_T4_v3 to NC64as_T4_v3, NC24ads_A100_v4 and larger"),
    Series(r"nd\d+r?s", "ND (P40)", _GPU_OLD, "NC24ads_A100_v4 and larger, ND96asr_v4 with InfiniBand"),
    Series(r"nv\d+(_promo)?", "NV (M60)", _GPU_OLD, "NV6ads_A10_v5 and larger"),
    Series(r"nv\d+s_v3|nv\d+as_v4", "NVv3 and NVv4", _DATE(2026, 9, 30), "NV6ads_A10_v5 and larger"),
    Series(r"nc\d+r?s_v3", "NCv3 (V100)", _DATE(2025, 9, 30), "NC40ads_H100_v5, NC4as_T4_v3 for small work"),
    Series(r"h(8|16)m?r?(_promo)?", "H", _DATE(2022, 8, 31), "HB120rs_v3, HB176rs_v4, HX176rs"),
    Series(r"hb60rs", "HB", _DATE(2024, 8, 31), "HB120rs_v3, HB176rs_v4"),
    Series(r"a([0-9]|1[01])", "A (version 1)", _DATE(2024, 8, 31), "D2s_v5 and larger"),
    Series(r"hc44rs|hb120rs_v2", "HC and HBv2", _DATE(2027, 5, 31), "HB176rs_v4, HX176rs"),
    Series(r"ds?\d+(_v2)?(_promo)?|l\d+s", "D, DS, Dv2, DSv2 and Ls", _DATE(2028, 5, 1), "Dsv5, Ddsv5"),
    Series(
        r"fs?\d+|f\d+s(_v2)?|gs?\d+|a\d+m?_v2|b\d+m?l?s",
        "F, Fs, Fsv2, G, GS, Av2 and B",
        _DATE(2028, 11, 15),
        "Dsv5, Fasv6",
    ),
)


def _plain(size: str) -> str:
    return size.strip().lower().removeprefix("standard_").removeprefix("basic_")


def series(size: str) -> Series | None:
    """The series of a size that is retired or announced to be; None when nothing is known against it."""
    name = _plain(size)
    return next((row for row in SERIES if re.fullmatch(row.pattern, name)), None)


def has_gpu(size: str) -> bool:
    """Whether a size belongs to an N-series."""
    return _plain(size).startswith("n")
