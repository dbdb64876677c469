"""What one row of the schema table says."""

from __future__ import annotations

from dataclasses import dataclass

SDK_VERSIONS = ("0.2", "1.0", "2.0", "7.0")
ALL = frozenset(SDK_VERSIONS)
ONLY_0_2 = frozenset({"0.2"})
ONLY_1_0 = frozenset({"1.0"})
UNTIL_1_0 = frozenset({"0.2", "1.0"})
SINCE_1_0 = frozenset({"1.0", "2.0", "7.0"})
SINCE_2_0 = frozenset({"2.0", "7.0"})

SCALARS = frozenset({"str", "int", "bool", "duration"})


def camel(name: str) -> str:
    """`relative_mount_path` -> `relativeMountPath`, the rule behind most REST names."""
    head, *tail = name.split("_")
    return head + "".join(part.title() for part in tail)


@dataclass(frozen=True, slots=True)
class Field:
    """
    One attribute of an SDK model.

    `attribute` is the Python keyword, `rest` the key in the request body, `inside` the wrapper that
    the key stands in (`properties` or nothing), `type` the SDK's own notation (`int`, `[InputDirectory]`,
    `{str}`, a class name), `sdk` the versions of azure-mgmt-batchai that have it.
    """

    attribute: str
    rest: str
    inside: str
    type: str
    sdk: frozenset[str]
    secret: bool
    read_only: bool

    @property
    def path(self) -> str:
        """The key with its wrapper: `properties.vmSize`."""
        return f"{self.inside}.{self.rest}" if self.inside else self.rest

    @property
    def item(self) -> str:
        """The type of one element of a list, or the type itself."""
        return self.type.strip("[]{}")

    @property
    def is_list(self) -> bool:
        """Whether the field holds a list."""
        return self.type.startswith("[")


@dataclass(frozen=True, slots=True)
class Model:
    """One class of `azure.mgmt.batchai.models`; `positional` is the order of the constructor in 0.2."""

    name: str
    fields: tuple[Field, ...]
    sdk: frozenset[str]
    positional: tuple[str, ...]

    def field(self, name: str) -> Field | None:
        """The row for a Python keyword, or for a REST key in any letter case (as the SDK reads dicts)."""
        for row in self.fields:
            if row.attribute == name or row.rest.lower() == name.lower():
                return row
        return None


def field(
    attribute: str,
    type: str = "str",
    inside: str = "",
    rest: str = "",
    sdk: frozenset[str] | None = None,
    secret: bool = False,
    read_only: bool = False,
) -> Field:
    """A row; what is left out follows the rule (`camel`) or the class (`sdk`)."""
    return Field(attribute, rest or camel(attribute), inside, type, sdk or frozenset(), secret, read_only)


def model(name: str, *rows: Field, sdk: frozenset[str] = ALL, positional: tuple[str, ...] = ()) -> Model:
    """A class of the table."""
    fields = tuple(
        row if row.sdk else Field(row.attribute, row.rest, row.inside, row.type, sdk, row.secret, row.read_only)
        for row in rows
    )
    in_order = tuple(row.attribute for row in fields if "0.2" in row.sdk)
    return Model(name, fields, sdk, positional or in_order)
