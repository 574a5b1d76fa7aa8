"""A town of people with every role, asked for by the tests of rights; and what the table says."""

import re
from dataclasses import dataclass

from reelsmith.domain import rights
from reelsmith.domain.access import Access
from reelsmith.domain.ids import Kind
from reelsmith.domain.people import Caller, Role
from reelsmith.domain.rights import Act, Reach
from reelsmith.http.app import open_doors
from reelsmith.http.examples import BODIES
from tests.builders import EPOCH, TENANT, an_entry, an_id
from tests.calling import NOBODY, Api
from tests.homes import at_home
from tests.house.contract import document
from tests.security.rooms import (
    BODY_OF,
    BY_SESSION,
    MAKERS,
    MAKES_ITS_OWN,
    WRONG_STATE,
    Asked,
    a_person,
    by_session,
)

ROUTES = open_doors(None).routes
DOCUMENT = document()
OPEN = "open to everybody"
DONE = (200, 201, 202, 204, 302)
OWN, PRIVATE, OPENED, FOREIGN, NO_THING = "own", "private", "opened", "foreign", "no thing"
ACCESS = {OPENED: Access.AUTHENTICATED}
WHO = ("admin", "user", "viewer", "nobody", "revoked")
_ROLE = {"admin": Role.ADMIN, "user": Role.USER, "viewer": Role.VIEWER, "revoked": Role.USER}


@dataclass(frozen=True)
class Thing:
    """What the table of rights looks at."""

    owner: str
    access: Access


def named(route):
    return f"{route.method} {route.path}"


def maker_of(route):
    """How the thing of a route is made; None for a route of no single thing."""
    places = re.findall(r"<(\w+)>", route.path)
    wanted = MAKES_ITS_OWN.get(route.operation) or (places[0] if places else None)
    return MAKERS[wanted] if wanted else None


def cases(route):
    things = (OWN, PRIVATE, OPENED, FOREIGN) if maker_of(route) else (NO_THING,)
    return [(who, thing) for who in WHO for thing in things]


class Town:
    """A tenant with people of every role and a colleague, and another tenant with a stranger."""

    def __init__(self, world):
        self.world, self.api, self._made = world, Api(world.deps), {}
        elsewhere = at_home(world.table.repositories, id=an_id(Kind.TENANT))
        self.people = {who: a_person(world, role, tenant=TENANT) for who, role in _ROLE.items()}
        self.colleague = a_person(world, Role.USER, tenant=TENANT)
        self.stranger = a_person(world, Role.ADMIN, tenant=elsewhere.id)
        self._revoke(self.people["revoked"])

    def owner_of(self, who, thing) -> Caller:
        own = self.people.get(who, self.colleague)
        return {OWN: own, FOREIGN: self.stranger}.get(thing, self.colleague)

    def ask(self, route, who, thing, *, anew):
        """Send a right request for such a thing; the status, and the body of the answer.

        Unless `anew`, a thing that was made for an earlier request does.
        """
        self.world.later(minutes=1)  # so that nobody asks too often
        owner, maker = self.owner_of(who, thing), maker_of(route)
        made = self._thing(maker, owner, ACCESS.get(thing, Access.PRIVATE), anew) if maker else ""
        asked = self._request(route, owner, made)
        status, body, head = self.api(
            route.method,
            re.sub(r"<(\w+)>", lambda part: asked.path.get(part[1], made), route.path),
            asked.body,
            who=self._asks(route, who, anew),
            query=asked.query,
        )
        assert documented(route, status, head), f"{named(route)} answers {status}, {head}"
        one = body.get("results", [{}])[0] if isinstance(body, dict) else {}
        return one.get("status", status), body

    def _asks(self, route, who, anew):
        """The person with a key; to do what only people do, signed in."""
        person = self.people.get(who, NOBODY)
        signs_in = anew and who in ("admin", "user", "viewer") and route.operation in BY_SESSION
        return by_session(self.world, person) if signs_in else person

    def _thing(self, maker, owner, access, anew):
        place = (maker, owner.owner, access)
        if anew or place not in self._made:
            self._made[place] = maker(self.world, owner, access)
        return self._made[place]

    def _request(self, route, owner, made) -> Asked:
        if route.operation in BODY_OF:
            return BODY_OF[route.operation](self.world, owner, made)
        return Asked(body=BODIES.get(route.operation))

    def _revoke(self, who):
        credentials = self.world.deps.credentials
        key = credentials.key(who.tenant, who.key_id)
        over = key.model_copy(update={"revoked_at": EPOCH})
        credentials.change_key(key, over, entry=an_entry(tenant=who.tenant, resource=key.id))


def expected(route, who, caller, thing, owner):
    """401, 403 or 404 as the table says; None where the request is let through."""
    if route.act is None:
        return OPEN
    if who == "nobody":
        return 401
    far = rights.reach(caller.role, route.act)
    if far is Reach.NONE:
        return 403
    if who == "revoked" and route.act.writes:
        return 401
    return None if thing == NO_THING else of_thing(route, far, caller, thing, owner)


def of_thing(route, far, caller, thing, owner):
    seen = shown(route, Thing(owner.owner, ACCESS.get(thing, Access.PRIVATE)))
    looks = rights.reach(caller.role, Act(f"{route.act.room}:read"))
    if thing == FOREIGN or not rights.covers(looks, caller, seen):
        return 404
    return None if rights.covers(far, caller, seen) else 403


def shown(route, thing):
    """Only films and files are opened to others."""
    opened = route.act.room in ("assets", "videos")
    return thing if opened else Thing(thing.owner, Access.PRIVATE)


def documented(route, status, head):
    """Whether the document of the API knows of such an answer."""
    path = route.path.replace("<", "{").replace(">", "}")
    known = DOCUMENT["paths"].get(path, {}).get(route.method.lower())
    if known is None:
        return path == "/v1/openapi.json"
    answer = known["responses"].get(str(status), {})
    if "$ref" in answer:
        answer = DOCUMENT["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    said = head.get("Content-Type") or head.get("content-type")
    typed = not said or said in answer["content"] or status in (204, 302)
    return bool(answer) and typed and (status != 200 or tagged_as_said(route, known, head))


def tagged_as_said(route, known, head):
    """Whether a version is given where one is promised, and promised where it spares a look."""
    promised = "ETag" in known["responses"]["200"]["headers"]
    return "ETag" in head if promised else "ETag" not in head or route.method != "GET"


def fits(route, status, wanted):
    if wanted in (None, OPEN):
        return status in DONE or (status == 409 and route.operation in WRONG_STATE)
    return status == wanted


def wrongs(route, town, asked, *, anew):
    """What is answered otherwise than the table says."""
    for who, thing, wanted in asked:
        status, body = town.ask(route, who, thing, anew=anew)
        if not fits(route, status, wanted):
            yield f"{who} asks for {thing}: {status}, not {wanted}: {body}"


def judged(route, town):
    """(who, whose thing, what the answer must be) for each case."""
    return [
        (who, thing, expected(route, who, town.people.get(who), thing, town.owner_of(who, thing)))
        for who, thing in cases(route)
    ]
