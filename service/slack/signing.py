"""Signing: tells requests that Slack signed from all others, whatever their shape.

First door of `/slack/events`. Slack's own verifier raises on timestamps that are no numbers, on
signatures beyond ASCII and on bodies that are not UTF-8; here each of them is simply not signed.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Final

MAX_AGE_S: Final = 300
"""Seconds between a request's timestamp and now, either way; Slack's own advice against replays."""

_TIMESTAMP: Final = re.compile(r"[0-9]{1,12}")
_SIGNATURE: Final = re.compile(r"v0=[0-9a-f]{64}")


def signature_of(secret: str, timestamp: str, body: bytes) -> str:
    """What Slack writes into `X-Slack-Signature`."""
    signed = b"v0:" + timestamp.encode("ascii") + b":" + body
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def is_signed(
    secret: str, timestamps: Sequence[str], signatures: Sequence[str], body: bytes, now: float
) -> bool:
    """True if Slack signed `body` within the last five minutes.

    Args:
        timestamps, signatures: all values of the two headers; more than one of either is refused,
            because the next reader might take the other one.
        now: seconds since the epoch.
    """
    if len(timestamps) != 1 or len(signatures) != 1:
        return False
    timestamp, signature = timestamps[0], signatures[0]
    if not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
        return False
    if abs(now - int(timestamp)) > MAX_AGE_S or not _is_utf8(body):
        return False
    return hmac.compare_digest(signature_of(secret, timestamp, body), signature)


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
