"""The API's contract in short: what every operation takes and gives.

`python -m tests.house.contract` writes it anew to `tests/house/openapi.json`.
"""

import json
from pathlib import Path

from reelsmith.http import openapi
from reelsmith.http.app import open_doors

SNAPSHOT = Path(__file__).parent / "openapi.json"
CHANGES = Path(__file__).parents[2] / "docs" / "api-changes.md"


def document():
    """The document of the API. Nothing is asked of the outside world for it."""
    return json.loads(openapi.document(open_doors(None)))


def in_short(made):
    """Operation -> what it takes, what it gives, by name; `!` marks what must be sent.

    Events stand with them: what they give to receivers, `!` marks what is always there.
    """
    return {
        operation["operationId"]: {
            "route": f"{method.upper()} {path}",
            "opened_by": sorted(
                scope for way in operation["security"] for scope in way.get("key", ())
            ),
            "takes": sorted(set(_taken(made, operation))),
            "gives": {
                status: sorted(set(_given(made, answer)))
                for status, answer in sorted(operation["responses"].items())
                if status < "4"
            },
        }
        for path, methods in sorted(made["paths"].items())
        for method, operation in sorted(methods.items())
    } | {
        event: {
            "route": "POST to your URL",
            "takes": [],
            "gives": {"you": sorted(set(_taken(made, hook["post"])))},
        }
        for event, hook in sorted(made["webhooks"].items())
    }


def _taken(made, operation):
    for parameter in operation["parameters"]:
        must = "!" if parameter.get("required") else ""
        yield f"{parameter['in']}:{parameter['name']}{must}"
    for content in operation.get("requestBody", {}).get("content", {}).values():
        whole = _resolved(made, content["schema"])
        for schema in (_resolved(made, one) for one in whole.get("oneOf", [whole])):
            for name in _names(made, schema):
                yield f"body:{name}" + ("!" if name in schema.get("required", ()) else "")


def _given(made, answer):
    for kind, content in answer.get("content", {}).items():
        yield kind
        yield from _names(made, content.get("schema", {}))


def _names(made, schema, depth=3):
    """Names of fields, and of the fields of their objects: `result.frames`."""
    shape = _resolved(made, schema)
    for inner in shape.get("anyOf", ()):
        yield from _names(made, inner, depth)
    if depth and "items" in shape:
        yield from _names(made, shape["items"], depth)
    for name, inner in shape.get("properties", {}).items():
        yield name
        if depth:
            yield from (f"{name}.{below}" for below in _names(made, inner, depth - 1))


def _resolved(made, schema):
    where = schema.get("$ref")
    return made["components"]["schemas"][where.rpartition("/")[2]] if where else schema


if __name__ == "__main__":
    SNAPSHOT.write_text(json.dumps(in_short(document()), indent=1) + "\n")
