"""How close a film is to the raw pictures it was made of."""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np

from bench import harness, peers, raw
from bench.harness import Work

_SUBSAMPLE = 3  # VMAF of one picture in so many
_SAID = re.compile(r"\bAll:([0-9.]+)")


def measured(
    film: Path, frames: Path, *, width: int, height: int, every: int = 1
) -> Mapping[str, float]:
    """SSIM over all planes, and VMAF where an FFmpeg with it is found; means over the film.

    Where `frames` hold one of `every` pictures only, the film's others are passed over.
    """
    given = {"film": str(film), "frames": str(frames), "width": width, "height": height}
    found = dict(harness.of_work(alike, **given, every=every).said)
    if peers.has_filter("libvmaf"):
        found["vmaf"] = vmaf(film, frames, width=width, height=height, every=every)
    return found


def alike(film: str, frames: str, *, width: int, height: int, every: int) -> Work:
    """The mean SSIM; in a process of its own, as it takes the memory of all raw frames."""
    return lambda: {"ssim": ssim(Path(film), Path(frames), width, height, every)}


def ssim(film: Path, frames: Path, width: int, height: int, every: int) -> float:
    """Mean SSIM by FFmpeg's filter, in process."""
    stats = film.with_suffix(".ssim")
    graph = av.filter.Graph()
    shape = av.VideoFormat("yuv420p", width, height)
    mine, theirs = (
        graph.add_buffer(width=width, height=height, format=shape, time_base=Fraction(1, 30))
        for _ in range(2)
    )
    compare = graph.add("ssim", f"stats_file={stats}")
    sink = graph.add("buffersink")
    mine.link_to(compare, 0, 0)
    theirs.link_to(compare, 0, 1)
    compare.link_to(sink)
    graph.configure()
    for number, (seen, drawn) in enumerate(
        zip(islice(_decoded(film), 0, None, every), raw.load(frames, width, height), strict=True)
    ):
        for source, picture in ((mine, seen), (theirs, raw.frame(drawn))):
            picture.pts = number
            source.push(picture)
        sink.pull()
    del graph
    values = [float(found) for found in _SAID.findall(stats.read_text())]
    stats.unlink()
    return float(np.mean(values))


def vmaf(film: Path, frames: Path, *, width: int, height: int, every: int) -> float:
    """Mean VMAF by the command-line FFmpeg. Raises CalledProcessError."""
    told = film.with_suffix(".vmaf.json")
    step = _SUBSAMPLE if every == 1 else 1
    same = "setparams=range=tv:colorspace=bt709,settb=AVTB,setpts=N/30/TB"
    graph = (
        f"[0:v]select=not(mod(n\\,{every})),{same}[a];[1:v]{same}[b];"
        f"[a][b]libvmaf=n_threads=2:n_subsample={step}:log_fmt=json:log_path={told}"
    )
    shape = ("-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{width}x{height}", "-r", "30")
    command = [peers.ffmpeg(), "-v", "error", "-i", str(film), *shape, "-i", str(frames)]
    subprocess.run([*command, "-lavfi", graph, "-f", "null", "-"], check=True, capture_output=True)
    pooled = json.loads(told.read_bytes())["pooled_metrics"]
    told.unlink()
    return float(pooled["vmaf"]["mean"])


def _decoded(film: Path) -> Iterator[av.VideoFrame]:
    with av.open(str(film)) as opened:
        yield from opened.decode(video=0)
