"""Pictures that stand still, coded for next to nothing where the codec lets us."""

from functools import lru_cache, partial

from reelsmith.domain.jobs import Codec
from reelsmith.errors import MediaError
from reelsmith.media.coded import Header, Picture
from reelsmith.media.encode import KEY_INTERVAL, Encoder, Profile
from reelsmith.media.h264 import ParameterSets, Skips
from reelsmith.media.planes import Planes


class Holder:
    """Codes a picture that is shown for many frames.

    In H.264 it is one IDR picture every `KEY_INTERVAL`, and pictures that say "as before" between
    them, which we write ourselves. Other codecs get the same picture again and again.
    """

    def __init__(
        self, profile: Profile, *, width: int, height: int, fps: int, threads: int
    ) -> None:
        """Learn from the encoder what an unchanged picture looks like, once in a process.

        Raises:
            MediaError: the encoder's pictures are not ones that holds can use.
        """
        self._open = partial(_opened, profile, width, height, fps, threads)
        is_h264 = profile.codec is Codec.H264
        self._skips = _skips(profile, width, height, fps, threads) if is_h264 else None
        self.headers: set[Header] = set()

    def hold(self, picture: Planes, frames: int) -> list[Picture]:
        """`frames` times the same picture. Raises MediaError when the encoder errs."""
        encoder = self._open()
        encoder.canvas.show(picture)
        pictures = encoder.add()
        if self._skips is None:
            for _ in range(1, frames):
                pictures += encoder.add()
        pictures += encoder.finish()
        self.headers |= encoder.headers
        if self._skips is None:
            return pictures
        if len(pictures) != 1:
            raise MediaError("the encoder did not give one picture for one")
        return [
            Picture(self._skips.picture(after), number, key=False)
            if (after := number % KEY_INTERVAL)
            else Picture(pictures[0].data, number, key=True)
            for number in range(frames)
        ]


def _opened(profile: Profile, width: int, height: int, fps: int, threads: int) -> Encoder:
    return Encoder(
        profile=profile,
        width=width,
        height=height,
        fps=fps,
        threads=threads,
        crf=profile.hold_crf,
    )


@lru_cache(maxsize=8)  # a process sees few sizes, and learning one takes as long as a slide
def _skips(profile: Profile, width: int, height: int, fps: int, threads: int) -> Skips:
    encoder = _opened(profile, width, height, fps, threads)
    encoder.canvas.show(Planes.black(width, height))
    pictures = [*encoder.add(), *encoder.add(), *encoder.finish()]
    return Skips(pictures[1].data, ParameterSets.of(encoder.opening))
