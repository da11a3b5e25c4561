"""Keys ``recursive`` and ``listeners``: who reads the winners of a layer beside the layer above."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from chipsim.config.constant import Spec

if TYPE_CHECKING:
    from chipsim.network.rules import NsnRules


class Recursive(Spec):
    """Recursive networks: they read what each layer from 1 up passes up, on scales of their own, and prime what they expect next.

    Attributes:
        networks: of each layer; 0 for none.
        scale: network r classes intervals in units of ``scale`` to the r.
        delay: outputs of a layer after which what a network expects is heeded.
        linked: reading goes on over the ends of episodes, so that what spans two of them is found.
    """

    networks: Annotated[int, Field(strict=True, ge=0, le=5)] = 0
    scale: Annotated[int, Field(strict=True, ge=1, le=1024)] = 4
    delay: Annotated[int, Field(strict=True, ge=1, le=7)] = 1
    linked: bool = False


class Listener(Spec):
    """Who listens to whom.

    Attributes:
        layer: whose winners are heard, 0 for the symbols or field values.
        network: those of this recursive network of the layer instead; null for the layer's own.
    """

    layer: Annotated[int, Field(strict=True, ge=0, le=12)]
    network: Annotated[int, Field(strict=True, ge=0, le=4)] | None = None


Networks = Annotated[int, Field(strict=True, ge=0, le=5)]
"""Recursive networks of each layer, nothing else being said of them."""

MOST_LISTENERS = 64
"""Subscriptions of a run."""

Listeners = Annotated[
    Annotated[int, Field(strict=True, ge=0, le=MOST_LISTENERS)]
    | Annotated[tuple[Listener, ...], Field(max_length=MOST_LISTENERS)],
    Field(union_mode="smart"),
]


def with_networks(rules: NsnRules, given: Recursive) -> NsnRules:
    """The rules with recursive networks."""
    if not given.networks:
        return rules
    return replace(rules, networks=given.networks, scale=given.scale, delay=given.delay, linked=given.linked)
