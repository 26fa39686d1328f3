"""The command ``dunlens``. Heavy imports wait until a command needs them, so that help is fast."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from serve.exits import fail
from serve.othertools import add_tools
from serve.toolversion import tool_version
from serve.triage import commands

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from serve.classifier import TextClassifier
    from serve.terminal import Style

BAD_ROWS = 3
"""Exit code where some rows could not be classified; 2 is a wrong call, 1 an error."""

app = typer.Typer(
    help="DunLens 催收透镜：判断中文催收信息的法律类别。"
    " Which legal category does a Chinese debt-collection message fall into?",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # else "[train]" in a help text is taken for markup
    pretty_exceptions_enable=False,  # they can print local variables, and so texts
)


app.add_typer(commands.keys, name="keys")
app.add_typer(commands.corrections, name="corrections")


Artifact = Annotated[
    Path | None,
    typer.Option(
        "--model",
        "--artifact",
        help="自带模型的名称（fast 更快，accurate 即默认模型）或模型文件夹。"
        "A model: fast, which is quicker; accurate, the default; or a folder.",
    ),
]
Threads = Annotated[int | None, typer.Option(min=1, help="线程数。CPU threads.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"dunlens {tool_version()}")
        raise typer.Exit


@app.callback()
def root(
    show_version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="显示版本。Show the version."
        ),
    ] = False,
) -> None:
    """Options of the command as a whole."""


@app.command()
def classify(
    texts: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TEXT]...", help="要判断的文本；不给则读取标准输入，每行一条。"),
    ] = None,
    input_: Annotated[
        str | None, typer.Option("--input", "-i", help="JSONL 或 CSV 文件，- 为标准输入。")
    ] = None,
    output: Annotated[
        str, typer.Option("--output", "-o", help="结果文件，- 为标准输出。Result file.")
    ] = "-",
    format_: Annotated[
        Literal["jsonl", "csv"] | None,
        typer.Option("--format", help="文件格式，默认按扩展名。Default: by extension."),
    ] = None,
    field: Annotated[
        str, typer.Option("--text-field", help="文本所在的字段或列。Field or column of the text.")
    ] = "text",
    as_json: Annotated[
        bool, typer.Option("--json", help="每行一个 JSON，坏文本为 null。One JSON a line.")
    ] = False,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="给出关键字词、规定和做法。Add words, law and next steps."),
    ] = False,
    facts: Annotated[
        str | None,
        typer.Option(help='补充情况，JSON，如 {"received_at": "23:30"}。Facts for --explain.'),
    ] = None,
    lang: Annotated[
        Literal["zh", "en"], typer.Option(help="--explain 的语言。Language of --explain.")
    ] = "zh",
    artifact: Artifact = None,
    threads: Threads = None,
) -> None:
    """判断文本类别。Classify texts, standard input, or a file.

    文件模式逐行复制并添加 verdict；坏行保留，verdict 为空并附 verdict_error，退出码为 3。

    CSV：添加的单元格不会成为公式；文件自己的单元格原样保留。
    The cells of a CSV file are copied untouched, formulas included; added cells never are formulas.
    """
    if input_ is not None:
        if texts:
            fail("TEXT 与 --input 不能同时使用 (use either TEXT or --input)")
        if explain:
            fail("--explain 不能与 --input 同时使用 (--explain is not for files)")
        from serve.files.command import classify_paths

        bad = classify_paths(input_, output, format_, field, lambda: _load(artifact, threads, True))
        raise typer.Exit(BAD_ROWS if bad else 0)
    if output != "-" or format_ is not None:
        fail("--output、--format 需要 --input (these options need --input)")
    if facts is not None and not explain:
        fail("--facts 需要 --explain (--facts needs --explain)")
    from serve.terminal import FactsError, Style

    try:
        style = Style.of(as_json=as_json, explain=explain, facts=facts, language=lang)
    except FactsError as error:
        fail(f"--facts: {error}")
    given = ((f"第 {i} 条", text, None) for i, text in enumerate(texts or [], start=1))
    raise typer.Exit(_classify_texts(given if texts else _stdin_texts(), artifact, threads, style))


def _load(artifact: Path | None, threads: int | None, other_labels: bool = False) -> TextClassifier:
    from model import ArtifactError
    from serve.classifier import load_classifier

    try:
        return load_classifier(artifact, threads, other_labels)
    except ArtifactError as error:
        fail(f"模型无法加载 (the model cannot be loaded): {error}", code=1)


def _stdin_texts() -> Iterator[tuple[str, str, str | None]]:
    """Yield where, text and error of each line of standard input that is not blank.

    In a terminal, what is pasted until Ctrl-D is one text.
    """
    if sys.stdin.isatty():
        typer.echo("粘贴文本，然后按 Ctrl-D (paste a text, then press Ctrl-D)：", err=True)
        yield "第 1 条", sys.stdin.read().strip(), None
        return
    from serve.files.lines import BOM, read_lines

    for line in read_lines(sys.stdin.buffer):
        text = line.text.removeprefix(BOM) if line.number == 1 else line.text
        if text.strip():
            yield f"第 {line.number} 行", text.strip("\r\n"), line.error


def _classify_texts(
    texts: Iterable[tuple[str, str, str | None]],
    artifact: Path | None,
    threads: int | None,
    style: Style,
) -> int:
    """Print a verdict for each (where, text, error); return the exit code."""
    from serve.files.record import check_text
    from serve.terminal import shown_verdict

    classifier, bad, shown = None, 0, 0
    for where, text, read_error in texts:
        good, error = (None, read_error) if read_error else check_text(text, "text")
        if good is None:
            typer.echo(f"{where}：{error}", err=True)
            if style.as_json:
                typer.echo("null")  # so that lines of input and output match
            bad += 1
            continue
        classifier = classifier or _load(artifact, threads, other_labels=True)
        blank = "\n" if shown and not style.as_json else ""
        typer.echo(blank + shown_verdict(classifier, good, style))
        shown += 1
    if not shown and not bad:
        fail("没有文本 (no text given)")
    return BAD_ROWS if bad else 0


@app.command()
def report(
    input_: Annotated[
        Path, typer.Option("--input", "-i", help="JSONL 或 CSV 文件，每行一条信息。Messages.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="报告文件，.pdf 或 .docx。Report file.")
    ],
    title: Annotated[str | None, typer.Option(help="案件名称。Name of the case.")] = None,
    language: Annotated[
        Literal["zh", "en"], typer.Option(help="报告的语言。Language of the report.")
    ] = "zh",
    artifact: Artifact = None,
    threads: Threads = None,
) -> None:
    """把一案的信息整理成报告。Make an evidence report of the messages of one case.

    各行的字段：text，以及可选的 sent_at（如 2026-11-20 21:05）、sender、received_on、received_at、
    count_today、recipient、beyond_debt、unlawful_debt。有一行不合要求就不生成报告。
    """
    from serve.report.command import report_file

    count = report_file(input_, output, title, language, lambda: _load(artifact, threads))
    typer.echo(f"完成 {count} 条 ({count} messages)：{output}", err=True)


@app.command()
def triage(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE | INPUT... OUTPUT/",
            help="一个文件，或归档的文件和文件夹。A file, or an archive's files and folders.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="结果，.csv 或 .xlsx，默认 FILE-dunlens.csv。Result."),
    ] = None,
    engine: Annotated[
        Literal["local", "ray"] | None,
        typer.Option(help="归档用：本机或 Ray 集群，默认 local。Where an archive is worked on."),
    ] = None,
    address: Annotated[
        str | None, typer.Option(help="Ray 集群地址，默认 RAY_ADDRESS 或本机。Ray cluster.")
    ] = None,
    column: Annotated[
        str | None, typer.Option("--column", help="内容所在的列，默认自动判断。Column of the text.")
    ] = None,
    lang: Annotated[
        Literal["zh", "en"], typer.Option(help="结果的语言。Language of the result.")
    ] = "zh",
    artifact: Artifact = None,
    threads: Threads = None,
) -> None:
    """给一批投诉分类并按严重程度排序。Classify a file of complaints, the gravest first.

    原有各列原样保留在前；坏行逐一列出，退出码为 3。

    归档：多个文件或文件夹（Parquet、JSONL、CSV）逐部分写入 OUTPUT/，中断后重新运行即继续。
    An archive of Parquet, JSONL and CSV goes into OUTPUT/ part by part; run it again to go on.
    """
    if engine is not None or len(paths) > 1:
        if output is not None:
            fail("--output 用于单个文件 (--output is for a single file)")
        from serve.triage.archive.command import Options, triage_archive

        options = Options(column, artifact, threads, address)
        complete = triage_archive(
            paths, engine or "local", lambda: _load(artifact, threads), options
        )
        raise typer.Exit(0 if complete else BAD_ROWS)
    from serve.triage.commands import triage as run_triage

    bad = run_triage(paths[0], output, column, lang, lambda: _load(artifact, threads))
    raise typer.Exit(BAD_ROWS if bad else 0)


@app.command()
def drift(
    batch: Annotated[
        Path, typer.Argument(metavar="BATCH", help="CSV、XLSX、JSONL 或纯文本。File of texts.")
    ],
    reference: Annotated[
        Path | None,
        typer.Option(help="参照文件，默认为训练语料。Reference; by default the corpus."),
    ] = None,
    column: Annotated[
        str | None, typer.Option("--column", help="内容所在的列，默认自动判断。Column of the text.")
    ] = None,
    rows: Annotated[
        int, typer.Option(min=30, max=5000, help="最多抽取的条数。Texts to draw.")
    ] = 1000,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON。Print JSON.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="需要重新标注时退出码为 1。Exit with 1 for relabel.")
    ] = False,
    lang: Annotated[
        Literal["zh", "en"], typer.Option(help="输出的语言。Language of the output.")
    ] = "zh",
    artifact: Artifact = None,
    threads: Threads = None,
) -> None:
    """比较一批文本与训练语料，判断是否需要重新标注。Is a batch still what the model was made for?

    训练语料是为训练而写的，不是真实的抽样：真实文本几乎总有差别。标注过一批之后，请用它作参照。
    The corpus is no sample of real texts; once a batch of yours is labelled, make it the reference.
    """
    from serve.driftcommand import run

    advice = run(
        batch, reference, column, rows, as_json, lang, lambda: _load(artifact, threads, True)
    )
    raise typer.Exit(int(strict and advice == "relabel"))


@app.command()
def serve(
    host: Annotated[
        str | None, typer.Option(help="监听地址，默认 127.0.0.1。Address to bind.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="端口，默认 8000。Port.")
    ] = None,
    threads: Threads = None,
    artifact: Artifact = None,
) -> None:
    """启动网页与 HTTP 接口。Serve the page and the HTTP API; settings also come from DUNLENS_*."""
    from serve.server import SettingsError, load_settings, run

    try:
        settings = load_settings(host=host, port=port, threads=threads, artifact=artifact)
        code = run(settings)
    except SettingsError as error:
        fail(str(error))
    raise typer.Exit(code)


@app.command()
def screenshot(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="PNG、JPEG 或 WebP。Pictures to read.")
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="每张图一行 JSON。One JSON a picture.")
    ] = False,
    artifact: Artifact = None,
    threads: Threads = None,
) -> None:
    """识别聊天或短信截图并判断类别。Read screenshots and classify their messages (extra [ocr]).

    图片只在内存中处理，不保存。读不出的图片会报错，退出码为 3。
    """
    from serve.ocr.command import read_files
    from serve.problems import ProblemError

    try:
        bad = read_files(files, lambda: _load(artifact, threads), threads, as_json)
    except ProblemError as problem:
        fail(problem.in_both, code=1)
    raise typer.Exit(BAD_ROWS if bad else 0)


add_tools(app)


def main() -> None:
    """Entry point of the console script."""
    app()


if __name__ == "__main__":
    main()
