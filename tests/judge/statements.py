"""Run a program statement by statement; with KEEP_GOING set, what fails is said and the rest goes on."""

import ast
import os
import sys
import traceback


def run(path, names):
    """Run the file at `path` with these names in place; what it defined is added to them."""
    with open(path, encoding="latin-1" if b"latin-1" in open(path, "rb").read(80) else "utf-8") as handle:
        tree = ast.parse(handle.read(), path)
    names.update(__name__="__main__", __file__=path)
    for statement in tree.body:
        try:
            exec(compile(ast.Module([statement], []), path, "exec"), names)
        except Exception:
            if "KEEP_GOING" not in os.environ:
                raise
            print(f"line {statement.lineno}:", traceback.format_exc().strip().splitlines()[-1], file=sys.stderr)
    return names
