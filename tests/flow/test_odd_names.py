"""A thousand names that people give to files, each event told twice: a thousand jobs."""

import json
import random
import unicodedata

import pytest

from reelsmith.usecases import people
from tests.builders import TENANT
from tests.dropping import PNG, WORDS, box, deliver, put
from tests.world import a_world

SETS, PARTS = 1_000, 4
_ALPHABETS = (
    "abcXYZ019",
    " \t\n\r\u00a0\u2003",
    "%+&=?#;:,@$!*'()[]{}|^~`\"<>\\",
    "áéíóúñçàâäöüßøåœ",
    "שלוםابجد\u202e\u200f\u200e\u2066",
    "漢字かなカナ한글",
    "😀🎉👩\u200d👩\u200d👧🏽🇪🇸❤\ufe0f",
    "\u0301\u0308\u200b\u00ad\ufeff",
    "%20%2F%00%25+",
)
_KNOWN = (
    "..", ".", "...", " ", "  leading", "trailing  ", "-rf", "--help", ".hidden", "a..b", "~",
    "CON", "nul.txt", "a\nb", "a+b c%20d", "%", "%%", "%2e%2e", "reel.yaml", "in", "out", "$(id)",
    "`id`", "a;b", "a|b", "'", '"', "<b>", "{{x}}", "a\\b", "C:\\x", "x" * 700, "ñ" * 350,
    "🎉" * 200, "Case", "case", "CASE", "caf\u00e9", "cafe\u0301", "null", "None", "0", "*", "?",
)  # fmt: skip


def odd_names(seed=5):
    """As many different names; the known ones first."""
    dice = random.Random(seed)
    found = dict.fromkeys(_KNOWN)
    while len(found) < SETS:
        letters = "".join(dice.choice(dice.choice(_ALPHABETS)) for _ in range(dice.randint(1, 40)))
        name = unicodedata.normalize(dice.choice(("NFC", "NFD")), letters)
        found[name] = None
    return list(found)


@pytest.fixture
def world():
    with a_world() as made:
        unbound = {"max_active_jobs": 10 * SETS, "max_jobs_per_day": None}
        people.set_limits(made.deps, tenant_id=TENANT, limits=unbound)
        yield made


def all_jobs(world):
    found, after = [], None
    while True:
        page = world.deps.jobs.page(TENANT, after=after, limit=100)
        found += page.jobs
        if not (after := page.after):
            return found


@pytest.mark.parametrize("part", range(PARTS))
def test_a_thousand_odd_names_told_twice_are_a_thousand_jobs(world, part):
    names, dice = odd_names()[part::PARTS], random.Random(part)
    told = [put(world, "reel.yaml", WORDS, name=name) for name in names] * 2
    dice.shuffle(told)
    for first in range(0, len(told), 5):
        assert deliver(world, *told[first : first + 5]) == {"batchItemFailures": []}
    made = all_jobs(world)
    assert sorted(job.drop for job in made) == sorted(names)
    assert len(names) == SETS // PARTS


def test_a_film_takes_pictures_whatever_they_are_called(world):
    names = [f"{name}.png" for name in odd_names()[:60]]
    for name in names:
        put(world, name, PNG)
    sidecar = json.dumps({"text_prompt": "Hola", "images": names}).encode()
    assert deliver(world, put(world, "reel.json", sidecar)) == {"batchItemFailures": []}
    (job,) = all_jobs(world)
    spec = world.deps.jobs.spec(TENANT, job.id)
    assets = world.deps.assets.get_many(TENANT, spec.images)
    assert [assets[one].original_filename for one in spec.images] == [n[-255:] for n in names]


@pytest.mark.parametrize("name", ["x" * 966, "ñ" * 483, "🎉" * 241 + "xx"])
def test_a_name_as_long_as_keys_can_be_gets_its_answers_under_a_shorter_one(world, name):
    deliver(world, put(world, "reel.yaml", b"title: no words", name=name))
    assert box(world, "in", name) == set()
    (answered,) = {
        one.key.split("/")[3] for one in world.deps.store.list(f"drop/{TENANT}/failed/")
    }
    assert len(answered.encode()) <= 300
