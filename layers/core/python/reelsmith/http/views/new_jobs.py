"""What callers send to ask for a job: one body for each kind, told apart by `kind`."""

from typing import Annotated, Any

from pydantic import ConfigDict, Discriminator, Tag

from reelsmith.domain.jobs import JobKind, Priority, UgcSpec
from reelsmith.domain.model import Title
from reelsmith.domain.specs import SeasonSpec

TAG = "kind="
"""What the tags of bodies begin with, so that no field is taken for one."""


class NewFilm(UgcSpec):
    """What a caller sends to ask for a film."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Title
    priority: Priority = Priority.NORMAL

    def spec(self) -> UgcSpec:
        """The part that describes the film."""
        return UgcSpec.model_validate(self.model_dump(exclude={"title", "priority"}))


class NewSeason(SeasonSpec):
    """What a caller sends to have many files fetched by their URLs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Title
    priority: Priority = Priority.NORMAL

    def spec(self) -> SeasonSpec:
        """The part that says which files."""
        return SeasonSpec.model_validate(self.model_dump(exclude={"title", "priority"}))


def _tag(body: Any) -> str:  # noqa: ANN401
    """The kind of a body that was sent, or of one that is being written; a film by default."""
    kind = body.get("kind", JobKind.UGC) if isinstance(body, dict) else getattr(body, "kind", "")
    return f"{TAG}{kind}"


NewJob = Annotated[
    Annotated[NewFilm, Tag(f"{TAG}{JobKind.UGC}")]
    | Annotated[NewSeason, Tag(f"{TAG}{JobKind.BATCH}")],
    Discriminator(_tag),
]
