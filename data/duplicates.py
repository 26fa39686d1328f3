"""Near-duplicates: texts that share most of their character 4-grams."""

import re

from data.text import normalise

SHINGLE = 4
THRESHOLD = 0.4  # the authored rows differ widely: at 0.3 unrelated bank notices meet
PERMUTATIONS = 128


def shingles(text: str) -> frozenset[str]:
    """Return the character 4-grams of a text, blind to punctuation, spaces and numbers.

    A template sent with another date and amount is thereby the same text.
    """
    bare = re.sub(r"\d(?:[\d,.]*\d)?", "0", normalise(text).text.lower())
    bare = re.sub(r"[\W_]+", "", bare)
    bare = bare or text
    return frozenset(bare[i : i + SHINGLE] for i in range(max(1, len(bare) - SHINGLE + 1)))


def near_duplicate_groups(texts: list[str], threshold: float = THRESHOLD) -> list[list[int]]:
    """Group the indices of texts whose 4-gram sets have a Jaccard similarity >= threshold.

    Similarity is chained: a ~ b and b ~ c puts a, b and c together. Candidates come from MinHash
    LSH, asked a little below the threshold because it misses some, and are then compared exactly.
    Returns groups of two or more, each sorted, in the order of their first member.
    """
    from datasketch import MinHash, MinHashLSH  # in the [train] extra

    grams = [shingles(text) for text in texts]
    lsh = MinHashLSH(threshold=max(0.1, threshold - 0.15), num_perm=PERMUTATIONS)
    sets = DisjointSets(len(texts))
    for index, own in enumerate(grams):
        sketch = MinHash(num_perm=PERMUTATIONS, seed=1)
        sketch.update_batch([gram.encode("utf-8", "surrogatepass") for gram in sorted(own)])
        for other in lsh.query(sketch):
            if len(own & grams[other]) >= threshold * len(own | grams[other]):
                sets.join(index, other)
        lsh.insert(index, sketch)
    return [group for group in sets.groups() if len(group) > 1]


class DisjointSets:
    """Union-find over the integers 0..size-1."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def find(self, item: int) -> int:
        """Return the smallest member of the item's set."""
        while self._parent[item] != item:
            self._parent[item] = self._parent[self._parent[item]]
            item = self._parent[item]
        return item

    def join(self, one: int, other: int) -> None:
        """Merge the two items' sets."""
        low, high = sorted((self.find(one), self.find(other)))
        self._parent[high] = low

    def groups(self) -> list[list[int]]:
        """Return all sets, each sorted, in the order of their smallest member."""
        found: dict[int, list[int]] = {}
        for item in range(len(self._parent)):
            found.setdefault(self.find(item), []).append(item)
        return list(found.values())
