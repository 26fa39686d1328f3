"""What ``POST /v1/screenshot`` gives."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from serve.schemas import Probability, VerdictOut

Kind = Literal["message", "time", "interface"]
Side = Literal["left", "right", "centre", "unknown"]
Pixel = Annotated[int, Field(ge=0)]


class BlockOut(BaseModel):
    """A message, a time, or a part of the app around the messages."""

    kind: Kind
    text: str
    box: tuple[Pixel, Pixel, Pixel, Pixel] = Field(
        description="Left, top, right, bottom in pixels of the upright picture."
    )
    side: Side = Field(
        description="Where a message's bubble stands: left came in, right was sent; centre and "
        "unknown may have come in."
    )
    confidence: Probability = Field(description="Mean probability of the characters read.")
    verdict: VerdictOut | None = Field(
        description="Of a message that was not sent by the owner of the phone, else null."
    )


class ScreenshotResponse(BaseModel):
    """The blocks in reading order; the picture is gone by now."""

    model: str
    width: int
    height: int
    blocks: list[BlockOut]
