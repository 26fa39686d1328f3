"""Croissant metadata of the corpus (MLCommons Croissant 1.0), as JSON-LD.

Written by hand because the format is one JSON object; mlcroissant checks it in the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

FORMAT: Final = "http://mlcommons.org/croissant/1.0"
CONTEXT: Final[dict[str, Any]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    **{
        name: f"cr:{name}"
        for name in (
            *("citeAs", "column", "extract", "field", "fileProperty", "fileObject", "fileSet"),
            *("format", "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField"),
            *("path", "recordSet", "references", "regex", "repeated", "replace", "samplingRate"),
            *("separator", "source", "subField", "transform", "equivalentProperty"),
        )
    },
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "sc": "https://schema.org/",
}
TEXT, BOOLEAN = "sc:Text", "sc:Boolean"


def describe(
    about: Mapping[str, str],
    files: Mapping[str, tuple[str, int]],
    fields: Mapping[str, tuple[str, str, bool]],
) -> dict[str, Any]:
    """Return the metadata of JSON Lines files, one a split.

    about: name, description, version, license, url, citeAs, datePublished. files: split -> SHA-256
    and bytes of ``SPLIT.jsonl``. fields: column -> data type, description, whether it is a list.
    """
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": FORMAT,
        **about,
        "inLanguage": "zh",
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": f"{split}.jsonl",
                "name": f"{split}.jsonl",
                "contentUrl": f"{split}.jsonl",
                "contentSize": f"{size} B",
                "encodingFormat": "application/jsonlines",
                "sha256": digest,
            }
            for split, (digest, size) in files.items()
        ],
        "recordSet": [_records(split, fields) for split in files],
    }


def _records(split: str, fields: Mapping[str, tuple[str, str, bool]]) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": split,
        "name": split,
        "description": f"The rows of the {split} split.",
        "key": {"@id": f"{split}/id"},
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{split}/{name}",
                "name": name,
                "description": description,
                "dataType": kind,
                **({"repeated": True} if many else {}),
                "source": {
                    "fileObject": {"@id": f"{split}.jsonl"},
                    "extract": {"column": name},
                },
            }
            for name, (kind, description, many) in fields.items()
        ],
    }
