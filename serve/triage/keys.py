"""Access keys: made, checked, revoked. The database holds no key, only salted hashes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

from sqlalchemy import RowMapping, insert, select, update

from serve.triage.clock import no_earlier
from serve.triage.database import Database
from serve.triage.jobstore import now
from serve.triage.tables import keys

Role = Literal["classify", "triage", "review", "admin"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)

PREFIX: Final = "dunlens"
SECRET_BYTES: Final = 32
# RFC 7914. A secret of 256 random bits needs no slow hash; this one costs a guesser 16 MiB and
# some 50 ms a try all the same.
SCRYPT: Final = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}


class InvalidKeyError(ValueError):
    """A key cannot be made as asked for; the message says why, Chinese first."""


@dataclass(frozen=True)
class Key:
    """What may be known of a key: all but its secret."""

    id: str
    name: str
    roles: tuple[Role, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    def valid(self, at: datetime) -> bool:
        """Return whether the key opens anything at that time."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)


class KeyStore(Database):
    """The part of the store that holds keys."""

    def create_key(
        self, name: str, roles: Sequence[str], expires_at: datetime | None = None
    ) -> tuple[Key, str]:
        """Add a key; return it and its token, which is not stored and cannot be had again.

        Raises InvalidKeyError for a blank name, an unknown role or a time that has passed.
        """
        name = name.strip()
        if not 1 <= len(name) <= 80:
            raise InvalidKeyError("名称 1–80 个字符 (name: 1–80 characters)")
        if not roles or set(roles) - set(ROLES):
            raise InvalidKeyError(f"角色 (roles): {', '.join(ROLES)}")
        created = now()
        if expires_at is not None and expires_at <= created:
            raise InvalidKeyError("到期时间已过 (the expiry has passed)")
        key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(SECRET_BYTES)
        salt = secrets.token_bytes(16)
        values = {
            "id": key_id,
            "name": name,
            "roles": [role for role in ROLES if role in roles],
            "created_at": created,
            "expires_at": expires_at,
        }
        with self.write() as connection:
            connection.execute(
                insert(keys).values(values | {"hash": _hash(secret, salt), "salt": salt})
            )
        return self.keys()[key_id], f"{PREFIX}_{key_id}_{secret}"

    def keys(self) -> dict[str, Key]:
        """Return all keys by id, the oldest first."""
        with self.read() as connection:
            found = connection.execute(select(keys).order_by(keys.c.created_at, keys.c.id))
            return {row["id"]: _key(row) for row in found.mappings()}

    def has_valid_key(self) -> bool:
        """Return whether any key opens anything now."""
        return any(key.valid(no_earlier()) for key in self.keys().values())

    def revoke_key(self, key_id: str) -> bool:
        """Revoke a key for good; False where there is none that was not revoked before."""
        query = update(keys).where(keys.c.id == key_id, keys.c.revoked_at.is_(None))
        with self.write() as connection:
            return connection.execute(query.values(revoked_at=now())).rowcount == 1

    def key(self, key_id: str) -> Key | None:
        """Return a key by its id, valid or not."""
        with self.read() as connection:
            found = connection.execute(select(keys).where(keys.c.id == key_id)).mappings().first()
        return None if found is None else _key(found)

    def check_token(self, token: str) -> Key | None:
        """Return the valid key whose token this is, or None. Slow on purpose."""
        key_id, secret = split_token(token)
        with self.read() as connection:
            found = connection.execute(select(keys).where(keys.c.id == key_id)).mappings().first()
        if found is None or not hmac.compare_digest(_hash(secret, found["salt"]), found["hash"]):
            return None
        key = _key(found)
        return key if key.valid(no_earlier()) else None


def split_token(token: str) -> tuple[str, str]:
    """Return (id, secret) of a token; empty strings where it is none."""
    prefix, _, rest = token.partition("_")
    key_id, _, secret = rest.partition("_")
    good = prefix == PREFIX and key_id.isascii() and secret.isascii() and len(token) <= 200
    return (key_id, secret) if good else ("", "")


def _hash(secret: str, salt: bytes) -> bytes:
    return hashlib.scrypt(secret.encode(), salt=salt, **SCRYPT)


def _key(row: RowMapping) -> Key:
    return Key(
        id=row["id"],
        name=row["name"],
        roles=tuple(row["roles"]),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
    )
