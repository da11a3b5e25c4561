"""Networks with faults as plans, made without any description file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.config.faults import DeadCore, DeadLink, DeadRouter, FlitLoss, NetworkFault
from chipsim.config.noc import NocSpec
from chipsim.noc.damage_build import damaged
from chipsim.plan.plan import Plan
from tests.wormholes import CLOCK

Ints = npt.NDArray[np.int64]

ONE = {"value": f"{CLOCK} ps", "grade": "assumed", "source": "a test"}


def with_faults(plan: Plan, faults: tuple[NetworkFault, ...], **spec: Any) -> Plan:
    """A plan of given packets with a damaged network; ``spec`` is the description of the network."""
    assert plan.noc is not None
    given = dict.fromkeys(("link_latency_ew", "link_latency_ns", "local_latency", "flit_time"), ONE) | spec
    noc = NocSpec.model_validate(given)
    return replace(plan, noc=damaged("test", noc, plan.noc, faults, False, 1))


def dead_link(a: int, b: int, cycle: int = 0, one_way: bool = False) -> DeadLink:
    """A link dies at a cycle."""
    return DeadLink(kind="dead_link", a=a, b=b, one_way=one_way, at=f"{cycle * CLOCK} ps")


def dead_router(router: int, cycle: int = 0) -> DeadRouter:
    """A router dies at a cycle."""
    return DeadRouter(kind="dead_router", router=router, at=f"{cycle * CLOCK} ps")


def dead_core(core: int, cycle: int = 0) -> DeadCore:
    """A core dies at a cycle."""
    return DeadCore(kind="dead_core", core=core, at=f"{cycle * CLOCK} ps")


def flit_loss(rate: str, retry: int = 0) -> FlitLoss:
    """Links lose flits; with ``retry`` cycles they send them again."""
    if not retry:
        return FlitLoss(kind="flit_loss", rate=rate)
    return FlitLoss(kind="flit_loss", rate=rate, retransmit=True, retry=f"{retry * CLOCK} ps")


def burst(seed: int, cores: int, packets: int, cycles: int, longest: int) -> Ints:
    """Packets of uniform traffic: cycle, source, destination, flits."""
    draw = np.random.default_rng(seed)
    ends = draw.integers(0, cores, (2, packets))
    return np.stack([np.sort(draw.integers(0, cycles, packets)), *ends, draw.integers(1, longest + 1, packets)], axis=1)
