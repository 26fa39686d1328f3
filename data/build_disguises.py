"""Build ``resources/disguises.tsv`` for `data.repair`: ``python -m data.build_disguises``.

Words: those of two characters or more that jieba finds in at least COMMON rows of the train split
that are about debt, without a number in them. Disguises: every disguise of one character of a word
by the tables of `data.obfuscate` (by its initial in words of three or more only: "死s" may be much
else), and every swap in such a longer word, but for what could be ordinary text:

- words of jieba's dictionary, pairs of characters within such words, and whatever stands in a row
  of the corpus outside the file of obfuscated texts, unless it is KNOWN to be a disguise;
- a digit in place of a character, and what several words might have been (CLEAR);
- what chance alone brings together: of two parts that a disguise can be cut into, each as common
  as it is, CHANCE occurrences are expected in a character of text. The cheapest disguises are
  taken, by expected occurrences to rows with the word, as long as together they stay below that.

Needs the [train] extra, for jieba. The result is committed; a test says when it has to be built
anew because a new row of the corpus holds a disguise. ``--held-out`` builds from the train split
alone and tells how many ordinary rows of the others it would have changed.
"""

import argparse
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

from data.corpus import SPLITS_DIR, CorpusRow, load_corpus
from data.obfuscate import emoji_table, tables
from data.repair import TABLE
from data.splits import read_splits
from data.text import fold

OBFUSCATED: Final = "obfuscated_and_dialect"
KNOWN: Final = frozenset(
    """
    通迅录 通汛录 tong讯录 通xun录 通zhi lao赖 老lai lao板 诈pian 炸骗罪 zha骗 jin融 jing侦 gong安
    la圾 借tiao 今wan 家men口 men口 派处所 抓铺 户藉 户藉地 逾欺 强治 强治执行 拘溜 立岸 粒案 崔收
    督粗 影晌 老坡 摧收 环款 环钱 立桉 起拆 公涵
    """.split()  # noqa: SIM905, easier to read than quotes around each
)
"""Disguises that the corpus has outside that file, read one by one."""

COMMON: Final = 20
CHANCE: Final = 3e-4
CLEAR: Final = 4  # times as common as all others together
LONGEST: Final = 9  # characters of a disguise
NUMBERS: Final = frozenset("一二三四五六七八九十百千万亿两几半零")
ORDINARY: Final = ("lawful_reminder", "out_of_scope")


class Evidence(NamedTuple):
    """words: the lexicon with its rows. texts: all the corpus. ordinary: strings of ordinary text.
    dictionary: jieba's words."""

    words: Counter[str]
    texts: list[str]
    ordinary: Collection[str]
    dictionary: Collection[str]


def gather(rows: Collection[CorpusRow]) -> Evidence:
    """Read the corpus's rows and the dictionary."""
    import jieba

    jieba.setLogLevel("ERROR")
    dictionary, ordinary = _dictionary()
    words: Counter[str] = Counter()
    texts: list[str] = []
    split = read_splits(SPLITS_DIR)
    for row in rows:
        text = fold(row.text).text.lower()
        if row.file != OBFUSCATED:
            texts.append(text)
            ordinary.update(_parts(text, range(2, LONGEST + 1)))
        if split[row.id] == "train" and row.label != "out_of_scope":
            words.update(word for word in set(jieba.cut(text)) if len(word) > 1 and _is_han(word))
    common = {
        word: count for word, count in words.items() if count >= COMMON and NUMBERS.isdisjoint(word)
    }
    return Evidence(Counter(common), texts, ordinary - KNOWN, dictionary)


def _dictionary() -> tuple[set[str], set[str]]:
    """Return the words of jieba's dictionary, and the pairs of characters within them."""
    import jieba

    words: set[str] = set()
    pairs: set[str] = set()
    with jieba.get_dict_file() as lines:
        for line in lines:
            word, count, _ = line.decode().split()
            words.add(word)
            if int(count) >= 3:  # rarer ones are mostly names
                pairs.update(_parts(word, range(2, 3)))
    return words, pairs


def _parts(text: str, lengths: range) -> Iterator[str]:
    for length in lengths:
        for start in range(len(text) - length + 1):
            yield text[start : start + length]


def disguises(word: str) -> Iterator[str]:
    """Yield the word with one of its characters disguised, or two swapped if it is a long one."""
    for index, char in enumerate(word):
        forms = [*tables()["pinyin"].get(char, [])]
        if len(word) > 2:
            forms += [reading[0] for reading in forms]
        for kind in ("sound", "shape", "split"):
            forms += tables()[kind].get(char, [])
        if emoji := emoji_table().get(char):
            forms.append(fold(emoji).text)
        for form in forms:
            yield word[:index] + form + word[index + 1 :]
        if len(word) > 2 and index and word[index - 1] != char:
            yield word[: index - 1] + char + word[index - 1] + word[index + 1 :]


def choose(evidence: Evidence) -> dict[str, str]:
    """Return disguise -> word."""
    owners: dict[str, Counter[str]] = defaultdict(Counter)
    for word, count in evidence.words.items():
        for form in disguises(word):
            if _acceptable(form, evidence):
                owners[form][word] = count
    clear: dict[str, str] = {}
    for form, counts in owners.items():
        (word, count), *others = counts.most_common()
        if count >= CLEAR * sum(other for _, other in others):
            clear[form] = word
    return _cheapest(clear, evidence)


def _acceptable(form: str, evidence: Evidence) -> bool:
    return (
        form not in evidence.words
        and form not in evidence.dictionary
        and form not in evidence.ordinary
        and fold(form).text == form
        and not any(char.isdigit() for char in form)
    )


def _cheapest(forms: dict[str, str], evidence: Evidence) -> dict[str, str]:
    chances = _chances(forms, evidence.texts)
    cost = {form: chances[form] / evidence.words[word] for form, word in forms.items()}
    kept: dict[str, str] = {form: word for form, word in forms.items() if form in KNOWN}
    spent = 0.0
    for form in sorted(forms, key=lambda form: (cost[form], form)):
        spent += chances[form]
        if spent > CHANCE:
            break
        kept[form] = forms[form]
    return kept


def _chances(forms: Collection[str], texts: Collection[str]) -> dict[str, float]:
    """Return how often each form is expected in a character of text, by its likeliest cut."""
    cuts = {form: [(form[:at], form[at:]) for at in range(1, len(form))] for form in forms}
    wanted = {part for pairs in cuts.values() for pair in pairs for part in pair}
    lengths = range(1, max(map(len, wanted), default=0) + 1)
    seen: Counter[str] = Counter()
    for text in texts:
        seen.update(part for part in _parts(text, lengths) if part in wanted)
    total = sum(map(len, texts))
    return {
        form: max(max(seen[a], 0.5) * max(seen[b], 0.5) / total**2 for a, b in pairs)
        for form, pairs in cuts.items()
    }


def _is_han(text: str) -> bool:
    return all("\u4e00" <= char <= "\u9fff" for char in text)


def held_out() -> str:
    """Say how many ordinary rows of the development and test splits a build from train changes."""
    split, rows = read_splits(SPLITS_DIR), load_corpus()
    chosen = choose(gather([row for row in rows if split[row.id] == "train"]))
    others = [
        fold(row.text).text.lower()
        for row in rows
        if split[row.id] != "train" and row.label in ORDINARY and row.file != OBFUSCATED
    ]
    lengths = range(2, LONGEST + 1)
    hit = [[part for part in _parts(text, lengths) if part in chosen] for text in others]
    found = [f"{part} {chosen[part]}" for parts in hit for part in parts]
    return f"{sum(map(bool, hit))} of {len(others)} ordinary rows; {len(chosen)} forms\n{found}"


def main() -> None:
    """Write the table, or tell what one would have done."""
    parser = argparse.ArgumentParser(prog="python -m data.build_disguises", description=__doc__)
    parser.add_argument("--held-out", action="store_true", help="measure, write nothing")
    if parser.parse_args().held_out:
        print(held_out())
        return
    evidence = gather(load_corpus())
    forms: dict[str, list[str]] = {word: [] for word in evidence.words}
    for form, word in choose(evidence).items():
        forms[word].append(form)
    lines = [" ".join([word, *sorted(found)]) + "\n" for word, found in sorted(forms.items())]
    TABLE.write_text("".join(lines), encoding="utf-8")
    print(f"{TABLE}: {len(forms)} words, {sum(map(len, forms.values()))} disguises")


if __name__ == "__main__":
    main()
