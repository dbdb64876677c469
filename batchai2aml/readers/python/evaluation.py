"""Which rule evaluates which kind of expression."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import libcst as cst

from batchai2aml.readers.python import calling, expressions, lookups
from batchai2aml.readers.python.domain import Abstract
from batchai2aml.readers.python.interpreter import Interpreter
from batchai2aml.readers.python.scope import Scope

Rule: TypeAlias = Callable[[Interpreter, Any, Scope], Abstract]

EVALUATE: dict[type[cst.CSTNode], Rule] = {
    cst.Name: lookups.name,
    cst.SimpleString: expressions.string_literal,
    cst.ConcatenatedString: expressions.adjacent,
    cst.FormattedString: expressions.formatted,
    cst.Integer: expressions.number,
    cst.Float: expressions.number,
    cst.BinaryOperation: expressions.binary,
    cst.BooleanOperation: expressions.either,
    cst.UnaryOperation: expressions.negation,
    cst.Comparison: expressions.comparison,
    cst.IfExp: expressions.conditional,
    cst.List: expressions.sequence,
    cst.Tuple: expressions.sequence,
    cst.Set: expressions.sequence,
    cst.Dict: expressions.dictionary,
    cst.ListComp: expressions.comprehension,
    cst.SetComp: expressions.comprehension,
    cst.GeneratorExp: expressions.comprehension,
    cst.DictComp: expressions.dict_comprehension,
    cst.Lambda: expressions.lambda_expression,
    cst.Await: expressions.inner_value,
    cst.StarredElement: expressions.inner_value,
    cst.NamedExpr: expressions.walrus,
    cst.Yield: expressions.yielded,
    cst.Subscript: lookups.subscript,
    cst.Attribute: lookups.attribute,
    cst.Call: calling.call,
}
