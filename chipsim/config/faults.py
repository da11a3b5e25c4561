"""What goes wrong on purpose."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema, model_validator

from chipsim.config.constant import Delay, FieldError, Moment, Spec
from chipsim.errors import ConfigError

Number = Annotated[int, Field(strict=True, ge=0, le=2**40)]

MessageName = Literal[
    "item", "taken", "present", "spike", "answer", "result", "key_probe", "key_result", "alloc", "slot", "grow", "grown",
    "link", "linked", "set_parent", "set_route", "add_child", "wrote", "key_write", "key_wrote", "key_open", "erase", "erased",
    "fire", "alert", "free", "split", "ready", "depart", "departed", "import", "imported", "joined", "history", "kept", "relink", "relinked",
    "set_home", "unlink", "unlinked", "set_node", "clear_route", "withdraw", "withdrawn", "pause", "moved", "resume", "settled", "crowded",
    "prime", "hear", "find_keeper", "keeper", "record", "recorded", "vote", "voted", "contest", "inhibit", "ask", "told", "make", "made",
]  # fmt: skip
"""Kinds of messages that a fault can name; a test holds them equal to those of the model."""

_MOST_DIGITS = 40


class LoseMessage(Spec):
    """Fault: a message is lost on its way.

    Attributes:
        kind: ``lose_message``: a message does not arrive.
        message: kind of the message.
        number: which one of that kind, counted from 0 among those that its source sends.
        source: core that sends it, null for every core, slot server and the host: each loses its own.
    """

    kind: Literal["lose_message"]
    message: MessageName
    number: Number
    source: Number | None = None


class FlipBit(Spec):
    """Fault: one bit of a stored pair flips.

    Attributes:
        kind: ``flip_bit``: a stored bit is turned over.
        at: when the bit is turned over (ps).
        core: that holds the neuron.
        slot: of the neuron on that core, from 0.
        pair: which of its pairs, from 0.
        bit: which bit, 0 the lowest.
        field: the pair's ``id`` or ``interval``.
    """

    kind: Literal["flip_bit"]
    at: Moment
    core: Number
    slot: Number
    pair: Annotated[int, Field(strict=True, ge=0, le=7)]
    bit: Annotated[int, Field(strict=True, ge=0, le=62)]
    field: Literal["id", "interval"]


class DeadLink(Spec):
    """Fault: the link between two neighbouring routers is dead.

    Attributes:
        kind: ``dead_link``: a link carries nothing.
        a: the router at one end, by tile number.
        b: the router at the other.
        one_way: whether only the direction from a to b is dead.
        at: from when on (ps).
    """

    kind: Literal["dead_link"]
    a: Number
    b: Number
    one_way: Annotated[bool, Field(strict=True)] = False
    at: Moment = 0


class DeadRouter(Spec):
    """Fault: a router is dead, with its links and everything on its tile.

    Attributes:
        kind: ``dead_router``: a router is dead, and all on its tile.
        router: number of its tile.
        at: from when on (ps).
    """

    kind: Literal["dead_router"]
    router: Number
    at: Moment = 0


class DeadCore(Spec):
    """Fault: a core is cut off from its router: nothing that it sends leaves it, nothing reaches it.

    Attributes:
        kind: ``dead_core``: a core is cut off from its router.
        core: number of the core.
        at: from when on (ps).
    """

    kind: Literal["dead_core"]
    core: Number
    at: Moment = 0


def parse_rate(found: Any) -> Fraction:
    """An exact share from text or a number, such as ``1e-6`` or ``1/1000``. Raises ConfigError where it is none."""
    text = repr(found) if isinstance(found, float) else str(found).strip()
    try:
        # a number with a huge exponent would take for ever to write out
        value = Fraction(text) if len(text) <= _MOST_DIGITS and abs(int(text.lower().partition("e")[2] or 0)) <= 40 else None
    except (ValueError, ZeroDivisionError):
        value = None
    if value is None or isinstance(found, bool) or not 0 <= value < 1:
        raise ConfigError(f"{found!r:.60} is no rate; allowed: from 0, below 1, such as 1e-6 or 1/1000")
    return value


Rate = Annotated[
    Fraction,
    PlainValidator(parse_rate),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"anyOf": [{"type": "number", "minimum": 0, "exclusiveMaximum": 1}, {"type": "string"}]}),
]


class FlitLoss(Spec):
    """Fault: links between routers lose flits, each on its own at a rate.

    Attributes:
        kind: ``flit_loss``: links lose flits.
        rate: share of the flits, from 0, below 1.
        retransmit: whether a lost flit is sent again; without, its packet is lost.
        retry: time until a lost flit is sent again (``retransmit`` only); null for 100 ns.
        links: which lose flits: ``all``, or pairs of routers [a, b]: the links from a to b.
    """

    kind: Literal["flit_loss"]
    rate: Rate
    retransmit: Annotated[bool, Field(strict=True)] = False
    retry: Delay | None = None
    links: Literal["all"] | tuple[tuple[Number, Number], ...] = "all"

    @model_validator(mode="after")
    def _retry_of_retransmission(self) -> Self:
        if self.retry is not None and not self.retransmit:
            raise FieldError("given without retransmit; allowed: with retransmit: true", "retry")
        return self


NetworkFault = DeadLink | DeadRouter | DeadCore | FlitLoss
"""Faults that any workload can run with."""

Fault = Annotated[LoseMessage | FlipBit | DeadLink | DeadRouter | DeadCore | FlitLoss, Field(discriminator="kind")]

NETWORK_FAULTS = (DeadLink, DeadRouter, DeadCore, FlitLoss)
