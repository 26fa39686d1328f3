"""``/v1/triage/jobs/{id}/rows`` and what hangs on them: reviews, clusters, aggregates."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request

from model.law import Facts, answer
from serve.access import require
from serve.bodies import BoundedRoute
from serve.highlight import segments
from serve.routes.triage_common import PROBLEMS, Desk, desk, filters, found_job, refused, reviewer
from serve.triage import deskqueries
from serve.triage.records import Row
from serve.triage.rowstore import NoSuchRowError
from serve.triage.schemas import (
    AgreementOut,
    BadOut,
    BadRowsOut,
    CellOut,
    ClusterOut,
    ClusterSendersOut,
    ClustersOut,
    DayOut,
    PageQuery,
    ReasonsOut,
    ReviewOut,
    ReviewRequest,
    RowDetail,
    RowOut,
    RowsOut,
    RowsPageQuery,
    SegmentOut,
    SenderOut,
    SummaryOut,
    UndoRequest,
)

router = APIRouter(
    prefix="/v1/triage/jobs/{job_id}",
    tags=["triage"],
    route_class=BoundedRoute,
    responses=PROBLEMS,
    dependencies=[Depends(require("triage", "review"))],
)
TheDesk = Annotated[Desk, Depends(desk)]
REVIEW = [Depends(require("review"))]


@router.get("/rows", summary="消息 · Rows")
def get_rows(job_id: str, query: Annotated[RowsPageQuery, Query()], desk: TheDesk) -> RowsOut:
    """A page of the rows that meet all filters, in order."""
    found_job(desk, job_id)
    page = desk.store.page_rows(
        job_id,
        filters(query),
        sort=query.sort,
        descending=query.order == "desc",
        offset=query.offset,
        limit=query.size,
    )
    sizes = deskqueries.cluster_sizes(desk.store, job_id, page.rows)
    rows = [_row_out(row, sizes) for row in page.rows]
    return RowsOut(total=page.total, page=query.page, size=query.size, rows=rows)


@router.get("/rows/{number}", summary="一行 · One row")
def get_row(job_id: str, number: int, desk: TheDesk) -> RowDetail:
    """One row with its original cells, the parts of its severity, and its reviews."""
    return _detail(desk, job_id, _found_row(desk, job_id, number))


@router.get("/rows/{number}/reasons", summary="依据 · Reasons")
async def get_reasons(job_id: str, number: int, request: Request, desk: TheDesk) -> ReasonsOut:
    """The words that decided, by the model, and the law for the label as it is now."""
    row = await asyncio.to_thread(_found_row, desk, job_id, number)
    [(_, evidence)] = await request.app.state.worker.explain([row.text])
    return ReasonsOut(
        segments=[SegmentOut.model_validate(part) for part in segments(row.text, evidence)],
        answer=answer(row.current_label, row.current_also, facts=_facts(row), text=row.text),
    )


@router.post("/rows/{number}/review", dependencies=REVIEW, summary="复核 · Review")
def review(
    job_id: str, number: int, body: ReviewRequest, request: Request, desk: TheDesk
) -> RowDetail:
    """Confirm or correct a row; who, when, from and to are kept for good."""
    _found_row(desk, job_id, number)
    with refused():
        row = desk.store.add_review(
            job_id,
            number,
            reviewer=reviewer(request, body.reviewer),
            label=body.label,
            also=body.also,
            note=body.note,
        )
    return _detail(desk, job_id, row)


@router.post("/rows/{number}/undo", dependencies=REVIEW, summary="撤销复核 · Undo a review")
def undo(job_id: str, number: int, body: UndoRequest, request: Request, desk: TheDesk) -> RowDetail:
    """Take back one's own last review of a row; the trail keeps both entries."""
    _found_row(desk, job_id, number)
    with refused():
        who = reviewer(request, body.reviewer)
        row = desk.store.undo_review(job_id, number, reviewer=who)
    return _detail(desk, job_id, row)


@router.get("/clusters", summary="同一话术 · Clusters")
def get_clusters(job_id: str, query: Annotated[PageQuery, Query()], desk: TheDesk) -> ClustersOut:
    """Clusters of two rows or more, the largest first."""
    found_job(desk, job_id)
    found = desk.store.clusters(job_id, offset=query.offset, limit=query.size)
    return ClustersOut(
        total=deskqueries.cluster_count(desk.store, job_id),
        page=query.page,
        size=query.size,
        clusters=[ClusterOut.model_validate(cluster) for cluster in found],
    )


@router.get("/clusters/{cluster}", summary="一组的发送方 · Senders of a cluster")
def get_cluster(
    job_id: str, cluster: Annotated[int, Path(ge=0, le=2**31 - 1)], desk: TheDesk
) -> ClusterSendersOut:
    """The senders of one cluster, the most frequent first, at most 10,000."""
    found_job(desk, job_id)
    found = desk.store.cluster_senders(job_id, cluster, limit=10_000)
    return ClusterSendersOut(
        id=cluster, senders=[name for name, _ in found], rows=[count for _, count in found]
    )


@router.get("/summary", summary="概览 · Summary")
def get_summary(job_id: str, desk: TheDesk) -> SummaryOut:
    """Rows by label and day, the gravest senders, and how far reviewers agree."""
    found_job(desk, job_id)
    counts = desk.store.counts(job_id)
    agreement = desk.store.agreement(job_id)
    return SummaryOut(
        labels=counts.labels,
        days=[DayOut(day=day, labels=labels) for day, labels in counts.days],
        senders=_senders(counts.senders),
        signatures=_senders(counts.signatures),
        clusters=counts.clusters,
        reviewed=counts.reviewed,
        to_review=counts.to_review,
        agreement=[AgreementOut.model_validate(pair) for pair in agreement],
    )


@router.get("/bad", summary="无法读取的行 · Rows that could not be read")
def get_bad(job_id: str, query: Annotated[PageQuery, Query()], desk: TheDesk) -> BadRowsOut:
    """Numbers and reasons, in the order of the file."""
    job = found_job(desk, job_id)
    found = desk.store.bad(job_id, offset=query.offset, limit=query.size)
    rows = [BadOut.model_validate(row) for row in found]
    return BadRowsOut(total=job.rows_bad, page=query.page, size=query.size, rows=rows)


def _found_row(desk: Desk, job_id: str, number: int) -> Row:
    found_job(desk, job_id)
    with refused():
        if not 1 <= number < 2**31:
            raise NoSuchRowError(number)
        return desk.store.row(job_id, number)


def _row_out(row: Row, sizes: dict[int, int]) -> RowOut:
    size = 1 if row.cluster is None else sizes.get(row.cluster, 1)
    return RowOut.model_validate(row).model_copy(update={"cluster_size": size})


def _detail(desk: Desk, job_id: str, row: Row) -> RowDetail:
    """Return all about a row, with each original cell under its heading."""
    sizes = deskqueries.cluster_sizes(desk.store, job_id, [row])
    headings = desk.store.job(job_id).headings
    names = [*headings, *(f"+{i}" for i in range(1, len(row.original) - len(headings) + 1))]
    values = vars(row) | {
        "original": [
            CellOut(heading=name, value=value)
            for name, value in zip(names, row.original, strict=False)
        ],
        "cluster_size": 1 if row.cluster is None else sizes.get(row.cluster, 1),
        "cluster_senders": deskqueries.sender_count(desk.store, job_id, row.cluster),
        "reviews": [
            ReviewOut.model_validate(entry) for entry in desk.store.reviews(job_id, row.number)
        ],
    }
    return RowDetail.model_validate(values)


def _facts(row: Row) -> Facts | None:
    """Return what the file states of the time; midnight sharp is a date without a time."""
    if row.sent_at is None:
        return None
    at = row.sent_at.time()
    known: dict[str, Any] = {"received_on": row.sent_at.date()}
    if at.hour or at.minute or at.second:
        known["received_at"] = at
    return Facts(**known)


def _senders(found: list[tuple[str, int, float]]) -> list[SenderOut]:
    return [SenderOut(name=name, rows=rows, severity=top) for name, rows, top in found]
