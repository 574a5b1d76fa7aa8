"""The plain drop folder, against a bucket in memory. The intake's part is played by the tests."""

import json
import os

import boto3
import pytest
from moto import mock_aws

from infra.local import folder as drop_folder
from infra.local.folder import DropFolder
from reelsmith.storage import keys

BUCKET, TENANT = "films", "ten_ana"
HARD_NAMES = ["Café & té", "100 % listo", "☕ oferta", "-rf", "año nuevo #1?", 'it\'s "new"']


class Desk:
    """The folder on disk, its watcher, and the bucket behind it."""

    def __init__(self, root, s3) -> None:
        self.root, self.s3 = root, s3
        for box in ("in", "out", "done", "failed"):
            (root / box).mkdir()
        self.restart()

    def restart(self) -> None:
        memory = self.root.parent / "drop.json"
        self.watcher = DropFolder(self.root, memory, s3=self.s3, bucket=BUCKET, tenant=TENANT)

    def drop(self, name: str, **files: str) -> None:
        (self.root / "in" / name).mkdir()
        for file, text in {"reel.yaml": "text_prompt: Hola", **files}.items():
            (self.root / "in" / name / file).write_text(text)

    def look(self, times: int = drop_folder.STABLE_LOOKS) -> None:
        for _ in range(times):
            self.watcher.look()

    def stored(self, box: str) -> list[str]:
        prefix = keys.drop(TENANT, box, "").rstrip("/")
        found = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
        return sorted(item["Key"].removeprefix(f"{prefix}/") for item in found)

    def on_disk(self, box: str) -> list[str]:
        here = self.root / box
        return sorted(str(file.relative_to(here)) for file in here.rglob("*") if file.is_file())

    def versions_of(self, name: str, file: str) -> int:
        key = keys.drop(TENANT, "in", name, file)
        found = self.s3.list_object_versions(Bucket=BUCKET, Prefix=key)
        return len(found.get("Versions", []))

    def make_the_film(self, name: str) -> None:
        """What the stage does with a set that becomes a film."""
        self.tell("out", name, "film.mp4", b"the film")
        self.tell("out", name, "job.json", b"{}")
        self._move(name, "done")

    def refuse(self, name: str, why: str) -> None:
        """What the stage does with a set that cannot become a film."""
        self._move(name, "failed")
        self.tell("failed", name, "error.json", json.dumps({"detail": why}).encode())

    def size_of(self, name: str, file: str) -> int:
        key = keys.drop(TENANT, "in", name, file)
        return int(self.s3.head_object(Bucket=BUCKET, Key=key)["ContentLength"])

    def take_back(self, box: str, name: str, file: str) -> None:
        self.s3.delete_object(Bucket=BUCKET, Key=keys.drop(TENANT, box, name, file))

    def tell(self, box: str, name: str, file: str, body: bytes) -> None:
        self.s3.put_object(Bucket=BUCKET, Key=keys.drop(TENANT, box, name, file), Body=body)

    def _move(self, name: str, box: str) -> None:
        for file in [key.removeprefix(f"{name}/") for key in self.stored("in")]:
            source = keys.drop(TENANT, "in", name, file)
            target = keys.drop(TENANT, box, name, file)
            origin = {"Bucket": BUCKET, "Key": source}
            self.s3.copy_object(Bucket=BUCKET, Key=target, CopySource=origin)
            self.s3.delete_object(Bucket=BUCKET, Key=source)


@pytest.fixture
def desk(tmp_path):
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket=BUCKET)
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        root = tmp_path / "drop"
        root.mkdir()
        yield Desk(root, s3)


@pytest.mark.parametrize("name", HARD_NAMES)
def test_a_set_goes_to_the_bucket_whatever_it_is_called(desk, name):
    desk.drop(name, **{f"{name}.jpg": "a picture"})
    desk.look()

    assert desk.stored("in") == sorted([f"{name}/{name}.jpg", f"{name}/reel.yaml"])


@pytest.mark.parametrize("name", HARD_NAMES)
def test_its_film_comes_back_and_its_sources_are_put_away(desk, name):
    desk.drop(name, **{"foto ñ.jpg": "a picture"})
    desk.look()
    desk.make_the_film(name)
    desk.look(1)

    assert desk.on_disk("out") == [f"{name}/film.mp4", f"{name}/job.json"]
    assert desk.on_disk("done") == [f"{name}/foto ñ.jpg", f"{name}/reel.yaml"]
    assert desk.on_disk("in") == []


def test_a_set_that_cannot_be_used_says_why(desk):
    desk.drop("ad")
    desk.look()
    desk.refuse("ad", "no words")
    desk.look(1)

    assert desk.on_disk("failed") == ["ad/error.json", "ad/reel.yaml"]
    assert json.loads((desk.root / "failed/ad/error.json").read_text()) == {"detail": "no words"}


def test_a_set_waits_for_its_sidecar(desk):
    (desk.root / "in/ad").mkdir()
    (desk.root / "in/ad/1.jpg").write_text("a picture")
    desk.look(10)

    assert desk.stored("in") == []


def test_a_file_that_still_grows_is_waited_for(desk):
    desk.drop("ad", **{"1.jpg": "half a "})
    desk.look(drop_folder.STABLE_LOOKS - 1)
    (desk.root / "in/ad/1.jpg").write_text("half a picture, now whole")
    desk.look(drop_folder.STABLE_LOOKS - 1)
    waiting = desk.stored("in")
    desk.look(1)

    assert waiting == []
    assert desk.stored("in") == ["ad/1.jpg", "ad/reel.yaml"]


def test_a_file_that_is_written_slowly_is_sent_whole(desk):
    desk.drop("ad")
    with (desk.root / "in/ad/1.jpg").open("wb") as growing:
        for part in range(6):
            growing.write(b"%d" % part * 100)
            growing.flush()
            desk.look(drop_folder.STABLE_LOOKS - 1)
            assert desk.stored("in") == []
    desk.look()
    assert desk.size_of("ad", "1.jpg") == 600


def test_a_file_that_was_made_long_before_it_is_filled_is_waited_for(desk):
    """A download that takes its whole room at once: the size stands, the time of change moves."""
    desk.drop("ad")
    film = desk.root / "in/ad/1.mp4"
    with film.open("wb") as sparse:
        sparse.truncate(1 << 20)
        desk.look(drop_folder.STABLE_LOOKS - 1)
        os.utime(film, ns=(1, 1))
        desk.look(drop_folder.STABLE_LOOKS - 1)
        assert desk.stored("in") == []
    desk.look(1)
    assert desk.size_of("ad", "1.mp4") == 1 << 20


def test_a_file_that_is_renamed_over_another_is_the_one_that_is_sent(desk):
    desk.drop("ad", **{"1.jpg": "old", "new": "the newer one"})
    desk.look(drop_folder.STABLE_LOOKS - 1)
    (desk.root / "in/ad/new").replace(desk.root / "in/ad/1.jpg")
    desk.look(drop_folder.STABLE_LOOKS - 1)
    assert desk.stored("in") == []
    desk.look(1)
    assert desk.size_of("ad", "1.jpg") == len("the newer one")


@pytest.mark.parametrize("ending", [".part", ".crdownload", ".download"])
def test_a_set_waits_for_its_downloads(desk, ending):
    desk.drop("ad", **{f"1.jpg{ending}": "half"})
    desk.look(10)
    assert desk.stored("in") == []
    (desk.root / f"in/ad/1.jpg{ending}").rename(desk.root / "in/ad/1.jpg")
    desk.look()
    assert desk.stored("in") == ["ad/1.jpg", "ad/reel.yaml"]


def test_what_editors_and_systems_leave_behind_is_not_sent(desk):
    left = {name: "x" for name in ("reel.yaml~", ".reel.yaml.swp", "a.tmp", ".DS_Store", "b.swp")}
    desk.drop("ad", **left)
    (desk.root / "in/ad/folder").mkdir()
    desk.look()
    assert desk.stored("in") == ["ad/reel.yaml"]


def test_a_file_that_cannot_be_read_holds_up_no_other_set(desk, monkeypatch):
    desk.drop("a", **{"secret.jpg": "x"})
    desk.drop("b")
    send = desk.s3.upload_file

    def guarded(file, *to, **more):
        if file.endswith("secret.jpg"):
            raise PermissionError(file)
        send(file, *to, **more)

    monkeypatch.setattr(desk.s3, "upload_file", guarded)
    desk.look()
    assert desk.stored("in") == ["b/reel.yaml"]
    monkeypatch.undo()
    desk.look(1)
    assert desk.stored("in") == ["a/reel.yaml", "a/secret.jpg", "b/reel.yaml"]


def test_a_manifest_of_many_films_is_sent_like_a_sidecar(desk):
    (desk.root / "in/many").mkdir()
    (desk.root / "in/many/reels.csv").write_text("text_prompt\nHola\n")
    desk.look()
    assert desk.stored("in") == ["many/reels.csv"]


def test_a_file_that_comes_after_its_sidecar_is_sent_after_it(desk):
    desk.drop("ad", **{"reel.yaml": "text_prompt: Hola\nimages: [1.jpg]"})
    desk.look()
    desk.tell("out", "ad", "waiting.json", b'{"missing": ["1.jpg"]}')
    desk.look(1)
    assert desk.on_disk("out") == ["ad/waiting.json"]
    (desk.root / "in/ad/1.jpg").write_text("a picture")
    desk.look()
    assert desk.stored("in") == ["ad/1.jpg", "ad/reel.yaml"]
    desk.take_back("out", "ad", "waiting.json")
    desk.look(1)
    assert desk.on_disk("out") == []


def test_the_sidecar_is_sent_last(desk, monkeypatch):
    desk.drop("ad", **{"a.jpg": "a picture", "z.jpg": "another"})
    sent, send = [], desk.s3.upload_file
    monkeypatch.setattr(
        desk.s3,
        "upload_file",
        lambda file, *to, **more: sent.append(file) or send(file, *to, **more),
    )
    desk.look()

    assert sent[-1].endswith("/reel.yaml")
    assert len(sent) == 3


def test_a_set_is_sent_once_however_often_the_stage_starts(desk):
    desk.drop("ad")
    desk.look()
    for _ in range(3):
        desk.restart()
        desk.look()

    assert desk.versions_of("ad", "reel.yaml") == 1


def test_a_stop_between_the_ticket_and_the_sidecar_loses_nothing(desk, monkeypatch):
    desk.drop("ad", **{"1.jpg": "a picture"})
    with monkeypatch.context() as broken:
        broken.setattr(desk.watcher, "_remember", _power_cut(desk.watcher._remember))
        with pytest.raises(KeyboardInterrupt):
            desk.look()
    assert desk.stored("in") == ["ad/1.jpg"]
    desk.restart()
    desk.look()

    assert desk.stored("in") == ["ad/1.jpg", "ad/reel.yaml"]
    assert desk.versions_of("ad", "reel.yaml") == 1


def test_a_set_that_ended_while_the_stage_was_down_is_put_away_at_the_start(desk):
    desk.drop("ad")
    desk.look()
    desk.make_the_film("ad")
    desk.restart()
    desk.look(1)

    assert desk.on_disk("done") == ["ad/reel.yaml"]
    assert desk.versions_of("ad", "reel.yaml") == 1


def test_what_was_dropped_while_the_stage_was_down_is_picked_up(desk):
    desk.drop("ad")
    desk.restart()
    desk.look()

    assert desk.stored("in") == ["ad/reel.yaml"]


def test_the_same_name_again_is_a_new_set_and_keeps_the_old_one(desk):
    for words in ("first", "second"):
        desk.drop("ad", **{"reel.yaml": f"text_prompt: {words}"})
        desk.look()
        desk.make_the_film("ad")
        desk.look(1)

    assert desk.on_disk("done") == ["ad 2/reel.yaml", "ad/reel.yaml"]
    assert "second" in (desk.root / "done/ad 2/reel.yaml").read_text()


def test_a_link_in_the_folder_is_not_followed(desk, tmp_path):
    secret = tmp_path / "secret.jpg"
    secret.write_text("not for the bucket")
    desk.drop("ad")
    (desk.root / "in/ad/1.jpg").symlink_to(secret)
    desk.look()

    assert desk.stored("in") == ["ad/reel.yaml"]


def test_a_name_in_the_bucket_cannot_lead_out_of_the_folder(desk):
    for key in ("../evil.mp4", "ad/../../evil.mp4", "..//evil.mp4"):
        desk.s3.put_object(Bucket=BUCKET, Key=f"drop/{TENANT}/out/{key}", Body=b"x")
    desk.look(1)

    assert list(desk.root.parent.rglob("evil.mp4")) == []


def _power_cut(remember):
    def and_then_nothing() -> None:
        remember()
        raise KeyboardInterrupt

    return and_then_nothing
