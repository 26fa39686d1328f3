"""Refusals: one table of codes, and their JSON body in Chinese and English.

No message ever quotes what the client sent, save the (cleaned, shortened) name of a field.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.exceptions import HTTPException


class Kind(NamedTuple):
    status: int
    zh: str
    en: str


KINDS: dict[str, Kind] = {
    "invalid_json": Kind(400, "请求体不是有效的 JSON", "the body is not valid JSON"),
    "missing_field": Kind(422, "缺少字段 {field}", "field {field} is missing"),
    "unknown_field": Kind(422, "不接受字段 {field}", "field {field} is not accepted"),
    "wrong_type": Kind(422, "{field} 的类型应为 {limit}", "{field} must be of type {limit}"),
    "too_few_texts": Kind(422, "{field} 至少 {limit} 条", "{field} needs at least {limit} text"),
    "too_many_texts": Kind(422, "{field} 最多 {limit} 条", "{field} takes at most {limit} texts"),
    "too_many_explained": Kind(
        422,
        "explain 为 true 时 {field} 最多 {limit} 条",
        "{field} takes at most {limit} texts where explain is true",
    ),
    "facts_unused": Kind(
        422,
        "{field} 只在 explain 为 {limit} 时有用",
        "{field} is of use only where explain is {limit}",
    ),
    "too_small": Kind(422, "{field} 至少为 {limit}", "{field} must be at least {limit}"),
    "too_large": Kind(422, "{field} 最多为 {limit}", "{field} must be at most {limit}"),
    "not_an_option": Kind(422, "{field} 应为 {limit}", "{field} must be {limit}"),
    "blank_text": Kind(
        422,
        "{field} 不能为空白，至少 {limit} 个字符",
        "{field} must not be blank: at least {limit} character",
    ),
    "text_too_long": Kind(
        422, "{field} 最多 {limit} 个字符", "{field} takes at most {limit} characters"
    ),
    "texts_too_long": Kind(
        422,
        "{field} 合计最多 {limit} 个字符",
        "{field} takes at most {limit} characters together",
    ),
    "invalid_unicode": Kind(
        422, "{field} 含有无效的 Unicode（孤立代理项）", "{field} holds a lone surrogate"
    ),
    "invalid": Kind(422, "{field} 无效", "{field} is not valid"),
    "key_needed": Kind(401, "需要访问密钥", "an access key is needed"),
    "key_refused": Kind(
        401, "访问密钥无效、已撤销或已过期", "the key is unknown, revoked or has expired"
    ),
    "role_missing": Kind(403, "此密钥没有所需角色：{limit}", "this key lacks the role: {limit}"),
    "foreign_site": Kind(
        403, "拒绝来自其他网站的请求", "requests that another site sends are refused"
    ),
    "host_refused": Kind(
        421,
        "不以此 {field} 提供服务；确有需要请设置 {limit}",
        "not served under this {field}; set {limit} if you mean it",
    ),
    "too_many_requests": Kind(
        429,
        "请求过于频繁（{field} 上限每分钟 {limit} 次），请稍后再试",
        "too many requests ({field}: {limit} a minute), try again soon",
    ),
    "not_found": Kind(404, "没有这个地址", "there is nothing at this address"),
    "method_not_allowed": Kind(405, "不支持此方法", "this method is not supported here"),
    "body_timeout": Kind(
        408, "请求体未在 {limit} 秒内发送完毕", "the body did not arrive within {limit} s"
    ),
    "body_too_large": Kind(413, "请求体最大 {limit} 字节", "the body may have {limit} bytes"),
    "unsupported_media_type": Kind(
        415, "{field} 应为 {limit}（UTF-8）", "{field} must be {limit} in UTF-8"
    ),
    "image_too_large": Kind(413, "{field} 最大 {limit} 字节", "{field} may have {limit} bytes"),
    "image_type": Kind(415, "{field} 应为 {limit} 图片", "{field} must be one of {limit}"),
    "image_heic": Kind(
        415,
        "{field} 不支持 HEIC/HEIF/AVIF，请另存为 {limit}（手机截图一般已是 PNG 或 JPEG）",
        "HEIC, HEIF and AVIF are not read; save {field} as {limit}",
    ),
    "image_broken": Kind(
        422, "{field} 已损坏，无法解码", "{field} is broken and cannot be decoded"
    ),
    "image_too_many_pixels": Kind(
        422,
        "{field} 最多 {limit} 像素，请截短后分几次上传",
        "{field} may have {limit} pixels; cut it into parts",
    ),
    "image_too_long": Kind(
        422, "{field} 的边长最多 {limit} 像素", "a side of {field} may have {limit} pixels"
    ),
    "image_too_small": Kind(
        422, "{field} 的边长至少 {limit} 像素", "a side of {field} must have {limit} pixels"
    ),
    "too_many_lines": Kind(
        422, "{field} 中的文字最多 {limit} 行", "{field} may show {limit} lines of text"
    ),
    "ocr_missing": Kind(
        501,
        "未安装截图识别，请先运行 pip install 'dunlens[ocr]'，或直接粘贴文字",
        "screenshots need the extra: pip install 'dunlens[ocr]'; or paste the text",
    ),
    "not_a_heading": Kind(
        422,
        "{field} 应为文件的 {limit} 个列名之一",
        "{field} must be one of the file's {limit} headings",
    ),
    "too_many_rows": Kind(
        422,
        "{field}=xlsx 最多 {limit} 行，请缩小范围或导出 CSV",
        "{field}=xlsx takes at most {limit} rows: filter more, or export CSV",
    ),
    "job_not_found": Kind(
        404, "没有这个批次（可能已删除）", "there is no such job (it may be deleted)"
    ),
    "row_not_found": Kind(404, "没有这一行", "there is no such row"),
    "wrong_state": Kind(409, "批次的状态须为 {limit}", "the job's state must be {limit}"),
    "nothing_to_undo": Kind(
        409,
        "没有可撤销的：此行最后一次复核不是你做的",
        "nothing to undo: the last review of this row is not yours",
    ),
    "internal": Kind(500, "服务器内部错误", "internal error"),
    "not_ready": Kind(503, "模型正在加载，请稍后再试", "the model is loading, try again soon"),
    "model_failed": Kind(503, "模型未能加载，请查看日志", "the model did not load, see the log"),
    "busy": Kind(
        503,
        "服务繁忙（{field} 上限 {limit}），请稍后再试",
        "busy ({field}: limit {limit}), try again soon",
    ),
    "disk_full": Kind(507, "磁盘空间不足，未保存", "no space left on the disk; nothing was stored"),
    "database_gone": Kind(
        503, "数据库暂时无法使用，请稍后再试", "the database cannot be reached, try again soon"
    ),
    "deadline": Kind(503, "未能在 {limit} 秒内完成", "not finished within {limit} s"),
}
_BY_STATUS = {404: "not_found", 405: "method_not_allowed"}

# pydantic's error type -> our code, and where the limit comes from
_BY_TYPE = {
    "json_invalid": "invalid_json",
    "missing": "missing_field",
    "extra_forbidden": "unknown_field",
    "blank_text": "blank_text",
    "too_long": "too_many_texts",
    "too_short": "too_few_texts",
    "string_too_long": "text_too_long",
    "string_too_short": "blank_text",
    "texts_too_long": "texts_too_long",
    "string_unicode": "invalid_unicode",
}
# the beginning of pydantic's error type -> the type that was expected, as JSON writes it
_TYPE_NAMES = {
    "string_type": "string",
    "list_type": "array of strings",
    "model_": "object",
    "dict_": "object",
    "bool_": "true | false",
    "int_": "integer",
    "finite_": "integer",
    "date_": "date YYYY-MM-DD",
    "time_": "time HH:MM",
    "moment_": "date and time YYYY-MM-DD HH:MM",
}
# pydantic's error type -> our code and the key of the bound in its context
_BOUNDS = {
    "greater_than_equal": ("too_small", "ge"),
    "less_than_equal": ("too_large", "le"),
    "literal_error": ("not_an_option", "expected"),
}


class ProblemError(HTTPException):
    """A refusal with its code from `KINDS`.

    An HTTPException, because FastAPI lets only those pass while it reads a body.
    """

    def __init__(
        self,
        code: str,
        field: str | None = None,
        limit: int | float | str | None = None,
        retry_after: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        all_headers = dict(headers or {})
        if retry_after is not None:
            all_headers["Retry-After"] = str(retry_after)
        super().__init__(KINDS[code].status, detail=code, headers=all_headers)
        self.code, self.field, self.limit = code, field, limit

    def message(self, language: str, field: str | None = None) -> str:
        """Return the message in "zh" or "en"; `field` is a name to use instead of the API's."""
        kind = KINDS[self.code]
        template = kind.en if language == "en" else kind.zh
        return template.format(field=field or self.field, limit=self.limit)

    @property
    def in_both(self) -> str:
        """The message in Chinese, then in English, for a terminal."""
        return f"{self.message('zh')} ({self.message('en')})"

    def body(self, language: str = "zh") -> dict[str, Any]:
        """Return the JSON body (`schemas.ProblemBody`)."""
        return {
            "error": {
                "code": self.code,
                "field": self.field,
                "limit": self.limit,
                "message": self.message(language),
                "message_zh": self.message("zh"),
                "message_en": self.message("en"),
            }
        }


def preferred_language(accept_language: str) -> str:
    """Return "en" where the header ranks English above Chinese, else "zh"."""
    ranks = {"zh": 0.0, "en": 0.0}
    for part in accept_language.split(","):
        tag, _, weight = part.partition(";")
        try:
            rank = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        language = tag.strip().split("-")[0].lower()
        if language in ranks:
            ranks[language] = max(ranks[language], rank)
    return "en" if ranks["en"] > ranks["zh"] else "zh"


def from_validation(errors: Sequence[Mapping[str, Any]]) -> ProblemError:
    """Return the problem for the first of pydantic's errors, without the input it quotes."""
    error = errors[0]
    kind = str(error["type"])
    context = error.get("ctx") or {}
    if kind == "json_invalid":  # its location is a position in the text, not a field
        return ProblemError("invalid_json", field="body")
    field = field_path(error["loc"])
    if kind in _BY_TYPE:
        limit = context.get("max_length") or context.get("min_length")
        if kind == "blank_text":
            limit = 1
        return ProblemError(_BY_TYPE[kind], field=field, limit=limit)
    if kind in _BOUNDS:
        code, key = _BOUNDS[kind]
        limit = context[key]
        return ProblemError(
            code, field=field, limit=_options(limit) if key == "expected" else limit
        )
    for start, name in _TYPE_NAMES.items():
        if kind.startswith(start):
            return ProblemError("wrong_type", field=field, limit=name)
    return ProblemError("invalid", field=field)


def problem_of(error: ValidationError, skip: int = 0, root: str = "body") -> ProblemError:
    """Return the problem of a model that was validated by us, as if it stood under `root`.

    Its field is named without the first `skip` parts.
    """
    located = [
        {**each, "loc": (root, *each["loc"][skip:])} for each in error.errors(include_url=False)
    ]
    return from_validation(located)


def _options(expected: str) -> str:
    """Return `a | b | c` for pydantic's "'a', 'b' or 'c'"."""
    return expected.replace("'", "").replace(" or ", " | ").replace(", ", " | ")


def field_path(location: Sequence[str | int]) -> str:
    """Return `texts[3]` for ("body", "texts", 3), safe to encode and at most 80 characters."""
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location[1:])
    clean = path.lstrip(".").encode("utf-8", "replace").decode()
    return clean[:80] or str(location[0])


def of_fault(error: Exception) -> ProblemError:
    """Return what a client is told of an error that nobody caught: never what it says."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return ProblemError("disk_full")
    # Commands that need no database get along without it; a server has it loaded.
    from sqlalchemy.exc import InterfaceError, OperationalError

    if isinstance(error, OperationalError | InterfaceError):
        if "disk is full" in str(error.orig):  # SQLite's words
            return ProblemError("disk_full")
        return ProblemError("database_gone", retry_after=5)
    return ProblemError("internal")


def respond(problem: ProblemError, request: Request) -> JSONResponse:
    """Return the response for a problem, in the language that the client prefers."""
    language = preferred_language(request.headers.get("accept-language", ""))
    return JSONResponse(problem.body(language), problem.status_code, problem.headers)


def install_handlers(app: FastAPI) -> None:
    """Turn every refusal of the framework into our body."""

    @app.exception_handler(RequestValidationError)
    async def on_validation(request: Request, error: RequestValidationError) -> JSONResponse:
        return respond(from_validation(error.errors()), request)

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> JSONResponse:
        if not isinstance(error, ProblemError):
            # FastAPI answers 400 where the body cannot be decoded or is nested too deep
            code = _BY_STATUS.get(
                error.status_code, "invalid_json" if error.status_code == 400 else "internal"
            )
            field = "body" if code == "invalid_json" else None
            error = ProblemError(code, field=field, headers=error.headers)
        return respond(error, request)
