"""Findings of cdk-nag's AwsSolutions rules that we leave as they are, each with its reason.

A finding that is not in this list fails the synthesis, and so does the test of a list that has
become longer than what is found.
"""

from dataclasses import dataclass

from aws_cdk import Acknowledgment, Stack, Validations
from cdk_nag import AwsSolutionsChecks
from constructs import Construct

from infra.app_stack import AppStack
from infra.data_stack import DataStack
from reelsmith.storage import keys

_PREFIXES = (
    keys.UPLOADS,
    keys.MEDIA,
    keys.CACHE,
    keys.WORK,
    keys.VIDEOS,
    keys.DROP,
    keys.EXPORTS,
    keys.QUARANTINE,
    keys.BATCHES,
)


@dataclass(frozen=True, slots=True)
class Left:
    """A rule that we do not follow at `path`, and below it, in a stack; the empty path is all."""

    path: str
    rule: str
    reason: str


_LINK = "A link carries its secret in its path."

IN_DATA = (
    Left(
        "Bucket",
        "S1",
        "Server access logs need a second bucket that is written to and paid for at every "
        "request; who touched what is asked of CloudTrail data events, which an account switches "
        "on for all its buckets.",
    ),
)
IN_VAULT = (
    Left("Vault", "S1", "Only the sealer writes to it, and nothing in it can be changed."),
)
IN_APP = (
    *(
        Left(
            "",
            f"IAM5[Resource::arn:<AWS::Partition>:s3:::<{{bucket}}>/{prefix}*]",
            f"Objects under {prefix} come and go; the prefix is the narrowest name they have.",
        )
        for prefix in _PREFIXES
    ),
    Left(
        "",
        "IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>"
        ":execution:{machine}:*]",
        "An execution is named after its job; only those of our own machine can be reached.",
    ),
    Left(
        "Film/Role",
        "IAM5[Resource::*]",
        "Log delivery of Step Functions: these actions know no resource (AWS Service "
        "Authorization Reference, CloudWatch Logs).",
    ),
    Left(
        "Film/Machine",
        "SF1",
        "Errors only: each state has its own log group already, and a line per event would cost "
        "more than the states.",
    ),
    Left("Film/Machine", "SF2", "No X-Ray: it asks for Resource * and its SDK is in maintenance."),
    Left("", "L1", "Python 3.13: the newest runtime that all our wheels are made for."),
    Left("Door/Http/GET--v1--health", "APIG4", "A load balancer asks for it without a key."),
    Left("Door/Http/GET--v1--shared--{token}", "APIG4", _LINK),
    Left("Door/Http/GET--v1--shared--{token}--content", "APIG4", _LINK),
    Left("Door/Http/GET--v1--shared--{token}--playlist.m3u8", "APIG4", _LINK),
    Left("Door/Http/POST--v1--sessions", "APIG4", "Who signs in has a password and no key yet."),
    Left("Door/Http/POST--v1--sessions--refresh", "APIG4", "A refresh token is the credential."),
    Left("Door/Http/GET--v1--openapi.json", "APIG4", "The description is public, like this code."),
)

IN_PEOPLE = (
    Left(
        "People/Pool", "COG2", "A second factor is offered; whether to ask for it is the team's."
    ),
    Left("People/Pool", "COG8", "The plus tier costs by the person and month."),
)


FOR_VAULT = (
    Left(
        "SealRole",
        f"IAM5[Resource::arn:<AWS::Partition>:s3:::<{{vault}}>/{keys.AUDIT}*]",
        "Links of the journal come one after the other; the prefix is all that is known of them.",
    ),
)


FOR_POLLY = (
    Left(
        "NarrateRole",
        "IAM5[Resource::*]",
        "SynthesizeSpeech knows lexicons as its only resource, and we use none (AWS Service "
        "Authorization Reference, Amazon Polly).",
    ),
)


def check(scope: Construct, data: DataStack, app: AppStack) -> None:
    """Let the synthesis of `scope` fail on every finding that is not in the list."""
    names = {
        "bucket": app.resolve(app.access.bucket_name)["Ref"],
        "machine": app.access.machine_name,
    }
    _acknowledge(data, IN_DATA, names)
    _acknowledge(app, IN_APP, names)
    if app.access.vault_name:
        names["vault"] = app.resolve(app.access.vault_name)["Ref"]
        _acknowledge(data, IN_VAULT, names)
        _acknowledge(app, FOR_VAULT, names)
    if app.access.polly:
        _acknowledge(app, FOR_POLLY, names)
    if data.people:
        _acknowledge(data, IN_PEOPLE, names)
    Validations.of(scope).add_plugins(AwsSolutionsChecks(scope))


def _acknowledge(stack: Stack, left: tuple[Left, ...], names: dict[str, str]) -> None:
    for one in left:
        place: Construct = stack
        for part in filter(None, one.path.split("/")):
            place = place.node.find_child(part)
        rule = f"AwsSolutions::AwsSolutions-{one.rule.format(**names)}"
        Validations.of(place).acknowledge(Acknowledgment(id=rule, reason=one.reason))
