"""`./dev audit verify|export [--stage STAGE] [--tenant TENANT]`: the journals of a stage.

verify checks each journal row by row against its chain, and against the vault where there is one;
it names the first row or link that is not as it was sealed, and ends with 1. export writes the
links with their rows as lines of JSON into a folder, and what waits to be sealed beside them.

Without --stage it is the running local stage; with it, the stage in the AWS account of the
environment.
"""

import argparse
import json
import sys
from pathlib import Path

from infra.cli.reach import NotThere, settings_of
from infra.local.say import complain, say
from infra.local.synth import STAGE
from infra.stages import STAGES
from infra.wheels import BUILD
from reelsmith import wiring
from reelsmith.errors import ReelsmithError
from reelsmith.ports import Deps
from reelsmith.usecases import vault, verifying

_WAITING = "waiting.ndjson"


def main() -> int:
    """Do what was asked for each journal; 1 when one is broken or out of reach."""
    asked = _arguments()
    try:
        deps = wiring.connect(settings_of(asked.stage, data=asked.data))
        tenants = [asked.tenant] if asked.tenant else list(deps.people.tenants())
        if asked.what == "export":
            for tenant in tenants:
                say(export(deps, tenant, asked.out / asked.stage / tenant))
            return 0
        whole = [verify(deps, tenant) for tenant in tenants]
    except (NotThere, ReelsmithError) as refused:
        complain(str(refused))
        return 1
    return 0 if all(whole) else 1


def verify(deps: Deps, tenant: str) -> bool:
    """Say how a journal is; whether it is whole."""
    found = verifying.verify(deps, tenant=tenant)
    counted = f"{found.rows} rows in {found.links} links, {found.waiting} rows wait"
    if found.broken is None:
        say(f"ok      {tenant}: {counted}")
        return True
    broken = found.broken
    say(f"BROKEN  {tenant}: {broken.where}: {broken.fault}, {broken.told}; until there {counted}")
    return False


def export(deps: Deps, tenant: str, folder: Path) -> str:
    """Write a journal into a folder; what was written, in words."""
    folder.mkdir(parents=True, exist_ok=True)
    links, last = 0, ""
    for link in deps.journal.seals(tenant):
        if link is None:
            continue  # for `verify` to name
        body = vault.body(link, vault.rows(deps, link))
        (folder / f"{link.number:010d}.ndjson").write_bytes(body)
        links, last = links + 1, link.entries[-1].place
    waiting = [
        json.dumps({"place": place, "entry": entry.model_dump(mode="json")}, ensure_ascii=False)
        for place, entry in deps.journal.entries(tenant, since=last)
        if entry
    ]
    (folder / _WAITING).write_text("".join(f"{line}\n" for line in waiting), "utf-8")
    return f"{tenant}: {links} links and {len(waiting)} rows that wait, in {folder}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev audit", description=__doc__)
    parser.add_argument("what", choices=["verify", "export"])
    parser.add_argument("--stage", default=STAGE, choices=sorted(STAGES))
    parser.add_argument("--tenant", help="only this one; all of the stage without it")
    parser.add_argument("--out", type=Path, default=BUILD / "audit", help="where export writes")
    parser.add_argument("--data", type=Path, help="where the local stage keeps its things")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
