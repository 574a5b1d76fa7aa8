"""Signatures of webhooks: Standard Webhooks 1.0.0, symmetric (`v1`).

A secret is worked out from the deployment's pepper, the endpoint and its generation. So nothing
that signs is stored, and a secret can be shown when it comes about and at no other time.
"""

import base64
import hashlib
import hmac

PREFIX = "whsec_"


def secret(pepper: bytes, *, tenant: str, webhook: str, generation: int) -> str:
    """The secret of an endpoint: `whsec_` and base64 of 32 bytes."""
    said = "\0".join(("webhook", tenant, webhook, str(generation))).encode()
    return PREFIX + base64.b64encode(hmac.new(pepper, said, hashlib.sha256).digest()).decode()


def signature(secret: str, *, message: str, timestamp: int, body: bytes) -> str:
    """`v1,` and base64 of HMAC-SHA256 over `{message}.{timestamp}.{body}`."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    said = f"{message}.{timestamp}.".encode() + body
    return f"v1,{base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()}"


def headers(secrets: list[str], *, message: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of an attempt, signed with each secret that is good at that moment."""
    signed = (signature(one, message=message, timestamp=timestamp, body=body) for one in secrets)
    return {
        "webhook-id": message,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signed),
    }
