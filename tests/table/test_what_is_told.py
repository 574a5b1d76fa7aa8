"""Whatever changes the table is told in the journal, or a page says why it is not."""

import ast
import inspect
import re
import typing
from functools import cache
from pathlib import Path

from reelsmith import table
from reelsmith.table.repositories import Repositories

ROOM = Path(table.__file__).parent
PAGE = Path(__file__).parents[2] / "docs/decisions/0014-the-journal-is-sealed.md"
WRITES = {"commit", "update", "delete"}
HELD = {"database", "_database", "transaction"}  # what these are called on is the table itself


@cache
def functions_of(module: str) -> dict[str, ast.FunctionDef]:
    """The functions and methods of a file of the room, by name."""
    tree = ast.parse((ROOM / f"{module}.py").read_text())
    return {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def is_a_write(call: ast.expr) -> bool:
    if not isinstance(call, ast.Attribute):
        return False
    held = call.value
    name = held.id if isinstance(held, ast.Name) else getattr(held, "attr", "")
    return call.attr in WRITES and name in HELD


def called(module: str, call: ast.expr) -> tuple[str, str]:
    """(file, function) that a call leads to, as far as it can be told."""
    if isinstance(call, ast.Name):
        return module, call.id
    if isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name):
        return module if call.value.id == "self" else call.value.id, call.attr
    return "", ""


def writes(module: str, name: str, on_the_way: frozenset[tuple[str, str]] = frozenset()) -> bool:
    """Whether a function of the room changes the table, by itself or by what it calls."""
    here = (module, name)
    if here in on_the_way or not (ROOM / f"{module}.py").exists():
        return False
    function = functions_of(module).get(name, ast.Pass())
    calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    return any(
        is_a_write(call) or writes(*called(module, call), on_the_way | {here}) for call in calls
    )


def wishes():
    """(`repository.method`, method) of all that can be asked of the table."""
    for name, repository in typing.get_type_hints(Repositories).items():
        for wish, method in vars(repository).items():
            if inspect.isfunction(method) and not wish.startswith("_"):
                yield f"{name}.{wish}", method


def silent() -> set[str]:
    """What changes the table and takes no entry."""
    return {
        name
        for name, method in wishes()
        if "entry" not in inspect.signature(method).parameters
        and writes(method.__module__.rpartition(".")[2], method.__name__)
    }


def test_whatever_changes_the_table_is_told_or_said_not_to_be():
    told = PAGE.read_text().partition("**What it leaves out.**")[2]
    decided = set(re.findall(r"`([a-z]+\.[a-z_]+)`", told.partition("**Its end.**")[0]))
    assert silent() - decided == set(), "let it take an `entry`, or say on the page why not"
    assert decided - silent() == set(), "the page names what is told, or is not there"


def test_those_who_write_are_known_from_those_who_look():
    assert {"jobs.report", "limits.take", "credentials.rotate", "erasure.remove_jobs"} <= silent()
    assert {"jobs.get", "users.page", "journal.page", "events.page"}.isdisjoint(silent())
