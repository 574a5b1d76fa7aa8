"""What the operator of a stage does.

`./dev admin create`: a tenant, its administrator, and a key that is shown once.
`./dev admin limits`: what a tenant may have; `--set max_jobs_per_day=50`, or `=none`, changes it.

Without --stage it is the running local stage; with it, the stage in the AWS account of the
environment. --password-stdin reads a password from one line, so that it stands in no history.
"""

import argparse
import sys
import uuid
from pathlib import Path

from infra.cli.reach import NotThere, settings_of
from infra.local.say import complain, say
from infra.local.synth import STAGE
from infra.stages import STAGES
from reelsmith import wiring
from reelsmith.domain.ids import Kind
from reelsmith.errors import ReelsmithError
from reelsmith.ports import Deps
from reelsmith.usecases import founding, people

PASSWORD_LEAST = 10  # characters, as the API asks


class NoPassword(Exception):
    """There is no password where one was promised."""


def main() -> int:
    """Do what is asked of a stage."""
    asked = _arguments()
    try:
        told = asked.run(wiring.connect(settings_of(asked.stage, data=asked.data)), asked)
    except (NotThere, NoPassword, ReelsmithError) as refused:
        complain(str(refused))
        return 1
    for line in told:
        say(line)
    return 0


def _create(deps: Deps, asked: argparse.Namespace) -> list[str]:
    founded = founding.found(
        deps,
        name=asked.tenant,
        username=asked.username,
        password=_password() if asked.password_stdin else None,
        user_id=f"{Kind.USER}_{asked.sub.hex}" if asked.sub else None,
    )
    return [
        f"tenant   {founded.tenant.id}",
        f"user     {founded.admin.id}",
        f"api key  {founded.token}",
    ]


def _limits(deps: Deps, asked: argparse.Namespace) -> list[str]:
    tenant = people.set_limits(deps, tenant_id=asked.tenant, limits=dict(asked.limits))
    return [f"{name:24} {_said(getattr(tenant, name))}" for name in people.LIMITS]


def _said(limit: int | None) -> str:
    return "none" if limit is None else str(limit)


def _limit(text: str) -> tuple[str, int | None]:
    """One `name=number` or `name=none`."""
    name, _, number = text.partition("=")
    return name, None if number == "none" else int(number)


def _arguments() -> argparse.Namespace:
    usual = argparse.ArgumentParser(add_help=False)
    usual.add_argument("--stage", default=STAGE, choices=sorted(STAGES))
    usual.add_argument("--data", type=Path, help="where the local stage keeps its things")
    parser = argparse.ArgumentParser(prog="./dev admin", description=__doc__)
    what = parser.add_subparsers(required=True)
    create = what.add_parser("create", parents=[usual], help="a tenant with an administrator")
    create.set_defaults(run=_create)
    create.add_argument("--username", required=True, help="unique in the whole stage")
    create.add_argument("--tenant", default="First tenant", help="its name, for display")
    create.add_argument("--password-stdin", action="store_true", help="to sign in with as well")
    create.add_argument("--sub", type=uuid.UUID, help="of the user pool, where it knows people")
    limits = what.add_parser(
        "limits", parents=[usual], help="see or change what a tenant may have"
    )
    limits.set_defaults(run=_limits)
    limits.add_argument("tenant", help="its id")
    limits.add_argument(
        "--set", dest="limits", action="append", default=[], type=_limit, metavar="NAME=NUMBER"
    )
    return parser.parse_args()


def _password() -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    if len(password) < PASSWORD_LEAST:
        raise NoPassword(
            f"the password on standard input has less than {PASSWORD_LEAST} characters"
        )
    return password


if __name__ == "__main__":
    sys.exit(main())
