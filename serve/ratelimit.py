"""How often one key and one address may ask: a token bucket each, in bounded memory."""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from serve.problems import ProblemError

CLIENTS: Final = 10_000
"""Buckets kept at most, about 2 MB; beyond, the one that asked longest ago is forgotten."""
BURST_S: Final = 10
"""A client that was silent may ask for this many seconds' worth at once."""
LEAST_BURST: Final = 5
IPV6_NETWORK: Final = 64
"""Bits of an IPv6 address that tell clients apart: whoever has one address has all of these."""


class RateLimit:
    """Counts requests by client. Used on the event loop only, so no lock.

    name: of the setting, which refusals state; per_minute: 0 lets everything pass.
    """

    def __init__(
        self,
        name: str,
        per_minute: int,
        clients: int = CLIENTS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name, self.per_minute = name, per_minute
        self._rate = per_minute / 60
        self._burst = max(LEAST_BURST, self._rate * BURST_S)
        self._most, self._clock = clients, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens, when

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, client: str) -> None:
        """Count one request; raise ProblemError (429, with Retry-After) where it is too many."""
        if not self.per_minute:
            return
        now = self._clock()
        tokens, before = self._buckets.get(client, (self._burst, now))
        tokens = min(self._burst, tokens + (now - before) * self._rate)
        allowed = tokens >= 1
        self._buckets[client] = (tokens - 1 if allowed else tokens, now)
        self._buckets.move_to_end(client)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        if not allowed:
            raise ProblemError(
                "too_many_requests",
                field=self.name,
                limit=self.per_minute,
                retry_after=math.ceil((1 - tokens) / self._rate),
            )


def network_of(address: str) -> str:
    """Return what stands for an address: itself (IPv4), or its /64 (IPv6)."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:  # a socket of the file system, or none
        return address[:64]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, IPV6_NETWORK), strict=False))
    return str(parsed)
