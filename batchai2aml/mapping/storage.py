"""Mounts, as datastores (MAPPING 2.4 and 0.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from batchai2aml.azureml.names import slug
from batchai2aml.batchai.paths import same_text
from batchai2aml.mapping.body import Body, Given
from batchai2aml.mapping.printing import Unprintable
from batchai2aml.text import Segment, Text

_URL = re.compile(r"https?://")


@dataclass(frozen=True, slots=True)
class Mount:
    """
    A mounted storage: where it hangs (`name`, `level`) and what it is (`kind`, account, container or share).

    `inside` is a folder of the share that the URL already names, `alias` the name of another mount of the same storage.
    """

    name: str
    level: str
    kind: str
    account: Text
    container: Text
    inside: Text
    key: Given | None
    endpoint: str = ""
    read_only: bool = False
    alias: str = ""

    @property
    def datastore(self) -> str:
        """The name of the datastore and of its variable."""
        return f"bai_{slug(self.alias or self.name)}"

    def same_storage(self, other: Mount) -> bool:
        """Whether two mounts show the same container or share."""
        mine, theirs = (self.account, self.container), (other.account, other.container)
        return self.kind == other.kind != "placeholder" and all(map(same_text, mine, theirs))


def named_once(mounts: Iterable[Mount]) -> list[Mount]:
    """Mounts of which those of one storage share a datastore, named after the first of them (MAPPING 0.3)."""
    found: list[Mount] = []
    for mount in mounts:
        first = next((known for known in found if known.same_storage(mount)), None)
        found.append(mount if first is None else replace(mount, alias=first.alias or first.name))
    return found


def mounts(body: Body, prefix: str, level: str) -> list[Mount]:
    """The mounts of a job or cluster below `prefix` (`properties.mountVolumes`)."""
    volumes = body.below(prefix)
    found: list[Mount] = []
    for item in volumes.items("azureFileShares"):
        url = item.get("azureFileUrl")
        account, container, inside, endpoint = _share(url.text if url and url.text else Text(()))
        given = item.get("accountName")
        found.append(
            Mount(
                _name(item),
                level,
                "file",
                given.text if given and given.text else account,
                container,
                inside,
                _key(item),
                endpoint,
            )
        )
    for item in volumes.items("azureBlobFileSystems"):
        options = item.get("mountOptions")
        found.append(
            Mount(
                _name(item),
                level,
                "blob",
                _text(item, "accountName"),
                _text(item, "containerName"),
                Text(()),
                _key(item),
                read_only=bool(options and re.search(r"-o ro\b", options.known or "")),
            )
        )
    for kind in ("fileServers", "unmanagedFileSystems"):
        for item in volumes.items(kind):
            source = item.get("sourceDirectory")
            inside = source.text if source and source.text else Text(())
            found.append(Mount(_name(item), level, "placeholder", Text(()), Text(()), inside, None))
    return found


def _text(item: Body, path: str) -> Text:
    found = item.get(path)
    return found.text if found and found.text else Text(())


def _name(item: Body) -> str:
    found = item.get("relativeMountPath")
    if found is not None and found.known is None:
        raise Unprintable("the path of a mount is known only at run time")
    return (found.known or "").strip("/") if found else ""


def _key(item: Body) -> Given | None:
    return item.get("credentials.accountKey")


def _taken_apart(code: str | None) -> tuple[Text, Text, Text, str]:
    """Account and share of an address that only the run knows."""
    if code is None:
        raise Unprintable("the address of a file share is known only elsewhere in the program")
    address = code if re.fullmatch(r"[\w.]+(\([^()]*\)|\[[^\[\]]*\])*", code) else f"({code})"
    account = Text((Segment(None, f"{address}.split('/')[2].split('.')[0]"),))
    return account, Text((Segment(None, f"{address}.split('/')[3]"),)), Text(()), ""


def _share(url: Text) -> tuple[Text, Text, Text, str]:
    """
    Account, share, folder and endpoint suffix of `https://<account>.file.<suffix>/<share>[/<folder>]`.

    Raises:
        Unprintable: the address is known neither as a text nor as an expression.

    """
    if len(url.segments) == 1 and url.known is None:
        return _taken_apart(url.code)
    start = _URL.match(url.start)
    rest = url.without(start.end()) if start else url
    host, path = rest.partition("/")
    account, _ = host.partition(".file.")
    container, inside = path.stripped("/").partition("/")
    known = "".join(segment.text or "" for segment in host.segments)
    suffix = known.split(".file.", 1)[1] if ".file." in known else ""
    return account, container, inside, "" if suffix in ("", "core.windows.net") else suffix
