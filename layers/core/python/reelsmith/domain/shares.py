"""The rendering of a film, dealt out to tasks."""

from enum import StrEnum

from reelsmith.domain.model import Entity


class Lane(StrEnum):
    """How the tasks of a film are run."""

    NONE = "none"  # everything was there
    ALONE = "alone"  # one task, without a Map
    INLINE = "inline"  # a Map within the execution
    SPREAD = "spread"  # a Map whose tasks are executions of their own


class Share(Entity):
    """What one task renders: of the parts from `first` to before `end`, those that are missing."""

    index: int
    first: int
    end: int


class Dealt(Entity):
    """The tasks of one film. `large` when one of them needs the large renderer.

    The size is chosen for the film and not for each task: what it depends on is the same in all.
    """

    lane: Lane
    large: bool = False
    shares: tuple[Share, ...] = ()
