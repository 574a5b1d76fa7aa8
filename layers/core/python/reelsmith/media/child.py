"""What the confined decoders share: how they read, refuse and answer.

A decoder is a process of its own that trusts nothing it reads and is trusted in nothing it says.
The caller's file is its standard input, so it knows no path; it leaves raw samples in `RESULT` of
its empty working folder and prints one JSON object. It imports nothing that it does not need.
"""

import errno
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence

RESULT = "result.raw"

_PACKED = ("aac", "alac", "flac", "mp3", "mp3float", "opus", "vorbis")
_PLAIN = ("pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le")
SOUND_DECODERS = frozenset((*_PACKED, *_PLAIN, "pcm_s16be", "pcm_s24be", "pcm_s32be"))
PICTURE_DECODERS = frozenset(
    ("h264", "hevc", "libdav1d", "vp8", "vp9", "mpeg4", "mpeg2video", "mjpeg", "prores")
)
# Either is needed to find where a file begins: with its first sound or with its first picture.
CLIP_DECODERS = SOUND_DECODERS | PICTURE_DECODERS

# EFBIG is none of them: a file that becomes larger than its kind may is not to be tried again.
_FULL = (errno.ENOSPC, errno.EDQUOT)

Answer = Mapping[str, object]
Decode = Callable[[Sequence[str]], Answer]


class Refused(Exception):
    """The file is not usable. Both texts are ours and hold nothing of the file's own words."""

    def __init__(self, fault: str, remedy: str) -> None:
        super().__init__(fault)
        self.fault = fault
        self.remedy = remedy


def main(decode: Decode) -> None:
    """Decode as the arguments say and print the answer, or the refusal.

    A disk that is full is nobody's fault: the process ends with EX_IOERR, as `media.run` reads it.
    """
    try:
        say(_answer(decode))
    except OSError as failed:
        if failed.errno in _FULL:
            os._exit(os.EX_IOERR)  # at once: what is left in buffers finds no room either
        raise


def say(answer: Answer) -> None:
    """Print an answer, a line of JSON, so that it is heard at once."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _answer(decode: Decode) -> Answer:
    try:
        return decode(sys.argv[1:])
    except Refused as refused:
        return {"fault": refused.fault, "remedy": refused.remedy}
    except MemoryError:
        return {"fault": "needs too much memory", "remedy": "send a smaller one"}
