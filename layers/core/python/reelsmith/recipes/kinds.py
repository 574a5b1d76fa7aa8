"""Which recipe a kind of job is made by."""

from collections.abc import Mapping
from types import MappingProxyType

from reelsmith.domain.assets import Asset
from reelsmith.domain.specs import FilmSpec, SeasonSpec, Spec
from reelsmith.recipes import ugc
from reelsmith.recipes.plans import Plan


def estimated_seconds(spec: Spec) -> float | None:
    """How long the film will be, before anybody has spoken; None where none is made."""
    return None if isinstance(spec, SeasonSpec) else ugc.estimated_seconds(spec)


def plan(
    spec: FilmSpec,
    *,
    title: str,
    assets: Mapping[str, Asset],
    sizes: Mapping[str, tuple[int, int]] = MappingProxyType({}),
) -> Plan:
    """What the recipe of the spec's kind lays out of words and material; see there."""
    return ugc.plan(spec, title=title, assets=assets, sizes=sizes)
