"""Every key in the bucket. The tenant is always the second part, and it comes from the credential.

Only below `drop/` are there names that people chose: that part of the bucket is theirs. What is in
quarantine has no tenant: nobody knows whose it is.

what                          key                                          kept
----------------------------  -------------------------------------------  -----------------------
upload, before it is checked  uploads/<tenant>/<asset id>                  1 day
why nothing came of a URL     uploads/<tenant>/<asset id>.failed.json      1 day
asset, by its content         media/<tenant>/<sha256>                      as its blob item says
speech, by its content key    cache/<tenant>/speech/<key>.wav + .json      30 days, or longer while
segment, by its content key   cache/<tenant>/segments/<key>.seg            used: `usecases.cache`
slide, as a picture          cache/<tenant>/slides/<key>.png + .json
plan and timeline of a run    work/<tenant>/<job>/<attempt>/<name>         2 days
finished film                 videos/<tenant>/<video id>/film.mp4          as its row says
report, manifest, captions    videos/<tenant>/<video id>/<name>            with the film
export of a user's data       exports/<tenant>/<export id>/<name>          7 days
drop folder                   drop/<tenant>/{in,out,done,failed}/<name>/   in: until taken
messages nobody can read      quarantine/<date>/<message id>.json          30 days
rows of a batch, in parts     batches/<tenant>/<batch id>/<number>.ndjson  400 days
sealed journal, in a bucket   audit/<tenant>/<number>.ndjson               as long as the journal
of its own
"""

from datetime import datetime

EXPORTS = "exports/"
BATCHES = "batches/"
MEDIA, CACHE, WORK, VIDEOS, UPLOADS, DROP = (
    "media/",
    "cache/",
    "work/",
    "videos/",
    "uploads/",
    "drop/",
)
AUDIT = "audit/"
QUARANTINE = "quarantine/"
NOT_FETCHED = ".failed.json"


def upload(tenant: str, asset_id: str) -> str:
    """Where a caller's bytes arrive."""
    return f"{UPLOADS}{tenant}/{asset_id}"


def not_fetched(tenant: str, asset_id: str) -> str:
    """Where it is told why a file did not come from its URL."""
    return f"{upload(tenant, asset_id)}{NOT_FETCHED}"


def media(tenant: str, sha256: str) -> str:
    """Where checked bytes are kept."""
    return f"{MEDIA}{tenant}/{sha256}"


def speech(tenant: str, content_key: str) -> str:
    """Where a stretch of narration is kept; its words are beside it, see `words`."""
    return f"{CACHE}{tenant}/speech/{content_key}.wav"


def words(speech_key: str) -> str:
    """The word times that belong to a stretch of narration."""
    return speech_key.removesuffix(".wav") + ".json"


def segment(tenant: str, content_key: str) -> str:
    """Where a rendered scene is kept."""
    return f"{CACHE}{tenant}/segments/{content_key}.seg"


def slide(tenant: str, content_key: str) -> str:
    """Where the picture of a slide is kept."""
    return f"{CACHE}{tenant}/slides/{content_key}.png"


def slide_note(slide_key: str) -> str:
    """What is noted of a slide that was drawn."""
    return slide_key.removesuffix(".png") + ".json"


def work(tenant: str, job_id: str, attempt: int, name: str) -> str:
    """A paper of one attempt, such as `plan.json`."""
    return f"{WORK}{tenant}/{job_id}/{attempt}/{name}"


def desk(tenant: str, job_id: str) -> str:
    """What all papers of a job are below."""
    return f"{WORK}{tenant}/{job_id}/"


def export(tenant: str, export_id: str, name: str = "") -> str:
    """A file of an export, or with no name what all of them are below."""
    return f"{EXPORTS}{tenant}/{export_id}/{name}"


def batch(tenant: str, batch_id: str, part: int | None = None) -> str:
    """Some rows of a batch, or with no part what all of them are below."""
    name = "" if part is None else f"{part:05d}.ndjson"
    return f"{BATCHES}{tenant}/{batch_id}/{name}"


def film(tenant: str, video_id: str) -> str:
    """The finished film."""
    return f"{VIDEOS}{tenant}/{video_id}/film.mp4"


def beside(film_key: str, name: str) -> str:
    """What is kept beside a film, such as `report.json`."""
    return f"{film_key.rpartition('/')[0]}/{name}"


def drop(tenant: str, box: str, name: str, file: str = "") -> str:
    """A file, or with no `file` the folder, in one of the boxes `in`, `out`, `done`, `failed`."""
    return f"{DROP}{tenant}/{box}/{name}/{file}"


def quarantine(at: datetime, message_id: str) -> str:
    """The receipt of a message that could not be read, by the day (UTC) on which it came."""
    return f"{QUARANTINE}{at:%Y-%m-%d}/{message_id}.json"


def sealed(tenant: str, number: int | None = None) -> str:
    """In the vault: a link of the journal with its rows, or what all of a tenant begin with."""
    return f"{AUDIT}{tenant}/" + ("" if number is None else f"{number:010d}.ndjson")
