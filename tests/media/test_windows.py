"""Windows come close to where they should be, whatever the move."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reelsmith.media import windows

PAD = 64


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    samples=st.sampled_from([135, 270, 540, 1080, 1920]),
    zoom=st.tuples(st.floats(1, 1.2), st.floats(1, 1.2)),
    place=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_a_slow_move_takes_every_sample_within_an_eighth_of_a_pixel(samples, zoom, place):
    size = round(samples * windows.OVERSIZE * max(zoom))
    step = size / (samples * np.linspace(*zoom, 20))
    offset = PAD + (size - samples * step) * np.linspace(*place, 20)

    found = windows.plan(step, offset, samples=samples, size=size + 2 * PAD)

    for edge in (0, samples):
        taken = found.start + (edge + found.skipped) * found.length / found.scaled
        assert np.abs(taken - (offset + step * edge)).max() < 0.12
    assert found.error.mean() < 0.05
    assert (found.scaled - found.skipped - samples >= windows.MARGIN).all()


def test_a_source_without_room_around_the_window_is_refused():
    step, offset = np.array([1.06]), np.array([0.0])

    with pytest.raises(ValueError, match="too small"):
        windows.plan(step, offset, samples=100, size=106)
