"""A UGC ad: the prompt, sentence by sentence, over the caller's pictures or over drawn cards."""

import re
from collections.abc import Mapping, Sequence
from itertools import accumulate
from types import MappingProxyType

from reelsmith.domain.assets import Asset, FileType
from reelsmith.domain.jobs import Resolution, UgcSpec
from reelsmith.domain.layers import Card, Clip, Fit, Picture, Source
from reelsmith.domain.timelines import Music
from reelsmith.recipes.plans import Block, Plan
from reelsmith.text import sentences

CHARACTERS_PER_SECOND = 14.0  # espeak at 165 words a minute, Spanish and English alike
_HEADLINE_WORDS = 6
_KEPT_AT_LEAST = 0.6  # of a clip, when it is cut: 4:3 is cut to 16:9, a wide one not to upright


def estimated_seconds(spec: UgcSpec) -> float:
    """How long the film will be, before anybody has spoken. Within about a fifth."""
    spoken = len(spec.text_prompt) / CHARACTERS_PER_SECOND
    return round(max(spoken, len(spec.images) * spec.duration_per_image, 1.0), 1)


def plan(
    spec: UgcSpec,
    *,
    title: str,
    assets: Mapping[str, Asset],
    sizes: Mapping[str, tuple[int, int]] = MappingProxyType({}),
) -> Plan:
    """Lay the sentences of the prompt over the pictures and clips, both in their order.

    With fewer pictures than sentences a picture takes several; with fewer sentences than pictures
    a sentence runs on over several. With no picture each sentence gets a card. `sizes` are width
    and height of clips by asset, as they are seen, in pixels.
    """
    lines = sentences.split(spec.text_prompt, language=spec.language)
    sources = _pictures(spec, assets, sizes) or _cards(lines, title)
    music = assets.get(spec.music) if spec.music else None
    return Plan(
        width=spec.resolution.width,
        height=spec.resolution.height,
        language=spec.language,
        seconds_per_still=spec.duration_per_image,
        captions=spec.captions,
        transition=spec.transition,
        blocks=_blocks(sources, lines) if not spec.voice_over else _over_one_voice(sources, lines),
        music=_music(music) if music else None,
        preset=spec.quality,
        codec=spec.codec,
    )


def _pictures(
    spec: UgcSpec, assets: Mapping[str, Asset], sizes: Mapping[str, tuple[int, int]]
) -> tuple[Source, ...]:
    return tuple(_picture(assets[n], spec.resolution, sizes.get(n)) for n in spec.images)


def _picture(asset: Asset, frame: Resolution, size: tuple[int, int] | None) -> Source:
    if asset.file_type is not FileType.VIDEO:
        return Picture(key=asset.key, sha256=asset.sha256, name=asset.original_filename)
    return Clip(
        key=asset.key,
        sha256=asset.sha256,
        name=asset.original_filename,
        fit=_fit(size, frame) if size else Fit.COVER,
    )


def _fit(size: tuple[int, int], frame: Resolution) -> Fit:
    """Cut to the frame what loses little by it; show whole what would lose too much."""
    wider = size[0] * frame.height / (size[1] * frame.width)
    return Fit.COVER if min(wider, 1 / wider) >= _KEPT_AT_LEAST else Fit.CONTAIN


def _cards(lines: Sequence[str], title: str) -> tuple[Source, ...]:
    """The title first, then the heart of each sentence; the captions say the rest."""
    words = (title, *(_headline(line) for line in lines[1:]))
    return tuple(Card(text=text, seed=n) for n, text in enumerate(words))


def _headline(line: str) -> str:
    clauses = [clause.strip() for clause in re.split(r"[,;:.!?…¡¿()\u2013\u2014]+", line)]
    speaking = [c for c in clauses if len(c.split()) > 1] or [c for c in clauses if c] or [line]
    shortest = min(speaking, key=len)
    headline = " ".join(shortest.split()[:_HEADLINE_WORDS])
    return headline[0].upper() + headline[1:]


def _music(asset: Asset) -> Music:
    return Music(key=asset.key, sha256=asset.sha256, name=asset.original_filename)


def _blocks(sources: Sequence[Source], lines: Sequence[str]) -> tuple[Block, ...]:
    if len(lines) >= len(sources):
        shares = _balanced([len(line) for line in lines], len(sources))
        return tuple(
            Block(sources=(source,), lines=tuple(lines[first:end]))
            for source, (first, end) in zip(sources, shares, strict=True)
        )
    shares = _balanced([1] * len(sources), len(lines))
    return tuple(
        Block(sources=tuple(sources[first:end]), lines=(line,))
        for line, (first, end) in zip(lines, shares, strict=True)
    )


def _over_one_voice(sources: Sequence[Source], lines: Sequence[str]) -> tuple[Block, ...]:
    """A ready narration is one take: all sources share its time evenly."""
    return (Block(sources=tuple(sources), lines=(" ".join(lines),)),)


def _balanced(weights: Sequence[int], parts: int) -> list[tuple[int, int]]:
    """Cut a row into `parts` runs of about equal weight, none empty. Gives (first, end) each."""
    reached = list(accumulate(weights))
    cuts = [0]
    for part in range(1, parts):
        goal = reached[-1] * part / parts
        lowest, highest = cuts[-1] + 1, len(weights) - (parts - part)
        best = min(range(lowest, highest + 1), key=lambda cut: abs(reached[cut - 1] - goal))
        cuts.append(best)
    cuts.append(len(weights))
    return list(zip(cuts, cuts[1:], strict=False))
