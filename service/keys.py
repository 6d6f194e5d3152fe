"""Keys: who may write, and who may read from another machine; only their hashes are kept.

Stands beside the store; `yanbao keys` makes and revokes them, the routes ask.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass
from typing import Final, Literal

from service.store import Store

Scope = Literal["read", "write"]

PREFIX: Final = "yb_"
"""What a key begins with, so that scanners of leaked secrets can know it."""

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS keys (
  key_id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, scope TEXT NOT NULL, label TEXT NOT NULL,
  created REAL NOT NULL, revoked REAL
);
"""


@dataclass(frozen=True, slots=True)
class Key:
    """What is known of a key; not the key. Times are seconds since 1970, UTC."""

    key_id: str
    scope: Scope
    label: str
    created: float
    revoked: float | None


class Keys:
    """The keys of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def create(self, label: str, scope: Scope = "write") -> tuple[Key, str]:
        """A new key and its words; they cannot be shown again.

        Raises:
            StoreError: it cannot be kept.
        """
        secret = PREFIX + secrets.token_urlsafe(32)
        key = Key(secrets.token_hex(4), scope, label, time.time(), None)
        self._store.table(_SCHEMA)
        with self._store.writing() as connection:
            connection.execute(
                "INSERT INTO keys VALUES (?,?,?,?,?,NULL)",
                (key.key_id, _hash(secret), scope, label, key.created),
            )
        return key, secret

    def listed(self) -> list[Key]:
        """All keys, oldest first; revoked ones too."""
        if not self._store.path.exists():
            return []
        self._store.table(_SCHEMA)
        with self._store.reading() as connection:
            rows = connection.execute("SELECT * FROM keys ORDER BY created, key_id").fetchall()
        return [Key(r["key_id"], r["scope"], r["label"], r["created"], r["revoked"]) for r in rows]

    def revoke(self, key_id: str) -> bool:
        """Makes a key worthless, at once; False if no valid key has this id."""
        if not self._store.path.exists():
            return False
        self._store.table(_SCHEMA)
        with self._store.writing() as connection:
            changed = connection.execute(
                "UPDATE keys SET revoked=? WHERE key_id=? AND revoked IS NULL",
                (time.time(), key_id),
            )
            return changed.rowcount > 0

    def scope_of(self, secret: str) -> Scope | None:
        """What a key allows; None if it is unknown or revoked."""
        if not secret or not self._store.path.exists():
            return None
        self._store.table(_SCHEMA)
        # Looked up by the hash of 256 random bits: how long that takes tells nothing of any key.
        with self._store.reading() as connection:
            row = connection.execute(
                "SELECT scope FROM keys WHERE hash=? AND revoked IS NULL", (_hash(secret),)
            ).fetchone()
        return row["scope"] if row else None


def _hash(secret: str) -> str:
    """A key has 256 random bits, so no slow hash is needed to keep it from being guessed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
