"""The espeak-ng process: one JSON request on stdin, a WAV file and one JSON answer on stdout.

It is a program of its own, run by `engines.espeak`, so that a crash in the C library takes nobody
along and the GPL engine stays at arm's length. It needs the standard library only, because it
runs isolated, without site-packages.

Request: `library` (path or soname), `data` (a folder that holds `espeak-ng-data`, or null for the
library's own), and to speak also `voice`, `words_per_minute`, `text`, `out`.
Answer: `version`, and for speech `rate` in Hz, `samples`, and `events`: [kind, character, sample],
kind one of `word`, `sound`, `silence`.
Where there is no room for the file it ends with EX_IOERR of sysexits(3).
"""

import ctypes
import errno
import json
import os
import sys
import wave
from typing import Any

# speak_lib.h of espeak-ng 1.52
_SYNCHRONOUS = 2
_PHONEME_EVENTS = 1
_RATE = 1
_CHARACTERS = 1
_PLAIN_UTF8 = 1  # without espeakSSML and espeakPHONEMES: markup is read out, never obeyed
_END, _WORD, _PHONEME = 0, 1, 7
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class _Id(ctypes.Union):
    _fields_ = (
        ("number", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("string", ctypes.c_char * 8),
    )


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


def _named(event: _Event) -> tuple[str, int, int] | None:
    """An event as (kind, character from 0, sample), or None when it is of no use."""
    if event.type == _WORD:
        return "word", event.text_position - 1, event.sample
    if event.type == _PHONEME:
        kind = "silence" if event.id.string.startswith(b"_") else "sound"
        return kind, event.text_position - 1, event.sample
    return None


def _library(request: dict[str, Any]) -> tuple[ctypes.CDLL, int]:
    """The initialised library and its sampling rate in Hz."""
    library = ctypes.CDLL(request["library"])
    library.espeak_Info.restype = ctypes.c_char_p
    data = request["data"]
    rate = library.espeak_Initialize(
        _SYNCHRONOUS, 0, data.encode() if data else None, _PHONEME_EVENTS
    )
    if rate <= 0:
        sys.exit("espeak-ng does not start")
    return library, rate


def _synthesize(
    library: ctypes.CDLL, request: dict[str, Any]
) -> tuple[bytes, list[tuple[str, int, int]]]:
    """Mono 16-bit samples and the events of the request's text."""
    if library.espeak_SetVoiceByName(request["voice"].encode()) != 0:
        sys.exit("espeak-ng has no such voice")
    library.espeak_SetParameter(_RATE, request["words_per_minute"], 0)
    # The engine seeds a voice's breath by the clock; the same text is to sound the same.
    seed = getattr(library, "espeak_ng_SetRandSeed", ctypes.CDLL(None).srand)  # from 1.52 on
    seed(1)
    samples = bytearray()
    events: list[tuple[str, int, int]] = []

    def take(chunk: Any, count: int, first: Any) -> int:  # noqa: ANN401
        if count > 0:
            samples.extend(ctypes.string_at(chunk, 2 * count))
        index = 0
        while first[index].type != _END:
            named = _named(first[index])
            if named:
                events.append(named)
            index += 1
        return 0

    callback = _Callback(take)  # named, or it is collected while the engine still calls it
    library.espeak_SetSynthCallback(callback)
    text = request["text"].encode()
    size = ctypes.c_size_t(len(text) + 1)
    failed = library.espeak_Synth(text, size, 0, _CHARACTERS, 0, _PLAIN_UTF8, None, None)
    if failed or library.espeak_Synchronize():
        sys.exit("espeak-ng cannot speak this text")
    return bytes(samples), events


def main() -> None:
    """Answer the one request on stdin."""
    request = json.load(sys.stdin)
    library, rate = _library(request)
    answer: dict[str, Any] = {"version": library.espeak_Info(None).decode()}
    if "text" in request:
        samples, events = _synthesize(library, request)
        with wave.open(request["out"], "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(rate)
            out.writeframes(samples)
        answer |= {"rate": rate, "samples": len(samples) // 2, "events": events}
    json.dump(answer, sys.stdout)
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        main()
    except OSError as failed:
        if failed.errno not in _FULL:
            raise
        os._exit(os.EX_IOERR)  # at once: what is left in buffers finds no room either
