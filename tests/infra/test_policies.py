"""Who can reach what. Read from the templates, not from the list they were made of."""

import json
from fnmatch import fnmatch, fnmatchcase

import pytest

from infra.entries import ENTRIES
from infra.stages import STAGES
from reelsmith.storage import keys
from reelsmith.table import keys as table
from reelsmith.workflow.definition import FUNCTIONS, STEPS

# Step Functions' own log delivery: none of these actions knows a resource.
LOG_DELIVERY = {
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
}


def granted(statements, *, action):
    """The resources, as text, on which an action is allowed."""
    return [
        json.dumps(resource)
        for statement in statements
        if action in _list(statement["Action"])
        for resource in _list(statement["Resource"])
    ]


def prefixes(stage, entry, action):
    """The parts of the bucket in which a function may do something."""
    kept = (
        keys.UPLOADS,
        keys.MEDIA,
        keys.CACHE,
        keys.WORK,
        keys.VIDEOS,
        keys.DROP,
        keys.EXPORTS,
        keys.BATCHES,
    )
    every = (*kept, keys.QUARANTINE, keys.AUDIT)
    objects = granted(stage.statements(entry), action=f"s3:{action}")
    found = {prefix for prefix in every for one in objects if f'"/{prefix}*"' in one}
    assert len(found) == len(objects), objects
    return found


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_no_policy_has_a_wildcard_for_an_action_or_for_everything(stages, stage):
    for policy in stages[stage].of_type("AWS::IAM::Policy"):
        for statement in policy["PolicyDocument"]["Statement"]:
            actions = set(_list(statement["Action"]))
            assert not [action for action in actions if "*" in action]
            if "*" in _list(statement["Resource"]):
                assert actions == LOG_DELIVERY
    for role in stages[stage].of_type("AWS::IAM::Role"):
        assert "ManagedPolicyArns" not in role


def test_every_function_has_a_role_of_its_own(prod):
    roles = [json.dumps(one["Role"]) for one in prod.of_type("AWS::Lambda::Function")]
    assert len(set(roles)) == len(roles) == len(ENTRIES)


def test_the_authorizer_reads_and_notes_single_rows_and_nothing_else(prod):
    actions = {
        action
        for statement in prod.statements("authorize")
        for action in _list(statement["Action"])
    }
    assert actions == {
        "dynamodb:BatchGetItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "ssm:GetParameter",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    }
    (pepper,) = granted(prod.statements("authorize"), action="ssm:GetParameter")
    assert "parameter/reelsmith/prod/pepper" in pepper


@pytest.mark.parametrize("entry", sorted(ENTRIES))
def test_rows_are_never_scanned_nor_the_table_described(prod, entry):
    asked = {
        action
        for statement in prod.statements(entry)
        for action in _list(statement["Action"])
        if action.startswith("dynamodb:")
    }
    assert not asked & {"dynamodb:Scan", "dynamodb:DescribeTable", "dynamodb:BatchWriteItem"}
    assert ("dynamodb:GetItem" in asked) == (entry not in ("fetch", "deliver"))


def test_the_api_cannot_read_what_only_the_workflow_needs(prod):
    assert prefixes(prod, "api", "GetObject") == {
        keys.UPLOADS,
        keys.VIDEOS,
        keys.MEDIA,
        keys.EXPORTS,
        keys.BATCHES,
    }
    assert prefixes(prod, "api", "PutObject") == {keys.UPLOADS, keys.MEDIA, keys.BATCHES}
    assert prefixes(prod, "api", "DeleteObject") == set()


def test_rendering_writes_nothing_that_a_caller_can_fetch(prod):
    for step in ("plan", "narrate", "render_scene", "render_scene_large", "assemble", "check"):
        assert prefixes(prod, step, "PutObject") <= {keys.WORK, keys.CACHE}
        assert prefixes(prod, step, "DeleteObject") == set()
    assert prefixes(prod, "publish", "PutObject") == {keys.VIDEOS, keys.DROP}


@pytest.mark.parametrize("door", ["api", "intake"])
def test_who_keeps_bytes_may_see_whether_they_are_still_there(prod, door):
    assert keys.MEDIA in prefixes(prod, door, "PutObject") & prefixes(prod, door, "GetObject")


def test_who_lays_messages_aside_can_neither_read_nor_remove_them(prod):
    may = {
        action: {name for name in ENTRIES if keys.QUARANTINE in prefixes(prod, name, action)}
        for action in ("PutObject", "GetObject", "DeleteObject")
    }
    assert may == {"PutObject": {"intake"}, "GetObject": set(), "DeleteObject": set()}


def test_the_api_gives_up_parts_where_uploads_arrive_and_nowhere_else(prod):
    may = {entry: prefixes(prod, entry, "AbortMultipartUpload") for entry in ENTRIES}
    assert {entry for entry, where in may.items() if where} == {"api"}
    assert may["api"] == {keys.UPLOADS}


def test_only_housekeeping_lists_what_it_may_not_read(prod):
    """It erases what is there without looking into it."""
    assert {name for name, entry in ENTRIES.items() if entry.lists} == {"housekeeping"}
    assert prefixes(prod, "housekeeping", "GetObject").isdisjoint(ENTRIES["housekeeping"].lists)


def test_only_housekeeping_deletes_what_users_gave_us(prod):
    deleting = {entry for entry in ENTRIES if keys.MEDIA in prefixes(prod, entry, "DeleteObject")}
    assert deleting == {"housekeeping"}


@pytest.mark.parametrize("entry", sorted(ENTRIES))
def test_who_reads_objects_is_told_when_one_is_missing(prod, entry):
    """Without s3:ListBucket S3 answers 403 instead of 404."""
    reads = prefixes(prod, entry, "GetObject")
    listing = [one for one in prod.statements(entry) if one["Action"] == "s3:ListBucket"]

    assert len(listing) == bool(reads)
    for statement in listing:
        below = set(_list(statement["Condition"]["StringLikeIfExists"]["s3:prefix"]))
        assert below == {f"{prefix}*" for prefix in (*reads, *ENTRIES[entry].lists)}


def test_runs_are_started_by_rounds_and_stopped_by_callers(prod):
    may = {
        action: {e for e in ENTRIES if granted(prod.statements(e), action=f"states:{action}")}
        for action in ("StartExecution", "DescribeExecution", "StopExecution")
    }
    assert may == {
        "StartExecution": {"dispatch", "housekeeping", "finalize"},
        "DescribeExecution": {"api", "dispatch", "housekeeping", "finalize"},
        "StopExecution": {"api", "housekeeping"},  # those of users who are erased
    }
    for entry in may["StopExecution"]:
        (stopped,) = granted(prod.statements(entry), action="states:StopExecution")
        assert fnmatch(stopped, "*:execution:reelsmith-prod:[*]*")


def test_the_state_machine_calls_exactly_its_steps(prod):
    called = granted(prod.statements("film"), action="lambda:InvokeFunction")
    names = {json.loads(one)["Fn::GetAtt"][0] for one in called}
    handlers = {prod.app["Resources"][name]["Properties"]["Handler"] for name in names}
    assert handlers == {f"{step}.handler" for step in STEPS}
    assert len(names) == len(FUNCTIONS)


def test_the_state_machine_may_run_its_own_tasks_as_executions_and_no_others(prod):
    statements = prod.statements("film")
    (started,) = granted(statements, action="states:StartExecution")
    assert ":stateMachine:reelsmith-prod" in started
    for action in ("DescribeExecution", "StopExecution"):
        (reached,) = granted(statements, action=f"states:{action}")
        assert ":execution:reelsmith-prod:*" in reached


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_nobody_changes_or_takes_away_rows_of_the_journal_or_links_of_its_chain(stages, stage):
    """How AWS compares these keys cannot be tried here; that the policy says it can."""
    for entry in ENTRIES:
        (denied,) = stages[stage].statements(entry, effect="Deny")
        assert set(denied["Action"]) == {
            "dynamodb:UpdateItem",
            "dynamodb:DeleteItem",
            "dynamodb:BatchWriteItem",
        }
        keys_of_requests = denied["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
        journal, chain = table.journal("ten_1", "p").pk, table.seal("ten_1", 7).pk
        others = [table.tenant("ten_1").pk, table.job_spec("ten_1", "job_1").pk]
        others += [table.deeds("ten_1", "usr_1").pk, table.usage("ten_1").pk]

        def hit(key, patterns=keys_of_requests):
            return any(fnmatchcase(key, pattern) for pattern in patterns)

        assert hit(journal)
        assert hit(chain)
        assert not any(hit(key) for key in others)
        assert denied["Condition"]["Null"] == {"dynamodb:LeadingKeys": "false"}


def test_only_the_sealer_reaches_the_vault_and_it_takes_nothing_out(prod):
    for entry in ENTRIES:
        reached = {
            action
            for statement in prod.statements(entry)
            for action in _list(statement["Action"])
            if f"/{keys.AUDIT}*" in json.dumps(statement["Resource"])
        }
        assert reached == ({"s3:GetObject", "s3:PutObject"} if entry == "seal" else set())


def test_the_sealer_adds_to_the_table_and_changes_nothing_in_it(prod):
    rows = {
        action.removeprefix("dynamodb:")
        for statement in prod.statements("seal")
        for action in _list(statement["Action"])
        if action.startswith("dynamodb:")
    }
    assert rows == {"GetItem", "Query", "PutItem"}


def _list(value):
    return value if isinstance(value, list) else [value]
