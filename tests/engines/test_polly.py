"""The paid voice: what is asked of it and read from it, held against botocore's own model."""

import io
import json
import wave
from itertools import pairwise

import pytest
from botocore.response import StreamingBody
from botocore.session import get_session
from botocore.stub import Stubber

from reelsmith import aws
from reelsmith.engines import polly
from reelsmith.engines.polly import RATE, PollySpeaker
from reelsmith.errors import Invalid, MediaError, Unavailable

TEXT = "¡Hola, año nuevo! — Compra 25 kg."


@pytest.fixture
def stub(monkeypatch):
    """A client that answers as it is told, and refuses what is not in the service's model."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    client = get_session().create_client("polly", region_name="us-east-1")
    monkeypatch.setattr(aws, "client", lambda service: client)
    with Stubber(client) as stubbed:
        yield stubbed
        stubbed.assert_no_pending_responses()


def body(raw):
    return StreamingBody(io.BytesIO(raw), len(raw))


def asked(text, voice="Lupe", **wanted):
    return {"Engine": "neural", "VoiceId": voice, "Text": text, "TextType": "text"} | wanted


def marks(text, times):
    """Speech marks as Polly writes them: bytes of the text, milliseconds of the sound."""
    lines = []
    for word, time in times:
        start = len(text[: text.index(word)].encode())
        end = start + len(word.encode())
        lines.append({"time": time, "type": "word", "start": start, "end": end, "value": word})
    return "\n".join(map(json.dumps, lines)).encode()


def answers(stub, text, seconds, times, voice="Lupe"):
    sound = bytes(round(seconds * RATE) * 2)
    stub.add_response(
        "synthesize_speech",
        {"AudioStream": body(sound), "ContentType": "audio/pcm", "RequestCharacters": len(text)},
        asked(text, voice, OutputFormat="pcm", SampleRate="16000"),
    )
    stub.add_response(
        "synthesize_speech",
        {"AudioStream": body(marks(text, times)), "ContentType": "application/x-json-stream"},
        asked(text, voice, OutputFormat="json", SpeechMarkTypes=["word"]),
    )


def test_every_token_has_the_time_of_its_mark_though_marks_count_bytes(stub, tmp_path):
    times = [
        ("Hola", 40),
        ("año", 500),
        ("nuevo", 900),
        ("Compra", 1500),
        ("25", 2000),
        ("kg", 2600),
    ]
    answers(stub, TEXT, 3.0, times)

    said = PollySpeaker("neural").speak(TEXT, language="es", voice=None, out=tmp_path / "a.wav")

    assert [word.text for word in said.words] == TEXT.split()
    starts = {word.text: word.start for word in said.words}
    assert (starts["¡Hola,"], starts["año"], starts["Compra"]) == (0.04, 0.5, 1.5)
    assert 0.9 < starts["—"] < 1.5
    assert all(a.end <= b.start + 1e-9 for a, b in pairwise(said.words))
    assert said.words[-1].end == 3.0
    assert (said.engine, said.voice, said.timing) == ("polly", "Lupe", "engine")
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert (file.getframerate(), file.getnframes()) == (said.rate, said.samples)


def test_a_long_text_is_asked_for_in_parts_and_heard_as_one(stub, tmp_path):
    sentence = "Compra ya. "
    text = sentence * 400
    parts = list(polly._pieces(text))
    assert all(len(part) <= 2_800 and part.endswith(". ") for part in parts)
    for part in parts:
        answers(stub, part, 10.0, [("Compra", 100)])

    said = PollySpeaker("neural").speak(text, language="es", voice=None, out=tmp_path / "a.wav")

    assert len(said.words) == len(text.split())
    assert said.samples == 10 * RATE * len(parts)
    assert all(a.start <= b.start for a, b in pairwise(said.words))


def test_a_voice_is_chosen_by_language_unless_it_is_named():
    speaker = PollySpeaker("neural")
    chosen = {
        tag: speaker.fingerprint(language=tag, voice="auto") for tag in ("es", "es-AR", "es_ES")
    }
    assert [print_.split("/")[2] for print_ in chosen.values()] == ["Lupe", "Lupe", "Lucia"]
    assert speaker.fingerprint(language="es", voice="Mia") == "polly/neural/Mia/1"


def test_all_voices_that_we_choose_are_in_the_services_own_list():
    known = get_session().get_service_model("polly").shape_for("VoiceId").enum
    assert set(polly._VOICES.values()) <= set(known)


@pytest.mark.parametrize(("language", "voice"), [("tlh", None), ("es", "../x"), ("es", "f3")])
def test_what_polly_has_not_is_refused_before_anything_is_asked(stub, tmp_path, language, voice):
    with pytest.raises(Invalid):
        PollySpeaker("neural").speak(
            "Hola", language=language, voice=voice, out=tmp_path / "a.wav"
        )


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("EngineNotSupportedException", MediaError),
        ("TextLengthExceededException", MediaError),
        ("ThrottlingException", Unavailable),
        ("ServiceFailureException", Unavailable),
    ],
)
def test_an_error_says_whether_another_try_can_help(stub, tmp_path, code, error):
    stub.add_client_error("synthesize_speech", service_error_code=code)
    with pytest.raises(error):
        PollySpeaker("neural").speak("Hola", language="es", voice=None, out=tmp_path / "a.wav")


def test_a_text_of_which_nothing_is_said_is_an_error(stub, tmp_path):
    answers(stub, "—", 0.1, [])
    with pytest.raises(MediaError, match="nothing to say"):
        PollySpeaker("neural").speak("—", language="es", voice=None, out=tmp_path / "a.wav")
