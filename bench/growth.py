"""How the work around the pictures grows with a film: 1, 10, 100, 1,000 scenes."""

import time
from collections.abc import Mapping
from pathlib import Path

from bench import ad, films, harness
from bench.harness import Work
from bench.results import Result
from reelsmith.domain.jobs import CaptionStyle, Preset, Transition
from reelsmith.domain.layers import Card
from reelsmith.domain.timelines import content_key
from reelsmith.media import film
from reelsmith.recipes import pacing
from reelsmith.recipes.plans import Block, Plan

SCENES = (1, 10, 100, 1_000)
_BAR = 1.5  # what one scene of 1,000 takes, over one of 100; 1 is as good as it gets
_SMALLER = 4


def measure(quick: bool) -> list[Result]:
    """CPU of one scene in a long film over one in a short film, for planning and for joining."""
    del quick  # it takes seconds
    with harness.scratch(1 << 30) as folder:
        home = str(folder)
        harness.of_work(ad.make, folder=home, scenes=1, preset=Preset.STANDARD, smaller=_SMALLER)
        harness.of_work(films.task, folder=home, into=home, first=0, end=1)
        took = {n: harness.of_work(grown, folder=home, scenes=n) for n in SCENES}
    return [
        Result(
            name=f"growth to 1,000 scenes: {what}, a scene of 1,000 to a scene of 100",
            ratio=(took[1_000].said[key] / 1_000) / (took[100].said[key] / 100),
            bar=_BAR,
            cpu_s=took[1_000].said[key],
            peak_mb=took[1_000].peak_mb,
            note=", ".join(f"{n} in {took[n].said[key] * 1000:.1f} ms" for n in SCENES),
        )
        for what, key in (("plan", "plan_s"), ("assemble", "assemble_s"))
    ]


def grown(folder: str, scenes: int) -> Work:
    """Plan a captioned film of so many scenes, to the names of its segments; join as many.

    All segments are the one that lies in `folder`.
    """
    blocks = tuple(
        Block(sources=(Card(text=f"Scene {n}", seed=n),), lines=(f"Here we see scene {n}.",))
        for n in range(scenes)
    )
    plan = Plan(
        width=ad.WIDTH // _SMALLER,
        height=ad.HEIGHT // _SMALLER,
        language="en",
        seconds_per_still=3.0,
        captions=CaptionStyle.POP,
        transition=Transition.CROSSFADE,
        blocks=blocks,
    )
    segments = [Path(folder) / "0.seg"] * scenes
    out = Path(folder) / "grown.mp4"

    def work() -> Mapping[str, float]:
        began = time.process_time()
        said = [pacing.read_silently(line) for line in plan.lines]
        timeline = pacing.timeline(plan, said, voice_engine=None)
        names = {content_key(timeline.picture_form(scene.index)) for scene in timeline.scenes}
        planned = time.process_time()
        film.assemble(segments, None, out, width=plan.width, height=plan.height, fps=timeline.fps)
        assembled = time.process_time()
        if len(names) != scenes:
            raise ValueError("two scenes have one name")
        return {"plan_s": planned - began, "assemble_s": assembled - planned}

    return work
