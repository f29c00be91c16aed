"""What a call costs, by the price of a model's tokens in US dollars."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .requests import NOTHING, LlmRequest

TOKENS_OF_A_MESSAGE = 16
"""What stands around a message, at most."""


@dataclass(frozen=True, slots=True)
class Price:
    """Of one token that is read, written, or read again from the provider's own cache."""

    read: Decimal = NOTHING
    written: Decimal = NOTHING
    reread: Decimal = NOTHING
    is_known: bool = False

    def of(self, *, tokens_in: int, tokens_out: int, reread: int = 0) -> Decimal:
        return self.read * (tokens_in - reread) + self.reread * reread + self.written * tokens_out


FREE = Price()


def price_in(info: Mapping[str, Any]) -> Price:
    """From a model's entry in LiteLLM's map of prices; one without prices costs nothing that is known."""
    read, written = info.get("input_cost_per_token"), info.get("output_cost_per_token")
    if read is None or written is None:
        return FREE
    reread = info.get("cache_read_input_token_cost")
    return Price(_exact(read), _exact(written), _exact(read if reread is None else reread), is_known=True)


def _exact(value: object) -> Decimal:
    return Decimal(str(value))


def most_tokens_in(request: LlmRequest, *, extra: int) -> int:
    """A bound for the prompt: no tokenizer makes more tokens of a text than it has bytes in UTF-8."""
    texts = sum(len(each.content.encode()) + TOKENS_OF_A_MESSAGE for each in request.messages)
    return texts + TOKENS_OF_A_MESSAGE + extra


def worst_case(request: LlmRequest, price: Price, *, extra: int) -> Decimal:
    """The most that one answer of a model with this price may cost. `extra` are the bytes of a schema."""
    return price.of(tokens_in=most_tokens_in(request, extra=extra), tokens_out=request.max_tokens)
