import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelsmith.domain.assets import FileType
from reelsmith.domain.jobs import Priority
from reelsmith.errors import Invalid
from reelsmith.usecases import sidecars

FILES = ["10.jpg", "2.JPG", "música fondo.mp3", "notes.txt", "voz.wav"]


def order(text="text_prompt: Hola", file="reel.yaml"):
    return sidecars.read(text.encode(), file=file)


def test_yaml_and_json_say_the_same():
    said = {"text_prompt": "¡Hola! Ñandú", "title": "Oferta", "priority": "high"}
    yaml = order("text_prompt: '¡Hola! Ñandú'\ntitle: Oferta\npriority: high")
    assert yaml == order(json.dumps(said), file="reel.json")
    assert yaml.priority is Priority.HIGH


def test_pictures_come_in_the_order_in_which_people_count():
    assert sidecars.choose(order(), FILES).images == ("2.JPG", "10.jpg")


def test_sounds_are_known_by_their_names():
    chosen = sidecars.choose(order(), FILES)
    assert (chosen.music, chosen.voice_over) == ("música fondo.mp3", "voz.wav")
    assert chosen.files["voz.wav"] is FileType.AUDIO


def test_subtitles_belong_to_a_voice_over_and_are_known_by_their_name():
    files = [*FILES, "captions.srt"]
    chosen = sidecars.choose(order(), files)
    assert chosen.captions_file == "captions.srt"
    assert chosen.files["captions.srt"] is FileType.SUBTITLES
    assert sidecars.choose(order(), ["captions.srt"]).captions_file is None


def test_what_the_sidecar_names_is_taken_in_its_order():
    named = order("text_prompt: Hola\nimages: ['10.jpg', '2.JPG']\nmusic: voz.wav")
    chosen = sidecars.choose(named, FILES)
    assert chosen.images == ("10.jpg", "2.JPG")
    assert chosen.music == "voz.wav"


def test_every_missing_file_is_named():
    named = order("text_prompt: Hola\nimages: ['10.jpg', 'gone.jpg']\nmusic: gone.mp3")
    with pytest.raises(Invalid) as refused:
        sidecars.choose(named, FILES)
    assert {fault.pointer for fault in refused.value.faults} == {"/images/1", "/music"}


def test_a_spec_is_made_with_ids_in_place_of_names():
    chosen = sidecars.choose(order(), ["2.JPG"])
    spec = order().spec(chosen, {"2.JPG": "ast_1"})
    assert (spec.images, spec.text_prompt) == (("ast_1",), "Hola")


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ("- a\n- list", "/reel.yaml"),
        ("text_prompt: [unclosed", "/reel.yaml"),
        ("", "/reel.yaml"),
        ("title: no words", "/text_prompt"),
        ("text_prompt: Hola\nduration_per_image: 900", "/duration_per_image"),
        ("text_prompt: Hola\ntextprompt: twice", "/textprompt"),
        ("text_prompt: Hola\npriority: asap", "/priority"),
        ("!!python/object/apply:os.getcwd []", "/reel.yaml"),
    ],
)
def test_a_sidecar_that_cannot_be_followed_says_where_it_is_wrong(text, pointer):
    with pytest.raises(Invalid) as refused:
        order(text)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]
    assert all(fault.remedy for fault in refused.value.faults)


@given(st.binary(max_size=300))
def test_no_bytes_whatever_break_the_reader(body):
    for file in ("reel.yaml", "reel.json"):
        try:
            sidecars.read(body, file=file)
        except Invalid as refused:
            assert refused.faults
