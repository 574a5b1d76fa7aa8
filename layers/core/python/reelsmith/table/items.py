"""The one row model, and how entities become items and come back.

PynamoDB defines the table and writes expressions; pydantic is the only schema. An item holds the
entity as `model_dump(mode="json")` gives it (times are RFC 3339 text), and beside it its keys,
`et` (what it is) and `sv` (version of its schema). A field that is None by default and in fact is
left out. Maps of free form are JSON text, since they come from callers and
DynamoDB cannot hold every JSON number and depth.
"""

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import BaseModel
from pynamodb.attributes import TTLAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import MetaModel, Model

from reelsmith.table import keys
from reelsmith.table.keys import Key

Item = dict[str, Any]
AttributeValue = dict[str, Any]
Upcaster = Callable[[Item], Item]
EntityT = TypeVar("EntityT", bound=BaseModel)

_FREE_FORM = ("metadata", "result_data", "changes", "data")

UPCASTERS: dict[tuple[str, int], Upcaster] = {}
"""(entity type, version) -> the same item one version on. One more here is a new version.

An upcaster is pure, and accepts items that are partly of the new form: an update writes only the
attributes that change and leaves `sv` alone.
"""


class _ByTenant(GlobalSecondaryIndex["Row"]):
    class Meta:
        index_name = keys.GSI1
        projection = AllProjection()

    pk = UnicodeAttribute(hash_key=True, attr_name=keys.GSI1_PK)
    sk = UnicodeAttribute(range_key=True, attr_name=keys.GSI1_SK)


class _WorkDue(GlobalSecondaryIndex["Row"]):
    class Meta:
        index_name = keys.GSI2
        projection = AllProjection()

    pk = UnicodeAttribute(hash_key=True, attr_name=keys.GSI2_PK)
    sk = UnicodeAttribute(range_key=True, attr_name=keys.GSI2_SK)


class Row(Model):
    """What every item has. `bind` says which table; only bound models reach one."""

    pk = UnicodeAttribute(hash_key=True, attr_name=keys.PK)
    sk = UnicodeAttribute(range_key=True, attr_name=keys.SK)
    ttl = TTLAttribute(null=True, attr_name=keys.TTL)
    by_tenant = _ByTenant()
    work_due = _WorkDue()


@cache
def bind(name: str, *, region: str | None = None, endpoint: str | None = None) -> type[Row]:
    """The row model of a table; one per table and process, since each opens a client.

    Left out, region and endpoint are what botocore finds in the environment, so that
    `AWS_ENDPOINT_URL` is honoured.
    """
    meta = {
        "table_name": name,
        "region": region,
        "host": endpoint,
        "billing_mode": "PAY_PER_REQUEST",
        "connect_timeout_seconds": 2,
        "read_timeout_seconds": 5,
        "max_pool_connections": 32,
    }
    bound = MetaModel("BoundRow", (Row,), {"Meta": type("Meta", (), meta)})
    return cast("type[Row]", bound)


def to_item(
    entity: BaseModel,
    et: str,
    key: Key,
    *,
    gsi1: Key | None = None,
    gsi2: Key | None = None,
    **columns: object,
) -> Item:
    """An entity as an item under `key`, with its places in the indexes and further columns."""
    fields = _told(entity)
    for name in _FREE_FORM:
        if name in fields:
            fields[name] = json.dumps(fields[name], separators=(",", ":"), ensure_ascii=False)
    places = {keys.PK: key.pk, keys.SK: key.sk} | _place(keys.GSI1, gsi1) | _place(keys.GSI2, gsi2)
    return fields | places | columns | {"et": et, "sv": version(et)}


def _told(entity: BaseModel) -> Item:
    """The fields of an entity and of those within it, less what is None as by default."""
    defaults = {name: field.default for name, field in type(entity).model_fields.items()}
    told: Item = {}
    for name, value in entity.model_dump(mode="json").items():
        within = getattr(entity, name)
        plain = _told(within) if isinstance(within, BaseModel) else value
        if plain is not None or defaults[name] is not None:
            told[name] = plain
    return told


def to_entity(model: type[EntityT], item: Item) -> EntityT:
    """The entity that an item of any version holds."""
    fields = upcast(item)
    free = {name: json.loads(fields[name]) for name in _FREE_FORM if name in fields}
    return model.model_validate(fields | free)


def version(et: str) -> int:
    """The version that items of this type are written in."""
    return 1 + sum(1 for known, _ in UPCASTERS if known == et)


def upcast(item: Item) -> Item:
    """The item in the newest version of its type; the one given stays as it is."""
    newest = version(item["et"])
    for old in range(item["sv"], newest):
        item = UPCASTERS[item["et"], old](dict(item)) | {"sv": old + 1}
    return item


def changes(was: Item, now: Item, *, always: tuple[str, ...] = ()) -> list[Action]:
    """What turns an item into another: attributes that differ, and those named in `always`."""
    differ = [name for name in was | now if was.get(name) != now.get(name)]
    return [assign(name, now.get(name)) for name in dict.fromkeys((*differ, *always))]


def place(index: str, key: Key | None) -> list[Action]:
    """What moves an item to a place in an index, or takes it out of it."""
    pk, sk = f"{index}PK", f"{index}SK"
    return [assign(pk, key.pk if key else None), assign(sk, key.sk if key else None)]


def assign(name: str, value: object) -> Action:
    """Set an attribute; None removes it."""
    return Path(name).remove() if value is None else Path(name).set(encode(value))


def add(by: Mapping[str, int]) -> list[Action]:
    """Change counters; what changes by nothing is left out."""
    return [Path(name).add(encode(amount)) for name, amount in by.items() if amount]


def stands(**attributes: object) -> Condition:
    """The item exists and has these values."""
    condition: Condition = Path(keys.PK).exists()
    for name, value in attributes.items():
        condition &= Path(name) == encode(value)
    return condition


def absent() -> Condition:
    """There is no such item."""
    return Path(keys.PK).does_not_exist()


def encode(value: object) -> AttributeValue:
    """A JSON value as DynamoDB holds it."""
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": str(value)}
        case int() | float():
            return {"N": repr(value)}
        case list() | tuple():
            return {"L": [encode(part) for part in value]}
        case dict():
            return {"M": {name: encode(part) for name, part in value.items()}}
    raise TypeError(f"cannot store {type(value).__name__}")


def decode(attribute: AttributeValue) -> Any:  # noqa: ANN401
    """A JSON value from what DynamoDB holds. Whole numbers come back as int."""
    ((kind, value),) = attribute.items()
    match kind:
        case "N":
            return float(value) if set(value) & set(".eE") else int(value)
        case "L":
            return [decode(part) for part in value]
        case "M":
            return {name: decode(part) for name, part in value.items()}
        case "NULL":
            return None
    return value


def encode_item(item: Item) -> dict[str, AttributeValue]:
    """All attributes of an item as DynamoDB holds them."""
    return {name: encode(value) for name, value in item.items()}


def decode_item(attributes: Mapping[str, AttributeValue]) -> Item:
    """An item from what DynamoDB holds."""
    return {name: decode(value) for name, value in attributes.items()}


def _place(index: str, key: Key | None) -> Item:
    return {f"{index}PK": key.pk, f"{index}SK": key.sk} if key else {}
