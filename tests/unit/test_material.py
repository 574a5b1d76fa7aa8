"""The files of a scene are fetched and decoded as seldom as can be."""

from contextlib import closing
from types import SimpleNamespace

from PIL import Image

from reelsmith.domain.layers import Picture
from reelsmith.domain.timelines import Scene, Timeline
from reelsmith.media import pictures
from reelsmith.usecases.material import Reel


def test_a_picture_that_the_next_scene_fades_out_of_is_decoded_once(tmp_path, monkeypatch):
    fetched, decoded = [], []
    load = pictures.load

    def fetch(key, into):
        fetched.append(key)
        Image.new("RGB", (64, 64), key).save(into, "PNG")
        return into

    def counted(path, *, name, **how):
        decoded.append(name)
        return load(path, name=name, **how)

    monkeypatch.setattr(pictures, "load", counted)
    colours = ("red", "green", "blue")
    scenes = tuple(
        Scene(
            index=n,
            first_frame=30 * n,
            frames=30,
            source=Picture(key=colour, sha256=str(n) * 64, name=colour),
            transition_frames=15 if n else 0,
        )
        for n, colour in enumerate(colours)
    )
    timeline = Timeline(width=64, height=64, scenes=scenes)
    deps = SimpleNamespace(store=SimpleNamespace(fetch=fetch))

    with closing(Reel(deps, timeline, tmp_path)) as reel:
        shown = [reel.sources(n) for n in range(3)]

    assert [sorted(scene) for scene in shown] == [[0], [0, 1], [1, 2]]
    assert fetched == decoded == list(colours)
