"""How many rows the tables of the programs' memories have, per core, root and slot server; and that their numbers have room for a run."""

from __future__ import annotations

from chipsim.errors import MappingError
from chipsim.jit.records import fields_of
from chipsim.programs.nsn.core import Core
from chipsim.programs.nsn.sleep_rows import NOTE_BUCKETS, WINDOW
from chipsim.programs.nsn.state import AXON_BUCKETS, KEY_BUCKETS, PAIRS, RING, SCALARS, SUBSTITUTION, Constants, Root, Server

FILLED = ("neurons", "pairs", "axons", "rows", "lists", "members", "keys", "records", "notes", "counters", "tape")
"""Tables of a core that are filled from the beginning: what is behind their last row in use was never written."""

MOST = (1 << 31) - 1
"""Of a field of 32 bits."""

MOST_LAYERS = (1 << 15) - 1


def core_sizes(K: Constants) -> dict[str, int]:
    """Rows per core of each table, in the order of ``Core``."""
    s, a, w = K.slots, K.axons, K.numbers
    sizes = {
        "ledgers": 1, "neurons": s, "pairs": s * PAIRS, "last": s,
        "axon_buckets": AXON_BUCKETS, "axons": a, "homes": a if K.tracks else 0, "rows": K.rows, "lists": K.lists, "members": K.members,
        "key_buckets": K.keys if K.keyed else KEY_BUCKETS, "keys": K.keys, "kept": 1, "records": K.records, "waits": w,
        "going": w if K.networks else 0, "contests": w if K.inhibits else 0, "scores": w, "links": w, "departures": w, "removals": w,
        "cuts": s if K.batch else 0, "cut_rows": a if K.batch else 0,
        **_of_sleep(K),
    }  # fmt: skip
    return {name: sizes[name] for name in fields_of(Core)}


def _of_sleep(K: Constants) -> dict[str, int]:
    sizes = {
        "dreams": 1, "note_buckets": NOTE_BUCKETS, "notes": K.notes, "counter_buckets": NOTE_BUCKETS, "counters": K.counters,
        "tape": K.tape, "sleepers": 1, "window": WINDOW, "parts": PAIRS, "stack": K.stack, "picks": K.key_homes, "beds": K.key_homes,
    }  # fmt: skip
    return sizes if K.sleeps else dict.fromkeys(sizes, 0)


def core_bytes(K: Constants) -> int:
    """Bytes of a core's memory, were all of it in use."""
    dtypes = {name: field.dtype for name, field in fields_of(Core).items()}
    return sum(size * dtype.itemsize for name, size in core_sizes(K).items() if (dtype := dtypes[name]) is not None)


def refuse_large(K: Constants, ordinals: int, activations: int, items: int) -> None:
    """Refuse a run whose numbers could outgrow the fields that ``core`` keeps them in.

    Rows lead to each other by numbers of 32 bits, and name cores and counts of rows by such. An item makes at most one neuron on each layer,
    and one activation of it, so the stimulus bounds what ordinals and activations can come to. Ids, classes, times, probes, addresses and
    nodes have 64 bits.

    Args:
        K: constants of the run.
        ordinals: neurons that a layer has at most before the first event.
        activations: of a stored neuron, at most.
        items: of the stimulus.

    Raises:
        MappingError: names what is too large and how large it may be.
    """
    limits = (
        ("cores of the chip (chip.noc)", K.cores, MOST),
        ("layers and recursive networks (workload.layers, workload.recursive)", K.numbers, MOST_LAYERS),
        ("neurons of a layer, with those that the input could add", ordinals + items, MOST),
        ("activations of a neuron, with those that the input could add", activations + items, MOST),
        ("rows of axons in a core (8 x chip.core.neurons)", K.rows, MOST),
        ("axons in a core (chip.core.axons)", K.axons, MOST),
        ("forwarding lists in a core (chip.core.memory)", K.lists, MOST),
        ("members of forwarding lists in a core (chip.core.memory)", K.members, MOST),
        ("keyed entries in a core (chip.core.memory)", K.keys, MOST),
        ("entries of episode records in a core (chip.core.memory)", K.records, MOST),
    )
    for what, found, most in limits:
        if found > most:
            raise MappingError(f"{found} {what}; at most {most} have room in the records of the engines")


def root_sizes(K: Constants) -> dict[str, int]:
    """Words per root of each field, in the order of ``Root``."""
    return _named(Root,
        scalar=SCALARS, item_id=RING, item_address=RING, item_time=RING, item_flags=RING, item_needed=RING, item_start=RING, path=PAIRS,
        named=PAIRS if K.batch else 1,
        expected=max(1, K.networks * K.delay), expected_at=max(1, K.networks * K.delay),
        residual=K.residuals, residual_end=K.residuals, substitution=K.substitutions * SUBSTITUTION,
    )  # fmt: skip


def server_sizes(K: Constants) -> dict[str, int]:
    """Words per slot server of each field, in the order of ``Server``."""
    c = K.region_cores
    free = c * K.slots if K.reuse else 1
    return _named(
        Server, number=1, core=c, next_slot=c, closed=c, held=c, free_first=c, free_next=free, kept=1, current=K.numbers
    )


def _named(bundle: type[Root] | type[Server], **sizes: int) -> dict[str, int]:
    return {field: sizes[field] for field in bundle._fields}
