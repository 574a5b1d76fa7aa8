"""Deploys a synthesized assembly through the CloudFormation API alone: no CLI, no bootstrap."""

import contextlib
import json
import secrets
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boto3.session import Session
from botocore.exceptions import ClientError

from infra import names
from infra.local.place import CREDENTIALS, REGION

_CAPABILITIES: list[Any] = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
_BROKEN = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED")
_POLL_S = 0.1
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


class DeployFailed(Exception):
    """A stack could not be made; the message names the resources that failed and why."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """What a deployment came to."""

    outputs: dict[str, str]
    changed: bool


class Deployer:
    """Puts the stacks of one stage onto the endpoint."""

    def __init__(self, endpoint_url: str, *, stage: str) -> None:
        session = Session(
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=REGION,
        )
        self._stage = stage
        self._s3 = session.client("s3", endpoint_url=endpoint_url)
        self._ssm = session.client("ssm", endpoint_url=endpoint_url)
        self._stacks = session.client("cloudformation", endpoint_url=endpoint_url)

    def deploy(self, assembly: Path) -> Deployed:
        """Both stacks, data first; gives the app's outputs.

        Raises:
            DeployFailed: a resource could not be made.
        """
        self._make_pepper()
        changed = False
        for stack in (names.data_stack(self._stage), names.app_stack(self._stage)):
            template = self._publish(assembly, stack)
            changed |= self._put(stack, template)
        described = self._describe(names.app_stack(self._stage)) or {}
        outputs = {o["OutputKey"]: o["OutputValue"] for o in described.get("Outputs", [])}
        return Deployed(outputs, changed)

    def _make_pepper(self) -> None:
        with contextlib.suppress(self._ssm.exceptions.ParameterAlreadyExists):
            self._ssm.put_parameter(
                Name=names.parameter(self._stage, "pepper"),
                Value=secrets.token_urlsafe(32),
                Type="SecureString",
            )

    def _publish(self, assembly: Path, stack: str) -> str:
        """Upload the stack's files that are not there yet; gives the address of its template."""
        files = json.loads((assembly / f"{stack}.assets.json").read_text("utf-8"))["files"]
        template = ""
        for asset in files.values():
            [target] = asset["destinations"].values()
            bucket, key = target["bucketName"], target["objectKey"]
            source = assembly / asset["source"]["path"]
            if source.name == f"{stack}.template.json":
                template = f"https://s3.{REGION}.amazonaws.com/{bucket}/{key}"
            if not self._stored(bucket, key):
                if asset["source"]["packaging"] == "zip":
                    source = zipped(source)
                self._s3.upload_file(str(source), bucket, key)
        return template

    def _stored(self, bucket: str, key: str) -> bool:
        try:
            self._s3.head_object(Bucket=bucket, Key=key)
        except ClientError as missing:
            if missing.response["Error"]["Code"] == "NoSuchBucket" or not self._has(bucket):
                self._s3.create_bucket(Bucket=bucket)
            return False
        return True

    def _has(self, bucket: str) -> bool:
        try:
            self._s3.head_bucket(Bucket=bucket)
        except ClientError:
            return False
        return True

    def _put(self, stack: str, template: str) -> bool:
        """Create or update a stack; false when there was nothing to do."""
        found = self._describe(stack)
        if found and found["StackStatus"] in _BROKEN:
            self._stacks.delete_stack(StackName=stack)
            self._settled(stack)
            found = None
        act = self._stacks.update_stack if found else self._stacks.create_stack
        try:
            act(StackName=stack, TemplateURL=template, Capabilities=_CAPABILITIES)
        except ClientError as refused:
            if "No updates" in str(refused):
                return False
            raise
        status = self._settled(stack)
        if "ROLLBACK" in status or "FAILED" in status:
            raise DeployFailed(f"{stack}: {status}\n" + "\n".join(self._failures(stack)))
        return True

    def _settled(self, stack: str) -> str:
        while (now := self._describe(stack)) and now["StackStatus"].endswith("IN_PROGRESS"):
            time.sleep(_POLL_S)
        return str(now["StackStatus"]) if now else "DELETE_COMPLETE"

    def _describe(self, stack: str) -> dict[str, Any] | None:
        try:
            found = self._stacks.describe_stacks(StackName=stack)["Stacks"]
        except ClientError as missing:
            if "does not exist" in str(missing):
                return None
            raise
        live = [dict(s) for s in found if s["StackStatus"] != "DELETE_COMPLETE"]
        return live[0] if live else None

    def _failures(self, stack: str) -> Iterator[str]:
        for event in self._stacks.describe_stack_events(StackName=stack)["StackEvents"]:
            if "FAILED" in event["ResourceStatus"]:
                why = event.get("ResourceStatusReason", "no reason given")
                yield f"  {event['LogicalResourceId']}: {why}"


def zipped(folder: Path) -> Path:
    """A zip of a folder beside it, the same bytes for the same files; modes are kept."""
    archive = folder.with_name(f"{folder.name}.zip")
    if archive.exists():
        return archive
    draft = archive.with_suffix(".draft")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(file.relative_to(folder).as_posix(), _ZIP_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (file.stat().st_mode & 0xFFFF) << 16
            made.writestr(entry, file.read_bytes())
    return draft.rename(archive)
