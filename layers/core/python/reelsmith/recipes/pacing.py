"""From what was said to exact frames: the one way in which a plan becomes a timeline."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import accumulate

from reelsmith.domain.jobs import CaptionStyle, Transition
from reelsmith.domain.layers import Clip, Move, Source
from reelsmith.domain.speech import SpokenWord
from reelsmith.domain.timelines import (
    CROSSFADE_FRAMES,
    FPS,
    SAMPLE_RATE,
    Cue,
    Scene,
    Timeline,
    Voiced,
)
from reelsmith.recipes.plans import Block, Plan, Said
from reelsmith.text import cues

PAUSE_SECONDS = Fraction(1, 4)  # between two sentences over one picture
READING_CHARACTERS_PER_SECOND = 14.0

# Slow moves that follow one another well: in, out, across. Zoom stays low: faces are not cut off.
_MOVES = (
    Move(zoom_from=1.0, zoom_to=1.12, x_from=0.5, x_to=0.55, y_from=0.5, y_to=0.45),
    Move(zoom_from=1.14, zoom_to=1.02, x_from=0.4, x_to=0.5, y_from=0.45, y_to=0.5),
    Move(zoom_from=1.1, zoom_to=1.1, x_from=0.15, x_to=0.85, y_from=0.5, y_to=0.5),
    Move(zoom_from=1.02, zoom_to=1.14, x_from=0.5, x_to=0.45, y_from=0.5, y_to=0.55),
    Move(zoom_from=1.1, zoom_to=1.1, x_from=0.85, x_to=0.15, y_from=0.5, y_to=0.5),
)


def read_silently(line: str) -> Said:
    """A line that nobody speaks, paced so that it can be read."""
    seconds = max(1.0, len(line) / READING_CHARACTERS_PER_SECOND)
    return Said(samples=round(seconds * SAMPLE_RATE), words=spread(line, seconds))


def spread(line: str, seconds: float) -> tuple[SpokenWord, ...]:
    """The words of a line laid evenly by their letters over a stretch of time."""
    tokens = line.split()
    weights = [len(token) + 1 for token in tokens]
    unit = seconds / sum(weights)
    ends = [end * unit for end in accumulate(weights)]
    starts = [0.0, *ends[:-1]]
    return tuple(
        SpokenWord(text=token, start=start, end=end)
        for token, start, end in zip(tokens, starts, ends, strict=True)
    )


def timeline(plan: Plan, said: Sequence[Said], *, voice_engine: str | None) -> Timeline:
    """The film of a plan whose lines were said as `said`, in order."""
    remaining = iter(said)
    scenes: list[Scene] = []
    voiced: list[Voiced] = []
    captions: list[Cue] = []
    for block in plan.blocks:
        start = scenes[-1].end_frame if scenes else 0
        words: list[SpokenWord] = []
        at = Fraction(str(plan.pace.lead_seconds))  # since the block began
        for line in [next(remaining) for _ in block.lines]:
            voiced.extend(_voiced(line, Fraction(start, FPS) + at))
            words.extend(_shifted(line.words, at))
            at += Fraction(line.samples, SAMPLE_RATE) + PAUSE_SECONDS
        after = Fraction(str(plan.pace.tail_seconds))
        spoken = at - PAUSE_SECONDS + after if block.lines else Fraction(0)
        scenes.extend(_scenes(plan, block, spoken, first=len(scenes), start=start))
        captions.extend(_captions(plan, words, start, scenes[-1].end_frame))
    return _assembled(plan, scenes, voiced, captions, voice_engine)


def _captions(plan: Plan, words: Sequence[SpokenWord], start: int, end: int) -> tuple[Cue, ...]:
    """The captions of one block. None stands into the next: its scenes would depend on it."""
    if not words:
        return ()
    style = _grouping(plan.captions)
    return cues.make(words, fps=FPS, frames=end - start, first_frame=start, style=style)


def _assembled(
    plan: Plan,
    scenes: Sequence[Scene],
    voiced: Sequence[Voiced],
    captions: Sequence[Cue],
    voice_engine: str | None,
) -> Timeline:
    return Timeline(
        width=plan.width,
        height=plan.height,
        scenes=tuple(scenes),
        caption_style=plan.captions,
        cues=tuple(captions),
        language=plan.language,
        narration=tuple(voiced),
        music=plan.music,
        preset=plan.preset,
        codec=plan.codec,
        voice_engine=voice_engine if voiced else None,
    )


def _grouping(style: CaptionStyle) -> CaptionStyle:
    """How words stand together. Those that no picture shows still make subtitle files."""
    return CaptionStyle.PLAIN if style is CaptionStyle.NONE else style


def _scenes(
    plan: Plan, block: Block, spoken: Fraction, *, first: int, start: int
) -> Iterator[Scene]:
    count = len(block.sources)
    least = plan.seconds_per_still if block.seconds is None else block.seconds
    promised = Fraction(str(least)) * count
    frames = max(-(-spoken * FPS // 1), round(promised * FPS), count)
    ends = [start + round(Fraction(frames * (n + 1), count)) for n in range(count)]
    for n, (source, begin, end) in enumerate(
        zip(block.sources, [start, *ends[:-1]], ends, strict=True)
    ):
        yield _scene(plan, source, first + n, begin, end)


def _scene(plan: Plan, source: Source, index: int, begin: int, end: int) -> Scene:
    fades = plan.transition is Transition.CROSSFADE and index > 0
    moves = plan.pace.moves and not isinstance(source, Clip)
    return Scene(
        index=index,
        first_frame=begin,
        frames=end - begin,
        source=source,
        move=_MOVES[index % len(_MOVES)] if moves else Move(),
        transition=plan.transition if fades else Transition.CUT,
        transition_frames=min(CROSSFADE_FRAMES, (end - begin) // 3) if fades else 0,
    )


def _voiced(line: Said, at: Fraction) -> Iterator[Voiced]:
    if line.key and line.sha256:
        first = round(at * SAMPLE_RATE)
        yield Voiced(key=line.key, sha256=line.sha256, first_sample=first, samples=line.samples)


def _shifted(words: Sequence[SpokenWord], by: Fraction) -> Iterator[SpokenWord]:
    for word in words:
        start, end = word.start + float(by), word.end + float(by)
        yield word.model_copy(update={"start": start, "end": end})
