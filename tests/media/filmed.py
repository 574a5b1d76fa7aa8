"""Clips to show, made on the spot, and eyes that read what a film shows of them."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from reelsmith.domain.layers import Clip, Fit
from reelsmith.media import clips
from reelsmith.media.planes import Planes

SIZE = (320, 180)
SHA = "0" * 64
RED, GREEN, BLUE, GREY = (200, 40, 40), (40, 200, 40), (40, 40, 200), (120, 120, 120)
CORNERS = ((0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75))  # middles of the quarters
_BITS = 8


def numbered(number, size=SIZE) -> np.ndarray:
    """A picture that says its number: eight upright bars, white for each bit that is set."""
    width, height = size
    bits = [(number >> bit) & 1 for bit in range(_BITS)]
    columns = np.repeat(np.array(bits, np.uint8) * 200 + 25, -(-width // _BITS))[:width]
    return np.broadcast_to(columns[None, :, None], (height, width, 3)).copy()


def read(planes: Planes) -> int:
    """The number that a picture says; the bars fill its whole width."""
    middle = planes.y[planes.height // 2].astype(int)
    step = planes.width / _BITS
    return sum((middle[int((bit + 0.5) * step)] > 128) << bit for bit in range(_BITS))


def quartered(size=SIZE) -> np.ndarray:
    """Red and green above, blue and grey below."""
    width, height = size
    picture = np.zeros((height, width, 3), np.uint8)
    picture[: height // 2, : width // 2], picture[: height // 2, width // 2 :] = RED, GREEN
    picture[height // 2 :, : width // 2], picture[height // 2 :, width // 2 :] = BLUE, GREY
    return picture


def a_clip(
    path: Path,
    pictures,
    *,
    fps=30,
    moments=None,
    codec="libx264",
    pixels="yuv420p",
    matrix=1,
    full_range=False,
    tags=True,
    transfer=1,
    primaries=1,
    turned=None,
    pixel_shape=None,
    sound=None,
    sound_at=0,
    faststart=False,
    **options,
) -> Path:
    """A film file of these (h, w, 3) pictures, at `moments` in seconds or at a constant rate.

    `sound` are mono samples at 48 kHz, of full scale 1, that begin at `sound_at` seconds.
    """
    times = moments or [Fraction(n) / Fraction(fps) for n in range(len(pictures))]
    width, height = _size(pictures[0])
    with av.open(str(path), "w", options={"movflags": "faststart"} if faststart else {}) as film:
        stream = film.add_stream(codec, rate=Fraction(fps), options=_options(codec) | options)
        stream.width, stream.height, stream.pix_fmt = width, height, pixels
        stream.time_base = stream.codec_context.time_base = Fraction(1, 60_000)
        if codec in ("mpeg4", "libsvtav1"):
            stream.codec_context.time_base = Fraction(1, Fraction(fps).numerator)
        if tags:
            stream.colorspace, stream.color_range = matrix, 2 if full_range else 1
            stream.color_trc, stream.color_primaries = transfer, primaries
        if turned is not None:
            stream.set_display_rotation(**turned)
        if pixel_shape:
            stream.codec_context.sample_aspect_ratio = pixel_shape
        track = film.add_stream("aac", rate=48_000, layout="mono") if sound is not None else None
        if track:
            _write_sound(film, track, sound, sound_at)
        for time, picture in zip(times, pictures, strict=True):
            frame = _coded(picture, pixels, matrix, full_range)
            frame.time_base = stream.codec_context.time_base
            frame.pts = round(time / frame.time_base)
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))
    return path


def _size(picture):
    if isinstance(picture, av.VideoFrame):
        return picture.width, picture.height
    return picture.shape[1], picture.shape[0]


def _options(codec):
    small = {"libx264": {"preset": "ultrafast", "crf": "12"}, "libx265": {"preset": "ultrafast"}}
    small |= {"libsvtav1": {"preset": "12", "crf": "20"}, "libvpx-vp9": {"cpu-used": "8"}}
    return small.get(codec, {})


def _coded(picture, pixels, matrix, full_range):
    if isinstance(picture, av.VideoFrame):
        return picture
    spaces = {1: Colorspace.ITU709, 6: Colorspace.ITU601, 5: Colorspace.ITU601, 9: 9, 2: 5}
    return av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), "rgb24").reformat(
        format=pixels,
        dst_colorspace=spaces[matrix],
        dst_color_range=ColorRange.JPEG if full_range else ColorRange.MPEG,
        interpolation=Interpolation.BICUBIC | Interpolation.ACCURATE_RND,
    )


def _write_sound(film, track, samples, at):
    track.codec_context.time_base = Fraction(1, 48_000)
    whole = (np.asarray(samples) * 32_767).astype(np.int16)[None, :]
    frame = av.AudioFrame.from_ndarray(whole, "s16", "mono")
    frame.sample_rate, frame.pts = 48_000, 0
    resampler = av.AudioResampler("fltp", "mono", 48_000, track.frame_size or 1024)
    place = round(at * 48_000)
    for part in [*resampler.resample(frame), *resampler.resample(None)]:
        part.time_base, part.pts = Fraction(1, 48_000), place
        place += part.samples
        film.mux(track.encode(part))
    film.mux(track.encode(None))


def watched(
    path, frames, *, order=None, size=SIZE, fps=30, fit=Fit.COVER, from_seconds=0.0
) -> list[Planes]:
    """What a film shows of a clip in these frames of its visibility, or in some, in an order."""
    shown = range(frames) if isinstance(frames, int) else frames
    clip = Clip(key="k", sha256=SHA, fit=fit, from_seconds=from_seconds)
    seen = []
    with clips.open(
        path, name="c.mp4", clip=clip, width=size[0], height=size[1], fps=fps, frames=shown
    ) as footage:
        for frame in order or shown:
            canvas = Planes.black(*size)
            footage.draw(frame, canvas)
            seen.append(canvas)
    return seen


def colours(planes: Planes) -> np.ndarray:
    """A picture as a player shows it, (height, width, 3) sRGB."""
    frame = av.VideoFrame(planes.width, planes.height, "yuv420p")
    Planes.of(frame).show(planes)
    return frame.to_ndarray(
        format="rgb24", src_colorspace=Colorspace.ITU709, src_color_range=ColorRange.MPEG
    )


def at(picture, x, y) -> tuple[int, int, int]:
    """The colour at a place, in shares of the frame."""
    height, width = picture.shape[:2]
    return tuple(int(v) for v in picture[int(y * height), int(x * width)])


def alike(one, other, *, within=6) -> bool:
    """Whether two colours look the same."""
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= within
