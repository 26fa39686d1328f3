"""Too many requests of one key or address are refused; nobody else suffers, memory is bounded."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from waiting import MakeClient

from serve.problems import ProblemError
from serve.ratelimit import RateLimit, network_of
from serve.settings import Settings

BODY = {"texts": ["还款"]}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def passes(limit: RateLimit, client: str) -> bool:
    try:
        limit.take(client)
    except ProblemError:
        return False
    return True


def test_a_burst_passes_then_the_rate_holds() -> None:
    clock = Clock()
    limit = RateLimit("key_rate", 60, clock=clock)
    assert [passes(limit, "a") for _ in range(11)] == [True] * 10 + [False]
    assert passes(limit, "b")
    with pytest.raises(ProblemError) as refused:
        limit.take("a")
    assert refused.value.status_code == 429
    assert refused.value.headers == {"Retry-After": "1"}
    clock.now += 1
    assert [passes(limit, "a") for _ in range(2)] == [True, False]
    clock.now += 3600
    assert sum(passes(limit, "a") for _ in range(100)) == 10


def test_who_waits_as_long_as_told_is_let_in() -> None:
    clock = Clock()
    limit = RateLimit("key_rate", 1, clock=clock)
    while passes(limit, "a"):
        pass
    with pytest.raises(ProblemError) as refused:
        limit.take("a")
    clock.now += int((refused.value.headers or {})["Retry-After"])
    assert passes(limit, "a")


def test_memory_is_bounded() -> None:
    limit = RateLimit("address_rate", 60, clients=100)
    for number in range(1000):
        limit.take(f"10.0.{number // 256}.{number % 256}")
    assert len(limit) == 100


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
    ],
)
def test_what_stands_for_an_address(address: str, network: str) -> None:
    assert network_of(address) == network


def test_it_is_off_on_this_machine_unless_asked_for() -> None:
    assert Settings().rates == (0, 0)
    assert Settings(host="0.0.0.0").rates == (600, 1200)
    assert Settings(host="0.0.0.0", key_rate=0, address_rate=5).rates == (0, 5)
    assert Settings(address_rate=7).rates == (0, 7)


def test_an_address_is_refused_before_its_key_is_looked_at(make_client: MakeClient) -> None:
    client = make_client(host="0.0.0.0", address_rate=1)
    bad = {"authorization": "Bearer dunlens_00_no"}
    answers = [client.post("/v1/classify", json=BODY, headers=bad) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 2
    last = answers[-1]
    assert int(last.headers["retry-after"]) >= 1
    error = last.json()["error"]
    assert (error["code"], error["field"], error["limit"]) == (
        "too_many_requests",
        "address_rate",
        1,
    )
    assert last.headers["content-security-policy"]
    assert {client.get(path).status_code for path in ("/healthz", "/readyz") * 10} == {200}


def test_one_key_does_not_use_up_anothers_share(make_client: MakeClient) -> None:
    client: TestClient = make_client(host="0.0.0.0", key_rate=1, address_rate=0)
    store = client.app.state.desk.store  # type: ignore[attr-defined]
    one, two = (
        {"authorization": f"Bearer {store.create_key(name, ['classify'])[1]}"} for name in "ab"
    )
    codes = [client.post("/v1/classify", json=BODY, headers=one).status_code for _ in range(6)]
    assert codes == [200] * 5 + [429]
    assert client.post("/v1/classify", json=BODY, headers=two).status_code == 200
