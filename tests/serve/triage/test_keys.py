"""Keys: only hashes are kept; expiry and revocation hold at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from serve.triage.jobstore import now
from serve.triage.keys import InvalidKeyError, split_token
from serve.triage.store import Store
from serve.triage.tables import keys


def test_a_key_opens_and_its_secret_is_nowhere(store: Store) -> None:
    key, token = store.create_key(" 早班 ", ["review", "classify"])
    assert (key.name, key.roles) == ("早班", ("classify", "review"))
    assert store.check_token(token) == key
    assert token.startswith("dunlens_")
    key_id, secret = split_token(token)
    assert key_id == key.id
    with store.read() as connection:
        [row] = connection.execute(select(keys)).mappings()
    assert secret not in repr(dict(row))
    assert secret.encode() not in row["hash"] + row["salt"]
    assert len(row["hash"]) == 32


def test_two_keys_share_nothing(store: Store) -> None:
    (_, one), (_, other) = store.create_key("a", ["admin"]), store.create_key("a", ["admin"])
    assert one != other
    with store.read() as connection:
        rows = connection.execute(select(keys)).mappings().all()
    assert rows[0]["salt"] != rows[1]["salt"]
    mixed = f"dunlens_{split_token(one)[0]}_{split_token(other)[1]}"
    assert store.check_token(mixed) is None


@pytest.mark.parametrize("change", [lambda t: t[:-1], lambda t: t + "A", lambda t: t.upper()])
def test_a_changed_token_opens_nothing(store: Store, change: object) -> None:
    _, token = store.create_key("a", ["admin"])
    assert callable(change)
    assert store.check_token(change(token)) is None


@pytest.mark.parametrize("token", ["", "x", "dunlens_", "dunlens__", "dunlens_aa_é", "_" * 500])
def test_what_is_no_token_opens_nothing(store: Store, token: str) -> None:
    store.create_key("a", ["admin"])
    assert store.check_token(token) is None


def test_revoked_and_expired_keys_open_nothing(store: Store) -> None:
    assert not store.has_valid_key()
    key, token = store.create_key("a", ["admin"], now() + timedelta(days=1))
    assert store.has_valid_key()
    assert key.valid(now())
    assert not key.valid(now() + timedelta(days=2))
    assert store.revoke_key(key.id)
    assert not store.revoke_key(key.id)
    assert not store.revoke_key("nothing")
    assert store.check_token(token) is None
    assert not store.has_valid_key()
    found = store.key(key.id)
    assert found is not None
    assert found.revoked_at is not None


@pytest.mark.parametrize(
    ("name", "roles"), [("", ["admin"]), ("x" * 81, ["admin"]), ("a", []), ("a", ["root"])]
)
def test_keys_that_cannot_be_made(store: Store, name: str, roles: list[str]) -> None:
    with pytest.raises(InvalidKeyError):
        store.create_key(name, roles)
    with pytest.raises(InvalidKeyError):
        store.create_key("a", ["admin"], now() - timedelta(seconds=1))
    assert store.keys() == {}
