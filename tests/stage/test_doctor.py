from infra.cli import doctor


def test_a_machine_that_was_set_up_is_well(capsys):
    assert doctor.main() == 0

    said = capsys.readouterr().out
    for name in (
        "libx264",
        "espeak-ng",
        "OFL 1.1",
        "libavcodec",
        "--enable-libx264",
        "LibreOffice",
    ):
        assert name in said


def test_a_build_of_ffmpeg_without_our_encoder_is_named(capsys, monkeypatch):
    monkeypatch.setattr(doctor, "_ENCODERS", ("aac", "an_encoder_of_tomorrow"))

    assert doctor.main() == 1
    said = capsys.readouterr().out
    assert "MISSING" in said
    assert "no an_encoder_of_tomorrow" in said


def test_an_optional_program_that_is_absent_is_no_fault(capsys, monkeypatch):
    monkeypatch.setattr(doctor, "_OPTIONAL", (("no-such-program", "nothing"),))

    assert doctor.main() == 0
    assert "absent" in capsys.readouterr().out
