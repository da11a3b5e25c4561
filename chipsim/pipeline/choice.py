"""Which engine ``auto`` takes: the one that has done sooner, with all that it must load or compile before it begins.

The constants are those of tests/bench/engine_choice.py; docs/decisions/030 says why code is compiled only when it pays. Both engines give the
same results: a wrong estimate costs time and nothing else.
"""

from __future__ import annotations

import logging

from chipsim.plan.plan import Plan

log = logging.getLogger(__name__)

REFERENCE_S, REFERENCE_RECORD_S = 0.08, 7.2e-6
"""Seconds of the reference engine: to begin, and per record."""

COMPILED_S, COMPILED_RECORD_S = 0.10, 0.07e-6
"""Likewise of the compiled engine, with its code in the cache."""


def choose_compiled(plan: Plan) -> bool:
    """Whether the compiled engine, which can be loaded, has done sooner than the reference.

    What short runs take on the reference engine because nothing is compiled is added up beside the cache: when that has come to what compiling
    takes, it is done.
    """
    from chipsim.engines.compiled import cost  # only where it can be loaded

    records = cost.records_of(plan)
    reference = REFERENCE_S + REFERENCE_RECORD_S * records
    compiled = COMPILED_S + COMPILED_RECORD_S * records
    if reference <= compiled:
        log.info(
            "auto: the reference engine, for about %d records: %.2f s, the compiled one %.2f s", records, reference, compiled
        )
        return False
    code = cost.compile_s(plan)
    spared = cost.spared_s(plan) if code else 0.0
    if reference + spared >= compiled + code:
        log.info(
            "auto: the compiled engine, for about %d records: %.2f s, %.2f s of it for compiling; the reference engine %.2f s",
            records,
            compiled + code,
            code,
            reference,
        )
        return True
    cost.note_spared(plan, spared + reference - compiled)
    log.info(
        "auto: the reference engine, for about %d records: %.2f s; the compiled one is not compiled yet, it would take %.2f s",
        records,
        reference,
        compiled + code,
    )
    return False
