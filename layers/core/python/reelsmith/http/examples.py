"""A usual body of every operation that takes one, by the name of the operation.

They stand in the document of the API, and tests send them.
"""

from typing import Any

_JOB = f"job_{'0' * 32}"
_PASSWORD = "correct horse battery staple"  # noqa: S105 - an example

BODIES: dict[str, Any] = {
    "jobs_create": {
        "title": "Summer sale",
        "text_prompt": "Buy now. It is summer.",
        "language": "en",
        "metadata": {"order": 17},
    },
    "jobs_cancel_some": {"ids": [_JOB]},
    "presentations_create": {
        "title": "Third quarter",
        "deck": "ast_0193e9f6c0c87b9e8a4d1f2a3b4c5d6e",
        "language": "en",
    },
    "jobs_delete_some": {"ids": [_JOB]},
    "batches_create": {
        "title": "Catalogue",
        "rows": [
            {"external_id": "sku-17", "text_prompt": "The red one. Buy now."},
            {"external_id": "sku-18", "text_prompt": "The blue one. Buy now."},
        ],
        "defaults": {"language": "en"},
    },
    "uploads_ask": {
        "filename": "beach.jpg",
        "content_type": "image/jpeg",
        "size_bytes": 482_113,
        "sha256": "a" * 64,
    },
    "uploads_fetch": {"source_url": "https://example.com/beach.jpg"},
    "uploads_complete": {"parts": [{"number": 1, "etag": "9b2cf535f27731c974343645a3985328"}]},
    "videos_change": {"title": "Winter sale", "access": "authenticated"},
    "assets_change": {"filename": "beach-2.jpg", "access": "authenticated"},
    "videos_share": {"expires_in_s": 604_800},
    "assets_share": {"expires_in_s": 604_800},
    "sessions_sign_in": {"username": "ana", "password": _PASSWORD},
    "sessions_refresh": {"refresh_token": "rsr_..."},
    "users_create": {"username": "ana", "name": "Ana", "email": "ana@example.com", "role": "user"},
    "users_change": {"name": "Ana María"},
    "users_set_password": {"password": _PASSWORD},
    "users_erase": {"confirm": "ana"},
    "tenant_erase": {"confirm": "Ana's shop"},
    "me_change": {"name": "Ana María"},
    "me_change_password": {"old_password": _PASSWORD, "password": f"{_PASSWORD} 2"},
    "keys_issue": {"name": "nightly import", "scopes": ["jobs:read", "jobs:write"]},
    "keys_rotate": {"grace_seconds": 3600},
    "webhooks_create": {
        "url": "https://hooks.example.com/reelsmith",
        "types": ["job.completed", "job.failed"],
    },
    "webhooks_change": {"description": "the shop", "enabled": True},
    "webhooks_replay_span": {"since": "2030-01-01T00:00:00Z", "until": "2030-01-01T01:00:00Z"},
    "tenant_change": {"name": "Ana's shop"},
}
