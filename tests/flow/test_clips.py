"""Films with clips in them: uploaded, named among the images, dropped, and never trusted."""

import hashlib
import io
import json

import av
import pytest

from reelsmith.domain.assets import AssetStatus, FileType
from reelsmith.domain.jobs import JobStatus, Transition
from reelsmith.errors import Invalid
from reelsmith.media import clips
from reelsmith.storage import keys
from reelsmith.usecases import dispatching, jobs, places, uploads
from reelsmith.usecases.jobs import Wanted
from reelsmith.workflow import arrivals
from tests.builders import TENANT, a_caller, a_spec
from tests.media.filmed import BLUE, GREEN, GREY, RED, SIZE, a_clip, alike, at, quartered
from tests.media.reels import a_patch
from tests.pictures import a_picture, a_tone
from tests.world import a_world

SMALL = {"resolution": {"width": 270, "height": 480}, "duration_per_image": 1.0}
MP4 = "video/mp4"


@pytest.fixture
def world():
    with a_world() as made:
        yield made


def filmed(tmp_path, *, size=SIZE, frames=45, colour=None, **given):
    """The bytes of an MP4 of four quarters, or of one colour."""
    picture = quartered(size) if colour is None else a_patch(colour, width=size[0], height=size[1])
    return a_clip(tmp_path / "c.mp4", [picture] * frames, **given).read_bytes()


def send(world, body, *, name="a.mp4", content_type=MP4):
    """Upload a file as a caller does; gives the asset as it then stands."""
    file = uploads.described(
        filename=name,
        content_type=content_type,
        size_bytes=len(body),
        sha256=hashlib.sha256(body).hexdigest(),
    )
    asset = places.ask(world.deps, caller=a_caller(), file=file).thing.asset
    world.deps.store.write(body, asset.key, content_type=content_type)
    return uploads.read(world.deps, caller=a_caller(), asset_id=asset.id)


def made(world, **spec):
    """Queue a job and let the machine run; gives the job as it ended."""
    given = SMALL | {"captions": "none", "transition": Transition.CUT} | spec
    wanted = Wanted(title="Summer sale", spec=a_spec(**given))
    job = jobs.submit(world.deps, caller=a_caller(), wanted=wanted).thing
    dispatching.start_due(world.deps)
    world.machine.drive()
    return world.deps.jobs.get(TENANT, job.id)


def frames_of(world, job):
    film = world.deps.store.read(world.deps.videos.get(TENANT, job.video_id).key)
    with av.open(io.BytesIO(film)) as opened:
        return [
            frame.to_ndarray(format="rgb24", src_colorspace=1, src_color_range=1)
            for frame in opened.decode(video=0)
        ]


def test_a_clip_stands_among_pictures_in_their_order(world, tmp_path):
    clip = send(world, filmed(tmp_path, size=(180, 320), colour=GREEN))
    picture = send(world, a_picture(RED), name="a.png", content_type="image/png")

    job = made(world, images=(picture.id, clip.id), text_prompt="Buy now. It is summer.")

    assert clip.file_type is FileType.VIDEO
    assert job.status is JobStatus.COMPLETED, job.error
    frames = frames_of(world, job)
    assert len(frames) == job.result.frames
    assert alike(at(frames[5], 0.5, 0.5), RED)
    assert alike(at(frames[-5], 0.5, 0.5), GREEN)


def test_a_wide_clip_is_shown_whole_in_an_upright_film(world, tmp_path):
    job = made(world, images=(send(world, filmed(tmp_path)).id,), text_prompt="Buy now.")

    picture = frames_of(world, job)[10]
    height = 270 / 480 * 9 / 16
    for (x, y), colour in {
        (0.25, -0.25): RED,
        (0.75, -0.25): GREEN,
        (0.25, 0.25): BLUE,
        (0.75, 0.25): GREY,
    }.items():
        assert alike(at(picture, x, 0.5 + y * height), colour)
    assert sum(at(picture, 0.25, 0.1)) < 0.7 * sum(RED)


def test_the_same_clip_again_is_not_rendered_again(world, tmp_path):
    clip = send(world, filmed(tmp_path))

    first, again = (made(world, images=(clip.id,), text_prompt="Buy now.") for _ in range(2))

    assert (first.result.scenes_reused, again.result.scenes_reused) == (0, 1)


def test_a_clip_crossfades_into_what_follows(world, tmp_path):
    clip = send(world, filmed(tmp_path, size=(180, 320), colour=GREEN, frames=150))
    picture = send(world, a_picture(RED), name="a.png", content_type="image/png")

    job = made(
        world,
        images=(clip.id, picture.id),
        text_prompt="Buy now. It is summer.",
        transition=Transition.CROSSFADE,
    )

    greens = [int(at(frame, 0.5, 0.5)[1]) for frame in frames_of(world, job)]
    assert greens[0] > 190
    assert greens[-1] < 60
    assert any(80 < green < 160 for green in greens)


def test_a_clip_goes_on_from_part_to_part_and_below_a_transition_without_a_new_start(
    world, tmp_path, monkeypatch
):
    starts, start = [], clips.started_module
    monkeypatch.setattr(
        clips, "started_module", lambda *a, **k: starts.append(a) or start(*a, **k)
    )
    clip = send(world, filmed(tmp_path, size=(180, 320), colour=GREEN, frames=150))
    picture = send(world, a_picture(RED), name="a.png", content_type="image/png")

    job = made(
        world,
        images=(clip.id, picture.id),
        text_prompt="Buy now. It is summer.",
        transition=Transition.CROSSFADE,
    )

    assert job.status is JobStatus.COMPLETED, job.error
    assert len(starts) == 1


def test_a_clip_that_cannot_be_shown_fails_the_job_and_is_named(world, tmp_path):
    body = filmed(tmp_path, faststart=True)
    clip = send(world, body[: len(body) * 2 // 3], name="playa.mp4")

    job = made(world, images=(clip.id,))

    assert (job.status, job.error.code) == (JobStatus.FAILED, "media_error")
    assert '"playa.mp4" is cut short' in job.error.detail


def test_what_is_called_a_video_and_is_none_is_rejected(world):
    asset = send(world, a_picture(RED), name="a.mp4")

    assert asset.status is AssetStatus.REJECTED


def test_a_sound_is_no_image_and_a_clip_is_no_music(world, tmp_path):
    sound = send(world, a_tone(), name="a.wav", content_type="audio/wav")
    clip = send(world, filmed(tmp_path))

    with pytest.raises(Invalid) as refused:
        made(world, images=(sound.id,), music=clip.id)

    assert [(fault.pointer, fault.remedy) for fault in refused.value.faults] == [
        ("/images/0", "name an asset of type image or video"),
        ("/music", "name an asset of type audio"),
    ]


def test_a_dropped_clip_becomes_part_of_the_film(world, tmp_path):
    words = b"text_prompt: Compra ya.\ncaptions: none\nresolution: {width: 270, height: 480}"
    for file, body in {
        "2.mov": filmed(tmp_path, size=(180, 320), colour=GREEN),
        "10.png": a_picture(RED),
        "reel.yaml": words,
    }.items():
        key = keys.drop(TENANT, "in", "summer", file)
        stored = world.deps.store.write(body, key, content_type="application/octet-stream")
        found = {"key": key, "version-id": stored.version, "sequencer": "1"}
        event = {"detail-type": "Object Created", "source": "aws.s3", "detail": {"object": found}}
        message = {"messageId": file, "body": json.dumps(event)}
        arrivals.handle(world.deps, {"Records": [message]})

    [job] = world.deps.jobs.page(TENANT, after=None, limit=10).jobs
    images = world.deps.jobs.spec(TENANT, job.id).images
    kinds = [world.deps.assets.get(TENANT, image).file_type for image in images]
    assert kinds == [FileType.VIDEO, FileType.IMAGE]
