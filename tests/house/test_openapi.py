"""The document of the API is whole, and nothing goes out of it within /v1."""

import json

import jsonschema_rs
import pytest

from reelsmith.errors import ReelsmithError
from reelsmith.http import problems
from reelsmith.http.app import open_doors
from reelsmith.http.examples import BODIES
from tests.house.contract import CHANGES, SNAPSHOT, document, in_short

ANSWERED = {"400", "401", "403", "404", "409", "412", "413", "415", "422", "429", "500", "503"}


@pytest.fixture(scope="module")
def made():
    return document()


@pytest.fixture(scope="module")
def operations(made):
    return {
        (method.upper(), path): operation
        for path, methods in made["paths"].items()
        for method, operation in methods.items()
    }


def family(kind=ReelsmithError):
    yield kind
    for child in kind.__subclasses__():
        yield from family(child)


def test_every_route_is_in_it_with_its_scope(operations):
    for route in open_doors(None).routes:
        if route.path == "/v1/openapi.json":
            continue
        path = route.path.replace("<", "{").replace(">", "}")
        operation = operations[route.method, path]
        ways = [{"key": [route.act.scope]}, {"session": []}] if route.act else []
        assert (operation["operationId"], operation["security"]) == (route.operation, ways)
        assert operation["summary"]
        assert operation["tags"]


def test_every_code_is_in_it(made):
    codes = {kind.code for kind in family()} | set(problems.HINTS)
    assert set(made["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]) == codes
    assert all(f"`{code}`" in made["info"]["description"] for code in codes)


def test_every_refusal_is_a_problem(made, operations):
    for operation in operations.values():
        bad = {status for status in operation["responses"] if status >= "4"}
        assert bad <= ANSWERED
        assert bad >= {"422", "429", "500", "503"}
        assert not operation["security"] or bad >= {"401", "403"}
    for answer in made["components"]["responses"].values():
        assert "application/problem+json" in answer["content"]


def test_every_operation_says_what_it_gives(operations):
    for named, operation in operations.items():
        assert [status for status in operation["responses"] if status < "4"], named


def test_every_body_has_an_example_that_is_right(made, operations):
    for named, operation in operations.items():
        for content in operation.get("requestBody", {}).get("content", {}).values():
            assert operation["operationId"] in BODIES, f"http/examples.py has no body for {named}"
            schema = content["schema"] | {"components": made["components"]}
            example = content["examples"]["usual"]["value"]
            assert jsonschema_rs.is_valid(schema, example), named


def test_no_reference_in_it_leads_nowhere(made):
    def references(part):
        if isinstance(part, dict):
            yield from ([part["$ref"]] if isinstance(part.get("$ref"), str) else [])
            for inner in part.values():
                yield from references(inner)
        elif isinstance(part, list):
            for inner in part:
                yield from references(inner)

    for reference in set(references(made)):
        _, room, kind, name = reference.split("/")
        assert name in made[room][kind], reference


def test_nothing_goes_within_a_version_and_what_comes_is_noted(made):
    was, now = json.loads(SNAPSHOT.read_text()), in_short(made)
    gone = [lost for named, old in was.items() for lost in losses(named, old, now.get(named))]
    assert not gone, "within /v1 nothing is taken away: callers rely on it"
    assert was == now, (
        "the API grew: note it in docs/api-changes.md,"
        " then write the contract anew by `python -m tests.house.contract`"
    )


def losses(named, old, new):
    """What a caller of the old contract misses in the new one."""
    if new is None:
        return [named]
    taken = {name.rstrip("!") for name in new["takes"]}
    asked = [name for name in new["takes"] if name.endswith("!") and name not in old["takes"]]
    lost = [name for name in old["takes"] if name.rstrip("!") not in taken]
    lost += [f"{name} must be sent now" for name in asked]
    lost += [
        f"{status} {name}"
        for status, names in old["gives"].items()
        for name in names
        if name not in new["gives"].get(status, ())
    ]
    lost += [old["route"]] if new["route"] != old["route"] else []
    return [f"{named}: {name}" for name in lost]


def test_every_operation_was_announced(made):
    told = CHANGES.read_text()
    assert [named for named in in_short(made) if f"`{named}`" not in told] == []


def test_a_contract_that_loses_something_is_caught():
    old = {"route": "GET /a", "takes": ["query:b"], "gives": {"200": ["c", "d"]}}
    assert losses("x", old, None) == ["x"]
    assert losses("x", old, old | {"takes": ["query:b", "query:e"]}) == []
    assert losses("x", old, old | {"takes": ["query:b", "query:e!"]})
    assert losses("x", old, old | {"takes": []}) == ["x: query:b"]
    assert losses("x", old, old | {"gives": {"200": ["c"]}}) == ["x: 200 d"]
    assert losses("x", old, old | {"route": "POST /a"})
