"""What the options of `az batchai` make of a request body, by the rules of the old command line (MAPPING 3.10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from batchai2aml.batchai.cli.parse import Option, Parsed
from batchai2aml.batchai.model import FlagUse, Notice, NoticeKind
from batchai2aml.batchai.request import Setting, Written
from batchai2aml.batchai.schema import paths
from batchai2aml.place import Where
from batchai2aml.readers.documents.body import ACCOUNT
from batchai2aml.text import Segment, Text
from batchai2aml.values import Secret

_IMAGES = {
    "ubuntults": ("Canonical", "UbuntuServer", "16.04-LTS"),
    "ubuntudsvm": ("microsoft-ads", "linux-data-science-vm-ubuntu", "linuxdsvmubuntu"),
}
_IMAGE = "properties.virtualMachineConfiguration.imageReference"
_SCALE = "properties.scaleSettings"
_SETUP = "properties.nodeSetup.setupTask"


@dataclass(eq=False)
class Fields:
    """
    Collects the body of one command: what its file says, and what its options say over that.

    `account` is what the environment of the script says of the storage account.
    """

    op: str
    parsed: Parsed
    where: Where
    settings: list[Setting]
    account: Text | None = None
    notices: list[Notice] = field(default_factory=list)

    def collect(self) -> tuple[Setting, ...]:
        """The whole body, in the order in which the command line would have sent it."""
        known = paths(self.op)
        for option in self.parsed.options:
            if option.flag.to in known and option.value is not None:
                self.put(option.flag.to, _number(option.flag.to, option.value), option)
        if self.op == "clusters.create":
            self._image()
            self._setup()
        if self.op in ("clusters.create", "clusters.update"):
            self._scale()
        if self.op in ("clusters.create", "jobs.create"):
            self._fill_placeholders()
            self._mounts("properties.mountVolumes" if self.op == "jobs.create" else "properties.nodeSetup.mountVolumes")
        return tuple(self.settings)

    def notice(self, kind: NoticeKind, detail: str) -> None:
        """Something to say about the command."""
        self.notices.append(Notice(kind, self.where, detail))

    def put(self, path: str, written: Written, option: Option | None = None) -> None:
        """Set a leaf, over what the file says."""
        for number, setting in enumerate(self.settings):
            if setting.path == path:
                if option is not None and setting.written != written:
                    self.notice("overridden", f"{option.spelled} over {path} of the configuration file")
                self.settings[number] = Setting(path, written, self.where)
                return
        self.settings.append(Setting(path, written, self.where))

    def drop(self, prefix: str) -> None:
        """Take away what the file says below a path."""
        self.settings = [s for s in self.settings if not s.path.startswith((prefix + ".", prefix + "["))]

    def _image(self) -> None:
        image, custom = self.parsed.option("image"), self.parsed.option("custom_image")
        if custom is not None and image is None:
            self.notice("contradiction", "--custom-image without --image")
        if image is not None and image.value is not None:
            self.drop(_IMAGE)
            parts = (image.value.known or "").split(":")
            alias = _IMAGES.get((image.value.known or "").lower())
            names = ("publisher", "offer", "sku", "version")
            if alias is not None:
                parts = [*alias]
            elif len(parts) != 4:
                if image.value.known is not None:
                    self.notice("contradiction", f"--image {image.value.known} is neither an alias nor four parts")
                self.put(f"{_IMAGE}.offer", image.value)
                parts = []
            for name, part in zip(names, parts, strict=False):
                if part:
                    self.put(f"{_IMAGE}.{name}", Text.literal(part))
        if custom is not None and custom.value is not None:
            self.put(f"{_IMAGE}.virtualMachineImageId", custom.value)

    def _setup(self) -> None:
        task, output = self.parsed.value("setup_task"), self.parsed.value("setup_output")
        if task is None:
            return
        if output is None:
            self.notice("contradiction", "--setup-task without --setup-task-output")
        self.drop(_SETUP)
        self.put(f"{_SETUP}.commandLine", task)
        if output is not None:
            self.put(f"{_SETUP}.stdOutErrPathPrefix", output)

    def _scale(self) -> None:
        target, least, most = (self.parsed.value(name) for name in ("target", "min", "max"))
        if self.parsed.old and self.op == "clusters.create" and most is not None and least is None:
            least = Text.literal("0")
        if (least is None) != (most is None):
            self.notice("contradiction", "one of --min and --max without the other")
        if least is None and most is None:
            if target is None or (target.known == "0" and self._has_scale()):
                return
            self.drop(_SCALE)
            self.put(f"{_SCALE}.manual.targetNodeCount", _count(target))
            return
        self.drop(_SCALE)
        if self.op == "clusters.create" and target is None and least == most and least is not None:
            self.put(f"{_SCALE}.manual.targetNodeCount", _count(least))
            return
        for name, value in (("minimum", least), ("maximum", most), ("initial", target)):
            if value is not None:
                self.put(f"{_SCALE}.autoScale.{name}NodeCount", _count(value))

    def _has_scale(self) -> bool:
        return any(setting.path.startswith(_SCALE) for setting in self.settings)

    def _fill_placeholders(self) -> None:
        """`<AZURE_BATCHAI_STORAGE_ACCOUNT>` in the file, from the options or the environment."""
        given = {f"${ACCOUNT}": self.parsed.value("account") or self.account}
        for number, setting in enumerate(self.settings):
            written = setting.written
            if isinstance(written, Text):
                pieces = [given.get(s.code or "") or Text((s,)) for s in written.segments]
                self.settings[number] = replace(setting, written=Text.join(pieces))

    def _mounts(self, prefix: str) -> None:
        """The share, the container and the file server that the options mount."""
        account = self.parsed.value("account") or self.account or Text((Segment(None, f"${ACCOUNT}"),))
        key = self.parsed.value("key")
        if self.parsed.option("auto_storage") is not None:
            if self.parsed.option("account") is not None:
                self.notice("contradiction", "--use-auto-storage with --storage-account-name")
            account, key = Text((Segment(None, f"${ACCOUNT}"),)), None
            self._share(prefix, account, Text.literal("batchaishare"), Text.literal("autoafs"), key)
            self._container(prefix, account, Text.literal("batchaicontainer"), Text.literal("autobfs"), key)
        server, share, container = (self.parsed.value(name) for name in ("server", "share", "container"))
        if server is not None:
            at = self._next(f"{prefix}.fileServers")
            self.put(f"{at}.fileServer.id", server)
            self.put(f"{at}.relativeMountPath", self.parsed.value("server_path") or Text.literal("nfs"))
        if share is not None:
            self._share(prefix, account, share, self.parsed.value("share_path") or Text.literal("afs"), key)
        if container is not None:
            self._container(prefix, account, container, self.parsed.value("container_path") or Text.literal("bfs"), key)

    def _share(self, prefix: str, account: Text, share: Text, mounted: Text, key: Text | None) -> None:
        at = self._next(f"{prefix}.azureFileShares")
        self.put(f"{at}.accountName", account)
        pieces = [Text.literal("https://"), account, Text.literal(".file.core.windows.net/"), share]
        self.put(f"{at}.azureFileUrl", Text.join(pieces))
        self._rest(at, mounted, key)

    def _container(self, prefix: str, account: Text, container: Text, mounted: Text, key: Text | None) -> None:
        at = self._next(f"{prefix}.azureBlobFileSystems")
        self.put(f"{at}.accountName", account)
        self.put(f"{at}.containerName", container)
        self._rest(at, mounted, key)

    def _rest(self, at: str, mounted: Text, key: Text | None) -> None:
        self.put(f"{at}.relativeMountPath", mounted)
        if key is not None:
            self.put(f"{at}.credentials.accountKey", Text(tuple(replace(s, secret=True) for s in key.segments)))

    def _next(self, path: str) -> str:
        """The place behind the elements that a list has."""
        taken = {setting.path[len(path) :].split("]")[0] for setting in self.settings if setting.path.startswith(path)}
        return f"{path}[{len(taken)}]"


def _number(path: str, value: Text) -> Written:
    return _count(value) if path.endswith(("diskCount", "diskSizeInGB")) else value


def _count(value: Text) -> Written:
    """A count as a number when it is written out, else as the script says it."""
    written_out = value.code is None and value.known is not None and value.known.isdecimal() and value.known.isascii()
    return int(value.known or 0) if written_out else value


def flags_of(parsed: Parsed, where: Where) -> Iterator[FlagUse]:
    """Every option that was given, with its value; a switch counts as True."""
    for option in parsed.options:
        secret = option.flag.to in SECRET or option.flag.to.endswith("adminUserPassword")
        path = "secrets[0].value" if secret else option.spelled
        value = Setting(path, True if option.value is None else option.value, where).value
        if isinstance(value, Secret) and value.source == path:
            value = Secret(option.spelled)
        yield FlagUse(option.spelled, option.flag.to, value, where)


SECRET = frozenset({"key", "ssh_password"})
"""What options are about whose values are secrets, beside the passwords of a body."""
