"""The forms of values: money as text with two places, dates as ISO; what every answer is built from."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any

from ninja import Schema as NinjaSchema
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

_MONEY = re.compile(r"-?\d{1,12}\.\d{2}")


def _money(value: Any) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, str) and _MONEY.fullmatch(value):
        return Decimal(value)
    raise PydanticCustomError("money", "no amount")  # a number of JSON may have lost cents already


Money = Annotated[
    Decimal,
    BeforeValidator(_money),
    PlainSerializer(lambda value: f"{value:.2f}", return_type=str),
    WithJsonSchema({"type": "string", "format": "money", "pattern": r"^-?\d{1,12}\.\d{2}$"}),
]
Quantity = Annotated[
    Decimal,
    PlainSerializer(lambda value: f"{value.normalize():f}", return_type=str),
    WithJsonSchema({"type": "string", "format": "decimal"}),
]
Reason = Annotated[str, Field(min_length=1, max_length=300, description="Why; it stands on the record")]
Text = Annotated[str, Field(max_length=2000)]
Short = Annotated[str, Field(max_length=120)]


class Out(NinjaSchema):
    """Part of an answer."""


class In(BaseModel):
    """A request's body: a field nobody knows is an error, not a field ignored."""

    model_config = ConfigDict(extra="forbid")

    def values(self, *without: str) -> dict[str, Any]:
        """Its fields as they were read, without some: amounts stay Decimal, where `model_dump` makes text of them."""
        return {name: value for name, value in self if name not in without}
