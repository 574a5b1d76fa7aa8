"""What renders a scene is part of its name."""

from reelsmith.media import build
from tests.media.reels import fresh_python


def test_another_number_of_threads_or_another_renderer_names_other_scenes(monkeypatch):
    names = [build.fingerprint(threads=1), build.fingerprint(threads=2)]
    monkeypatch.setattr(build, "RENDERER_VERSION", build.RENDERER_VERSION + 1)
    build.fingerprint.cache_clear()

    names.append(build.fingerprint(threads=2))
    build.fingerprint.cache_clear()

    assert len(set(names)) == 3


def test_every_process_of_a_build_gives_scenes_the_same_names():
    script = "from reelsmith.media import build; print(build.fingerprint(threads=2))"

    assert fresh_python(script) == build.fingerprint(threads=2)
