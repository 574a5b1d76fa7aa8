"""Manifests of batches in drop folders: `reels.csv` or `reels.jsonl`, and the files they name.

A row is what a row of `POST /v1/batches` is, with names of files beside it in place of ids of
assets. Once the batch is stored with its files, its sources are done. `out/<name>/job.json` has
its id, by which it can be asked for, and at its end how its rows went, see `feeding.close`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from reelsmith.domain import ids
from reelsmith.domain.assets import FileType
from reelsmith.domain.batches import ROWS_MOST, Batch
from reelsmith.domain.ids import Kind
from reelsmith.domain.people import Caller
from reelsmith.errors import Invalid
from reelsmith.ports import Deps, Made
from reelsmith.text import tables
from reelsmith.usecases import batches, sidecars, takings
from reelsmith.usecases.boxes import ACCEPTED, JOB, Accepted, Boxes
from reelsmith.usecases.once import Once, record
from reelsmith.usecases.orders import COLUMNS, Order

MOST_BYTES = 16 << 20
_SINGLE = {
    "music": FileType.AUDIO,
    "voice_over": FileType.AUDIO,
    "captions_file": FileType.SUBTITLES,
}
_LISTS = frozenset({"images"})


@dataclass(frozen=True, slots=True)
class Reels:
    """The rows of a manifest, as they are."""

    rows: tuple[Mapping[str, Any], ...]

    def missing(self, files: Sequence[str]) -> Mapping[str, str]:
        """The files that rows name and that are not there, by the field that names them."""
        return {
            f"rows/{number}/{field}": name
            for number, field, name, _ in self._named()
            if sidecars.find(name, files) is None
        }

    def wanted(self, files: Sequence[str]) -> Mapping[str, FileType]:
        """Each file that rows name, once, with what it has to be."""
        found = ((sidecars.find(name, files), kind) for _, _, name, kind in self._named())
        return {file: kind for file, kind in found if file}

    def ordered(self, files: Sequence[str], taken: Mapping[str, str]) -> tuple[Any, ...]:
        """The rows with ids of assets in place of names of files."""

        def put(name: object) -> object:
            return taken.get(sidecars.find(name, files) or "", name) if _is_name(name) else name

        return tuple(
            {**row}
            | {field: put(row[field]) for field in _SINGLE if field in row}
            | ({"images": [put(name) for name in row["images"]]} if _list(row, "images") else {})
            for row in self.rows
        )

    def _named(self) -> Iterator[tuple[int, str, str, FileType]]:
        for number, row in enumerate(self.rows):
            for field, kind in _SINGLE.items():
                if _is_name(row.get(field)):
                    yield number, field, row[field], kind
            for place, name in enumerate(_list(row, "images")):
                if _is_name(name):
                    yield number, f"images/{place}", name, sidecars.seen_as(name)


def read(body: bytes, *, file: str) -> Reels:
    """Parse a manifest.

    Raises:
        Invalid: it is no table, too long, or lines of it are no rows; each is named.
    """
    if len(body) > MOST_BYTES:
        raise Invalid.field(f"/{file}", "the manifest is too long", remedy="drop several")
    text = tables.decoded(body)
    as_csv = file.endswith(".csv")
    found = (
        tables.csv_rows(text, known=COLUMNS, lists=_LISTS) if as_csv else tables.json_rows(text)
    )
    lines = [line for line, _ in zip(found, range(ROWS_MOST + 1), strict=False)]
    faults = tuple(line.fault for line in lines if line.fault)
    if faults:
        raise Invalid(f"{len(faults)} lines are no rows", faults[:100])
    return Reels(tuple(line.fields for line in lines))


def submit(
    deps: Deps, caller: Caller, boxes: Boxes, reels: Reels, *, accepted: Accepted, once: Once
) -> Made[Batch]:
    """Store the batch with the files that it names, and put its sources away.

    Raises:
        Invalid, OverQuota, MediaError: as `takings.keep` and `batches.submit`.
    """
    files = takings.material(boxes)
    if gone := sidecars.gone(reels.missing(files)):
        raise Invalid("files are missing", gone[:100])
    pinned = takings.pin(boxes, files)
    taken = {
        file: takings.keep(deps, caller, pinned.get(file), file=file, wanted=wanted).id
        for file, wanted in reels.wanted(files).items()
    }
    versions = {file: stored.version for file, stored in pinned.items()} | accepted.files
    boxes.note("out", ACCEPTED, accepted.model_copy(update={"files": versions}))
    order = Order(title=boxes.title, rows=reels.ordered(files, taken))
    made = batches.submit(deps, caller=caller, order=order, drop=boxes.name, once=once)
    put_away(boxes, made.thing)
    return made


def replayed(deps: Deps, *, caller: Caller, once: Once) -> Made[Batch] | None:
    """The batch that this arrival made before, if any."""
    earlier = deps.batches.replay(caller.tenant, record(deps, caller, once))
    return Made(earlier, replayed=True) if earlier else None


def put_away(boxes: Boxes, batch: Batch) -> None:
    """Tell of a stored batch and move its sources to `done`. May be repeated at any point."""
    boxes.note("out", JOB, batch.told())
    accepted = boxes.read("out", ACCEPTED, Accepted)
    if accepted:
        boxes.move("done", accepted.files)
        boxes.forget("out", ACCEPTED)


def _list(row: Mapping[str, Any], field: str) -> Sequence[Any]:
    found = row.get(field)
    return found if isinstance(found, list | tuple) else ()


def _is_name(name: object) -> TypeGuard[str]:
    """Whether it is meant as a file's name: what has the shape of an asset's id is one."""
    return isinstance(name, str) and bool(name) and not ids.is_id(Kind.ASSET, name)
