"""What a finished film measures: taken from the file, never from what made it."""

from reelsmith.domain.model import Entity, Sha256


class Measured(Entity):
    """A film as its file shows it.

    `frames` counts the pictures in the file, `fps` is what their times say. `av_offset_ms` is the
    larger of two differences, at the start and at the end: positive where sound is later than
    picture, after edit lists and priming. Loudness and true peak are None for silence.
    """

    duration_seconds: float
    frames: int
    frames_indexed: int
    key_frames: int
    key_frames_decoded: int
    width: int
    height: int
    fps: float
    regular: bool
    video_codec: str
    pixel_format: str
    audio_codec: str | None
    sample_rate: int | None
    channels: int | None
    audio_seconds: float
    audio_regular: bool
    loudness_lufs: float | None
    true_peak_dbtp: float | None
    av_offset_ms: float
    size_bytes: int
    sha256: Sha256
    moov_first: bool
