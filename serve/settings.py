"""Settings of the service, read from environment variables that start with ``DUNLENS_``."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_data_path
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

MIB = 2**20


def is_loopback(host: str) -> bool:
    """Return whether only programs on this machine can reach a server bound to `host`."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:  # another name: where it resolves to is not known here
        return False


class Settings(BaseSettings):
    """All settings with their bounds; constructing one raises pydantic.ValidationError.

    Arguments win over environment variables, which win over the defaults.
    """

    model_config = SettingsConfigDict(env_prefix="DUNLENS_", env_ignore_empty=True, frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    """Another address than this machine's own needs access keys: see access.py."""
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    """Further names, separated by commas, under which a loopback address may be asked for."""

    artifact: Path | None = None
    """Folder of the model; None is the one that ships with the package."""
    threads: int | None = Field(default=None, ge=1, le=256)
    """CPU threads for inference; None leaves the choice to the classifier."""
    backend: Literal["auto", "onnx", "openvino"] = "auto"
    """What runs the model; `auto` is OpenVINO where it is installed and suits the processor."""

    queue_size: int = Field(default=32, ge=1, le=1024)
    """Requests that may wait for the model or run at one time."""
    timeout_s: float = Field(default=120, gt=0, le=600)
    """Longest time from a request's arrival in the queue to its answer."""
    body_timeout_s: float = Field(default=15, gt=0, le=600)
    """Longest time that a client may take to send one request body."""
    max_body_bytes: int = Field(default=13 * MIB, ge=1024, le=256 * MIB)
    """Largest request body. 256 texts of 4,000 emoji, each written as two JSON escapes, fit."""
    max_buffered_bytes: int = Field(default=64 * MIB, ge=1024)
    """Request bodies held in memory, all requests together."""

    key_rate: int | None = Field(default=None, ge=0, le=1_000_000)
    """Requests a minute of one access key; 0 is no limit. See `rates` for None."""
    address_rate: int | None = Field(default=None, ge=0, le=1_000_000)
    """The same of one address, keys that are refused included."""

    data_dir: Path = Field(default_factory=lambda: user_data_path("dunlens"))
    """Folder of uploaded files and, without `database_url`, of the database."""
    database_url: SecretStr | None = None
    """`postgresql://…`; secret, as it may hold a password."""
    retention_days: float = Field(default=30, gt=0, le=3650)
    """Days after which an uploaded file and all that came of it are deleted."""
    max_upload_bytes: int = Field(default=512 * MIB, ge=1024, le=8192 * MIB)
    """Largest file of complaints."""

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(name.strip().lower() for name in value.split(",") if name.strip())
        return value

    @property
    def database(self) -> str | Path:
        """The database: a file in `data_dir` unless a URL is set."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return self.data_dir / "dunlens.sqlite"

    @property
    def rates(self) -> tuple[int, int]:
        """Requests a minute of one key and of one address; unless set, none on this machine's own
        address, on which one person asks, and else 600 and 1,200."""
        key, address = (0, 0) if self.local_only else (600, 1200)
        return (
            key if self.key_rate is None else self.key_rate,
            address if self.address_rate is None else self.address_rate,
        )

    @property
    def local_only(self) -> bool:
        """Whether texts cannot leave this machine, so that the page may say so."""
        return is_loopback(self.host)
