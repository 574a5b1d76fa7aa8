"""A presentation: each slide stands still while its notes are said, between two cards perhaps."""

from collections.abc import Iterator, Mapping, Sequence

from reelsmith.domain.assets import Asset
from reelsmith.domain.decks import Fidelity, Slide, SlidesShown
from reelsmith.domain.layers import Card, Picture
from reelsmith.domain.model import Entity
from reelsmith.domain.presentations import PresentationSpec
from reelsmith.domain.timelines import Music
from reelsmith.recipes.plans import Block, Pace, Plan
from reelsmith.text import sentences

_ENDS = (".", "!", "?", "…", ":", ";", "。", "！", "？", "؟")


class DrawnSlide(Entity):
    """A slide of the film: what is on it, its number in the deck, and its picture."""

    slide: Slide
    number: int
    picture: Picture


def plan(
    spec: PresentationSpec,
    *,
    title: str,
    shown: Sequence[DrawnSlide],
    assets: Mapping[str, Asset],
    fidelity: Fidelity,
    warnings: tuple[str, ...] = (),
) -> Plan:
    """Lay notes over slides: a block for each, in the order of the deck."""
    music = assets.get(spec.music) if spec.music else None
    return Plan(
        width=spec.resolution.width,
        height=spec.resolution.height,
        language=spec.language,
        seconds_per_still=0,
        captions=spec.captions,
        transition=spec.transition,
        blocks=tuple(_blocks(spec, title, shown)),
        music=Music(key=music.key, sha256=music.sha256, name=music.original_filename)
        if music
        else None,
        preset=spec.quality,
        codec=spec.codec,
        pace=Pace(lead_seconds=spec.padding_seconds, tail_seconds=spec.hold_seconds, moves=False),
        slides=SlidesShown(count=len(shown), fidelity=fidelity),
        warnings=warnings,
    )


def lines_of(spec: PresentationSpec, slide: Slide) -> tuple[str, ...]:
    """What is said of a slide, sentence by sentence: its notes, or else its own words."""
    if slide.notes.strip():
        told = slide.notes
    elif spec.without_notes == "own_words":
        told = " ".join(text if text.endswith(_ENDS) else f"{text}." for text in slide.words)
    else:
        told = ""
    return tuple(sentences.split(told, language=spec.language)) if told.strip() else ()


def _blocks(spec: PresentationSpec, title: str, shown: Sequence[DrawnSlide]) -> Iterator[Block]:
    if spec.intro:
        yield _card(spec, spec.intro, seed=0, headline=title)
    for one in shown:
        lines = lines_of(spec, one.slide)
        seconds = None if lines else spec.seconds_per_slide
        yield Block(sources=(one.picture,), lines=lines, seconds=seconds)
    if spec.outro:
        yield _card(spec, spec.outro, seed=1, headline=spec.outro)


def _card(spec: PresentationSpec, text: str, *, seed: int, headline: str) -> Block:
    lines = tuple(sentences.split(text, language=spec.language))
    return Block(sources=(Card(text=headline, seed=seed),), lines=lines)
