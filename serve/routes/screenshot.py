"""``POST /v1/screenshot``: a picture in, messages with verdicts out; the same as a page."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from serve.bodies import BoundedRoute, media_type
from serve.limits import MAX_CHARS
from serve.multipart import file_field
from serve.ocr.available import available
from serve.ocr.present import SCREENSHOT, fields, shown
from serve.ocr.schemas import ScreenshotResponse
from serve.pagetext import PAGE
from serve.problems import ProblemError
from serve.routes.pages import templates
from serve.schemas import ProblemBody
from serve.wording import Language, language_of

if TYPE_CHECKING:
    from serve.ocr.reader import Reading

FIELD: Final = "image"
FORM: Final = "multipart/form-data"
RAW: Final = ("image/png", "image/jpeg", "image/webp", "application/octet-stream")
BINARY: Final = {"type": "string", "format": "binary"}

PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    408: {"model": ProblemBody, "description": "The body came too slowly."},
    413: {"model": ProblemBody, "description": "The picture has too many bytes."},
    415: {"model": ProblemBody, "description": "Not a PNG, JPEG or WebP (HEIC is not read)."},
    422: {"model": ProblemBody, "description": "Broken, or too many pixels."},
    501: {"model": ProblemBody, "description": "The extra [ocr] is not installed."},
    503: {"model": ProblemBody, "description": "Loading, busy or too slow; see Retry-After."},
}
BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {media: {"schema": BINARY} for media in RAW}
        | {
            FORM: {"schema": {"type": "object", "properties": {FIELD: BINARY}, "required": [FIELD]}}
        },
    }
}


class PictureRoute(BoundedRoute):
    """Takes a picture as the body itself, or in a form."""

    def check(self, request: Request) -> None:
        media = media_type(request)
        if media != FORM and not media.startswith("image/") and media != RAW[-1]:
            expected = ", ".join((*RAW, FORM))
            raise ProblemError("image_type", field="Content-Type", limit=expected)


api = APIRouter(prefix="/v1", tags=["screenshot"], route_class=PictureRoute)
page = APIRouter(include_in_schema=False, route_class=PictureRoute)
templates.globals["screenshots_readable"] = available()


@api.post(
    "/screenshot",
    responses=PROBLEMS,
    openapi_extra=BODY,
    summary="识别截图并分类 · Read and classify a screenshot",
)
async def screenshot(request: Request) -> ScreenshotResponse:
    """A PNG, JPEG or WebP of a chat or of text messages, as the body or as the field `image`.

    The picture is read in memory and dropped; neither it nor its text is stored or logged.
    """
    worker = request.app.state.worker
    version = worker.ready().version
    reading = await _read(request)
    texts = [block.text for block in reading.received]
    verdicts = await worker.classify(texts) if texts else []
    return ScreenshotResponse.model_validate(fields(reading, verdicts, version))


@page.post("/screenshot")
async def screenshot_page(request: Request, lang: str = "zh") -> HTMLResponse:
    """A page with the text that came in, to be checked, corrected and classified."""
    language = language_of(lang)
    try:
        reading = await _read(request)
    except ProblemError as problem:
        name = SCREENSHOT[language]["field"] if problem.field == FIELD else None
        error = problem.message(language, field=name)
        return _page(request, language, None, error, problem.status_code, problem.headers)
    if not any(block.kind == "message" for block in reading.blocks):
        return _page(request, language, None, SCREENSHOT[language]["nothing"], 422)
    return _page(request, language, reading)


async def _read(request: Request) -> Reading:
    if not available():
        raise ProblemError("ocr_missing")
    data = await request.body()
    if media_type(request) == FORM:
        data = file_field(data, request.headers["content-type"], FIELD)
    reading: Reading = await request.app.state.screenshots.read(data)
    return reading


def _page(
    request: Request,
    language: Language,
    reading: Reading | None,
    error: str | None = None,
    status: int = 200,
    headers: Any = None,
) -> HTMLResponse:
    html = templates.get_template("screenshot.html").render(
        t=SimpleNamespace(**PAGE[language]),
        s=SimpleNamespace(**SCREENSHOT[language]),
        language=language,
        shown=shown(reading, language) if reading else None,
        error=error,
        limit=MAX_CHARS,
        local=request.app.state.settings.local_only,
    )
    return HTMLResponse(html, status, headers)
