"""What is ordered in a batch: rows of any form, all checked before one of them is taken."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from pydantic import ValidationError

from reelsmith.domain.assets import Asset, AssetStatus, FileType
from reelsmith.domain.batches import ROWS_MOST, Row, RowOrder
from reelsmith.domain.faults import fault_of
from reelsmith.domain.jobs import Resolution
from reelsmith.domain.people import Caller
from reelsmith.errors import FieldFault, Invalid, NotFound
from reelsmith.ports import Deps
from reelsmith.recipes import kinds
from reelsmith.text import tables
from reelsmith.text.tables import Line
from reelsmith.usecases import ingredients, uploads

FAULTS_MOST = 100  # that are told; the rest is counted
_LOOKED_AT = 2_000  # assets that are looked for before the batch is taken
_ARRIVALS = 50  # assets whose bytes are looked for
_LISTS = frozenset({"images"})
COLUMNS = frozenset(RowOrder.model_fields) - {"metadata", "resolution"} | {
    "metadata.",
    *(f"resolution.{name}" for name in Resolution.model_fields),
}
_MERGED = ("metadata", "resolution")


@dataclass(frozen=True, slots=True)
class Order:
    """A request for a batch: its rows as they are, as text of a form, or as an asset."""

    title: str
    rows: tuple[Mapping[str, Any], ...] | None = None
    csv: str | None = None
    ndjson: str | None = None
    source: str | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checked:
    """Rows that can be taken, and what a caller may want to know of them before."""

    rows: tuple[Row, ...]
    film_seconds: float
    warnings: tuple[str, ...]


class _Faults:
    """The first faults, and how many there are in all, in how many rows."""

    def __init__(self) -> None:
        self.told: list[FieldFault] = []
        self.count = 0
        self.rows: set[int] = set()

    def add(self, number: int, line: Line, *faults: FieldFault) -> None:
        """Note what is wrong with a row; where it came as lines, which line."""
        self.count += len(faults)
        self.rows.add(number)
        where = f" (line {line.number})" if line.number else ""
        self.told += [
            FieldFault(
                pointer=f"/rows/{number}{fault.pointer}",
                detail=f"{fault.detail}{where}",
                remedy=fault.remedy,
            )
            for fault in faults[: FAULTS_MOST - len(self.told)]
        ]

    def see(self) -> None:
        """Raises Invalid when there are any."""
        if self.count:
            shown = f", the first {FAULTS_MOST} are listed" if self.count > FAULTS_MOST else ""
            raise Invalid(
                f"{self.count} wrong fields in {len(self.rows)} rows{shown}", tuple(self.told)
            )


def check(deps: Deps, *, caller: Caller, order: Order) -> Checked:
    """See that every row can be a job of the caller's, as far as can be known now.

    Raises:
        Invalid: rows are wrong, or too many, or none; each is named as `/rows/17/text_prompt`.
    """
    lines = tuple(islice(_lines(deps, caller, order), ROWS_MOST + 1))
    if not lines:
        raise Invalid.field("/rows", "there are no rows", remedy="send at least one row")
    if len(lines) > ROWS_MOST:
        raise Invalid.field(
            "/rows", f"there are more than {ROWS_MOST} rows", remedy="send several batches"
        )
    faults = _Faults()
    rows = tuple(_rows(order, lines, faults))
    faults.see()
    warnings = _see_material(deps, caller, lines, rows, faults)
    faults.see()
    seconds = sum(kinds.estimated_seconds(row.spec) or 0.0 for row in rows)
    return Checked(rows, round(seconds, 1), warnings)


def _lines(deps: Deps, caller: Caller, order: Order) -> Iterator[Line]:
    if order.rows is not None:
        return (Line(0, row) for row in order.rows)
    if order.csv is not None:
        return tables.csv_rows(order.csv, known=COLUMNS, lists=_LISTS)
    if order.ndjson is not None:
        return tables.json_rows(order.ndjson)
    asset = _source(deps, caller, order.source or "")
    text = tables.decoded(deps.store.read(asset.key))
    if asset.content_type == "text/csv":
        return tables.csv_rows(text, known=COLUMNS, lists=_LISTS)
    return tables.json_rows(text)


def _source(deps: Deps, caller: Caller, asset_id: str) -> Asset:
    try:
        asset = uploads.read(deps, caller=caller, asset_id=asset_id)
    except NotFound as missing:
        raise Invalid.field(
            "/source", "there is no such asset", remedy="upload it by POST /v1/uploads"
        ) from missing
    if asset.file_type is not FileType.TABLE or asset.status is not AssetStatus.READY:
        raise Invalid.field(
            "/source",
            f"it is a file of type {asset.file_type} that is {asset.status}",
            remedy="name a CSV or a file of JSON lines whose bytes have arrived",
        )
    return asset


def _rows(order: Order, lines: Iterable[Line], faults: _Faults) -> Iterator[Row]:
    known: dict[str, int] = {}
    for number, line in enumerate(lines):
        if line.fault:
            faults.add(number, line, line.fault)
            continue
        try:
            said = RowOrder.model_validate(_with_defaults(order.defaults, line.fields))
            spec = said.spec()
        except ValidationError as broken:
            found = broken.errors(include_url=False, include_input=False)
            faults.add(number, line, *map(fault_of, found))
            continue
        if said.external_id is not None:
            first = known.setdefault(said.external_id, number)
            if first != number:
                faults.add(number, line, _twice(first))
        faults_of_names = ingredients.lonely(spec)
        if faults_of_names:
            faults.add(number, line, *faults_of_names)
        yield Row(
            number=number,
            external_id=said.external_id,
            title=said.title or f"{order.title[:190]} {number + 1}",
            priority=said.priority,
            spec=spec,
        )


def _twice(first: int) -> FieldFault:
    return FieldFault(
        pointer="/external_id",
        detail=f"row {first} has it already",
        remedy="give each row an id of its own, or none",
    )


def _with_defaults(defaults: Mapping[str, Any], given: Mapping[str, Any]) -> Mapping[str, Any]:
    """A row over the defaults; of maps the entries that it does not name itself are kept."""
    merged = {**defaults, **given}
    for name in _MERGED:
        below, above = defaults.get(name), given.get(name)
        if isinstance(below, Mapping) and isinstance(above, Mapping):
            merged[name] = {**below, **above}
    return merged


def _see_material(
    deps: Deps, caller: Caller, lines: tuple[Line, ...], rows: tuple[Row, ...], faults: _Faults
) -> tuple[str, ...]:
    """Look for the assets that rows name; what this cannot tell yet is told as warnings."""
    named = list(dict.fromkeys(name for row in rows for name in row.spec.material))
    looked = named[:_LOOKED_AT]
    found = dict(deps.assets.get_many(caller.tenant, looked)) if looked else {}
    late = [one for one in found.values() if one.status is AssetStatus.WAITING]
    found |= {one.id: uploads.arrive(deps, one) for one in late[:_ARRIVALS]}
    unseen = set(named[_LOOKED_AT:])
    for row in rows:
        if unseen.isdisjoint(row.spec.material):
            wrong = ingredients.faults_of(row.spec, found, caller=caller, waits=True)
            if wrong:
                faults.add(row.number, lines[row.number], *wrong)
    waiting = sum(one.status is AssetStatus.WAITING for one in found.values())
    told = []
    if waiting:
        told.append(f"the bytes of {waiting} assets have not arrived; their rows wait for them")
    if unseen:
        told.append(f"{len(unseen)} assets are looked for when their rows have their turn")
    return tuple(told)
