"""What the templates promise of each stage."""

import pytest

from infra.entries import ENTRIES
from infra.stages import STAGES
from reelsmith.domain.audit import RETENTION
from reelsmith.http.app import open_doors
from reelsmith.settings import PREFIX, Settings
from reelsmith.storage import keys as bucket_keys
from reelsmith.table import keys
from reelsmith.usecases.dispatching import KEPT_FUNCTIONS, slots_of
from reelsmith.usecases.looking import WAIT_MOST_S
from reelsmith.workflow.definition import MACHINE_TIMEOUT_S, TIMEOUT_S

ALL = sorted(STAGES)

PAID_BY_USE = {
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::DynamoDB::GlobalTable",
    "AWS::Events::Rule",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
    "AWS::SSM::Parameter",
    "AWS::StepFunctions::StateMachine",
}


@pytest.mark.parametrize("stage", ALL)
def test_nothing_has_an_hourly_price(stages, stage):
    """A new kind of resource has to be thought about before it gets into the list."""
    assert {found["Type"] for found in stages[stage].resources} <= PAID_BY_USE
    assert stages[stage].one("AWS::DynamoDB::GlobalTable")["BillingMode"] == "PAY_PER_REQUEST"
    for function in stages[stage].of_type("AWS::Lambda::Function"):
        assert "VpcConfig" not in function


@pytest.mark.parametrize("stage", ALL)
def test_only_signing_in_is_kept_apart_from_what_the_rest_may_run(stages, stage):
    reserved = {
        entry: stages[stage].function(entry).get("ReservedConcurrentExecutions")
        for entry in ENTRIES
    }
    wanted = STAGES[stage].login_concurrency or None
    assert reserved == dict.fromkeys(ENTRIES) | {"login": wanted}
    assert (STAGES["dev"].login_concurrency, STAGES["prod"].login_concurrency) == (0, 10)


@pytest.mark.parametrize("stage", ALL)
def test_signing_in_needs_no_key_and_does_not_reach_the_api(stages, stage):
    app = stages[stage].app["Resources"]
    routes = {
        route["Properties"]["RouteKey"]: route["Properties"]
        for route in app.values()
        if route["Type"] == "AWS::ApiGatewayV2::Route"
    }
    opened = {key for key, route in routes.items() if route["AuthorizationType"] == "NONE"}
    signing_in = {"POST /v1/sessions", "POST /v1/sessions/refresh"}
    open_to_all = {
        f"{route.method} {route.path.replace('<', '{').replace('>', '}')}"
        for route in open_doors(None).routes
        if route.act is None
    }
    assert opened == open_to_all
    for key in signing_in:
        _, integration = routes[key]["Target"]["Fn::Join"][1]
        called = app[integration["Ref"]]["Properties"]["IntegrationUri"]["Fn::GetAtt"][0]
        assert app[called]["Properties"]["Handler"] == "login.handler"


@pytest.mark.parametrize("stage", ALL)
def test_the_table_has_the_keys_that_the_table_room_names(stages, stage):
    table = stages[stage].one("AWS::DynamoDB::GlobalTable")

    assert _names(table["KeySchema"]) == [keys.PK, keys.SK]
    assert {index["IndexName"]: _names(index["KeySchema"]) for index in _indexes(table)} == {
        keys.GSI1: [keys.GSI1_PK, keys.GSI1_SK],
        keys.GSI2: [keys.GSI2_PK, keys.GSI2_SK],
    }
    assert {index["Projection"]["ProjectionType"] for index in _indexes(table)} == {"ALL"}
    assert table["TimeToLiveSpecification"] == {"AttributeName": keys.TTL, "Enabled": True}


@pytest.mark.parametrize("stage", ALL)
def test_every_function_is_told_what_it_reads_and_nothing_else(stages, stage):
    for entry in ENTRIES.values():
        told = stages[stage].function(entry.name)["Environment"]["Variables"]
        given = {name: "told-by-aws" if isinstance(v, dict) else v for name, v in told.items()}

        settings = Settings.from_env(given)

        assert {name.removeprefix(PREFIX).lower() for name in told} <= set(Settings.model_fields)
        assert settings.stage == stage
        assert bool(settings.pepper_parameter) == entry.pepper
        assert bool(settings.state_machine_arn) == bool(entry.runs)
        assert bool(settings.wake_queue_url) == entry.wakes
        assert bool(settings.audit_bucket) == (entry.seals and bool(STAGES[stage].audit_lock))
        spec = STAGES[stage]
        assert settings.max_running == spec.max_running
        assert settings.tenant_max_running == spec.tenant_max_running
        assert settings.account_concurrency == spec.account_concurrency


def test_prod_keeps_its_data_whatever_is_deleted(prod):
    stateful = {"AWS::DynamoDB::GlobalTable", "AWS::S3::Bucket"}
    kept = [found for found in prod.data["Resources"].values() if found["Type"] in stateful]

    assert len(kept) == len(stateful) + 1  # two buckets
    for found in kept:
        assert found["DeletionPolicy"] == found["UpdateReplacePolicy"] == "Retain"
    (replica,) = prod.one("AWS::DynamoDB::GlobalTable")["Replicas"]
    assert replica["DeletionProtectionEnabled"] is True
    assert replica["PointInTimeRecoverySpecification"] == {
        "PointInTimeRecoveryEnabled": True,
        "RecoveryPeriodInDays": 35,
    }


@pytest.mark.parametrize("stage", ["local", "dev", "staging"])
def test_a_stage_for_trying_leaves_nothing_behind(stages, stage):
    assert "Retain" not in {found.get("DeletionPolicy") for found in stages[stage].resources}


@pytest.mark.parametrize("stage", ALL)
def test_the_bucket_is_private_versioned_and_tells_event_bridge(stages, stage):
    bucket = stages[stage].bucket()

    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    told = bucket["NotificationConfiguration"]["EventBridgeConfiguration"]
    assert told == {"EventBridgeEnabled": True}


@pytest.mark.parametrize(("stage", "lock"), [("staging", "GOVERNANCE"), ("prod", "COMPLIANCE")])
def test_the_vault_lets_go_of_nothing_before_its_time(stages, stage, lock):
    vault = stages[stage].bucket(locked=True)

    assert set(vault["PublicAccessBlockConfiguration"].values()) == {True}
    assert vault["VersioningConfiguration"] == {"Status": "Enabled"}
    kept = vault["ObjectLockConfiguration"]
    assert kept["ObjectLockEnabled"] == "Enabled"
    assert kept["Rule"]["DefaultRetention"] == {"Mode": lock, "Days": RETENTION.days}
    over, _ = vault["LifecycleConfiguration"]["Rules"]
    assert over["ExpirationInDays"] > RETENTION.days


@pytest.mark.parametrize("stage", ["local", "dev"])
def test_a_stage_without_a_lock_has_no_vault(stages, stage):
    assert len(stages[stage].of_type("AWS::S3::Bucket")) == 1
    assert (
        "REELSMITH_AUDIT_BUCKET" not in stages[stage].function("seal")["Environment"]["Variables"]
    )


def test_the_journal_is_sealed_each_quarter_of_an_hour(prod):
    by_name = prod.app["Resources"]
    called = {
        rule["ScheduleExpression"]: by_name[rule["Targets"][0]["Arn"]["Fn::GetAtt"][0]]
        for rule in prod.of_type("AWS::Events::Rule")
        if "ScheduleExpression" in rule
    }
    assert called["rate(15 minutes)"]["Properties"]["Handler"] == "seal.handler"
    assert called["rate(1 minute)"]["Properties"]["Handler"] == "housekeeping.handler"


def test_what_is_kept_for_days_is_what_the_keys_promise(prod):
    rules = prod.bucket()["LifecycleConfiguration"]["Rules"]
    expiries = {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules if "Prefix" in rule}
    (tidy,) = (rule for rule in rules if "Prefix" not in rule)

    assert expiries == {
        bucket_keys.UPLOADS: 1,
        bucket_keys.WORK: 2,
        bucket_keys.CACHE: 30,
        bucket_keys.EXPORTS: 7,
        bucket_keys.BATCHES: 400,
        bucket_keys.QUARANTINE: 30,
    }
    assert tidy["NoncurrentVersionExpiration"]["NoncurrentDays"] == 7
    assert tidy["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] == 1


@pytest.mark.parametrize("stage", ALL)
def test_browsers_send_forms_and_parts_and_learn_the_tags_of_parts(stages, stage):
    (rule,) = stages[stage].bucket()["CorsConfiguration"]["CorsRules"]
    assert set(rule["AllowedMethods"]) == {"POST", "PUT"}
    assert rule["ExposedHeaders"] == ["ETag"]


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_without_tls_there_is_no_way_to_the_bucket_or_a_queue(stages, stage):
    policies = [
        *stages[stage].of_type("AWS::S3::BucketPolicy"),
        *stages[stage].of_type("AWS::SQS::QueuePolicy"),
    ]
    denied = [
        statement["Condition"]
        for policy in policies
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny"
    ]
    buckets = 2 if STAGES[stage].audit_lock else 1
    assert denied.count({"Bool": {"aws:SecureTransport": "false"}}) == buckets + 11  # and queues
    assert {"NumericLessThan": {"s3:TlsVersion": 1.2}} in denied


@pytest.mark.parametrize("stage", ALL)
def test_every_function_writes_to_a_log_that_forgets(stages, stage):
    groups = stages[stage].of_type("AWS::Logs::LogGroup")
    functions = stages[stage].of_type("AWS::Lambda::Function")

    assert {group["RetentionInDays"] for group in groups} == {STAGES[stage].log_days}
    assert len({str(one["LoggingConfig"]["LogGroup"]) for one in functions}) == len(ENTRIES)


def test_functions_are_no_slower_to_give_up_than_the_states_that_call_them(prod):
    for step, seconds in TIMEOUT_S.items():
        assert prod.function(step)["Timeout"] <= seconds
    assert max(TIMEOUT_S.values()) < MACHINE_TIMEOUT_S


def test_a_queue_hides_a_message_for_as_long_as_its_reader_may_take(prod):
    by_name = prod.app["Resources"]
    for reader in ("intake", "dispatch"):
        function = prod.function(reader)
        (mapping,) = (
            one
            for one in prod.of_type("AWS::Lambda::EventSourceMapping")
            if by_name[one["FunctionName"]["Ref"]]["Properties"] == function
        )
        queue = by_name[mapping["EventSourceArn"]["Fn::GetAtt"][0]]["Properties"]

        assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]
        assert queue["RedrivePolicy"]["maxReceiveCount"] == 5
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_alarms_are_where_the_stage_wants_them(stages):
    counted = {name: len(one.of_type("AWS::CloudWatch::Alarm")) for name, one in stages.items()}
    assert counted == {"local": 0, "dev": 0, "staging": 17, "prod": 17}


def test_the_app_stack_tells_what_its_users_need(prod):
    assert set(prod.app["Outputs"]) == {
        "ApiUrl",
        "ApiId",
        "BucketName",
        "TableName",
        "StateMachineArn",
        "WakeQueueUrl",
        "IntakeQueueUrl",
    }


def test_stacks_do_not_lock_each_other(prod):
    """Names pass by SSM parameters; an export could not change while it is imported."""
    for template in (prod.data, prod.app):
        exports = [one for one in template.get("Outputs", {}).values() if "Export" in one]
        assert not exports
        assert "Fn::ImportValue" not in str(template)
    told = {one["Name"] for one in prod.of_type("AWS::SSM::Parameter")}
    asked = {one["Default"] for one in prod.app["Parameters"].values()}
    assert told == asked - {"/cdk-bootstrap/hnb659fds/version"}


def test_no_template_knows_the_pepper(stages):
    for stage in stages.values():
        assert "SecureString" not in str(stage.resources)


def _names(schema):
    return [part["AttributeName"] for part in schema]


def _indexes(table):
    return table["GlobalSecondaryIndexes"]


@pytest.mark.parametrize("stage", ALL)
def test_pages_of_other_origins_call_the_api_only_where_the_stage_names_them(stages, stage):
    cors = stages[stage].one("AWS::ApiGatewayV2::Api").get("CorsConfiguration")
    assert (cors["AllowOrigins"] if cors else []) == list(STAGES[stage].cors_origins)


def test_no_preflight_is_asked_for_a_key(prod):
    routes = prod.of_type("AWS::ApiGatewayV2::Route")
    assert not [r for r in routes if r["RouteKey"].startswith(("ANY", "OPTIONS", "$default"))]


def test_a_look_that_waits_ends_before_the_function_and_the_gateway_do(prod):
    assert WAIT_MOST_S + 5 <= prod.function("api")["Timeout"] < 30


def test_tasks_leave_room_for_all_that_jobs_need_beside_them():
    assert set(KEPT_FUNCTIONS) <= ENTRIES.keys() - TIMEOUT_S.keys() | {"finalize"}
    assert {name for name, entry in ENTRIES.items() if entry.sends} <= set(KEPT_FUNCTIONS)
    for room, jobs in ((10, 2), (8, 1), (12, 3)):
        settings = Settings(
            stage="test",
            table="none",
            bucket="none",
            account_concurrency=room,
            scene_concurrency=2,
        )
        total = slots_of(settings).total
        assert total == min(jobs, settings.max_running)
        assert total * settings.scene_concurrency + len(KEPT_FUNCTIONS) <= room
