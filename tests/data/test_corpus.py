import json
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from data.corpus import (
    SPLITS_DIR,
    CorpusRow,
    group_ids,
    load_corpus,
    load_split,
    main,
    make_splits,
    row_id,
    stale,
    to_datasets,
)
from data.labels import LABELS
from data.rows import RowErrors
from data.splits import SPLITS, Split, read_splits, write_splits


@pytest.fixture(scope="module")
def rows() -> list[CorpusRow]:
    return load_corpus()


@pytest.fixture(scope="module")
def split() -> dict[str, Split]:
    return read_splits(SPLITS_DIR)


def made(
    text: str, label: str = "harassment", file: str = "a", set_: str | None = None
) -> CorpusRow:
    return CorpusRow.model_validate(
        {
            "text": text,
            "label": label,
            "also": [],
            "form": "message",
            "recipient": "debtor",
            "channel": "sms",
            "scenario": "s",
            "hard": False,
            "set": set_,
            "id": row_id(text),
            "file": file,
        }
    )


def many(count: int, file: str) -> list[CorpusRow]:
    return [
        made(f"{file}{'甲乙丙丁戊己庚辛壬癸'[n % 10]}{chr(0x4E00 + 7 * n) * 9}", file=file)
        for n in range(count)
    ]


# The committed corpus


def test_committed_splits_and_datasheet_are_current(rows: list[CorpusRow]) -> None:
    assert stale(rows) == []


def test_splits_cover_every_row_once(rows: list[CorpusRow], split: dict[str, Split]) -> None:
    assert {row.id for row in rows} == split.keys()
    by_name = {name: {row.id for row in load_split(name)} for name in SPLITS}
    assert sum(map(len, by_name.values())) == len(rows)
    assert all(by_name[split[row.id]] >= {row.id} for row in rows)


def test_no_group_straddles(rows: list[CorpusRow], split: dict[str, Split]) -> None:
    seen: dict[str, set[str]] = defaultdict(set)
    for row, group in zip(rows, group_ids(rows), strict=True):
        seen[group].add(split[row.id])
    assert [group for group, names in seen.items() if len(names) > 1] == []


def test_no_contrast_set_straddles(rows: list[CorpusRow], split: dict[str, Split]) -> None:
    seen: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        if row.set is not None:
            seen[row.file, row.set].add(split[row.id])
    assert seen
    assert all(len(names) == 1 for names in seen.values())


def test_proportions_hold_within_each_label_of_each_file(
    rows: list[CorpusRow], split: dict[str, Split]
) -> None:
    sizes = Counter((row.file, row.label) for row in rows)
    held_out = Counter((row.file, row.label, split[row.id]) for row in rows)
    for (file, label), size in sizes.items():
        for name in ("dev", "test"):
            # A group is placed whole, so a cell may miss its tenth by most of a contrast set.
            assert abs(held_out[file, label, name] - size / 10) <= 4 + size / 50, (
                file,
                label,
                name,
            )


def test_datasets_hold_the_splits_with_targets(split: dict[str, Split]) -> None:
    ds = to_datasets()
    assert {name: ds[name].num_rows for name in ds} == Counter(split.values())
    assert ds["train"].features == ds["test"].features
    for row in ds["dev"]:
        names = {row["label"], *row["also"]}
        assert row["targets"] == [int(label in names) for label in LABELS]


# Loading


def write(path: Path, *rows: CorpusRow) -> None:
    keep = {"exclude": {"id", "file"}}
    lines = [json.dumps(row.model_dump(**keep)) for row in rows]
    path.write_text("\n".join(lines) + "\n")


def test_rows_know_their_id_and_file(tmp_path: Path) -> None:
    write(tmp_path / "b.jsonl", made("二"))
    write(tmp_path / "a.jsonl", made("一"))
    assert [(r.text, r.file, r.id) for r in load_corpus(tmp_path)] == [
        ("一", "a", row_id("一")),
        ("二", "b", row_id("二")),
    ]


def test_problems_of_all_files_come_at_once(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", made("一"), made("二"))
    (tmp_path / "b.jsonl").write_text("{}\n")
    write(tmp_path / "c.jsonl", made("三"), made("二"))
    with pytest.raises(RowErrors) as caught:
        load_corpus(tmp_path)
    assert f"{tmp_path}/b.jsonl:1: text: Field required" in caught.value.problems
    assert f"{tmp_path}/c.jsonl:2: text: repeats {tmp_path}/a.jsonl:2" in caught.value.problems


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no \*\.jsonl"):
        load_corpus(tmp_path)


def test_unknown_split_is_an_error() -> None:
    with pytest.raises(ValueError, match="train, dev, test"):
        load_split("valid")  # type: ignore[arg-type]


def test_split_files_of_another_corpus_are_an_error(tmp_path: Path) -> None:
    write_splits({"0" * 16: "dev"}, tmp_path)
    with pytest.raises(ValueError, match=r"python -m data\.corpus"):
        load_split("dev", tmp_path)


# Grouping and splitting


def test_sets_are_told_apart_by_file_and_chained_with_near_duplicates() -> None:
    long = "明天下午三点以前不把八千块钱打过来我就把你的照片发到你们小区业主群里"
    rows = [
        made(long, file="a", set_="1"),
        made("请您今天还款", file="a", set_="1"),
        made("晚上一起吃饭吗", file="b", set_="1"),
        made(long + "哈哈", file="b"),
    ]
    groups = group_ids(rows)
    assert groups[0] == groups[1] == groups[3] == min(rows[i].id for i in (0, 1, 3))
    assert groups[2] == rows[2].id


def test_splits_do_not_depend_on_the_order_of_rows() -> None:
    rows = many(60, "a")
    assert make_splits(rows) == make_splits(rows[::-1])
    assert make_splits(rows) != make_splits(rows, seed=1)


def test_new_rows_move_no_old_one_and_are_split_too() -> None:
    old, new = many(100, "b"), many(100, "a")
    before = make_splits(old)
    after = make_splits(new + old, previous=before)
    assert {key: after[key] for key in before} == before
    assert Counter(after[row.id] for row in new) == {"train": 80, "dev": 10, "test": 10}


def test_a_row_that_ties_groups_pulls_them_into_the_held_out_one() -> None:
    one, other = many(2, "a")
    tie = [row.model_copy(update={"set": "s"}) for row in (one, other)]
    assert make_splits(tie, previous={one.id: "train", other.id: "test"}) == {
        one.id: "test",
        other.id: "test",
    }


def test_split_files_round_trip_and_refuse_a_double_entry(tmp_path: Path) -> None:
    split: dict[str, Split] = {"aa": "train", "bb": "dev", "cc": "test", "dd": "train"}
    write_splits(split, tmp_path)
    assert read_splits(tmp_path) == split
    (tmp_path / "dev.txt").write_text("aa\n")
    with pytest.raises(ValueError, match=r"aa is also in train\.txt"):
        read_splits(tmp_path)


# The command


def test_check_passes_and_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0
    assert capsys.readouterr() == ("", "")


def test_counts_add_up(capsys: pytest.CaptureFixture[str], rows: list[CorpusRow]) -> None:
    assert main(["--counts"]) == 0
    out = capsys.readouterr().out
    totals = [line for line in out.splitlines() if line.startswith("| all |")]
    assert totals
    assert all(line.endswith(f"| {len(rows):,} |") for line in totals)


# Privacy, as the datasheet promises it


def test_no_row_holds_a_whole_phone_or_identity_number(rows: list[CorpusRow]) -> None:
    number = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|\d{17}[\dXx])(?![\dXx])")
    found = [f"{row.file}: {match[0]}" for row in rows for match in number.finditer(row.text)]
    assert found == []
