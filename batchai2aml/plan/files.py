"""A plan as files: one for each resource, and the index `plan.yml`."""

from __future__ import annotations

import posixpath
from collections.abc import Collection

import yaml

from batchai2aml.emit.az import Tree
from batchai2aml.plan.model import KINDS, Plan, Resource

FOLDER = "azureml"
INDEX = f"{FOLDER}/plan.yml"
MARK = "# batchai2aml plan"
"""How every file of a plan begins."""


def documents_of(index: bytes | None) -> frozenset[str]:
    """The documents that a plan was made from, by its index."""
    return frozenset(str(name) for name in _listed(index, "documents"))


def render(
    plan: Plan, there: Collection[str], before: bytes | None = None, documents: Collection[str] = ()
) -> dict[str, bytes]:
    """
    The files of a plan, by path below the project's root; none when there is nothing to make.

    `documents` are those that the plan stands for.
    `there` are the files of the converted project: a folder of code that has none gets a note of what belongs there.
    `before` is the index of a plan that other files of the project have made: what it lists stays in it.
    """
    if not plan.resources and not plan.unwritten:
        return {}
    found = {path_of(resource): _file(resource) for resource in plan.resources}
    drafts = {
        posixpath.join(FOLDER, KINDS["environment"], name, file): text
        for file, texts in (("Dockerfile", plan.drafts), ("conda.yml", plan.conda_files))
        for name, text in texts.items()
    }
    found |= {path: text.encode() for path, text in drafts.items()}
    folders = {r.folder for r in plan.resources if r.folder is not None and r.folder != "."}
    for folder in sorted(folders):
        if not any(path.startswith(f"{folder}/") for path in there):
            jobs = ", ".join(r.name for r in plan.resources if r.folder == folder)
            found[f"{folder}/README.txt"] = f"Put the script of {jobs}, and what it imports, here.\n".encode()
    known = sorted({*documents, *documents_of(before)})
    return {INDEX: _index(plan, before, known), **found}


def _merged(index: bytes | None, new: list[Tree]) -> list[Tree]:
    """The entries of an earlier index with new ones in the place of those for the same file, and the others behind."""
    by_file = {str(entry["file"]): entry for entry in new}
    before = [entry for entry in _listed(index, "resources") if isinstance(entry, dict)]
    kept = [by_file.pop(str(entry.get("file")), entry) for entry in before]
    return sorted([*kept, *by_file.values()], key=_order)


def _listed(index: bytes | None, key: str) -> list[object]:
    """A list in an index; empty where there is none."""
    try:
        tree = yaml.safe_load(index) if index is not None else None
    except yaml.YAMLError:
        return []
    found = tree.get(key) if isinstance(tree, dict) else None
    return found if isinstance(found, list) else []


def path_of(resource: Resource) -> str:
    """Where the file of a resource lies."""
    return posixpath.join(FOLDER, KINDS[resource.kind], f"{resource.name}.yml")


def _file(resource: Resource) -> bytes:
    shown = [str(where) for where in resource.origin[:3]]
    more = [f"{len(resource.origin) - 3} other places"] if len(resource.origin) > 3 else []
    lines = [f"{MARK}: from {', '.join([*shown, *more])}"]
    lines += [f"# give {key} when it is made: it is not written here" for key in resource.given]
    return ("\n".join(lines) + "\n" + dump(resource.tree)).encode()


class _Dumper(yaml.SafeDumper):
    """Long texts in their own lines, and no anchors."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, data: str) -> yaml.ScalarNode:
    style = ">" if len(data) > 80 and " " in data and "\n" not in data else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style=style if data.isprintable() else '"')


_Dumper.add_representer(str, _text)


def dump(tree: Tree) -> str:
    """A tree as YAML, in its own order."""
    found: str = yaml.dump(
        tree, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=False, width=100
    )
    return found


def _index(plan: Plan, before: bytes | None, documents: list[str]) -> bytes:
    head = (
        f"{MARK}: what this project needs in Azure ML, in the order in which it is made.\n"
        "# Each file is what `az ml <kind> create --file FILE` takes; `set` names what the file does not hold,\n"
        '# with the environment variable that does: --set KEY="$VARIABLE".\n'
    )
    workspace, group = plan.place
    entries = _merged(before, [_entry(resource, plan) for resource in plan.resources])
    tree: Tree = {
        "version": 1,
        "workspace": workspace,
        "resource_group": group,
        "resources": entries,
    }
    if documents:
        tree["documents"] = documents
    to_do = list(dict.fromkeys([*map(str, _listed(before, "to_do")), *plan.to_do]))
    if to_do:
        tree["to_do"] = to_do
    made = {f"{entry.get('kind')}/{entry.get('name')}" for entry in entries}
    needed = dict.fromkeys(str(need) for entry in entries for need in items(entry.get("needs")))
    expected = [need for need in needed if need not in made]
    if expected:
        tree["expected"] = expected
    given = (entry.get("set") for entry in entries)
    variables = sorted({str(name) for found in given if isinstance(found, dict) for name in found.values()})
    if variables:
        tree["environment_variables"] = variables
    if plan.unwritten:
        tree["not_written"] = [
            {"kind": found.kind, "name": found.name or None, "from": str(found.origin), "reason": found.reason}
            for found in plan.unwritten
        ]
    return (head + dump(tree)).encode()


def items(value: object) -> list[object]:
    """The items of a list in a file; none where it holds something else."""
    return value if isinstance(value, list) else []


def _order(entry: Tree) -> int:
    kind = entry.get("kind")
    return next((number for number, known in enumerate(KINDS) if known == kind), len(KINDS))


def _entry(resource: Resource, plan: Plan) -> Tree:
    found: Tree = {
        "kind": resource.kind,
        "name": resource.name,
        "file": posixpath.relpath(path_of(resource), FOLDER),
        "from": [str(where) for where in resource.origin],
    }
    places = [dict(zip(("workspace", "resource_group"), place, strict=True)) for place in resource.places if any(place)]
    if places and resource.places != (plan.place,):
        found["in"] = [{key: value for key, value in place.items() if value is not None} for place in places]
    if resource.needs:
        found["needs"] = [f"{kind}/{name}" for kind, name in resource.needs]
    if resource.given:
        found["set"] = dict(resource.given)
    if resource.left_out:
        found["left_out"] = list(resource.left_out)
    return found
