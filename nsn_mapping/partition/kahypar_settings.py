"""Settings of Mt-KaHyPar 1.7 for the presets ``default`` and ``quality``, without their limits of time.

As shipped, both stop their searches after some multiple of the time that coarsening took. So what they give depends on how busy the machine
is: the same seed gave different parts in two runs of ``quality`` on one thread. Without these limits two runs of a seed were equal, and
to a run with them as well. Everything else is as the library prints it for its presets (``Context.print_configuration``).
"""

from __future__ import annotations

_NEVER = 1_000_000
"""Times the time of coarsening."""

_BOTH = """
mode=direct maxnet-removal-factor=0.01 smallest-maxnet-threshold=50000 maxnet-ignore=1000 num-vcycles=0
s-use-localized-random-shuffle=false s-static-balancing-work-packages=128 p-enable-community-detection=true
p-louvain-edge-weight-function=hybrid p-max-louvain-pass-iterations=5 p-louvain-min-vertex-move-fraction=0.01
p-vertex-degree-sampling-threshold=200000 c-type=multilevel_coarsener c-use-adaptive-edge-size=true
c-min-shrink-factor=1.1 c-max-shrink-factor=2.5 c-s=1 c-t=160 c-vertex-degree-sampling-threshold=200000
c-rating-score=heavy_edge c-rating-heavy-node-penalty=no_penalty c-rating-acceptance-criterion=best_prefer_unmatched
i-mode=rb i-runs=20 i-use-adaptive-ip-runs=true i-min-adaptive-ip-runs=5 i-perform-refinement-on-best-partitions=true
i-fm-refinement-rounds=1 i-lp-maximum-iterations=20 i-lp-initial-block-size=5 i-r-refine-until-no-improvement=false
i-r-lp-type=label_propagation i-r-lp-maximum-iterations=5 i-r-lp-rebalancing=true
i-r-lp-he-size-activation-threshold=100 i-r-fm-type=kway_fm i-r-fm-multitry-rounds=5 i-r-fm-rollback-parallel=true
i-r-fm-rollback-balance-violation-factor=1 i-r-fm-seed-nodes=25 i-r-fm-obey-minimal-parallelism=false
i-r-fm-release-nodes=true i-r-fm-iter-moves-on-recalc=true i-r-flow-algo=do_nothing
r-rebalancer-type=advanced_rebalancer r-refine-until-no-improvement=false r-lp-type=label_propagation
r-lp-unconstrained=true r-lp-maximum-iterations=5 r-lp-he-size-activation-threshold=100
r-lp-relative-improvement-threshold=0.001 r-fm-type=unconstrained_fm r-fm-multitry-rounds=10
r-fm-unconstrained-rounds=8 r-fm-rollback-parallel=true r-fm-rollback-balance-violation-factor=1.0
r-fm-threshold-border-node-inclusion=0.7 r-fm-imbalance-penalty-min=0.2 r-fm-imbalance-penalty-max=1.0
r-fm-seed-nodes=25 r-fm-release-nodes=true r-fm-min-improvement=-1.0 r-fm-unconstrained-min-improvement=0.002
r-fm-obey-minimal-parallelism=true r-fm-iter-moves-on-recalc=true
"""

_FLOWS = """
r-lp-rebalancing=true
r-flow-algo=flow_cutter r-flow-scaling=16 r-flow-max-num-pins=4294967295 r-flow-find-most-balanced-cut=true
r-flow-determine-distance-from-cut=true r-flow-max-bfs-distance=2 r-flow-min-relative-improvement-per-round=0.001
r-flow-skip-small-cuts=true r-flow-skip-unpromising-blocks=true r-flow-pierce-in-bulk=true
"""

_NO_FLOWS = """
r-lp-rebalancing=false r-flow-algo=do_nothing
"""

SETTINGS = {"default": _BOTH + _NO_FLOWS, "quality": _BOTH + _FLOWS}


def settings_file(preset: str) -> str | None:
    """Text of a settings file for a preset; None where the library's own has no limit of time.

    Args:
        preset: as in ``kahypar.PRESETS``.
    """
    if preset not in SETTINGS:
        return None
    limits = [f"{stage}-{kind}-time-limit-factor={_NEVER}" for stage, kind in (("i-r", "fm"), ("r", "fm"), ("r", "flow"))]
    return "\n".join([f"preset-type={preset}", *SETTINGS[preset].split(), *limits]) + "\n"
