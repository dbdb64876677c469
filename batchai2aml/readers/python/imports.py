"""Import statements: into the project where the module is there, by name where it is not."""

from __future__ import annotations

import libcst as cst

from batchai2aml.batchai import schema
from batchai2aml.readers.python.domain import External, ModuleValue
from batchai2aml.readers.python.interpreter import Interpreter
from batchai2aml.readers.python.scope import Scope


def dotted_name(node: cst.BaseExpression | None) -> str:
    """`a.b.c` of an import."""
    if isinstance(node, cst.Attribute):
        return f"{dotted_name(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""


def plain_import(me: Interpreter, node: cst.Import, scope: Scope) -> None:
    """`import a.b`, `import a.b as c`."""
    for item in node.names:
        name = dotted_name(item.name)
        if item.asname is not None and isinstance(item.asname.name, cst.Name):
            scope.set(item.asname.name.value, me.modules.load(me, name))
        else:
            head = name.split(".")[0]
            me.modules.load(me, name)
            scope.set(head, me.modules.load(me, head))


def from_import(me: Interpreter, node: cst.ImportFrom, scope: Scope) -> None:
    """`from a import b as c`, `from a import *`, and their relative forms."""
    module = me.modules.load(me, dotted_name(node.module), len(node.relative))
    if isinstance(node.names, cst.ImportStar):
        _star(module, scope)
        return
    for item in node.names:
        name = dotted_name(item.name)
        bound = item.asname.name.value if item.asname and isinstance(item.asname.name, cst.Name) else name
        if isinstance(module, ModuleValue):
            found = module.scope.names.get(name) or me.modules.submodule(me, module, name)
            scope.set(bound, found or External(f"{module.name}.{name}"))
        elif isinstance(module, External):
            dotted = f"{module.dotted}.{name}"
            scope.set(bound, External(dotted))


def _star(module: object, scope: Scope) -> None:
    if isinstance(module, ModuleValue):
        scope.module.names.update({k: v for k, v in module.scope.names.items() if not k.startswith("_")})
        scope.module.wild = scope.module.wild or module.scope.wild
        return
    if isinstance(module, External):
        if module.dotted.startswith("azure.mgmt.batchai.models"):
            for name in (*schema.MODELS, *schema.ENUMS):
                scope.names.setdefault(name, External(f"{module.dotted}.{name}"))
            return
        if module.dotted == "azure.mgmt.batchai":
            for name in ("BatchAIManagementClient", "BatchAI", "models"):
                scope.names.setdefault(name, External(f"{module.dotted}.{name}"))
            return
        scope.module.wild = True
