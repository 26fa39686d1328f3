"""Settings of the service, read from environment variables that start with ``DUNLENS_``."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

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
    allow_remote: bool = False
    """Must be set to bind an address that other machines reach: requests carry no key yet."""

    artifact: Path | None = None
    """Folder of the model; None is the one that ships with the package."""
    threads: int | None = Field(default=None, ge=1, le=256)
    """CPU threads for inference; None leaves the choice to the classifier."""

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

    @model_validator(mode="after")
    def _refuse_open_bind(self) -> Self:
        if not self.allow_remote and not is_loopback(self.host):
            raise ValueError(
                f"拒绝监听 {self.host}：其他机器可以访问，而本服务尚无访问密钥。"
                "确有需要时请设置环境变量 DUNLENS_ALLOW_REMOTE=1。"
                f"(Refusing to bind {self.host}: other machines could reach it and there are no "
                "access keys yet. Set DUNLENS_ALLOW_REMOTE=1 if you mean it.)"
            )
        return self

    @property
    def local_only(self) -> bool:
        """Whether texts cannot leave this machine, so that the page may say so."""
        return is_loopback(self.host)
