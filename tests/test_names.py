"""Names and sizes that Azure ML accepts."""

from __future__ import annotations

import datetime

import pytest

from batchai2aml.azureml import images, names, sizes


@pytest.mark.parametrize(
    ("old", "new"),
    [("nc6", "nc6"), ("gpu_pool", "gpu-pool"), ("1gpu", "c-1gpu"), ("a", "a-cl"), ("x__y-", "x-y")],
)
def test_compute(old: str, new: str) -> None:
    assert names.compute(old) == new


def test_long_names_stay_unique() -> None:
    first, second = names.compute("a" * 30 + "1"), names.compute("a" * 30 + "2")
    assert len(first) == len(second) == 24
    assert first != second


def test_identifiers_step_aside() -> None:
    assert names.identifier("nc-6", {"nc_6"}) == "nc_6_2"
    assert names.identifier("class") == "class_"
    assert names.identifier("6") == "x6"


@pytest.mark.parametrize(
    ("size", "date"),
    [
        ("STANDARD_NC6", datetime.date(2023, 9, 6)),
        ("Standard_NC24r", datetime.date(2023, 9, 6)),
        ("Standard_NC6s_v3", datetime.date(2025, 9, 30)),
        ("Standard_H16mr", datetime.date(2022, 8, 31)),
        ("Standard_D2_v2", datetime.date(2028, 5, 1)),
        ("Standard_NC4as_T4_v3", None),
        ("Standard_D4s_v5", None),
    ],
)
def test_retirement(size: str, date: datetime.date | None) -> None:
    found = sizes.series(size)
    assert (found.date if found else None) == date


def test_gpus() -> None:
    assert sizes.has_gpu("Standard_NC6")
    assert not sizes.has_gpu("Standard_D2_v2")


def test_images() -> None:
    assert images.is_stale("microsoft/cntk:2.1-gpu-python3.5-cuda8.0-cudnn6.0")
    assert not images.is_stale("contoso.azurecr.io/train:3")
    assert images.has_python_2("tensorflow/tensorflow:1.8.0-gpu")
    assert not images.has_python_2("tensorflow/tensorflow:1.8.0-gpu-py3")
    assert images.host("contoso.azurecr.io/train:3") == "contoso.azurecr.io"
    assert images.host("library/python") == ""
