"""Why a file or a row is refused: one table of codes, in Chinese and English."""

from __future__ import annotations

from typing import Final, NamedTuple

from serve.limits import MAX_CHARS
from serve.triage.intake import limits
from serve.triage.intake.model import IntakeError

REFUSALS: Final[dict[str, tuple[str, str]]] = {
    "empty_file": ("文件是空的", "the file is empty"),
    "no_rows": ("文件里没有数据行", "the file has no rows"),
    "file_too_large": ("文件最大 {limit} 字节", "the file may have {limit} bytes"),
    "not_text": (
        "无法识别的文件：请上传 CSV、XLSX、JSONL 或纯文本",
        "not a file that can be read: upload CSV, XLSX, JSONL or plain text",
    ),
    "old_excel": (
        "旧版 Excel（.xls）或加密的文件：请去掉密码，另存为 .xlsx",
        "an old Excel file (.xls) or an encrypted one: save it as .xlsx without a password",
    ),
    "not_jsonl": (
        "不是 JSONL：每行须为一个 JSON 对象",
        "not JSON Lines: each line must be one JSON object",
    ),
    "unknown_encoding": (
        "无法判断文字编码：请另存为 {limit}",
        "the character encoding cannot be told: save the file as {limit}",
    ),
    "broken_xlsx": (
        "XLSX 文件已损坏，无法打开：请用表格软件重新保存",
        "the XLSX file is damaged: save it again with a spreadsheet program",
    ),
    "zip_bomb": (
        "XLSX 文件解压后过大（上限 {limit}）",
        "the XLSX file grows too large when unpacked (limit {limit})",
    ),
    "broken_parquet": (
        "不是 Parquet 文件，或已损坏",
        "not a Parquet file, or a damaged one",
    ),
    "unknown_sheet": ("没有这个工作表", "there is no such sheet"),
    "too_many_columns": ("最多 {limit} 列", "a file may have {limit} columns"),
    "row_too_long": (
        "文件开头的一行超过 {limit} 字节，或引号没有闭合",
        "a row at the beginning has over {limit} bytes, or a quotation mark that is never closed",
    ),
    "no_text_column": (
        "没有找到含文字内容的列，请检查文件",
        "no column with messages was found; check the file",
    ),
    "unknown_column": ("文件没有这一列", "the file has no such column"),
    "too_many_rows_in_file": (
        "一个文件最多 {limit} 行：请拆分，或改用 Parquet",
        "a file may have {limit} rows: split it, or use Parquet",
    ),
    "too_many_rows": (
        "XLSX 每个工作表最多 {limit} 行（含表头）：请筛选后再导出，或导出 CSV",
        "an XLSX sheet holds {limit} rows, heading included: filter first, or export CSV",
    ),
}


def refusal(code: str, field: str = "file", limit: int | str | None = None) -> IntakeError:
    """Return the error for a code of `REFUSALS`."""
    zh, en = REFUSALS[code]
    return IntakeError(
        code, zh.format(limit=limit), en.format(limit=limit), field=field, limit=limit
    )


class Problem(NamedTuple):
    """What is wrong with one row, and in which column if it is one cell."""

    zh: str
    en: str
    column: str | None = None


BLANK: Final = Problem("内容为空", "the message is blank")
REST_LOST: Final = Problem(
    "文件从此处起损坏，其后的行无法读取", "the file is damaged from here on; the rest is not read"
)
ROWS_OVER: Final = Problem(
    f"超过 {limits.MAX_ROWS} 行，其后的行未读取",
    f"over {limits.MAX_ROWS} rows; the rest is not read",
)


def too_long(chars: int) -> Problem:
    return Problem(
        f"内容有 {chars} 个字符，上限 {MAX_CHARS}",
        f"the message has {chars} characters, limit {MAX_CHARS}",
    )


def too_many_cells(cells: int, headings: int) -> Problem:
    return Problem(
        f"有 {cells} 个单元格，多于 {headings} 列", f"{cells} cells, more than {headings} columns"
    )


def bad_bytes(encoding: str) -> Problem:
    return Problem(f"不是有效的 {encoding} 编码", f"not valid {encoding}")


def row_over_bytes() -> Problem:
    limit = limits.MAX_ROW_BYTES
    return Problem(f"行超过 {limit} 字节", f"the row has over {limit} bytes")


def bad_csv(detail: str) -> Problem:
    return Problem(f"CSV 格式有误：{detail}", f"broken CSV: {detail}")


def bad_json(detail: str = "") -> Problem:
    return Problem(
        "不是有效的 JSON 对象" + (f"：{detail}" if detail else ""),
        "not a valid JSON object" + (f": {detail}" if detail else ""),
    )
