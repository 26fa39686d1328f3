"""A user's own rows: read whole, or every problem listed with its line and a way out."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from data.labelmap import Columns, LabelMap
from data.ownsplit import example_groups, split_examples
from data.rows import RowErrors
from data.scheme import DEFAULT
from data.table import Example, read_examples

PLAIN = LabelMap()


def csv_file(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "mine.csv"
    path.write_bytes(text.encode(encoding))
    return path


def problems(path: Path, labels: LabelMap = PLAIN) -> list[str]:
    with pytest.raises(RowErrors) as caught:
        read_examples([path], labels)
    return [line.removeprefix(f"{path}:") for line in caught.value.problems]


def test_csv_is_read_with_its_line_numbers(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path,
        "\ufefftext,label,also\r\n"
        '"两行\n文本",threat_extortion,harassment;privacy_disclosure\r\n'
        "请还款,lawful_reminder,\r\n",
    )
    one, two = read_examples([path], PLAIN)
    assert one.text == "两行\n文本"
    assert one.also == ("harassment", "privacy_disclosure")
    assert (one.file, one.line, two.line) == ("mine", 2, 4)


def test_json_lines_are_read_with_columns_of_other_names(tmp_path: Path) -> None:
    columns = Columns(text="正文", label="类别", also="另有", group="案件", facets=["渠道"])
    path = tmp_path / "mine.jsonl"
    row = {"正文": "a", "类别": "骂人", "另有": ["泄露"], "案件": 7, "渠道": "SMS", "split": "dev"}
    path.write_text(json.dumps(row, ensure_ascii=False) + "\n\n", encoding="utf-8")
    values = {"骂人": "harassment", "泄露": "privacy_disclosure"}
    (found,) = read_examples([path], LabelMap(DEFAULT, columns, values))
    assert found == Example(
        "a", "harassment", ("privacy_disclosure",), "7", "dev", "mine", 1, {"渠道": "sms"}
    )


def test_another_encoding_is_named_in_the_label_map(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "text,label\n请还款,lawful_reminder\n", "gb18030")
    (problem,) = problems(path)
    assert 'encoding = "gb18030"' in problem
    labels = LabelMap(columns=Columns(encoding="gb18030"))
    assert read_examples([path], labels)[0].text == "请还款"
    assert "is no encoding" in problems(path, LabelMap(columns=Columns(encoding="gone")))[0]


def test_all_problems_of_all_files_are_listed_in_their_order(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path,
        "text,label,also,split\n"
        ",harassment,,\n"
        "a,harrassment,,\n"
        "b,harassment,lawful_reminder,\n"
        "c,out_of_scope,harassment,\n"
        "d,harassment,harassment,\n"
        "e,,,\n"
        "f,harassment,,holdout\n"
        "g,harassment,,\n"
        "g,privacy_disclosure,,\n"
        "h,harassment\n"
        "i,harassment,,,,\n"
        "j,Harassment,,\n"
        "k,harrassment,,\n",
    )
    found = problems(path)
    assert [int(line.split(":")[0]) for line in found] == [2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13]
    expected = [
        "text: is blank; give the text",
        "label: 'harrassment' is not a label (2 rows, lines 3, 14); did you mean: put "
        '[values] "harrassment" = "harassment" into the label map',
        "also: lawful_reminder may not stand here; take it out (unlawful: harassment",
        "also: must be empty where the label is out_of_scope",
        "also: names a label twice",
        "label: is empty; label the row",
        "split: 'holdout' is no split; write train, dev, test or nothing",
        "label: privacy_disclosure contradicts harassment for the same text in mine, line 9",
        "line: fewer cells than the heading",
        "line: more cells than the heading",
        "label: 'Harassment' is not a label (1 row); did you mean",
    ]
    for line, part in zip(found, expected, strict=True):
        assert part in line
        assert ";" in line  # and what to do about it


def test_json_lines_that_are_none_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_bytes(b'{"text": 1, "label": "harassment"}\n{\n[1]\n\xff\n{"text": "a"}\n')
    found = problems(path)
    assert [line.split(":")[0] for line in found] == ["1", "2", "3", "4", "5"]
    for line, part in zip(
        found,
        ["must be a string, not 1", "not JSON", "JSON object", "UTF-8", "is empty"],
        strict=True,
    ):
        assert part in line


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "text, label: no such column"),
        ("a,b\n1,2\n", "columns: a, b"),
        ("text,label\n", "no rows"),
        ('text,label\n"a,harassment\nb,harassment\n', "quotation mark"),
        ("text,label\n" + "a" * 120_000 + ",harassment\n", "120,000 characters"),
        ("text,label\n" + "a" * 140_000 + ",harassment\n", "quotation mark"),
    ],
    ids=["empty", "columns", "no rows", "open quote", "long", "longer than a field"],
)
def test_a_file_that_is_wrong_as_a_whole_is_explained(
    text: str, message: str, tmp_path: Path
) -> None:
    assert message in problems(csv_file(tmp_path, text))[0]


def examples(count: int) -> list[Example]:
    # digits count for nothing among near-duplicates: letters make them differ
    texts = [
        "".join(chr(start + step * n) for start, step in ((0x4E00, 37), (0x5E00, 53), (0x6E00, 71)))
        for n in range(count)
    ]
    return [Example(text * 3, DEFAULT.labels[n % 4]) for n, text in enumerate(texts)]


def test_splits_are_by_group_stratified_and_the_same_again() -> None:
    rows = examples(200)
    rows += [replace(row, text=f"{row.text}。") for row in rows[:20]]  # near-duplicates
    rows = [replace(row, group="case" if 100 <= n < 104 else None) for n, row in enumerate(rows)]
    found = split_examples(rows, DEFAULT)
    assert {name: len(part) for name, part in found.items()} == pytest.approx(
        {"train": 176, "dev": 22, "test": 22}, abs=6
    )
    where = {row.text: name for name, part in found.items() for row in part}
    for row in rows[:20]:
        assert where[row.text] == where[f"{row.text}。"]
    assert len({where[row.text] for row in rows[100:104]}) == 1
    assert found == split_examples(rows, DEFAULT)
    groups = example_groups(rows)
    assert groups[0] == groups[200] != groups[1]


def test_a_row_keeps_the_split_that_the_file_states() -> None:
    rows = [replace(row, split="test") for row in examples(60)[:12]] + examples(60)[12:]
    alike = replace(rows[0], text=f"{rows[0].text}！", split=None)  # goes where its like is
    assert split_examples([*rows, alike], DEFAULT)["test"][:12] == rows[:12]
    assert alike in split_examples([*rows, alike], DEFAULT)["test"]


def test_a_label_without_rows_is_an_error_with_a_way_out() -> None:
    rows = [row for row in examples(60) if row.label != "harassment"] + examples(2)[1:]
    with pytest.raises(RowErrors) as caught:
        split_examples(rows, DEFAULT)
    (problem,) = caught.value.problems
    assert "harassment: no row (1 rows in all); add rows" in problem
