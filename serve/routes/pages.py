"""The page at ``/`` (works without JavaScript), the offline API documentation, static files."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import jinja2
from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse

from data.labels import LABELS as MODEL_LABELS
from serve.bodies import BoundedFormRoute, form_fields
from serve.explain import explained
from serve.factsform import fact_fields, read_facts
from serve.limits import MAX_CHARS
from serve.middleware import CONTENT_SECURITY_POLICY
from serve.pagetext import EXAMPLES, FACT_NAMES, PAGE
from serve.present import View, speaker, view
from serve.problems import ProblemError
from serve.wording import LABELS, TAGS, TIERS, Language, language_of

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
    return page(request, language_of(lang), {"text": EXAMPLES.get(example, "")})


@router.post("/")
async def classify(request: Request, lang: str = "zh") -> HTMLResponse:
    """The page with the verdict and its reasons, or with what is wrong with the form."""
    language = language_of(lang)
    form: dict[str, str] = {}
    try:
        form = read_form(await request.body())
        text = form["text"]
        check_text(text)
        facts = read_facts(form)
        [(verdict, evidence)] = await request.app.state.worker.explain([text])
    except ProblemError as problem:
        return problem_page(request, language, problem, form)
    result = view(explained(text, verdict, evidence, facts), language)
    return page(request, language, form, result=result)


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


def read_form(body: bytes) -> dict[str, str]:
    """Return the fields of a form, `text` among them in any case; see `check_text` for it."""
    form = message_form(body)
    return form | {"text": form.get("text", "")}


def message_form(body: bytes) -> dict[str, str]:
    """Return the fields of a form about one message.

    Raises ProblemError (422) where the form cannot be read.
    """
    if len(body) > MAX_FORM_BYTES:
        raise ProblemError("text_too_long", field="text", limit=MAX_CHARS)
    return form_fields(body, field="text")


def check_text(text: str) -> None:
    """Raise ProblemError (422) where a text cannot be classified."""
    if not text.strip():
        raise ProblemError("blank_text", field="text", limit=1)
    if len(text) > MAX_CHARS:
        raise ProblemError("text_too_long", field="text", limit=MAX_CHARS)


def problem_page(
    request: Request, language: Language, problem: ProblemError, form: Mapping[str, str]
) -> HTMLResponse:
    """The page that says what is wrong, with the form as it was filled in."""
    names = {"text": PAGE[language]["text_label"], **FACT_NAMES[language]}
    message = problem.message(language, field=names.get(problem.field or ""))
    wrong = problem.field if problem.status_code == 422 else None
    return page(request, language, form, error=message, wrong=wrong, problem=problem)


def page(
    request: Request,
    language: Language,
    form: Mapping[str, str],
    *,
    result: View | None = None,
    error: str | None = None,
    wrong: str | None = None,
    problem: ProblemError | None = None,
) -> HTMLResponse:
    """The page in one language.

    form: what stands in its fields, `text` and the names of `model.law.Facts`.
    error, wrong, problem: what is said, the field that is at fault, and the refusal behind it.
    """
    fields = fact_fields(form, language, wrong)
    html = templates.get_template("index.html").render(
        t=SimpleNamespace(**PAGE[language]),  # a dict has attributes of its own
        say=speaker(language),
        tags=TAGS[language],
        tiers=TIERS[language],
        language=language,
        other="zh" if language == "en" else "en",
        text=form.get("text", ""),
        fact_fields=fields,
        facts_open=any(field.value or field.wrong for field in fields),
        result=result,
        error=error,
        invalid=wrong == "text",
        limit=MAX_CHARS,
        local=request.app.state.settings.local_only,
        examples=[(label, LABELS[language][label]) for label in MODEL_LABELS],
    )
    if problem is None:
        return HTMLResponse(html)
    return HTMLResponse(html, problem.status_code, headers=problem.headers)
