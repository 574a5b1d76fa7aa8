"""Pictures and sounds for tests, made in memory."""

import io
import math
import struct
import wave

from PIL import Image


def a_picture(colour, *, size=(400, 600), format="PNG") -> bytes:
    """A plain picture."""
    made = io.BytesIO()
    Image.new("RGB", size, colour).save(made, format)
    return made.getvalue()


def a_tone(*, seconds=2.0, hertz=220.0, level=0.3, rate=22_050) -> bytes:
    """A mono WAV with a sine."""
    made = io.BytesIO()
    samples = (
        round(32_767 * level * math.sin(2 * math.pi * hertz * n / rate))
        for n in range(int(seconds * rate))
    )
    with wave.open(made, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return made.getvalue()
