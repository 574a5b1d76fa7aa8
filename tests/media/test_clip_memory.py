"""What a long clip holds in memory does not grow with it."""

import gc
import sys
from fractions import Fraction

import av

from reelsmith.media.clip_kinds import kind_of
from reelsmith.media.reshape import Reshaper, Target
from tests.media.filmed import a_clip, numbered


def test_a_picture_is_freed_as_soon_as_it_was_fitted(tmp_path):
    path = a_clip(tmp_path / "c.mp4", [numbered(n) for n in range(3)], turned={"degrees": -90})
    reshaper = Reshaper(Target(64, 64, contain=False))
    with av.open(str(path)) as clip:
        frame = next(clip.decode(video=0))
    held_before = sys.getrefcount(frame)

    gc.disable()
    try:
        assert kind_of(frame, Fraction(1)).lie.turned
        reshaper.fitted(frame, Fraction(1))
        held = sys.getrefcount(frame)
    finally:
        gc.enable()

    assert held == held_before
