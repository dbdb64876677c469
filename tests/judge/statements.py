"""
Run a program statement by statement; with KEEP_GOING set, what fails is said and the rest goes on.

What it downloads with `urllib` is a small file, or an empty archive; it never sleeps, and its chances are the same.
"""

import ast
import os
import random
import sys
import tarfile
import time
import traceback
import urllib.request
import zipfile


def retrieve(url, filename=None, *rest):
    """Stand in for `urllib.request.urlretrieve`."""
    target = filename or "downloaded"
    if target.endswith(".zip"):
        zipfile.ZipFile(target, "w").close()
    elif target.endswith((".tar.gz", ".tgz")):
        tarfile.open(target, "w:gz").close()
    else:
        with open(target, "wb") as handle:
            handle.write(b"data")
    return target, {}


def run(path, names):
    """Run the file at `path` with these names in place; what it defined is added to them."""
    with open(path, encoding="latin-1" if b"latin-1" in open(path, "rb").read(80) else "utf-8") as handle:
        tree = ast.parse(handle.read(), path)
    urllib.request.urlretrieve = retrieve
    random.seed(1)
    time.sleep = lambda seconds: None
    names.update(__name__="__main__", __file__=path)
    for statement in tree.body:
        try:
            exec(compile(ast.Module([statement], []), path, "exec"), names)
        except Exception:
            if "KEEP_GOING" not in os.environ:
                raise
            print(f"line {statement.lineno}:", traceback.format_exc().strip().splitlines()[-1], file=sys.stderr)
    return names
