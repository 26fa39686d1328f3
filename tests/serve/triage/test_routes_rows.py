"""Rows, reviews, clusters, summary and export of a job."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from deskclient import API, CSV, finished, rows
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from waiting import MakeClient

from serve.triage.schemas import MAX_NOTE, MAX_PAGE_SIZE, MAX_QUERY

HOSTILE = (
    "短信内容,发送号码\r\n"
    '"<img src=x onerror=alert(1)>门口等你</script>","=cmd|1"\r\n'
    '"=HYPERLINK(""http://x"")门口等你","+1"\r\n'
    "100%_匹配门口等你,@x\r\n"
)


@pytest.fixture
def job(client: TestClient) -> str:
    return finished(client)


def numbers(client: TestClient, job: str, **query: Any) -> list[int]:
    return [row["number"] for row in rows(client, job, **query)]


def test_the_gravest_rows_come_first(client: TestClient, job: str) -> None:
    found = rows(client, job)
    assert found[0]["number"] == 2
    assert found[0]["label"] == "threat_extortion"
    assert found[0]["also"] == ["privacy_disclosure"]
    assert found[0]["sent_at"] == "2026-03-01T23:30:00"
    severities = [row["severity"] for row in found]
    assert severities == sorted(severities, reverse=True)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"label": "threat_extortion"}, [2]),
        ({"review": "true"}, [3]),
        ({"review": "false", "sort": "number", "order": "asc"}, [1, 2, 5]),
        ({"reviewed": "true"}, []),
        ({"q": "门口"}, [2]),
        ({"q": "没有这个词"}, []),
        ({"sender": "1069002", "sort": "number", "order": "asc"}, [2, 3]),
        ({"sort": "sent_at", "order": "desc"}, [5, 3, 2, 1]),
        ({"sort": "number", "order": "asc", "size": 2}, [1, 2]),
        ({"sort": "number", "order": "asc", "size": 2, "page": 2}, [3, 5]),
        ({"page": 9}, []),
    ],
)
def test_filters_order_and_pages(
    client: TestClient, job: str, query: dict[str, Any], expected: list[int]
) -> None:
    assert numbers(client, job, **query) == expected


def test_total_counts_all_pages(client: TestClient, job: str) -> None:
    assert client.get(f"{API}/{job}/rows", params={"size": 1}).json()["total"] == 4
    found = client.get(f"{API}/{job}/rows", params={"q": "门口", "page": 2, "size": 1}).json()
    assert (found["total"], found["rows"]) == (1, [])


@pytest.mark.parametrize(
    ("query", "code", "field", "limit"),
    [
        ({"label": "x"}, "not_an_option", "label", None),
        ({"sort": "x"}, "not_an_option", "sort", "severity | number | sent_at | confidence"),
        ({"order": "x"}, "not_an_option", "order", "asc | desc"),
        ({"page": 0}, "too_small", "page", 1),
        ({"page": "x"}, "wrong_type", "page", "integer"),
        ({"size": MAX_PAGE_SIZE + 1}, "too_large", "size", MAX_PAGE_SIZE),
        ({"q": "a" * (MAX_QUERY + 1)}, "text_too_long", "q", MAX_QUERY),
        ({"review": "maybe"}, "wrong_type", "review", "true | false"),
        ({"lable": "harassment"}, "unknown_field", "lable", None),
    ],
)
def test_queries_that_are_refused(
    client: TestClient, job: str, query: dict[str, Any], code: str, field: str, limit: Any
) -> None:
    for language, key in (("zh", "message_zh"), ("en", "message_en")):
        response = client.get(
            f"{API}/{job}/rows", params=query, headers={"Accept-Language": language}
        )
        error = response.json()["error"]
        assert response.status_code == 422
        assert (error["code"], error["field"]) == (code, field)
        assert limit is None or error["limit"] == limit
        assert error["message"] == error[key]


def test_a_row_in_full(client: TestClient, job: str) -> None:
    row = client.get(f"{API}/{job}/rows/2").json()
    assert row["original"] == [
        {"heading": "编号", "value": "2"},
        {"heading": "时间", "value": "2026-03-01 23:30"},
        {"heading": "发送号码", "value": "1069002"},
        {"heading": "短信内容", "value": "今天不还就在门口等你，告诉你同事"},
    ]
    assert row["severity_parts"]
    assert all(part["zh"] and part["en"] for part in row["severity_parts"])
    assert row["scores"]["threat_extortion"] == pytest.approx(0.96)
    assert row["reviews"] == []


@pytest.mark.parametrize("number", [0, 4, 6, -1, 2**40])
def test_a_row_that_is_not_there(client: TestClient, job: str, number: int) -> None:
    response = client.get(f"{API}/{job}/rows/{number}")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "row_not_found"


def test_reasons_mark_the_words_and_name_the_law(client: TestClient, job: str) -> None:
    reasons = client.get(f"{API}/{job}/rows/2/reasons").json()
    assert "".join(part["text"] for part in reasons["segments"]) == (
        "今天不还就在门口等你，告诉你同事"
    )
    marked = {part["text"] for part in reasons["segments"] if part["labels"]}
    assert "门口等你" in marked
    assert reasons["answer"]["provisions"][0]["law"]["zh"]


def test_the_law_is_that_of_the_label_as_corrected(client: TestClient, job: str) -> None:
    client.post(f"{API}/{job}/rows/2/review", json={"label": "out_of_scope"})
    reasons = client.get(f"{API}/{job}/rows/2/reasons").json()
    assert reasons["answer"]["provisions"] == []


def test_review_and_undo_leave_a_trail(client: TestClient, job: str) -> None:
    body = {"label": "harassment", "also": [], "note": "只是骂人", "reviewer": " 王 警官 "}
    row = client.post(f"{API}/{job}/rows/2/review", json=body).json()
    assert (row["label"], row["current_label"], row["reviewed"]) == (
        "threat_extortion",
        "harassment",
        1,
    )
    [entry] = row["reviews"]
    assert (entry["reviewer"], entry["from_label"], entry["to_label"], entry["note"]) == (
        "王 警官",
        "threat_extortion",
        "harassment",
        "只是骂人",
    )
    assert entry["model"] == "fake-1"
    assert numbers(client, job, label="harassment", reviewed="true") == [2]
    other = client.post(f"{API}/{job}/rows/2/undo", json={"reviewer": "李"})
    assert other.status_code == 409
    assert other.json()["error"]["code"] == "nothing_to_undo"
    row = client.post(f"{API}/{job}/rows/2/undo", json={"reviewer": "王 警官"}).json()
    assert (row["current_label"], row["current_also"], row["reviewed"]) == (
        "threat_extortion",
        ["privacy_disclosure"],
        0,
    )
    assert [entry["undoes"] for entry in row["reviews"]] == [None, row["reviews"][0]["id"]]


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({}, "missing_field", "label"),
        ({"label": "x"}, "not_an_option", "label"),
        ({"label": "out_of_scope", "also": ["harassment"]}, "not_an_option", "also"),
        ({"label": "harassment", "also": ["harassment"]}, "not_an_option", "also"),
        ({"label": "harassment", "also": ["lawful_reminder"]}, "not_an_option", "also[0]"),
        ({"label": "harassment", "note": "x" * (MAX_NOTE + 1)}, "text_too_long", "note"),
        ({"label": "harassment", "reviewer": "x" * 81}, "text_too_long", "reviewer"),
        ({"label": "harassment", "by": "x"}, "unknown_field", "by"),
    ],
)
def test_reviews_that_are_refused(
    client: TestClient, job: str, body: dict[str, Any], code: str, field: str
) -> None:
    response = client.post(f"{API}/{job}/rows/2/review", json=body)
    error = response.json()["error"]
    assert (response.status_code, error["code"], error["field"]) == (422, code, field)
    assert client.get(f"{API}/{job}/rows/2").json()["reviews"] == []


def test_summary_counts_and_agreement(client: TestClient, job: str) -> None:
    for who, label in (("王", "harassment"), ("李", "harassment")):
        client.post(f"{API}/{job}/rows/3/review", json={"label": label, "reviewer": who})
    for who, label in (("王", "lawful_reminder"), ("李", "harassment")):
        client.post(f"{API}/{job}/rows/1/review", json={"label": label, "reviewer": who})
    found = client.get(f"{API}/{job}/summary").json()
    assert found["labels"] == {"threat_extortion": 1, "harassment": 2, "out_of_scope": 1}
    assert [day["day"] for day in found["days"]] == ["2026-03-01", "2026-03-02", "2026-03-03"]
    assert found["senders"][0]["name"] == "1069002"
    assert found["senders"][0]["rows"] == 2
    assert found["reviewed"] == 2
    [pair] = found["agreement"]
    assert (pair["reviewers"], pair["rows"], pair["agreed"]) == (["李", "王"], 2, 0.5)
    assert pair["kappa"] == 0.0


def test_bad_rows_are_listed_with_their_reason(client: TestClient, job: str) -> None:
    found = client.get(f"{API}/{job}/bad").json()
    assert found["total"] == 1
    [row] = found["rows"]
    assert row["number"] == 4
    assert row["column"] == "短信内容"
    assert row["reason_zh"]
    assert row["reason_en"]


def test_clusters_name_their_senders(client: TestClient) -> None:
    text = (
        "{}，今天下午五点前不还钱，就带人去你家门口等你，再告诉你所有同事和亲戚朋友，看你怎么做人"
    )
    lines = [f"{text.format('张三')},10690{i % 3}\r\n" for i in range(5)]
    content = "短信内容,发送号码\r\n" + "".join(lines) + "今天天气不错我们去公园,10699\r\n"
    job = finished(client, content, {"text": "短信内容", "sender": "发送号码"})
    found = client.get(f"{API}/{job}/clusters").json()
    assert found["total"] == 1
    [cluster] = found["clusters"]
    assert (cluster["size"], cluster["sender_count"]) == (5, 3)
    assert cluster["senders"] == ["106900", "106901", "106902"]
    assert len(rows(client, job, cluster=cluster["id"])) == 5
    assert rows(client, job, cluster=cluster["id"])[0]["cluster_size"] == 5
    senders = client.get(f"{API}/{job}/clusters/{cluster['id']}").json()
    assert (senders["senders"], senders["rows"]) == (["106900", "106901", "106902"], [2, 2, 1])


def test_export_keeps_originals_and_adds_corrections(client: TestClient, job: str) -> None:
    client.post(f"{API}/{job}/rows/2/review", json={"label": "harassment", "note": "=1+1"})
    response = client.get(f"{API}/{job}/export", params={"format": "csv", "sender": "1069002"})
    assert response.headers["content-type"].startswith("text/csv")
    assert "attachment; filename*=UTF-8''" in response.headers["content-disposition"]
    lines = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert lines[0][:4] == ["编号", "时间", "发送号码", "短信内容"]
    assert [line[:4] for line in lines[1:]] == [line.split(",") for line in CSV.splitlines()[2:4]]
    assert "骚扰、辱骂" in lines[1]
    assert "'=1+1" in lines[1]


def test_export_as_xlsx_holds_text_never_formulas(client: TestClient) -> None:
    job = finished(client, HOSTILE, {"text": "短信内容", "sender": "发送号码"})
    response = client.get(f"{API}/{job}/export", params={"format": "xlsx"})
    assert response.status_code == 200
    sheet = load_workbook(io.BytesIO(response.content)).active
    assert sheet is not None
    cells = [cell for line in sheet.iter_rows() for cell in line]
    assert "f" not in {cell.data_type for cell in cells}
    assert sheet["A3"].value == '=HYPERLINK("http://x")门口等你'


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ({}, "missing_field", "format"),
        ({"format": "pdf"}, "not_an_option", "format"),
        ({"format": "csv", "page": 2}, "unknown_field", "page"),
    ],
)
def test_exports_that_are_refused(
    client: TestClient, job: str, query: dict[str, Any], code: str, field: str
) -> None:
    response = client.get(f"{API}/{job}/export", params=query)
    error = response.json()["error"]
    assert (response.status_code, error["code"], error["field"]) == (422, code, field)


def test_a_search_takes_wildcards_literally(client: TestClient) -> None:
    job = finished(client, HOSTILE, {"text": "短信内容", "sender": "发送号码"})
    assert numbers(client, job, q="100%_") == [3]
    assert numbers(client, job, q="1_0%") == []


def test_keys_say_who_reviews(make_client: MakeClient) -> None:
    client = make_client()
    job = finished(client)
    _, token = client.app.state.desk.store.create_key("赵队", ["review"])  # type: ignore[attr-defined]
    client.headers["Authorization"] = f"Bearer {token}"
    body = {"label": "harassment", "reviewer": "别人"}
    row = client.post(f"{API}/{job}/rows/2/review", json=body).json()
    assert row["reviews"][0]["reviewer"] == "赵队"
    refused = client.delete(f"{API}/{job}")
    assert (refused.status_code, refused.json()["error"]["limit"]) == (403, "triage")
