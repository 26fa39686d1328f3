"""The commands ``dunlens keys``, ``dunlens corrections`` and ``dunlens triage``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from serve.exits import fail

if TYPE_CHECKING:
    from serve.classifier import TextClassifier
    from serve.triage.records import NewBad
    from serve.triage.store import Store

keys = typer.Typer(help="访问密钥。Access keys.", no_args_is_help=True)
corrections = typer.Typer(help="复核结果。What reviewers found.", no_args_is_help=True)


class RoleName(StrEnum):
    """`keys.Role` as Typer takes it; keys.py is imported only where it is needed."""

    CLASSIFY = "classify"
    TRIAGE = "triage"
    REVIEW = "review"
    ADMIN = "admin"


@contextmanager
def _store() -> Iterator[Store]:
    """The store that DUNLENS_DATA_DIR or DUNLENS_DATABASE_URL names."""
    from serve.server import SettingsError, load_settings
    from serve.triage.database import DatabaseError
    from serve.triage.store import open_store

    try:
        store = open_store(load_settings())
    except (SettingsError, DatabaseError) as error:
        fail(str(error))
    except OSError as error:
        fail(f"DUNLENS_DATA_DIR: {error.filename}: {error.strerror}")
    try:
        yield store
    finally:
        store.close()


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="持有人或用途。Who or what it is for.")],
    role: Annotated[
        list[RoleName], typer.Option("--role", "-r", help="可多次给出。May be given repeatedly.")
    ],
    days: Annotated[
        int | None, typer.Option(min=1, max=3650, help="有效天数，默认不过期。Days it holds.")
    ] = None,
) -> None:
    """新建密钥，只显示这一次。Make a key; it is shown this once only."""
    from datetime import timedelta

    from serve.triage.jobstore import now
    from serve.triage.keys import InvalidKeyError

    with _store() as store:
        try:
            expires = None if days is None else now() + timedelta(days=days)
            key, token = store.create_key(name, role, expires)
        except InvalidKeyError as error:
            fail(str(error))
    typer.echo(token)
    typer.echo(
        f"密钥 {key.id}：请妥善保存，以后无法再显示 (keep it safe: it cannot be shown again)",
        err=True,
    )


@keys.command("list")
def list_keys() -> None:
    """列出密钥（不含密钥本身）。List the keys, without their secrets."""
    from serve.triage.jobstore import now

    with _store() as store:
        for key in store.keys().values():
            until = "-" if key.expires_at is None else f"{key.expires_at:%Y-%m-%d}"
            state = "有效 valid" if key.valid(now()) else "已过期 expired"
            if key.revoked_at is not None:
                state = "已撤销 revoked"
            made = f"{key.created_at:%Y-%m-%d}"
            typer.echo("\t".join([key.id, key.name, ",".join(key.roles), made, until, state]))


@keys.command("revoke")
def revoke_key(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="见 dunlens keys list。")],
) -> None:
    """撤销密钥，立即生效。Revoke a key, at once and for good."""
    with _store() as store:
        if not store.revoke_key(key_id):
            fail("没有这个有效的密钥 (there is no such key, or it was revoked before)")
    typer.echo(f"已撤销 revoked: {key_id}", err=True)


@corrections.command("export")
def export_corrections(
    output: Annotated[Path, typer.Option("--output", "-o", help="JSONL 文件。")],
    job: Annotated[
        str | None, typer.Option("--job", help="只导出此批次，默认全部。Only this job.")
    ] = None,
    form: Annotated[
        Literal["message", "narrative"],
        typer.Option(help="文本是催收信息还是当事人叙述。What the texts are."),
    ] = "message",
    channel: Annotated[
        Literal["sms", "wechat", "call", "app", "letter", "social", "complaint"],
        typer.Option(help="来源渠道。Where they came from."),
    ] = "sms",
) -> None:
    """导出复核过的行，已去标识化，可用于 dunlens train --extra。

    Export reviewed rows in the corpus format. Phones, numbers, accounts, addresses and names are
    masked by rules, which miss some: read the rows before they leave the house.
    """
    import json

    from serve.files.output import open_output
    from serve.triage.corrections import corpus_rows
    from serve.triage.jobstore import NoSuchJobError

    count = refused = 0
    with _store() as store:
        try:
            if job is not None:
                store.job(job)
            with open_output(output) as stream:
                for row in corpus_rows(store.reviewed_rows(job), form, channel):
                    if row is None:
                        refused += 1
                        continue
                    values = row.model_dump(exclude_none=True)
                    stream.write(json.dumps(values, ensure_ascii=False).encode() + b"\n")
                    count += 1
        except NoSuchJobError:
            fail("没有这个批次 (there is no such job)")
        except ModuleNotFoundError as error:
            fail(f"缺少 {error.name}：请安装 (install): pip install 'dunlens[train]'")
        except OSError as error:
            fail(f"{output}: {error.strerror}")
    typer.echo(
        f"导出 {count} 行，{refused} 行标签不合格式 ({count} rows; {refused} do not fit {form})",
        err=True,
    )


def triage(
    source: Path,
    output: Path | None,
    column: str | None,
    language: Literal["zh", "en"],
    load: Callable[[], TextClassifier],
) -> int:
    """Run ``dunlens triage``; return the number of bad rows. Leaves with 2 for a wrong call."""
    from tqdm import tqdm

    from serve.triage.intake import IntakeError
    from serve.triage.localrun import WRITERS, triage_file

    target = output or source.with_name(f"{source.stem}-dunlens.csv")
    if target.suffix.lower() not in WRITERS:
        fail(f"{target}：扩展名应为 .csv 或 .xlsx (the output must end in .csv or .xlsx)")
    pause = 0.5 if sys.stderr.isatty() else 10
    with tqdm(unit="行", file=sys.stderr, mininterval=pause) as bar:

        def on_chunk(done: int, total: int | None) -> None:
            bar.total = total
            bar.update(done - bar.n)

        def on_bad(bad: NewBad) -> None:
            tqdm.write(bad.reason_zh if language == "zh" else bad.reason_en, file=sys.stderr)

        try:
            outcome = triage_file(
                source,
                target,
                load,
                column=column,
                language=language,
                on_bad=on_bad,
                on_chunk=on_chunk,
            )
        except IntakeError as error:
            fail(f"{source}：{error}")
        except OSError as error:
            fail(f"{error.filename or source}: {error.strerror}")
    typer.echo(
        f"{target}：{outcome.rows} 行，坏行 {outcome.bad} 行"
        f" ({outcome.rows} rows, {outcome.bad} bad)",
        err=True,
    )
    return outcome.bad
