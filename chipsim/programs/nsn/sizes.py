"""How long the sequences of the programs' memories are, per core, root and slot server."""

from __future__ import annotations

from chipsim.programs.nsn.state import AXON_BUCKETS, KEY_BUCKETS, PAIRS, RING, SCALARS, Constants, Core, Root, Server

NONE_AT_FIRST = (
    "slot_list", "axon_bucket", "key_bucket", "wait_tag", "match_probe", "axon_free", "row_free", "list_free", "member_free",
    "score_segment",
)  # fmt: skip
"""Fields of a core that say "none" (-1) before anything is written; the others are only read where something was written."""


def core_sizes(K: Constants) -> dict[str, int]:
    """Words per core of each field, in the order of ``Core``."""
    s, a, r, f, m, k, w = K.slots, K.axons, K.rows, K.lists, K.members, K.keys, K.layers + 2
    moves, read = (s, a) if K.batch else (1, 1)
    return _named(Core,
        self_core=1, used=1, layer=s, ordinal=s, k=s, vector_id=s * PAIRS, vector_class=s * PAIRS, activations=s, first=s, last=s,
        match_probe=s, match_pairs=s, axon_count=1, axon_bucket=AXON_BUCKETS, axon_layer=a, axon_id=a, axon_next=a, axon_rows=a,
        axon_row=a * PAIRS, axon_parent=a, axon_children=a, row_count=1, row_slot=r, row_class=r, row_next=r,
        list_count=1, slot_list=s, list_layer=f, list_next=f, list_first=f, list_last=f, list_size=f, list_use=f if K.scores else 1,
        member_count=1, member_core=m, member_next=m, key_count=1, key_bucket=KEY_BUCKETS, key_layer=k, key_parent=k, key_id=k,
        key_class=k, key_next=k, key_ordinal=k, key_address=k, key_open=k, wait_tag=w, wait_own=w, wait_got=w, wait_open=w,
        wait_ordinal=w, wait_address=w, wait_seniority=w, wait_first=w, link_slot=w, link_id=w, link_child=w, link_root=w,
        link_stage=w, link_tile=w, link_index=w, link_step=w, link_use=w, wait_score=w, score_segment=w, score_sum=w, barred=w, crowded=w,
        axon_use=a if K.scores else 1, axon_home=read, axon_free=1, row_free=1, list_free=1, member_free=1,
        go_slot=w, go_address=w, go_root=w, go_mask=w, go_list=w, go_member=w,
        go_scan=w, out_slot=w, out_pairs=w, out_pair=w, out_kind=w, out_asker=w, leave=moves, cut_list=moves, cut_side=moves,
        cut_gain=moves, cut_lock=moves, cut_order=moves, cut_axon=PAIRS * moves, cut_rows=read,
    )  # fmt: skip


def root_sizes(K: Constants) -> dict[str, int]:
    """Words per root of each field, in the order of ``Root``."""
    return _named(Root,
        scalar=SCALARS, item_id=RING, item_address=RING, item_time=RING, item_flags=RING, item_needed=RING, path=PAIRS,
        named=PAIRS if K.batch else 1,
        residual=K.residuals, residual_end=K.residuals, record_id=K.records, record_time=K.records, record_flags=K.records,
    )  # fmt: skip


def server_sizes(K: Constants) -> dict[str, int]:
    """Words per slot server of each field, in the order of ``Server``."""
    c = K.region_cores
    free = c * K.slots if K.reuse else 1
    return _named(Server, number=1, core=c, next_slot=c, closed=c, held=c, free_first=c, free_next=free, current=K.layers + 2)


def _named(bundle: type[Core] | type[Root] | type[Server], **sizes: int) -> dict[str, int]:
    return {field: sizes[field] for field in bundle._fields}
