"""The report says what a person would see and hear, and keeps quiet about a film that is right."""

import av
import numpy as np
import pytest

from reelsmith.domain.jobs import CaptionStyle, Codec
from reelsmith.domain.layers import Card, TextBox
from reelsmith.domain.quality import Quality
from reelsmith.domain.speech import SpokenWord
from reelsmith.domain.timelines import Scene, Timeline
from reelsmith.errors import BrokenPromise
from reelsmith.media import check, film, promises, report, sound, wording
from reelsmith.media.witness import Witness
from reelsmith.text import cues
from tests.media.reels import DRIFT, STANDING, a_film, a_patch, a_photo, rendered
from tests.media.sounds import a_tone, sounding, speech, written


def made(folder, timeline, *, stills=None, voice=None, promised=None):
    """Render a film of a timeline and report on it, as if `promised` had been asked for."""
    stills = stills or {n: a_photo(seed=n) for n in range(len(timeline.scenes))}
    parts = [rendered(timeline, n, folder, sources=stills).path for n in range(len(stills))]
    files = {voice.name: voice} if voice else {}
    track = sound.master(timeline, files=files).track
    out = folder / "film.mp4"
    film.assemble(parts, track, out, width=270, height=480, fps=30)
    judged = promised or timeline
    witness = Witness(judged)
    measured = check.measure(out, witness=witness)
    return report.make(measured, witness.seen(out), judged)


def narrated(folder, samples, **changes):
    """A film of one scene with a narration of these samples."""
    voice = written(folder / "voice.wav", samples)
    spoken = sounding(1, (voice, 0)).narration
    frames = len(samples) // 1_600
    return a_film(frames, narration=spoken, caption_style=CaptionStyle.NONE, **changes), voice


def spans(found):
    return [(span.start_seconds, span.end_seconds) for span in found]


def test_a_film_as_it_should_be_has_nothing_to_report(tmp_path):
    voice = speech(tmp_path / "voice.wav")
    spoken = sounding(1, (voice, 4_800)).narration
    told = made(
        tmp_path,
        a_film(75, 60, transition=9, narration=spoken, caption_style=CaptionStyle.NONE),
        voice=voice,
    )

    assert told.warnings == ()
    assert (told.seen.black, told.seen.frozen) == ((), ())
    assert all(promise.kept for promise in told.promises)
    assert Quality.of(told).promises_kept == len(told.promises)


def test_a_black_stretch_is_found_where_it_is(tmp_path):
    stills = {0: a_photo(), 1: a_patch(0), 2: a_photo(seed=2)}

    told = made(tmp_path, a_film(30, 45, 30), stills=stills)

    assert spans(told.seen.black) == [(1.0, 2.5)]
    assert "the picture is black from 1.0 s to 2.5 s" in told.warnings


def test_a_dark_picture_is_not_black(tmp_path):
    told = made(tmp_path, a_film(45, move=STANDING), stills={0: a_photo() // 6})

    assert told.seen.black == ()


@pytest.mark.parametrize("codec", Codec)
def test_a_still_may_stand_and_a_move_that_stands_is_remarked_on(tmp_path, codec):
    standing = a_film(75, move=STANDING, codec=codec)
    moving = a_film(75, move=DRIFT, codec=codec)

    (tmp_path / "asked").mkdir()
    asked_for = made(tmp_path / "asked", standing)
    stuck = made(tmp_path, standing, promised=moving)

    assert spans(asked_for.seen.frozen) == spans(stuck.seen.frozen) == [(0.0, 2.5)]
    assert [still.expected for still in (*asked_for.seen.frozen, *stuck.seen.frozen)] == [1, 0]
    assert asked_for.warnings == ()
    assert stuck.warnings == (
        "the picture stands still from 0.0 s to 2.5 s, where it should move",
    )
    assert Quality.of(stuck).frozen_seconds == 2.5


@pytest.mark.parametrize("codec", Codec)
def test_a_slow_move_is_no_standstill(tmp_path, codec):
    slow = DRIFT.model_copy(update={"zoom_to": 1.02, "x_to": 0.31, "y_to": 0.6})

    told = made(tmp_path, a_film(90, move=slow, codec=codec))

    assert told.seen.frozen == ()


def test_silence_in_the_middle_of_the_narration_is_remarked_on(tmp_path):
    tone = a_tone(440, 1)
    samples = np.concatenate((tone, np.zeros(3 * 48_000, np.float32), tone))
    timeline, voice = narrated(tmp_path, samples)

    told = made(tmp_path, timeline, voice=voice)

    (start, end) = spans(told.seen.silent)[0]
    assert (start, end) == (pytest.approx(1.0, abs=0.15), pytest.approx(4.0, abs=0.15))
    assert told.warnings[-1].startswith("nothing is heard from 1.")


def test_a_broken_promise_stands_in_the_report_and_fails_the_film(tmp_path):
    shorter = a_film(45)

    told = made(tmp_path, a_film(30), promised=shorter)

    broken = {one.name: one.measured for one in told.promises if not one.kept}
    assert broken["frames"] == "30"
    assert broken["seconds"] == "1.0"
    with pytest.raises(BrokenPromise, match="frames: promised 45, measured 30"):
        promises.hold(told.promises)


def worded(text, *, seconds=6.0, size=(1080, 1920), card="", style=CaptionStyle.POP, **changes):
    """A timeline whose words are said evenly over its time."""
    tokens = text.split()
    step = seconds / max(len(tokens), 1)
    words = [
        SpokenWord(text=token, start=n * step, end=(n + 1) * step)
        for n, token in enumerate(tokens)
    ]
    frames = round(30 * seconds)
    made_cues = cues.make(words, fps=30, frames=frames, style=style)
    scene = Scene(index=0, first_frame=0, frames=frames, source=Card(text=card))
    given = {"width": size[0], "height": size[1], "scenes": (scene,), "cues": made_cues}
    return Timeline(**given | {"caption_style": style} | changes)


def test_plain_words_are_whole_readable_and_have_every_glyph():
    text = "Compra ya la mejor batería. 今天 مرحبا नमस्ते שלום 🔥"

    found = wording.judge(worded(text, card="Una pila para todo el día"), lines=[text])

    assert (found.missing_glyphs, found.clipped, found.too_small) == ((), (), ())
    assert (found.too_fast, found.never_shown) == ((), ())


def test_a_character_without_a_glyph_is_named_by_its_code_point():
    found = wording.judge(worded("hola ཀ hola", card="ก y ཀ"))

    assert found.missing_glyphs == ("U+0F40 ཀ", "U+0E01 ก")
    assert found.never_shown == ("ཀ",)


def test_a_word_that_no_caption_holds_is_named():
    found = wording.judge(worded("Compra la batería."), lines=["Compra ya la mejor batería."])

    assert found.never_shown == ("ya", "mejor")


def test_a_word_too_long_for_the_frame_is_too_small():
    found = wording.judge(worded("Donaudampfschiff" * 8))

    assert len(found.too_small) == 1
    assert found.clipped == ()


def test_a_title_that_does_not_fit_its_card_is_cut_and_named():
    found = wording.judge(worded("hola", card="palabra " * 120))

    assert found.clipped[0].startswith("palabra palabra")


def test_captions_that_nobody_can_read_in_time_are_named():
    slow = wording.judge(worded("uno dos tres cuatro cinco seis siete ocho", seconds=4))
    fast = wording.judge(worded("extraordinariamente rapidísimamente dicho " * 4, seconds=2.5))

    assert slow.too_fast == ()
    assert fast.too_fast[0].startswith("0.0 s: extraordinariamente")


@pytest.mark.parametrize(("said", "share"), [((0, 6), 1.0), ((0, 12), 0.5), (None, None)])
def test_coverage_is_the_share_of_speech_with_words_on_the_picture(tmp_path, said, share):
    timeline = worded("uno dos tres cuatro", seconds=6)
    if said:
        voice = written(tmp_path / "voice.wav", np.zeros(48_000 * said[1], np.float32))
        timeline = timeline.model_copy(update={"narration": sounding(1, (voice, 0)).narration})

    found = wording.judge(timeline)

    assert found.coverage == (pytest.approx(share, abs=0.05) if share else None)


def test_a_box_with_too_many_words_for_the_frame_is_too_small():
    box = {"width": 0.3, "size": 0.05, "first_frame": 0, "end_frame": 30}
    boxes = (
        TextBox(text="Solo hoy", **box),
        TextBox(text="muchísimas palabras " * 25, **box),
    )

    found = wording.judge(worded("hola", overlays=boxes))

    assert [text[:10] for text in found.too_small] == ["muchísimas"]


def test_a_picture_that_turns_black_and_stays_is_found(tmp_path):
    fading = a_film(60, move=STANDING)
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as out:
        stream = out.add_stream("libx264", rate=30, options={"x264-params": "scenecut=0"})
        stream.width, stream.height, stream.pix_fmt = 270, 480, "yuv420p"
        for n in range(120):
            picture = np.roll(a_photo(270, 480), 5 * n, axis=0) if n < 60 else a_patch(0)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode(None))
    witness = Witness(fading)

    check.measure(path, witness=witness)

    ((start, end),) = spans(witness.seen(path).black)
    assert (start, end) == (pytest.approx(2.0, abs=0.5), pytest.approx(4.0, abs=0.1))
