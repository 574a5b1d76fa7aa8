"""The picture strip of the README: frames of finished films side by side.

`python -m bench.strip .reelsmith/demo/*.mp4` writes `docs/strip.webp`.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import av
from PIL import Image

TARGET = Path(__file__).parents[1] / "docs" / "strip.webp"
HEIGHT, GAP = 420, 6
MOMENTS = (0.12, 0.45, 0.8)  # shares of a film


def frames(film: Path) -> Iterator[Image.Image]:
    """Three frames of a film, upright and small."""
    with av.open(str(film)) as opened:
        stream = opened.streams.video[0]
        wanted = [int(stream.frames * share) for share in MOMENTS]
        for number, frame in enumerate(opened.decode(stream)):
            if number in wanted:
                picture = frame.to_image()  # type: ignore[no-untyped-call]
                width = round(picture.width * HEIGHT / picture.height)
                yield picture.resize((width, HEIGHT), Image.Resampling.LANCZOS)


def main(films: list[str]) -> None:
    """Write the strip of these films."""
    pictures = [picture for film in films for picture in frames(Path(film))]
    width = sum(picture.width + GAP for picture in pictures) - GAP
    strip = Image.new("RGB", (width, HEIGHT), "white")
    at = 0
    for picture in pictures:
        strip.paste(picture, (at, 0))
        at += picture.width + GAP
    strip.save(TARGET, quality=82, method=6)
    print(f"{TARGET}: {width}x{HEIGHT}, {TARGET.stat().st_size >> 10} KB")


if __name__ == "__main__":
    main(sys.argv[1:])
