"""Build the tables in ``data/resources`` (run once; they are committed).

``python -m data.build_resources --confusion char_confusion.jsonl`` needs the [train] extra, for
pypinyin and jieba, and ``opencc-python-reimplemented``, which no extra installs; the tables
themselves are read with nothing but Python.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

RESOURCES = Path(__file__).parent / "resources"
SIMILAR = 8  # substitutes kept for one character and kind: writers reach for the common ones
KINDS = {
    "same_pinyin": "sound",
    "near_sound": "sound",
    "same_stroke": "shape",
    "near_shape": "shape",
    "near_shape_cv2": "shape",
    "split_components": "split",
}


def opencc_table(name: str) -> dict[str, str]:
    """Return a single-character OpenCC dictionary, each character with its first reading.

    Left out: characters that may stay as they are, and results outside the basic plane, which
    neither fonts nor tokenizers know.
    """
    import opencc

    path = Path(opencc.__file__).parent / "dictionary" / name
    table = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        char, _, readings = line.partition("\t")
        first = readings.split()[0]
        if len(char) == len(first) == 1 and char != first and first <= "\uffff":
            table[char] = first
    return table


def simplified() -> dict[str, str]:
    """Return traditional -> simplified, followed to the end so that applying it twice is once."""
    table = opencc_table("TSCharacters.txt")
    for char, end in table.items():
        while end in table:
            end = table[end]
        table[char] = end
    return table


def common_characters() -> dict[str, int]:
    """Return the GB 2312 characters with their frequency in jieba's dictionary."""
    import jieba

    counts = {
        bytes((row, column)).decode("gb2312", "ignore"): 0
        for row in range(0xB0, 0xF8)
        for column in range(0xA1, 0xFF)
    }
    counts.pop("", None)
    with jieba.get_dict_file() as lines:
        for line in lines:
            word, count, *_ = line.decode().split()
            for char in word:
                if char in counts:
                    counts[char] += int(count)
    return counts


def confusion(source: Path) -> dict[str, dict[str, list[str]]]:
    """Return kind -> character -> substitutes, best first, among common characters."""
    common, readings = common_characters(), pinyin()
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for line in source.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        char, kind = row["char"], KINDS[row["kind"]]
        if char in common:
            found[kind][char] += (item for item in row["similar"] if item != char)
    for kind, table in found.items():
        for char, items in table.items():
            table[char] = _best(kind, char, items, common, readings)
    return {
        kind: {c: items for c, items in table.items() if items} for kind, table in found.items()
    }


def _best(
    kind: str,
    char: str,
    items: Iterable[str],
    common: dict[str, int],
    readings: dict[str, list[str]],
) -> list[str]:
    """Choose the substitutes: true homophones first, then by how common a character is."""
    if kind == "split":  # components in writing order, two or three characters that can be typed
        parts = {"".join(item.split()) for item in items}
        kept = [p for p in parts if 2 <= len(p) <= 3 and all(common.get(c, 0) for c in p)]
        return sorted(kept, key=lambda p: (-min(common[c] for c in p), p))[:2]
    known = {item for item in items if common.get(item, 0)}
    alike = readings[char] if kind == "sound" else None
    return sorted(known, key=lambda c: (readings[c] != alike, -common[c], c))[:SIMILAR]


def pinyin() -> dict[str, list[str]]:
    """Return each common character's commonest reading, without tone."""
    from pypinyin import lazy_pinyin

    return {char: lazy_pinyin(char) for char in common_characters()}


def main() -> None:
    """Write confusion.tsv and t2s.tsv."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--confusion", type=Path, required=True, help="char_confusion.jsonl")
    source = parser.parse_args().confusion
    common = common_characters()
    back = simplified()
    traditional = {
        char: [other]
        for char, other in opencc_table("STCharacters.txt").items()
        if char in common and back.get(other) == char
    }
    tables = confusion(source) | {"traditional": traditional, "pinyin": pinyin()}
    lines = [
        f"{kind}\t{char}\t{' '.join(items)}\n"
        for kind in ("sound", "shape", "split", "traditional", "pinyin")
        for char, items in sorted(tables[kind].items())
    ]
    RESOURCES.joinpath("confusion.tsv").write_text("".join(lines), encoding="utf-8")
    pairs = "".join(f"{char}\t{other}\n" for char, other in sorted(simplified().items()))
    RESOURCES.joinpath("t2s.tsv").write_text(pairs, encoding="utf-8")


if __name__ == "__main__":
    main()
