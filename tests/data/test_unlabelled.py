"""Texts without labels: what is chosen, and what a bad file is told."""

import json
from pathlib import Path

import pytest

from data import build_unlabelled
from data.build_unlabelled import choose, grams
from data.rows import RowErrors
from data.unlabelled import UNLABELLED_DIR, read_unlabelled

HELD = "我在网上借了两万块钱还不上了对方说要起诉我该怎么办"


def test_a_text_too_like_one_held_for_evaluation_is_left_out() -> None:
    other = "邻居装修把我家的墙打穿了一个洞，他应当赔偿多少"
    assert choose([HELD + "呢", "请问，" + HELD[3:], other], [HELD]) == [other]


def test_a_tenth_of_its_grams_may_be_shared() -> None:
    shared, fresh = "一二三四五", "".join(chr(0x4E00 + 7 * i) for i in range(40))
    assert choose([shared + fresh], [shared]) == [shared + fresh]
    assert len(grams(shared)) == 1


def test_each_text_comes_once_masked_and_in_order() -> None:
    texts = ["打 13912345678 找我", "第二条", "打 13912345678 找我", "   ", "长" * 301]
    first, second = choose(texts, [])
    assert "13912345678" not in first
    assert second == "第二条"


def test_a_sample_repeats_with_its_seed() -> None:
    texts = [f"这是编号为{chr(0x4E00 + i)}的文本" for i in range(50)]
    assert choose(texts, [], 10, seed=1) == choose(texts, [], 10, seed=1)
    assert len(choose(texts, [], 10)) == 10
    assert choose(texts, [], 10, seed=1) != choose(texts, [], 10, seed=2)


def test_the_command_writes_what_a_student_reads(tmp_path: Path) -> None:
    def written(name: str, texts: list[str]) -> str:
        path = tmp_path / name
        path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
        return str(path)

    questions = written("q.jsonl", [HELD, "房东不退押金怎么办"])
    comments = written("c.jsonl", ["今天天气真好"])
    out = tmp_path / "out"
    command = ["--questions", questions, "--comments", comments, "--output", str(out)]
    held = written("eval.jsonl", [HELD])
    assert build_unlabelled.main([*command, "--leave-out", held]) == 0
    assert [one.text for one in read_unlabelled(out / "questions.jsonl")] == ["房东不退押金怎么办"]
    assert [one.text for one in read_unlabelled(out / "comments.jsonl")] == ["今天天气真好"]


def test_every_bad_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "texts.jsonl"
    path.write_text('{"text": "好"}\n\n{"text": " "}\n[1]\n{\n{"text": 3}\n')
    with pytest.raises(RowErrors) as caught:
        read_unlabelled(path)
    where = [problem.split(": ")[0] for problem in caught.value.problems]
    assert where == [f"{path}:{number}" for number in (3, 4, 5, 6)]
    assert "text: must be a string" in caught.value.problems[0]


@pytest.mark.parametrize(("name", "count"), [("questions", 4976), ("comments", 2000)])
def test_what_ships_is_as_its_readme_says(name: str, count: int) -> None:
    texts = [one.text for one in read_unlabelled(UNLABELLED_DIR / f"{name}.jsonl")]
    assert len(texts) == len(set(texts)) == count
    readme = (UNLABELLED_DIR / "README.md").read_text(encoding="utf-8")
    assert f"`{name}.jsonl` | {count:,} |" in readme
