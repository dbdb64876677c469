"""What a job calls its storage: mounts, input and output directories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from batchai2aml.batchai import paths
from batchai2aml.mapping.body import Body
from batchai2aml.mapping.storage import Mount
from batchai2aml.text import Text


@dataclass(frozen=True, slots=True)
class Directories:
    """What a job calls its storage: mounts by relative path, inputs and outputs by id."""

    mounts: dict[str, Mount]
    inputs: dict[str, Text]
    outputs: dict[str, tuple[Text, Text]]

    @property
    def levels(self) -> dict[str, str]:
        """Which mount hangs on the job and which on the cluster."""
        return {name: mount.level for name, mount in self.mounts.items()}

    def resolve(self, text: Text) -> paths.Path:
        """Follow a path; an input is followed to the mount behind it."""
        found = paths.resolve(text, self.levels)
        if found.root == "input" and found.name in self.inputs:
            behind = paths.resolve(self.inputs[found.name], self.levels)
            if behind.root == "mount":
                return paths.Path("mount", behind.name, joined(behind.rest, found.rest), behind.level)
        return found


def directories(body: Body, mounts: Sequence[Mount]) -> Directories:
    """The directories of a job; the job's own mounts win over those of its cluster."""
    by_name = {mount.name: mount for mount in sorted(mounts, key=lambda m: m.level == "job")}
    inputs: dict[str, Text] = {}
    for item in body.items("properties.inputDirectories"):
        name, path = item.get("id"), item.get("path")
        if name and name.known and path and path.text:
            inputs[name.known] = path.text
    outputs: dict[str, tuple[Text, Text]] = {}
    for item in body.items("properties.outputDirectories"):
        name, prefix, suffix = item.get("id"), item.get("pathPrefix"), item.get("pathSuffix")
        if name and name.known and prefix and prefix.text:
            outputs[name.known] = (prefix.text, suffix.text if suffix and suffix.text else Text(()))
    return Directories(by_name, inputs, outputs)


def joined(*parts: Text) -> Text:
    """Parts of a path with slashes between them; empty parts are left out."""
    found = Text(())
    for part in parts:
        if part.segments:
            found = Text.join([found, Text.literal("/"), part]) if found.segments else part
    return found
