"""What a webhook says: docs/channels/webhook.md describes it, field by field."""

import hashlib
import hmac
import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

from alerts.caption import caption
from alerts.delivery import IncursionTelling, NoticeTelling, Telling

VERSION = 1


def facts(telling: Telling) -> dict[str, Any]:
    """What is told, but for what differs between two attempts to tell the same."""
    told: dict[str, Any] = {
        "version": VERSION,
        "delivery": telling.delivery,
        "revision": telling.revision,
        "park": telling.park,
        "area": telling.area,
        "place": telling.place,
        "camera": telling.camera,
        "zone": telling.zone,
        "language": telling.language,
        "quiet": telling.quiet,
        "answers": list(telling.answers),
        "has_photo": telling.has_photo,
    }
    match telling:
        case IncursionTelling():
            progress = telling.progress
            told |= {
                "type": "incursion",
                "incursion": telling.incursion,
                "first_seen": _time(telling.first_seen),
                "last_seen": _time(telling.last_seen),
                "counts": telling.counts,
                "score": round(telling.score, 3),
                "cameras": telling.cameras,
                "late": telling.late,
                "heading": telling.movement.heading if telling.movement else None,
                "speed_km_h": round(telling.movement.km_h, 1) if telling.movement else None,
                "possibly_ours": telling.possibly_ours,
                "alarm": telling.alarm,
                "progress": {
                    "seen": progress.seen,
                    "ready": progress.ready,
                    "approved": progress.approved,
                    "stage": progress.stage,
                    "closed_by": progress.closed_by,
                },
            }
        case NoticeTelling():
            told |= {
                "type": "notice",
                "notice": telling.notice,
                "kind": telling.kind,
                "since": _time(telling.since),
                "facts": dict(telling.facts),
            }
        case _:
            raise TypeError(f"a telling of {type(telling).__name__}; expected one of an incursion or a notice")
    return told


def key(told: dict[str, Any], *more: str) -> str:
    """Stays the same when the same is sent again."""
    text = json.dumps([told, *more], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def body(told: dict[str, Any], message: str, telling: Telling, now: datetime, *, photo: bool) -> bytes:
    words = caption(telling, now)
    whole = told | {
        "id": message,
        "headline": words.headline,
        "lines": list(words.lines),
        "link": words.link,
        "photo": b64encode(telling.photo).decode() if photo and telling.photo is not None else None,
    }
    return json.dumps(whole, ensure_ascii=False).encode()


def signature(secret: bytes, timestamp: str, content: bytes) -> str:
    """Of the header Sambar-Signature."""
    return "sha256=" + hmac.new(secret, timestamp.encode() + b"." + content, hashlib.sha256).hexdigest()


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
