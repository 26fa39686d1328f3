"""The page at ``/`` (works without JavaScript), the offline API documentation, static files."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import SimpleNamespace
from typing import Final
from urllib.parse import parse_qs

import jinja2
from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse

from data.labels import LABELS as MODEL_LABELS
from serve.bodies import BoundedFormRoute
from serve.limits import MAX_CHARS
from serve.middleware import CONTENT_SECURITY_POLICY
from serve.pagetext import EXAMPLES, PAGE
from serve.present import View, view
from serve.problems import ProblemError
from serve.wording import LABELS, Language

WEB = Path(__file__).parent.parent / "web"
MAX_FORM_BYTES: Final = 32 * MAX_CHARS
"""A character takes at most 12 bytes in a form; beyond this, it need not even be decoded."""

SWAGGER_FILES: Final = ("swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png")
# Swagger UI sets style attributes and draws its icons from data: addresses.
DOCS_POLICY = CONTENT_SECURITY_POLICY.replace(
    "style-src 'self'; img-src 'self'", "style-src 'self' 'unsafe-inline'; img-src 'self' data:"
)

router = APIRouter(include_in_schema=False, route_class=BoundedFormRoute)
templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(WEB / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)


@router.get("/")
async def show(request: Request, lang: str = "zh", example: str = "") -> HTMLResponse:
    """The empty page, or one with an example filled in."""
    return _page(request, _language(lang), text=EXAMPLES.get(example, ""))


@router.post("/")
async def classify(request: Request, lang: str = "zh") -> HTMLResponse:
    """The page with the verdict, or with what is wrong with the text."""
    language, text = _language(lang), ""
    try:
        text = _form_text(await request.body())
        _check(text)
        [verdict] = await request.app.state.worker.classify([text])
    except ProblemError as problem:
        name = PAGE[language]["text_label"] if problem.field == "text" else None
        message = problem.message(language, field=name)
        page = _page(request, language, text=text, error=message, status=problem.status_code)
        page.headers.update(problem.headers or {})
        return page
    return _page(request, language, text=text, result=view(verdict, language))


@router.get("/docs")
async def docs() -> HTMLResponse:
    """Swagger UI from files on this machine."""
    page = templates.get_template("docs.html").render()
    return HTMLResponse(page, headers={"Content-Security-Policy": DOCS_POLICY})


@router.get("/static/{name}")
async def static(name: str) -> FileResponse:
    """One of our own files or of Swagger UI's; only names found in a listing are served."""
    files = {path.name: path for path in (WEB / "static").iterdir()}
    files |= {path.name: path for path in _swagger_files()}
    if name not in files:
        raise ProblemError("not_found")
    return FileResponse(files[name], headers={"Cache-Control": "no-cache"})


def _swagger_files() -> list[Path]:
    # Only its files are used: find_spec does not run the package's code.
    spec = importlib.util.find_spec("fastapi_swagger")
    if spec is None or not spec.submodule_search_locations:
        return []
    folder = Path(spec.submodule_search_locations[0]) / "resources"
    return [folder / name for name in SWAGGER_FILES]


def _language(lang: str) -> Language:
    return "en" if lang == "en" else "zh"


def _form_text(body: bytes) -> str:
    """Return the field `text`, with the line ends that a browser changed restored."""
    if len(body) > MAX_FORM_BYTES:
        raise ProblemError("text_too_long", field="text", limit=MAX_CHARS)
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=10)
    except ValueError:  # not ASCII, or too many fields
        raise ProblemError("invalid", field="text") from None
    return fields.get("text", [""])[0].replace("\r\n", "\n")


def _check(text: str) -> None:
    if not text.strip():
        raise ProblemError("blank_text", field="text", limit=1)
    if len(text) > MAX_CHARS:
        raise ProblemError("text_too_long", field="text", limit=MAX_CHARS)


def _page(
    request: Request,
    language: Language,
    *,
    text: str = "",
    result: View | None = None,
    error: str | None = None,
    status: int = 200,
) -> HTMLResponse:
    html = templates.get_template("index.html").render(
        t=SimpleNamespace(**PAGE[language]),  # a dict has attributes of its own
        language=language,
        other="zh" if language == "en" else "en",
        text=text,
        result=result,
        error=error,
        invalid=status == 422,
        limit=MAX_CHARS,
        local=request.app.state.settings.local_only,
        examples=[(label, LABELS[language][label]) for label in MODEL_LABELS],
    )
    return HTMLResponse(html, status_code=status)
