"""A hook of MkDocs: pages that are made of what stands elsewhere, so that each fact has one place.

Labels and law come from `data.labels`, `data/LABELLING.md` and `model.law`; commands from their own
parsers; the HTTP API from `serve/openapi.json`; settings from `serve.settings`. The repository's own
documents are taken over as they are, their links turned to pages of the site.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
REPOSITORY = "https://github.com/dunlens/dunlens/blob/main/"

HAN = "[\u3001-\u9fff\uff01-\uff60“”]"

DOCUMENTS = {
    "explain/labelling.md": "data/LABELLING.md",
    "explain/corpus.md": "data/README.md",
    "explain/training.md": "training/README.md",
    "explain/model-card.md": "model/artifact/README.md",
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages."""
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    pages: dict[str, Callable[[], str]] = {
        "zh/labels.md": lambda: labels("zh"),
        "en/labels.md": lambda: labels("en"),
        "zh/law.md": lambda: law("zh"),
        "en/law.md": lambda: law("en"),
        "reference/cli.md": commands,
        "reference/api.md": api,
        "reference/settings.md": settings,
        **{page: lambda source=source: document(source) for page, source in DOCUMENTS.items()},
    }
    for page, make in pages.items():
        files.append(File.generated(config, page, content=make()))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put numbers that are set in the code in the place of ``{{name}}``; join Chinese lines."""
    markdown = re.sub(r"\{\{(\w+)\}\}", lambda match: str(numbers()[match[1]]), markdown)
    # a line break within a Chinese sentence would show as a space
    return re.sub(f"(?<={HAN})\n(?={HAN})", "", markdown)


def numbers() -> dict[str, Any]:
    """Return the numbers that pages may name."""
    from data.rows import MAX_TEXT
    from serve.limits import MAX_TEXTS
    from serve.settings import MIB, Settings

    fields = Settings.model_fields
    return {
        "max_text": f"{MAX_TEXT:,}",
        "max_texts": f"{MAX_TEXTS:,}",
        "port": fields["port"].default,
        "retention_days": fields["retention_days"].default,
        "max_upload_mib": fields["max_upload_bytes"].default // MIB,
    }


# --- labels and law ---------------------------------------------------------------------------------

LABEL_WORDS = {
    "zh": {
        "title": "标签的含义",
        "intro": "模型给每段文字一个类别；还出现其他违法行为的，另列在 `also` 里。各类的概率互相独立。"
        "界线怎样划，见[标注规则](../explain/labelling.md)（英文）；条文全表见[法律条文全表](law.md)。",
        "order": "一段文字里有几种行为时，取最重的一种，由重到轻：",
        "example": "例子（虚构）",
        "law": "会提示的规定",
        "steps": "会建议的做法",
        "none": "无。",
        "colon": "：",
    },
    "en": {
        "title": "What the labels mean",
        "intro": "The model gives every text one label; other unlawful conduct in the same text stands in "
        "`also`. The probabilities are independent of each other. Where the lines run is in the "
        "[labelling guide](../explain/labelling.md); all provisions are in [the law book](law.md).",
        "order": "Where a text shows several kinds of conduct the gravest is the label, gravest first:",
        "example": "Example (invented)",
        "law": "Provisions that are shown",
        "steps": "Steps that are suggested",
        "none": "None.",
        "colon": ": ",
    },
}


def labels(language: str) -> str:
    """Return the page of the labels: names, an example, and what the law book answers to each."""
    from data.labels import CLASSES, GRAVITY, LABEL_EN, LABEL_ZH
    from model.law import answer
    from serve.pagetext import EXAMPLES

    words = LABEL_WORDS[language]
    names = LABEL_ZH if language == "zh" else LABEL_EN
    parts = [f"# {words['title']}", words["intro"], words["order"]]
    parts.append("\n".join(f"{n}. {names[name]} `{name}`" for n, name in enumerate(GRAVITY, 1)))
    for name in CLASSES:
        found = answer(name)
        parts += [f"## {names[name]} `{name}` {{: #{name} }}", getattr(found.note, language)]
        if name in EXAMPLES:
            parts.append(f"**{words['example']}**\n\n> {EXAMPLES[name]}")
        law = [
            f"- {getattr(p.law, language)} {getattr(p.article, language)}{words['colon']}"
            f"{getattr(p.title, language)}"
            for p in found.provisions
        ]
        steps = [f"{n}. {getattr(s.text, language)}" for n, s in enumerate(found.steps, 1)]
        parts += [f"**{words['law']}**", "\n".join(law) or words["none"]]
        parts += [f"**{words['steps']}**", "\n".join(steps) or words["none"]]
    return "\n\n".join(parts) + "\n"


def law(language: str) -> str:
    """Return the whole law book, as `python -m model.law` prints it."""
    from model.law.__main__ import table
    from model.law.book import Book

    title = "法律条文全表" if language == "zh" else "All provisions"
    return f"---\nhide: [toc]\n---\n\n# {title}\n\n{table(Book.load(), language)}"


# --- documents of the repository --------------------------------------------------------------------


def document(source: str) -> str:
    """Return a document with its links turned to pages of the site or files of the repository."""
    text = (ROOT / source).read_text(encoding="utf-8")
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)  # a model card's front matter
    pages = {path: Path(page).name for page, path in DOCUMENTS.items()}

    def target(match: re.Match[str]) -> str:
        link, _, anchor = match[1].partition("#")
        if "://" in link or not link:
            return match[0]
        path = (ROOT / source).parent.joinpath(link).resolve()
        where = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else ""
        if not where or not path.exists():
            raise ValueError(f"{source}: link to {link}, which does not exist")
        if where in pages:
            return f"]({pages[where]}{'#' + anchor if anchor else ''})"
        return f"]({REPOSITORY}{where})"

    return re.sub(r"\]\(([^)\s]+)\)", target, text)


# --- commands, API, settings ------------------------------------------------------------------------


def commands() -> str:
    """Return every command with its options: of Typer's, and of the training side's parsers."""
    import typer

    from serve import cli
    from serve.othertools import TOOLS

    parts = ["# Command line", "`dunlens COMMAND --help` says the same."]
    root: Any = typer.main.get_command(cli.app)
    for name, command in sorted(root.commands.items()):
        tool = TOOLS.get(name)
        main = importlib.import_module(tool.module).main if tool else None
        parts += list(_command(f"dunlens {name}", command, main))
    return "\n\n".join(parts) + "\n"


def _command(name: str, command: Any, main: Callable[[list[str]], int] | None) -> Iterator[str]:
    """Yield what a command's help says. main: of the module that has its own parser."""
    yield f"## {name}"
    yield (command.help or "").replace("\f", "")
    if hasattr(command, "commands"):
        for sub, inner in sorted(command.commands.items()):
            yield f"### {name} {sub}"
            yield inner.help or ""
            yield _parameters(inner)
        return
    if main is not None:
        shown = _help(main)
        yield f"```text\n{shown}\n```"
        if subcommands := re.search(r"^  \{([\w,-]+)\}", shown, re.MULTILINE):
            for sub in subcommands[1].split(","):
                yield f"```text\n{_help(main, sub)}\n```"
        return
    yield _parameters(command)


def _help(main: Callable[[list[str]], int], *words: str) -> str:
    """Return what a command prints for ``--help``."""
    columns = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = "100"  # argparse folds by it
    try:
        with contextlib.redirect_stdout(io.StringIO()) as printed, contextlib.suppress(SystemExit):
            main([*words, "--help"])
    finally:
        os.environ.pop("COLUMNS")
        if columns is not None:
            os.environ["COLUMNS"] = columns
    return printed.getvalue().strip()


def _parameters(command: Any) -> str:
    rows = []
    for one in command.params:
        if one.name == "help":
            continue
        name = ", ".join(f"`{option}`" for option in one.opts) if one.param_type_name == "option" else f"`{one.metavar or one.name.upper()}`"
        help_text = (getattr(one, "help", None) or "").replace("|", "\\|").replace("\n", " ")
        rows.append(f"| {name} | {help_text} |")
    return "\n".join(["| option | what |", "| --- | --- |", *rows]) if rows else ""


def api() -> str:
    """Return the routes of the HTTP API with their bodies and answers."""
    spec = json.loads((ROOT / "serve" / "openapi.json").read_text(encoding="utf-8"))
    parts = [
        "# HTTP API",
        f"{spec['info'].get('description', '').strip()}\n\nA running service shows this page with forms to try "
        "at `/docs`, and the specification at `/openapi.json`.",
    ]
    for path, methods in spec["paths"].items():
        for method, route in methods.items():
            parts.append(f"## {method.upper()} {path}")
            parts.append(route.get("summary", ""))
            if description := route.get("description", "").strip():
                parts.append(description)
            rows = [
                f"| `{one['name']}` | {one['in']} | {'yes' if one.get('required') else ''} | {_kind(one['schema'])} |"
                for one in route.get("parameters", ())
            ]
            if rows:
                parts.append("\n".join(["| parameter | in | required | type |", "| --- | --- | --- | --- |", *rows]))
            for kind, content in route.get("requestBody", {}).get("content", {}).items():
                parts.append(f"Body: `{kind}`, {_kind(content.get('schema', {}))}")
            answers = [
                f"| {code} | {answer.get('description', '')} | {_answer(answer)} |"
                for code, answer in route["responses"].items()
            ]
            parts.append("\n".join(["| answer | meaning | body |", "| --- | --- | --- |", *answers]))
    parts.append("## Schemas")
    for name, schema in spec["components"]["schemas"].items():
        parts.append(f"### {name} {{: #schema-{name.lower()} }}")
        if description := schema.get("description", "").strip():
            parts.append(description)
        if "enum" in schema:
            parts.append(", ".join(f"`{value}`" for value in schema["enum"]))
        required = set(schema.get("required", ()))
        rows = [
            f"| `{field}` | {'yes' if field in required else ''} | {_kind(one)} | {one.get('description', '')} |".replace("\n", " ")
            for field, one in schema.get("properties", {}).items()
        ]
        if rows:
            parts.append("\n".join(["| field | required | type | what |", "| --- | --- | --- | --- |", *rows]))
    return "\n\n".join(part for part in parts if part) + "\n"


def _answer(answer: dict[str, Any]) -> str:
    return " or ".join(
        f"`{kind}` {_kind(content.get('schema', {}))}".strip()
        for kind, content in answer.get("content", {}).items()
    )


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#schema-{name.lower()})"
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return " or ".join(filter(None, map(_kind, schema[key])))
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    bounds = [
        f"{word} {schema[key]}"
        for key, word in (("minimum", "≥"), ("maximum", "≤"), ("minLength", "length ≥"), ("maxLength", "length ≤"))
        if key in schema
    ]
    return " ".join([str(schema.get("type", "")), *bounds]).strip()


def settings() -> str:
    """Return the environment variables that the service reads."""
    import griffe

    module = griffe.load("serve.settings", search_paths=[str(ROOT)])
    rows = []
    for name, attribute in module["Settings"].attributes.items():
        if name == "model_config":
            continue
        what = attribute.docstring.value.replace("\n", " ") if attribute.docstring else ""
        default = str(attribute.value).replace("|", "\\|")
        rows.append(f"| `DUNLENS_{name.upper()}` | `{default}` | {what} |")
    head = ["# Settings", "", "The service reads these environment variables; options of `dunlens serve` win over them.", ""]
    return "\n".join([*head, "| variable | default and bounds | what |", "| --- | --- | --- |", *rows]) + "\n"
