"""Bytes in S3."""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from botocore.exceptions import ClientError

from reelsmith import aws
from reelsmith.errors import NotFound, Unavailable
from reelsmith.ports import PostForm, Stored
from reelsmith.storage.parts import PartsInS3
from reelsmith.telemetry import ProcessMeter

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

_MISSING = {"404", "NoSuchKey", "NoSuchVersion", "NotFound"}
_CHUNK = 1 << 20
_BATCH = 1000  # S3: DeleteObjects, most keys in a request


class S3Store(PartsInS3):
    """The one bucket of a stage. `meter` is told of the bytes that come and go."""

    def __init__(self, bucket: str, *, meter: ProcessMeter | None = None) -> None:
        super().__init__(bucket)
        self._meter = meter or ProcessMeter()

    @property
    def _s3(self) -> "S3Client":
        s3: S3Client = aws.client("s3")
        return s3

    def head(self, key: str) -> Stored | None:
        """What is under `key`, or None."""
        try:
            found = self._s3.head_object(Bucket=self._bucket, Key=key, ChecksumMode="ENABLED")
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                return None
            raise
        return Stored(
            key=key,
            size_bytes=found["ContentLength"],
            sha256=_hex(found.get("ChecksumSHA256")),
            version=found.get("VersionId"),
            written_at=found["LastModified"],
        )

    def fetch(self, key: str, into: Path, *, version: str | None = None) -> Path:
        """Copy an object to a local file and give the file back. Raises NotFound."""
        with into.open("wb") as file:
            for chunk in self._open(key, version).iter_chunks(_CHUNK):
                self._meter.took(file.write(chunk))
        return into

    def read(self, key: str, *, version: str | None = None, first: int | None = None) -> bytes:
        """An object's bytes, or its `first` ones. Raises NotFound."""
        body: bytes = self._open(key, version, first=first).read()
        self._meter.took(len(body))
        return body

    def digest(self, key: str) -> str:
        """The SHA-256 of an object's bytes, hex; nothing is kept of them. Raises NotFound."""
        digest = hashlib.sha256()
        for chunk in self._open(key, None).iter_chunks(_CHUNK):
            digest.update(chunk)
            self._meter.took(len(chunk))
        return digest.hexdigest()

    def put(self, source: Path, key: str, *, content_type: str) -> Stored:
        """Copy a local file to an object, whole or not at all."""
        with source.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").digest()
            file.seek(0)
            return self._send(file, key, content_type, digest, source.stat().st_size)

    def write(self, body: bytes, key: str, *, content_type: str) -> Stored:
        """Make an object of bytes."""
        return self._send(body, key, content_type, hashlib.sha256(body).digest(), len(body))

    def copy(self, source: str, target: str, *, version: str | None = None) -> None:
        """Copy an object within the store. Raises NotFound."""
        origin: Any = {"Bucket": self._bucket, "Key": source}
        if version:
            origin["VersionId"] = version
        try:
            self._s3.copy_object(Bucket=self._bucket, Key=target, CopySource=origin)
        except ClientError as error:
            raise _translated(error, source) from error

    def renew(self, key: str) -> None:
        """Let an object count as written now, for rules that go by age. Raises NotFound."""
        origin: Any = {"Bucket": self._bucket, "Key": key}
        try:
            # S3 copies an object onto itself only when something about it is said anew
            self._s3.copy_object(
                Bucket=self._bucket,
                Key=key,
                CopySource=origin,
                ContentType="application/octet-stream",
                MetadataDirective="REPLACE",
            )
        except ClientError as error:
            raise _translated(error, key) from error

    def delete(self, key: str) -> None:
        """Remove an object. None there is no error."""
        self._s3.delete_object(Bucket=self._bucket, Key=key)

    def delete_all(self, keys: Sequence[str]) -> None:
        """Remove objects, any number of them. Raises Unavailable when some are still there."""
        for first in range(0, len(keys), _BATCH):
            names: Any = [{"Key": key} for key in keys[first : first + _BATCH]]
            answer = self._s3.delete_objects(
                Bucket=self._bucket, Delete={"Objects": names, "Quiet": True}
            )
            if answer.get("Errors"):
                raise Unavailable("some objects could not be deleted")

    def list(self, prefix: str, *, after: str = "") -> Iterator[Stored]:
        """Objects below a prefix, by key, from the one that follows `after`."""
        pages = self._s3.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self._bucket, Prefix=prefix, StartAfter=after):
            for found in page.get("Contents", []):
                yield Stored(
                    found["Key"],
                    found["Size"],
                    sha256=None,
                    version=None,
                    written_at=found["LastModified"],
                )

    def post_form(
        self, key: str, *, content_type: str, size_bytes: int, sha256: str, seconds: int
    ) -> PostForm:
        """A form for exactly these bytes under exactly this key."""
        fields = {
            "Content-Type": content_type,
            "x-amz-checksum-algorithm": "SHA256",
            "x-amz-checksum-sha256": base64.b64encode(bytes.fromhex(sha256)).decode(),
        }
        conditions: list[Any] = [{name: value} for name, value in fields.items()]
        conditions.append(["content-length-range", size_bytes, size_bytes])
        form = self._s3.generate_presigned_post(
            self._bucket, key, Fields=dict(fields), Conditions=conditions, ExpiresIn=seconds
        )
        return PostForm(form["url"], form["fields"], _in(seconds))

    def signed_url(self, key: str, *, filename: str, seconds: int) -> str:
        """A URL that reads one object for a while, saved by browsers as `filename`."""
        disposition = f"attachment; filename*=UTF-8''{quote(filename, safe='')}"
        return self._s3.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._bucket,
                "Key": key,
                "ResponseContentDisposition": disposition,
            },
            ExpiresIn=seconds,
        )

    def _open(self, key: str, version: str | None, *, first: int | None = None) -> Any:  # noqa: ANN401
        wanted: Any = {"Bucket": self._bucket, "Key": key}
        if version:
            wanted["VersionId"] = version
        if first:
            wanted["Range"] = f"bytes=0-{first - 1}"
        try:
            return self._s3.get_object(**wanted)["Body"]
        except ClientError as error:
            raise _translated(error, key) from error

    def _send(self, body: Any, key: str, kind: str, digest: bytes, size: int) -> Stored:  # noqa: ANN401
        sent = self._s3.put_object(
            Bucket=self._bucket,
            Key=key,
            Body=body,
            ContentType=kind,
            ChecksumAlgorithm="SHA256",  # a bucket under Object Lock wants it named
            ChecksumSHA256=base64.b64encode(digest).decode(),
        )
        self._meter.gave(size)
        return Stored(key, size, digest.hex(), sent.get("VersionId"))


def _translated(error: ClientError, key: str) -> Exception:
    missing = error.response["Error"]["Code"] in _MISSING
    return NotFound(f"no object {key}") if missing else error


def _hex(checksum: str | None) -> str | None:
    """The hex form of a whole-object checksum; a composite one (`...-3`) says nothing of it."""
    return base64.b64decode(checksum).hex() if checksum and "-" not in checksum else None


def _in(seconds: int) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)
