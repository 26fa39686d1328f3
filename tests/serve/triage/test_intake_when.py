"""Times in the notations of spreadsheets and exports."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serve.triage.intake.when import CHINA, parse_when

MORNING = datetime(2026, 11, 25, 8, 3)


@pytest.mark.parametrize(
    "cell",
    [
        "2026-11-25 08:03",
        "2026-11-25 8:03:00",
        "2026-11-25T08:03:00",
        "2026-11-25T08:03:00.000",
        "2026-11-25T08:03:00+08:00",
        "2026-11-25T00:03:00Z",
        "2026-11-24T19:03:00-0500",
        "2026/11/25 8:03",
        "2026.11.25 08:03",
        "2026年11月25日 8:03",
        "2026年11月25日8时3分",
        "2026年11月25日 上午8点03分",
        "2026年11月25号 星期三 08:03",
        "２０２６－１１－２５　０８：０３",
        " 2026-11-25  08:03 ",
        "11/25/2026 8:03 AM",
        "20261125 08:03",
        "202611250803",
        "20261125080300",
        "46351.335416666669",
        str(int(datetime(2026, 11, 25, 0, 3, tzinfo=UTC).timestamp())),
        str(int(datetime(2026, 11, 25, 0, 3, tzinfo=UTC).timestamp()) * 1000),
    ],
)
def test_one_time_in_many_notations(cell: str) -> None:
    assert parse_when(cell) == MORNING


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2026-11-25", datetime(2026, 11, 25)),
        ("2026年3月5日", datetime(2026, 3, 5)),
        ("20261125", datetime(2026, 11, 25)),
        ("46351", datetime(2026, 11, 25)),
        ("2026/11/25 下午8:03", datetime(2026, 11, 25, 20, 3)),
        ("2026/11/25 晚上11:30", datetime(2026, 11, 25, 23, 30)),
        ("2026/11/25 中午12:30", datetime(2026, 11, 25, 12, 30)),
        ("2026/11/25 凌晨12:30", datetime(2026, 11, 25, 0, 30)),
        ("11/25/2026 12:05 am", datetime(2026, 11, 25, 0, 5)),
        ("2026-11-25 23点", datetime(2026, 11, 25, 23)),
    ],
)
def test_parts_of_the_day_and_days_alone(cell: str, expected: datetime) -> None:
    assert parse_when(cell) == expected


@pytest.mark.parametrize(
    "cell",
    [
        "", "昨天", "2026-13-45", "2026-02-30", "2026-11-25 25:00", "2026-11-25 08:61", "08:03",
        "12", "13800000000", "20269999", "9999999999999", "0.5", "11月25日",
        "2026-11-25 今天不还就上门", "1" * 59, "2026-11-25 08:03" + " " * 60, "0000-01-01",
    ],
)  # fmt: skip
def test_what_states_no_time_gives_none(cell: str) -> None:
    assert parse_when(cell) is None


@given(
    st.datetimes(datetime(1981, 1, 1), datetime(2099, 1, 1)).map(lambda t: t.replace(microsecond=0))
)
def test_every_time_comes_back(moment: datetime) -> None:
    assert parse_when(f"{moment:%Y-%m-%d %H:%M:%S}") == moment
    assert parse_when(moment.replace(tzinfo=CHINA).isoformat()) == moment
    assert parse_when(str(int(moment.replace(tzinfo=CHINA).timestamp()))) == moment
    serial = (moment - datetime(1899, 12, 30)).total_seconds() / 86400
    assert parse_when(f"{serial:.9f}") == moment


@given(st.text(max_size=70))
def test_any_text_is_answered(cell: str) -> None:
    found = parse_when(cell)
    assert found is None or found.tzinfo is None
