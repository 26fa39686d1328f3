"""Refusals: one table of codes, and their JSON body in Chinese and English.

No message ever quotes what the client sent, save the (cleaned, shortened) name of a field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
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
    "blank_text": Kind(
        422,
        "{field} 不能为空白，至少 {limit} 个字符",
        "{field} must not be blank: at least {limit} character",
    ),
    "text_too_long": Kind(
        422, "{field} 最多 {limit} 个字符", "{field} takes at most {limit} characters"
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
    "not_found": Kind(404, "没有这个地址", "there is nothing at this address"),
    "method_not_allowed": Kind(405, "不支持此方法", "this method is not supported here"),
    "body_timeout": Kind(
        408, "请求体未在 {limit} 秒内发送完毕", "the body did not arrive within {limit} s"
    ),
    "body_too_large": Kind(413, "请求体最大 {limit} 字节", "the body may have {limit} bytes"),
    "unsupported_media_type": Kind(
        415, "{field} 应为 {limit}（UTF-8）", "{field} must be {limit} in UTF-8"
    ),
    "internal": Kind(500, "服务器内部错误", "internal error"),
    "not_ready": Kind(503, "模型正在加载，请稍后再试", "the model is loading, try again soon"),
    "model_failed": Kind(503, "模型未能加载，请查看日志", "the model did not load, see the log"),
    "busy": Kind(
        503,
        "服务繁忙（{field} 上限 {limit}），请稍后再试",
        "busy ({field}: limit {limit}), try again soon",
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
    "string_unicode": "invalid_unicode",
}
_TYPE_NAMES = {"string_type": "string", "list_type": "array of strings"}


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
    if kind in _TYPE_NAMES or kind.startswith(("model_", "dict_")):
        return ProblemError("wrong_type", field=field, limit=_TYPE_NAMES.get(kind, "object"))
    return ProblemError("invalid", field=field)


def field_path(location: Sequence[str | int]) -> str:
    """Return `texts[3]` for ("body", "texts", 3), safe to encode and at most 80 characters."""
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location[1:])
    clean = path.lstrip(".").encode("utf-8", "replace").decode()
    return clean[:80] or str(location[0])


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
