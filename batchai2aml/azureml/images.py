"""Container images: those of Batch AI's time, and Azure ML's own."""

from __future__ import annotations

import re

OWN = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04"
"""What a job runs in that named no image: Azure ML's own, with a conda environment on top (MAPPING 5.6)."""

_STALE = re.compile(
    r"^(microsoft/|batchaitraining/|caffe2ai/caffe2|bvlc/caffe|tensorflow/tensorflow:(0|1)\.|pytorch/pytorch:0\.|horovod/horovod:0\.)"
)
_PYTHON_2 = re.compile(
    r"^tensorflow/tensorflow(:(1\.[\d.]+|latest)(-gpu|-devel|-devel-gpu)?)?$|^microsoft/cntk:.*py(thon)?2|^caffe2ai/caffe2:c2v0\.8"
)


def is_stale(image: str) -> bool:
    """Whether an image is no longer maintained (MAPPING 6.4)."""
    return bool(_STALE.match(image))


def has_python_2(image: str) -> bool:
    """Whether the tag means Python 2."""
    return bool(_PYTHON_2.match(image))


def host(image: str) -> str:
    """The registry in an image's name, or an empty text for Docker Hub."""
    first = image.split("/", 1)[0]
    return first if "/" in image and ("." in first or ":" in first or first == "localhost") else ""
