"""The same films by MoviePy 2, run by the interpreter of the peers' environment.

`python moviepy_films.py FILM.json`: the JSON is written by the bench and says all there is to say.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from moviepy import (  # type: ignore[import-not-found]
    AudioFileClip,
    CompositeAudioClip,
    CompositeVideoClip,
    ImageClip,
    TextClip,
    afx,
    concatenate_videoclips,
    vfx,
)
from PIL import Image


def main(path: str) -> None:
    """Make the film that the file describes."""
    told: dict[str, Any] = json.loads(Path(path).read_bytes())
    film = _ad(told) if told["kind"] == "ad" else _slides(told)
    film.write_videofile(
        told["out"],
        fps=30,
        codec="libx264",
        audio_codec="aac",
        preset=told["preset"],
        threads=2,
        ffmpeg_params=["-crf", str(told["crf"]), "-movflags", "+faststart", "-pix_fmt", "yuv420p"],
        logger=None,
    )


def _ad(told: dict[str, Any]) -> Any:  # noqa: ANN401
    size = told["width"], told["height"]
    clips = [_still(scene, size) for scene in told["scenes"]]
    clips += [_word(word, told["font"]) for word in told["words"]]
    film = CompositeVideoClip(clips, size=size).with_duration(told["seconds"])
    if told["voice"]:
        tune = AudioFileClip(told["music"]).with_effects([afx.MultiplyVolume(0.15)])
        heard = [AudioFileClip(told["voice"]), tune]
        sound = [one.subclipped(0, min(one.duration, told["seconds"])) for one in heard]
        film = film.with_audio(CompositeAudioClip(sound))
    return film


def _still(scene: dict[str, Any], size: tuple[int, int]) -> Any:  # noqa: ANN401
    shown = scene["seconds"]
    begin, growth = scene["zoom_from"], scene["zoom_to"] - scene["zoom_from"]
    clip = (
        ImageClip(_cover(scene["path"], size))
        .with_duration(shown)
        .with_effects([vfx.Resize(lambda at: begin + growth * at / shown)])
        .with_position("center")
        .with_start(scene["start"])
    )
    fade = scene["fade"]
    return clip.with_effects([vfx.CrossFadeIn(fade)]) if fade else clip


def _word(word: dict[str, Any], font: str) -> Any:  # noqa: ANN401
    style = {"font_size": 80, "color": "yellow", "stroke_color": "black", "stroke_width": 6}
    text = TextClip(font=font, text=word["text"], margin=(10, 20), **style)
    timed = text.with_start(word["start"]).with_duration(word["end"] - word["start"])
    return timed.with_position(("center", 0.72), relative=True)


def _cover(path: str, size: tuple[int, int]) -> Any:  # noqa: ANN401
    with Image.open(path) as opened:
        image = opened.convert("RGB")
    scale = max(size[0] / image.width, size[1] / image.height)
    image = image.resize((round(image.width * scale), round(image.height * scale)))
    x, y = (image.width - size[0]) // 2, (image.height - size[1]) // 2
    return np.asarray(image.crop((x, y, x + size[0], y + size[1])))


def _slides(told: dict[str, Any]) -> Any:  # noqa: ANN401
    clips = [ImageClip(picture).with_duration(told["seconds"]) for picture in told["pictures"]]
    return concatenate_videoclips(clips)


if __name__ == "__main__":
    main(sys.argv[1])
