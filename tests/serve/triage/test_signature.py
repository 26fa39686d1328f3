"""Who signs a text message."""

from __future__ import annotations

import pytest

from serve.triage.signature import signature


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("【好借钱】您的借款已逾期", "好借钱"),
        ("您的借款已逾期【华岭银行】", "华岭银行"),
        ("  【 诚信法务 】请还款", "诚信法务"),
        ("【重要通知】【云信贷后】请还款", "云信贷后"),
        ("【催收】请还款【云信贷后】", "云信贷后"),
        ("【重要通知】请还款", None),
        ("【律师函】", None),
        ("请还款", None),
        ("请看【好借钱】的通知", None),
        ("【】", None),
        ("【" + "长" * 25 + "】请还款", None),
        ("[微笑]还钱", None),
        ("", None),
        ("【好借钱", None),
    ],
)
def test_signature(text: str, expected: str | None) -> None:
    assert signature(text) == expected
