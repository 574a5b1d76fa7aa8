"""From pydantic's errors to ours: each wrong field with its fault and a remedy."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from reelsmith.errors import FieldFault, Invalid

_REMEDIES = {
    "missing": "add the field",
    "extra_forbidden": "leave the field out, or mend its spelling",
    "json_invalid": "send valid JSON",
    "string_too_short": "send at least {min_length} characters",
    "string_too_long": "send at most {max_length} characters",
    "string_pattern_mismatch": "send text of the form {pattern}",
    "too_short": "send at least {min_length} entries",
    "too_long": "send at most {max_length} entries",
    "greater_than": "send more than {gt}",
    "greater_than_equal": "send at least {ge}",
    "less_than": "send less than {lt}",
    "less_than_equal": "send at most {le}",
    "multiple_of": "send a multiple of {multiple_of}",
    "enum": "send one of {expected}",
    "literal_error": "send {expected}",
}

_OUR_OWN = "Value error, "  # pydantic says so before the words of our own validators


def of_validation(broken: ValidationError, *, below: str = "") -> Invalid:
    """All wrong fields of a model as one error; `below` is the pointer of the model itself."""
    faults = tuple(fault_of(error, below=below) for error in broken.errors(include_url=False))
    return Invalid(f"{len(faults)} wrong field{'s' if len(faults) > 1 else ''}", faults)


def fault_of(error: Mapping[str, Any], *, below: str = "") -> FieldFault:
    """One of pydantic's errors (a dict with `type`, `loc`, `msg` and `ctx`) as a fault."""
    kind = str(error.get("type", ""))
    context = error.get("ctx") or {}
    remedy = _REMEDIES.get(kind, "send a value of the type that the schema names")
    return FieldFault(
        pointer=below + _pointer(error.get("loc", ())),
        detail=str(error.get("msg", "is wrong")).removeprefix(_OUR_OWN)[:300],
        remedy=remedy.format_map(context) if _fits(remedy, context) else "see the schema",
    )


def _fits(remedy: str, context: Mapping[str, Any]) -> bool:
    return {part.partition("}")[0] for part in remedy.split("{")[1:]} <= context.keys()


def _pointer(location: Sequence[object]) -> str:
    """A JSON pointer (RFC 6901)."""
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in location)
    return "".join(f"/{part}" for part in parts)
