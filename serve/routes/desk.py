"""The desk page: ``/triage`` (import, list of batches) and ``/triage/jobs/{id}`` (one batch)."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from data.labels import GRAVITY, OUT_OF_SCOPE
from serve.access import COOKIE, KEY_PAGE, caller_of, require
from serve.bodies import BoundedFormRoute, form_fields
from serve.desktext import DESK
from serve.problems import ProblemError, preferred_language, problem_of
from serve.routes.pages import templates
from serve.routes.triage_common import Desk, desk, found_job
from serve.routes.triage_export import export
from serve.triage.schemas import ExportQuery
from serve.wording import LABELS, REVIEWS, Language, language_of

MIB: Final = 2**20

router = APIRouter(include_in_schema=False, route_class=BoundedFormRoute)


@router.get("/triage")
def home(request: Request, lang: str = "zh") -> HTMLResponse:
    """Import and list."""
    limit = request.app.state.settings.max_upload_bytes
    more = {"max_upload": limit, "max_upload_words": f"{limit // MIB} MiB"}
    return _page(request, "triage_home.html", language_of(lang), **more)


@router.get("/triage/jobs/{job_id}")
def job(
    request: Request, job_id: str, desk: Annotated[Desk, Depends(desk)], lang: str = "zh"
) -> HTMLResponse:
    """One batch; what it holds comes through the API."""
    found = found_job(desk, job_id)
    caller = caller_of(request)
    name = caller.name if caller and caller.key_id else ""
    return _page(request, "triage_job.html", language_of(lang), job=found.id, reviewer=name)


@router.post("/triage/jobs/{job_id}/export", dependencies=[Depends(require("triage"))])
async def save(request: Request, job_id: str, desk: Annotated[Desk, Depends(desk)]) -> Response:
    """The filtered view as a file. A form, so that no search gets into a browser's history."""
    fields = form_fields(await request.body())
    try:
        query = ExportQuery.model_validate({name: text for name, text in fields.items() if text})
    except ValidationError as error:
        raise problem_of(error) from None
    return await asyncio.to_thread(export, desk, job_id, query)  # it counts the rows first


@router.get(KEY_PAGE)
def ask(request: Request, lang: str = "") -> HTMLResponse:
    """The form that asks for a key; in the browser's language, as nobody has chosen one yet."""
    wanted = lang or preferred_language(request.headers.get("accept-language", ""))
    return _page(request, "triage_key.html", language_of(wanted), wrong=False)


@router.post(KEY_PAGE)
async def enter(
    request: Request, desk: Annotated[Desk, Depends(desk)], lang: str = "zh"
) -> Response:
    """Take a key from the form and keep it in a cookie that scripts cannot read."""
    language = language_of(lang)
    body = await request.body()
    try:
        token = form_fields(body).get("key", "").strip()
    except ProblemError:
        token = ""
    key = await request.app.state.tokens.key(desk.store, token)
    if key is None or not {"triage", "review", "admin"} & set(key.roles):
        return _page(request, "triage_key.html", language, status=403, wrong=True)
    back = RedirectResponse(f"/triage?lang={language}", status_code=303)
    back.set_cookie(
        COOKIE,
        token,
        expires=key.expires_at,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return back


@router.post("/triage/leave")
async def leave(lang: str = "zh") -> Response:
    """Forget the key."""
    back = RedirectResponse(f"{KEY_PAGE}?lang={language_of(lang)}", status_code=303)
    back.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return back


def _page(
    request: Request, template: str, language: Language, status: int = 200, **more: Any
) -> HTMLResponse:
    names, caller = LABELS[language], caller_of(request)
    html = templates.get_template(template).render(
        t=DESK[language],
        words=DESK[language],
        labels={label: names[label] for label in (*GRAVITY, OUT_OF_SCOPE)},
        reviews=REVIEWS[language],
        language=language,
        other="zh" if language == "en" else "en",
        signed_in=caller is not None and caller.key_id is not None,
        **more,
    )
    return HTMLResponse(html, status_code=status)
