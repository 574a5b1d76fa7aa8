"""What can be asked for: one spec for each kind of job, told apart by its `kind`."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from reelsmith.domain.jobs import JobKind, UgcSpec
from reelsmith.domain.model import Entity, Metadata
from reelsmith.domain.presentations import PresentationSpec
from reelsmith.errors import Conflict

URLS_MOST = 500

Url = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_048)]


class SeasonSpec(Entity):
    """What a caller asks for in a job of kind `batch`: files to be fetched, each by its URL."""

    kind: Literal[JobKind.BATCH] = JobKind.BATCH
    batch_type: Literal["season"] = "season"
    urls: Annotated[tuple[Url, ...], Field(min_length=1, max_length=URLS_MOST)]
    data: Metadata = Field(description="the caller's own, about all of them")
    metadata: Metadata

    @property
    def material(self) -> tuple[str, ...]:
        """It names no assets: it brings some."""
        return ()


FilmSpec = UgcSpec | PresentationSpec
"""What the film machine works on."""
Spec = FilmSpec | SeasonSpec
_Model = type[UgcSpec] | type[PresentationSpec] | type[SeasonSpec]

_MODELS: Mapping[str, _Model] = {
    JobKind.UGC: UgcSpec,
    JobKind.PRESENTATION: PresentationSpec,
    JobKind.BATCH: SeasonSpec,
}


def of_kind(kind: str) -> _Model:
    """The spec of a kind of job. Raises KeyError where there is none."""
    return _MODELS[kind]


def stored(fields: Mapping[str, Any]) -> _Model:
    """The spec that a stored one is; those of before there were kinds are of a UGC ad."""
    return of_kind(str(fields.get("kind", JobKind.UGC)))


def as_film(spec: Spec) -> FilmSpec:
    """The spec of a film. Raises Conflict for a job that makes none."""
    if isinstance(spec, SeasonSpec):
        raise Conflict(f"a job of kind {spec.kind} makes no film")
    return spec
