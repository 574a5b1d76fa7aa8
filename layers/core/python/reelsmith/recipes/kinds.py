"""Which recipe a kind of job is made by."""

from collections.abc import Mapping
from types import MappingProxyType

from reelsmith.domain.assets import Asset
from reelsmith.domain.jobs import UgcSpec
from reelsmith.domain.specs import Spec
from reelsmith.recipes import ugc
from reelsmith.recipes.plans import Plan


def estimated_seconds(spec: Spec) -> float | None:
    """How long the film will be, before anybody has spoken; None where nobody can tell."""
    return ugc.estimated_seconds(spec) if isinstance(spec, UgcSpec) else None


def plan(
    spec: UgcSpec,
    *,
    title: str,
    assets: Mapping[str, Asset],
    sizes: Mapping[str, tuple[int, int]] = MappingProxyType({}),
) -> Plan:
    """What the recipe of the spec's kind lays out of words and material; see there.

    Slides have to be drawn first: `recipes.presentations`.
    """
    return ugc.plan(spec, title=title, assets=assets, sizes=sizes)
