"""What the API takes and gives, as pydantic models; they are also its OpenAPI description."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool
from pydantic_core import PydanticCustomError

from data.rows import Label, Unlawful
from model.law import Answer, Facts
from model.verdict import ReviewReason
from serve.limits import MAX_CHARS, MAX_EXPLAINED, MAX_TEXTS

Probability = Annotated[float, Field(ge=0, le=1)]


def _not_blank(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("blank_text", "text is blank")
    return text


Text = Annotated[str, Field(min_length=1, max_length=MAX_CHARS), AfterValidator(_not_blank)]


class ClassifyRequest(BaseModel):
    """Texts to classify; each gets one verdict, in the same order."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"texts": ["您的借款已逾期3天，请尽快还款。"]},
                {
                    "texts": ["今天不还，就带人去你家门口等你。"],
                    "explain": True,
                    "facts": {"received_at": "23:30", "count_today": 12},
                },
            ]
        },
    )

    # fail_fast: one problem is reported, so that a bad list of any length costs one check
    texts: list[Text] = Field(min_length=1, max_length=MAX_TEXTS, fail_fast=True)
    explain: StrictBool = Field(
        False,
        description="Add `evidence` and `answer` to each verdict. It takes up to 12 times as long, "
        f"so the request may then hold {MAX_EXPLAINED} texts at most.",
    )
    facts: Facts | None = Field(
        None,
        description="What the sender of the request states about all its texts, beyond their "
        "words; only with `explain`. A fact that is left out is not stated, and never inferred.",
    )


class Scores(BaseModel):
    """Calibrated probability of each kind of conduct; they are independent of each other."""

    lawful_reminder: Probability
    harassment: Probability
    threat_extortion: Probability
    privacy_disclosure: Probability


class SpanOut(BaseModel):
    """A part of the text as it was sent: `start` included, `end` not, in Unicode code points."""

    start: int = Field(ge=0)
    end: int = Field(ge=1)


class EvidenceOut(BaseModel):
    """The words that decided for one label, and what they are worth to the model."""

    label: Label
    spans: list[SpanOut]
    without: Probability = Field(description="The label's probability without these words.")
    alone: Probability = Field(description="The label's probability for these words alone.")


class VerdictOut(BaseModel):
    """The category of one text."""

    label: Label
    scores: Scores
    also: list[Unlawful] = Field(description="Further unlawful labels present, gravest first.")
    review: ReviewReason | None = Field(
        description="Why a person should check the text before anybody acts on the label."
    )
    confidence: Probability = Field(description="Calibrated probability that the label is right.")


class ExplainedVerdictOut(VerdictOut):
    """The category of one text with its reasons, where `explain` asks for them."""

    evidence: list[EvidenceOut] = Field(
        description="The words that decided for each reported label, gravest first; none where "
        "the text is out of scope."
    )
    answer: Answer = Field(
        description="What the law may say about it and what its recipient can do, in both "
        "languages. It never says that somebody is at fault: one text cannot show that."
    )


class ClassifyResponse(BaseModel):
    """One verdict a text, in the order of the request, and the version of the model."""

    model: str
    verdicts: list[ExplainedVerdictOut] | list[VerdictOut]


class Problem(BaseModel):
    """Why a request was refused."""

    code: str
    field: str | None = Field(description="The part of the request at fault, as in `texts[3]`.")
    limit: int | float | str | None = Field(description="The bound or the type that was expected.")
    message: str = Field(description="message_en where Accept-Language prefers it, else Chinese.")
    message_zh: str
    message_en: str


class ProblemBody(BaseModel):
    """Body of every answer with a 4xx or 5xx status."""

    error: Problem


class Health(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    """The model has answered at least once."""

    ready: Literal[True] = True
    model: str
    backend: str = Field(description="What runs the model: onnx or openvino.")
