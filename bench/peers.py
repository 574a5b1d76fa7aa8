"""The others: a command-line FFmpeg, MoviePy, and Remotion where it can be had.

They live in an environment of the bench's own, made once from `locks/bench.txt`; nothing of the
product imports or calls them.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile

from bench import harness
from bench.harness import Broken, Costs, Spent
from bench.results import Result, skipped

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "locks" / "bench.txt"
HOME = ROOT / "build" / "bench-venv"
_MOVIEPY = Path(__file__).with_name("moviepy_films.py")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome-headless-shell")


class Absent(RuntimeError):
    """A peer cannot be had on this machine; the message says why."""


@cache
def python() -> Path:
    """The interpreter of the peers' environment, which is made when it is not there.

    Raises:
        Absent: their wheels cannot be had.
    """
    found = HOME / "bin" / "python"
    mark = HOME / ".installed"
    wanted = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()
    if mark.is_file() and mark.read_text() == wanted:
        return found
    shutil.rmtree(HOME, ignore_errors=True)
    try:
        _said([sys.executable, "-m", "venv", str(HOME)])
        _said([str(found), "-m", "pip", "install", "-q", "--require-hashes", "-r", str(LOCK)])
    except (OSError, subprocess.CalledProcessError) as failed:
        raise Absent("the wheels of locks/bench.txt cannot be installed") from failed
    mark.write_text(wanted)
    return found


@cache
def ffmpeg() -> str:
    """A command-line FFmpeg: that of the wheel, which is as new as ours, else the one on PATH.

    Raises:
        Absent: there is neither.
    """
    try:
        asked = "import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())"
        return _said([str(python()), "-c", asked]).strip()
    except (Absent, subprocess.CalledProcessError) as failed:
        found = shutil.which("ffmpeg")
        if found is None:
            raise Absent("no FFmpeg on PATH, and no wheel with one") from failed
        return found


@cache
def has_filter(name: str) -> bool:
    """Whether that FFmpeg has a filter. False when there is no FFmpeg."""
    try:
        listed = _said([ffmpeg(), "-hide_banner", "-filters"])
    except Absent:
        return False
    return any(line.split()[1:2] == [name] for line in listed.splitlines())


def remotion() -> str:
    """Why Remotion is not measured here."""
    if shutil.which("node") is None:
        return "no node on PATH"
    if not any(map(shutil.which, _BROWSERS)):
        return "no Chromium on PATH"
    return "its packages and their company licence are not part of locks/bench.txt"


def moviepy(told: Mapping[str, object]) -> Spent:
    """What MoviePy costs on the film that `told` describes, as `moviepy_films` reads it.

    Raises:
        Absent: it cannot be had.
        Broken: it failed.
    """
    with NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(told, file)
        file.flush()
        return harness.of_command([str(python()), str(_MOVIEPY), file.name])


def against(name: str, ours: Costs, theirs: Callable[[], Costs], *, bar: float | None) -> Result:
    """Our CPU over a peer's for the same length of film, starts of programs included."""
    try:
        peer = theirs()
    except (Absent, Broken) as missing:
        return skipped(name, str(missing), bar=bar)
    ratio = ours.cpu_s_a_frame / peer.cpu_s_a_frame
    told = f"{1 / ratio:.1f} times less; theirs {peer.spent.cpu_s:.2f} s of CPU"
    told += f" for {peer.frames} frames, peak {peer.spent.peak_mb:.0f} MB"
    return Result(
        name=name,
        ratio=ratio,
        bar=bar,
        cpu_s=ours.spent.whole_cpu_s,
        wall_s=ours.spent.wall_s,
        peak_mb=ours.spent.peak_mb,
        size_bytes=ours.film.stat().st_size if ours.film else None,
        note=told,
    )


def _said(command: list[str]) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
    return done.stdout
