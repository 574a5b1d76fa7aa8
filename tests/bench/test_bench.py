"""The bench measures what it says it measures, on work that takes no time."""

import json
import time
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

import bench.__main__
from bench import films, harness, inputs, joins, kits, naive, results
from bench.harness import Broken, Rounds, Spent
from bench.jitter import HEIGHT, WIDTH, rms_px
from bench.kits import Kit
from bench.plot import svg
from bench.results import Result, skipped
from reelsmith.domain.jobs import CaptionStyle
from reelsmith.domain.layers import Move
from reelsmith.domain.timelines import Scene, Timeline


def burning(seconds):
    """Work of so many CPU seconds."""

    def work():
        until = time.process_time() + seconds
        while time.process_time() < until:
            pass
        return {"burnt": seconds}

    return work


def failing():
    """Work that does not end well."""
    raise ValueError("no such film")


def a_kit(folder):
    photos = inputs.photos(folder, 2)
    scenes = tuple(
        Scene(
            index=n,
            first_frame=12 * n,
            frames=12,
            source=kits.picture(photo),
            move=Move(zoom_to=1.1),
        )
        for n, photo in enumerate(photos)
    )
    timeline = Timeline(width=180, height=320, scenes=scenes, caption_style=CaptionStyle.NONE)
    Kit(folder, timeline).save()
    return str(folder)


def test_work_costs_what_it_burns_and_not_what_starting_it_does():
    spent = harness.of_work(burning, seconds=0.2)

    assert 0.2 <= spent.cpu_s < spent.whole_cpu_s
    assert spent.said == {"burnt": 0.2}
    assert spent.peak_mb > 1


def test_work_that_fails_says_why():
    with pytest.raises(Broken, match="no such film"):
        harness.of_work(failing)


def test_a_ratio_is_the_median_of_rounds_and_not_of_sides():
    costs = {"ours": (1.0, 20.0, 3.0), "limit": (1.0, 10.0, 1.0)}
    rounds = Rounds({side: [Spent(s, s, 1, s, {}) for s in each] for side, each in costs.items()})

    assert rounds.ratio("ours", "limit") == 2.0
    assert rounds.middle("ours").cpu_s == 3.0


def test_a_film_and_the_encoder_alone_show_the_same_frames(tmp_path):
    kit = a_kit(tmp_path)
    frames, ours, bare = (str(tmp_path / name) for name in ("raw.yuv", "ours.mp4", "bare.mp4"))

    films.drawn(kit, frames)()
    made = films.whole(kit, ours, with_sound=False)()
    limit = films.encoder_alone(kit, frames, bare)()

    assert made["frames"] == limit["frames"] == 24
    assert 0.5 < made["size_bytes"] / limit["size_bytes"] < 2


def test_results_are_told_to_programs_and_to_people():
    met = Result(name="W1", ratio=1.2, bar=1.25, cpu_s=2.0, quality={"ssim": 0.99})
    missed = Result(name="W2", ratio=0.08, bar=0.06)
    found = [met, missed, skipped("Remotion", "no node")]

    told = json.loads(results.as_json(found, {"mode": "quick"}))["results"]

    wanted = {"name", "ratio", "bar", "cpu_s", "wall_s", "peak_mb", "size_bytes", "quality"}
    assert all(wanted <= result.keys() for result in told)
    assert [result["passed"] for result in told] == [True, False, None]
    assert "0.08 (missed)" in results.as_table(found)
    assert results.summary(found) == "1 of 2 bars met, 1 not measured; missed: W2"
    assert "W2" in svg(found, "today")


def test_a_workload_that_breaks_does_not_stop_the_others(monkeypatch):
    def breaks(quick):
        raise Broken("no room on the disk")

    monkeypatch.setattr(
        bench.__main__,
        "WORKLOADS",
        {"broken": breaks, "whole": lambda quick: [Result(name="whole", ratio=1.0)]},
    )

    broken, whole = bench.__main__.run(["broken", "whole"], quick=True)

    assert broken.ratio is None
    assert "no room on the disk" in broken.note
    assert whole.ratio == 1.0


def test_a_film_is_described_to_ffmpeg_with_all_its_pictures_moves_and_words(tmp_path):
    kit = Kit.open(a_kit(tmp_path))

    told = naive.ad(
        kit, tmp_path / "out.mp4", program="ffmpeg", preset="veryfast", crf=21, with_sound=False
    )

    graph = told[told.index("-filter_complex") + 1]
    assert told.count("-i") == graph.count("zoompan") == 2
    assert graph.count("xfade") == 1
    assert "ass=" in graph


def test_jitter_is_seen_where_a_picture_trembles(tmp_path):
    dots = tmp_path / "dots.png"
    inputs.blobs(dots)
    still = np.array(Image.open(dots).convert("L"))[:HEIGHT, :WIDTH]

    steady = [still] * 8
    trembling = [np.roll(still, n % 2, axis=1) for n in range(8)]

    assert rms_px(steady) < 0.001
    assert rms_px(trembling) > 0.2


def test_a_click_that_is_late_is_noticed():
    pictures = [np.full((6, 4), 200 * (n >= 30), np.uint8) for n in range(60)]
    times = [Fraction(n, 30) for n in range(60)]
    late = np.zeros(2 * 48_000, np.float32)
    late[48_000 + 240 :][: len(joins.CLICK)] = joins.CLICK

    assert joins.apart_ms(pictures, times, late, [0, 30]) == pytest.approx(5)
