"""The same films by filter graphs for FFmpeg's command line, as they are usually written."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import kits
from bench.inputs import FONTS
from bench.kits import Kit
from reelsmith.domain.layers import Move
from reelsmith.domain.timelines import Cue, Scene

PRESCALE = 4  # pictures are made this much larger first, as zoompan moves by whole pixels
_STYLE = (
    "Style: D,Anton,80,&H00FFFFFF,&H00FFFFFF,&H00000000,&H00000000,0,0,0,0,100,100,0,0,1,6,0,"
    "2,60,60,350,1"
)
_HEAD = f"""[Script Info]
ScriptType: v4.00+
PlayResX: {{width}}
PlayResY: {{height}}
YCbCr Matrix: TV.709

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, \
Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, \
Alignment, MarginL, MarginR, MarginV, Encoding
{_STYLE}

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
_DUCKED = (
    "[{m}:a]volume=0.25[mu];[{n}:a]asplit=2[na][nb];"
    "[mu][na]sidechaincompress=threshold=0.03:ratio=8:attack=20:release=300[du];"
    "[nb][du]amix=inputs=2:duration=first:normalize=0[a]"
)


def ad(kit: Kit, out: Path, *, program: str, preset: str, crf: int, with_sound: bool) -> list[str]:
    """The command for a film of stills under zoompan, crossfaded, with an ASS file over it."""
    timeline = kit.timeline
    words = out.with_suffix(".ass")
    words.write_text(_ass(timeline.cues, timeline.width, timeline.height, timeline.fps))
    graph = [*_moves(kit), *_joined(timeline.scenes, timeline.fps)]
    graph.append(f"[joined]ass={words}:fontsdir={FONTS}[v]")
    inputs = [str(kits.source_file(kit, scene)) for scene in timeline.scenes]
    sounds: list[str] = []
    if with_sound and timeline.music:
        graph.append(_DUCKED.format(n=len(inputs), m=len(inputs) + 1))
        heard = timeline.narration[0].key, timeline.music.key
        inputs += [str(kit.files[key]) for key in heard]
        sounds = ["-map", "[a]", "-c:a", "aac", "-b:a", "160k"]
    seconds = str(timeline.duration_seconds)
    return [
        *(program, "-v", "error", "-y", *_inputs(inputs), "-filter_complex", ";".join(graph)),
        *("-map", "[v]", *sounds, "-frames:v", str(timeline.frames), "-t", seconds),
        *_coded(preset, crf, out),
    ]


def slides(pictures: Sequence[Path], seconds: float, out: Path, *, program: str) -> list[str]:
    """The command for slides that stand for `seconds` each, by `-loop 1`."""
    inputs, labels = [], ""
    for n, picture in enumerate(pictures):
        inputs += ["-loop", "1", "-framerate", "30", "-t", str(seconds), "-i", str(picture)]
        labels += f"[{n}:v]"
    graph = f"{labels}concat=n={len(pictures)}:v=1[v]"
    return [
        *(program, "-v", "error", "-y", *inputs, "-filter_complex", graph, "-map", "[v]"),
        *_coded("veryfast", 18, out),
    ]


def zoompan(
    picture: Path, move: Move, frames: int, size: tuple[int, int], out: Path, *, program: str
) -> list[str]:
    """The command for one move over a picture, to raw grey frames."""
    graph = f"[0:v]{_zoompan(move, frames, size, 30)},format=gray[v]"
    return [
        *(program, "-v", "error", "-y", "-i", str(picture), "-filter_complex", graph),
        *("-map", "[v]", "-frames:v", str(frames), "-f", "rawvideo", str(out)),
    ]


def _zoompan(move: Move, frames: int, size: tuple[int, int], fps: int) -> str:
    width, height = size
    large = f"{PRESCALE * width}:{PRESCALE * height}"
    share = f"on/{max(frames - 1, 1)}"
    zoom, x, y = (
        f"({begin}+({end - begin})*{share})"
        for begin, end in (
            (move.zoom_from, move.zoom_to),
            (move.x_from, move.x_to),
            (move.y_from, move.y_to),
        )
    )
    return (
        f"scale={large}:force_original_aspect_ratio=increase,crop={large},setsar=1,"
        f"zoompan=z='{zoom}':x='(iw-iw/zoom)*{x}':y='(ih-ih/zoom)*{y}':d={frames}"
        f":s={width}x{height}:fps={fps},format=yuv420p"
    )


def _moves(kit: Kit) -> Iterator[str]:
    timeline = kit.timeline
    for scene in timeline.scenes:
        shown = timeline.visible_until(scene.index) - scene.first_frame
        chain = _zoompan(scene.move, shown, (timeline.width, timeline.height), timeline.fps)
        yield f"[{scene.index}:v]{chain}[s{scene.index}]"


def _joined(scenes: Sequence[Scene], fps: int) -> Iterator[str]:
    current = "s0"
    for scene in scenes[1:]:
        label = "joined" if scene.index == len(scenes) - 1 else f"x{scene.index}"
        length, offset = scene.transition_frames / fps, scene.first_frame / fps
        fade = f"xfade=transition=fade:duration={length}:offset={offset}"
        yield f"[{current}][s{scene.index}]{fade}[{label}]"
        current = label


def _ass(cues: Sequence[Cue], width: int, height: int, fps: int) -> str:
    lines = [_HEAD.format(width=width, height=height)]
    for cue in cues:
        for lit, word in enumerate(cue.words):
            text = " ".join(
                f"{{\\c&H00E6FF&}}{each.text}{{\\c&HFFFFFF&}}" if n == lit else each.text
                for n, each in enumerate(cue.words)
            )
            times = f"{_time(word.first_frame / fps)},{_time(word.end_frame / fps)}"
            lines.append(f"Dialogue: 0,{times},D,,0,0,0,,{text}\n")
    return "".join(lines)


def _time(seconds: float) -> str:
    return f"{int(seconds // 3600)}:{int(seconds // 60) % 60:02}:{seconds % 60:05.2f}"


def _inputs(paths: Sequence[str]) -> Iterator[str]:
    for path in paths:
        yield from ("-i", path)


def _coded(preset: str, crf: int, out: Path) -> list[str]:
    film = ("-pix_fmt", "yuv420p", "-movflags", "+faststart", str(out))
    return ["-c:v", "libx264", "-preset", preset, "-crf", str(crf), *film]
