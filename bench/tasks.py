"""What it costs to cut a film into one task for each scene, and to change one scene of it."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bench import ad, films, harness, quality, raw
from bench.harness import Spent
from bench.kits import Kit
from bench.results import Result
from reelsmith.domain.jobs import Preset
from reelsmith.domain.timelines import Timeline, content_key

_BAR_CPU, _BAR_VMAF, _BAR_SSIM, _BAR_SIZE = 1.12, 0.1, 0.0005, 1.02
_BAR_CHANGED = 0.25  # two scenes of ten, as the next one begins with what changed
_CHANGED = 4
_SCENES = 10


def measure(quick: bool) -> list[Result]:
    """Tasks against one pass, and one changed scene of ten."""
    scenes = 3 if quick else _SCENES
    needed = raw.size_bytes(ad.WIDTH, ad.HEIGHT, scenes * ad.SCENE_FRAMES)
    with harness.scratch(needed) as folder:
        harness.of_work(ad.make, folder=str(folder), scenes=scenes, preset=Preset.STANDARD)
        found = list(_against_one_pass(folder, scenes))
    with harness.scratch(1 << 28) as folder:
        return [*found, _changed(folder)]


def _against_one_pass(folder: Path, scenes: int) -> Iterator[Result]:
    whole, cut = folder / "whole.mp4", folder / "cut.mp4"
    passed = harness.of_work(films.one_pass, folder=str(folder), out=str(whole))
    tasks = [*_tasks(folder, range(scenes)), _join(folder, cut)]
    cpu_s = sum(task.cpu_s for task in tasks)
    frames = folder / "frames.yuv"
    harness.of_work(films.drawn, folder=str(folder), frames=str(frames))
    looks, wanted = (
        quality.measured(film, frames, width=ad.WIDTH, height=ad.HEIGHT) for film in (cut, whole)
    )
    name = f"{scenes} scene tasks against one pass"
    yield Result(
        name=f"{name}: CPU",
        ratio=cpu_s / passed.cpu_s,
        bar=_BAR_CPU,
        cpu_s=cpu_s,
        wall_s=max(task.wall_s for task in tasks),
        peak_mb=max(task.peak_mb for task in tasks),
        size_bytes=cut.stat().st_size,
        quality=looks,
        note=f"one pass {passed.cpu_s:.2f} s, {passed.peak_mb:.0f} MB",
    )
    yield from _closeness(name, looks, wanted)
    size = cut.stat().st_size / whole.stat().st_size
    yield Result(name=f"{name}: size", ratio=size, bar=_BAR_SIZE, size_bytes=cut.stat().st_size)


def _closeness(
    name: str, looks: Mapping[str, float], wanted: Mapping[str, float]
) -> Iterator[Result]:
    for what, bar in (("vmaf", _BAR_VMAF), ("ssim", _BAR_SSIM)):
        if what in looks:
            lost = wanted[what] - looks[what]
            yield Result(name=f"{name}: {what.upper()} lost", ratio=lost, bar=bar, unit="points")


def _changed(folder: Path) -> Result:
    """CPU of making a film again after one of its ten pictures was replaced, over a cold one."""
    harness.of_work(ad.make, folder=str(folder), scenes=_SCENES, preset=Preset.STANDARD, smaller=2)
    before = Kit.open(str(folder)).timeline
    stale = [n for n in range(_SCENES) if _key(before, n) != _key(_edited(before), n)]
    cold = [*_tasks(folder, range(_SCENES)), _join(folder, folder / "cold.mp4")]
    Kit(folder, _edited(before)).save()
    warm = [*_tasks(folder, stale), _join(folder, folder / "warm.mp4")]
    spent = sum(task.cpu_s for task in warm)
    return Result(
        name="one of ten pictures replaced: CPU of the film, to a cold one",
        ratio=spent / sum(task.cpu_s for task in cold),
        bar=_BAR_CHANGED,
        cpu_s=spent,
        note=f"{len(stale)} scenes rendered again, with the crossfade out of the new one",
    )


def _edited(timeline: Timeline) -> Timeline:
    """The film with another picture in the middle."""
    scenes = list(timeline.scenes)
    other = scenes[_CHANGED - 1].source
    scenes[_CHANGED] = scenes[_CHANGED].model_copy(update={"source": other})
    return timeline.model_copy(update={"scenes": tuple(scenes)})


def _key(timeline: Timeline, index: int) -> str:
    return content_key(timeline.picture_form(index))


def _tasks(folder: Path, scenes: Sequence[int]) -> list[Spent]:
    return [
        harness.of_work(films.task, folder=str(folder), into=str(folder), first=n, end=n + 1)
        for n in scenes
    ]


def _join(folder: Path, out: Path) -> Spent:
    return harness.of_work(films.joined, folder=str(folder), out=str(out))
