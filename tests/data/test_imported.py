from pathlib import Path

import pytest

from data.corpus import load_corpus
from data.rows import read_rows

FILES = sorted((Path(__file__).parents[2] / "data" / "imported").glob("*.jsonl"))


def test_there_are_imported_files() -> None:
    assert [path.stem for path in FILES] == ["offensive_comments", "questions_to_lawyers"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_imported_row_names_its_source_and_a_licence_that_allows_training(path: Path) -> None:
    rows = read_rows(path)
    assert {row.licence for row in rows} == {"Apache-2.0"}
    assert all(row.source for row in rows)


def test_imported_texts_are_in_no_split() -> None:
    corpus = {row.text for row in load_corpus()}
    assert not corpus & {row.text for path in FILES for row in read_rows(path)}
