"""What may stand in the tree: no hosts of registries, no paths of machines, nothing big."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_BYTES = 1 << 20
_SELF = "tests/house/test_tree.py"

FORBIDDEN = {
    "a registry's host": re.compile(
        r"(pypi\.org|pythonhosted\.org|npmjs\.(org|com)|registry\.\w|files\.pythonhosted)"
    ),
    "a path of a machine": re.compile(r"(?<![\w.])/(root|work|farm|home/\w+|Users/\w+)/"),
    "a download": re.compile(r"https?://\S+\.(whl|tgz|tar\.gz|zip)\b"),
}


def tracked():
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this is no git checkout")
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_is_bigger_than_a_megabyte():
    assert not [name for name in tracked() if (ROOT / name).stat().st_size > MOST_BYTES]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_the_tree_does_not_name(what):
    found = []
    for name in tracked():
        if name == _SELF or name.endswith((".ttf", ".otf", ".png", ".jpg", ".webp")):
            continue
        text = (ROOT / name).read_text(errors="ignore")
        found += [f"{name}: {match[0]}" for match in FORBIDDEN[what].finditer(text)]
    assert not found, found[:10]


def python_files():
    return [
        name
        for name in tracked()
        if name.endswith(".py") and not name.startswith(("tests/", "bench/"))
    ]


def test_every_public_name_is_documented():
    bare = []
    for name in python_files():
        tree = ast.parse((ROOT / name).read_text())
        if not ast.get_docstring(tree):
            bare.append(name)
        bare += [f"{name}: {node.name}" for node in _public(tree) if not ast.get_docstring(node)]
    assert not bare, bare


def _public(tree):
    """Functions, classes and methods that others may use, less those nested in functions."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if node.name.startswith("_") or _is_overload(node):
                continue
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node)


def _is_overload(node):
    """Overloads tell types; the function itself tells what it does."""
    return any(getattr(one, "id", "") == "overload" for one in node.decorator_list)


def test_no_product_file_is_longer_than_the_wall():
    lengths = {name: len((ROOT / name).read_text().splitlines()) for name in python_files()}
    assert not {name: lines for name, lines in lengths.items() if lines > 400}
