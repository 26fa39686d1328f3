"""Settings: environment, arguments, bounds, and the refusal to open up by accident."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from serve.server import SettingsError, load_settings
from serve.settings import Settings, is_loopback


@pytest.fixture(scope="module")
def _set_outside() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUNLENS_PORT", "9123")
        yield


@pytest.mark.usefixtures("_set_outside")
def test_settings_of_the_developer_do_not_reach_the_tests() -> None:
    assert Settings().port == 8000


def test_arguments_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUNLENS_PORT", "9000")
    monkeypatch.setenv("DUNLENS_THREADS", "")
    assert load_settings(port=None).port == 9000
    assert load_settings(port=9001).port == 9001
    assert load_settings().threads is None


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_only_this_machine_reaches_a_loopback_address(host: str) -> None:
    assert Settings(host=host).local_only


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", ""])
def test_others_reach_any_other_address(host: str) -> None:
    assert not load_settings(host=host).local_only


def test_allowed_hosts_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUNLENS_ALLOWED_HOSTS", "Desk.example.org, other.example.org,")
    assert load_settings().allowed_hosts == ("desk.example.org", "other.example.org")


def test_the_database_is_a_file_unless_a_url_is_set(tmp_path: Path) -> None:
    assert load_settings(data_dir=tmp_path).database == tmp_path / "dunlens.sqlite"
    url = "postgresql://me:secret@db/dunlens"
    settings = load_settings(database_url=url)
    assert settings.database == url
    assert "secret" not in repr(settings)


def test_bounds_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUNLENS_QUEUE_SIZE", "0")
    with pytest.raises(SettingsError, match=r"DUNLENS_QUEUE_SIZE.*1"):
        load_settings()
    with pytest.raises(ValidationError):
        Settings(queue_size=0)


def test_a_name_that_only_looks_local_is_not() -> None:
    assert not is_loopback("localhost.example.org")
    assert not is_loopback("127.0.0.1.example.org")
