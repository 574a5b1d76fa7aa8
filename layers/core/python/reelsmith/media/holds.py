"""Pictures that stand still, coded for next to nothing where the codec lets us."""

from collections.abc import Callable

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

    def __init__(self, profile: Profile, open_encoder: Callable[[], Encoder]) -> None:
        """Learn from the encoder what an unchanged picture looks like.

        `open_encoder` makes an `Encoder` of this profile with its `hold_crf`.

        Raises:
            MediaError: the encoder's pictures are not ones that holds can use.
        """
        self._open = open_encoder
        self._skips = _skips(open_encoder()) if profile.codec is Codec.H264 else None
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


def _skips(encoder: Encoder) -> Skips:
    encoder.canvas.show(Planes.black(encoder.canvas.width, encoder.canvas.height))
    pictures = [*encoder.add(), *encoder.add(), *encoder.finish()]
    return Skips(pictures[1].data, ParameterSets.of(encoder.opening))
