"""Objects that come in parts: S3's multipart upload, each part by a signed URL of its own."""

from collections.abc import Sequence

from botocore.exceptions import ClientError

from reelsmith import aws
from reelsmith.errors import Invalid, NotFound

_WRONG = {"InvalidPart", "InvalidPartOrder", "EntityTooSmall", "MalformedXML"}
_GONE = "NoSuchUpload"


class PartsInS3:
    """What `ports.Store` says of parts, for the bucket of a stage."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def begin_parts(self, key: str, *, content_type: str) -> str:
        """Let an object come in parts; gives the store's id of them."""
        begun = aws.client("s3").create_multipart_upload(
            Bucket=self._bucket, Key=key, ContentType=content_type
        )
        return str(begun["UploadId"])

    def part_url(
        self, key: str, upload: str, number: int, *, size_bytes: int, seconds: int
    ) -> str:
        """A URL to PUT one part of exactly this size to. Numbers begin at 1."""
        url: str = aws.client("s3").generate_presigned_url(
            "upload_part",
            Params={
                "Bucket": self._bucket,
                "Key": key,
                "UploadId": upload,
                "PartNumber": number,
                "ContentLength": size_bytes,
            },
            ExpiresIn=seconds,
        )
        return url

    def join_parts(self, key: str, upload: str, parts: Sequence[tuple[int, str]]) -> None:
        """Make the object of its (number, entity tag) parts.

        Raises:
            Invalid: a part is not there, is not what its tag says, or is too small.
            NotFound: the parts were joined before, or given up.
        """
        named = [{"PartNumber": number, "ETag": etag} for number, etag in parts]
        try:
            aws.client("s3").complete_multipart_upload(
                Bucket=self._bucket,
                Key=key,
                UploadId=upload,
                MultipartUpload={"Parts": named},
            )
        except ClientError as error:
            raise _translated(error) from error

    def drop_parts(self, key: str, upload: str) -> None:
        """Give parts up and delete them. None there is no error."""
        try:
            aws.client("s3").abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload)
        except ClientError as error:
            if error.response["Error"]["Code"] != _GONE:
                raise


def _translated(error: ClientError) -> Exception:
    code = error.response["Error"]["Code"]
    if code == _GONE:
        return NotFound("no such upload in parts")
    if code in _WRONG:
        return Invalid.field(
            "/parts",
            f"the parts make no file: {code}",
            remedy="send number and ETag of every part as its PUT answered them",
        )
    return error
