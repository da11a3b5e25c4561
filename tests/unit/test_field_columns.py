"""Columns of the table of events: none shares its name with another one, whatever the fields of a log are called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipsim.errors import WorkloadError
from chipsim.network.field_columns import OWN, field_columns

WORDS = st.sampled_from(["a", "b", "a_b", "b_c", "c", "new", "new_a", "neuron", "field.a", "field.neuron", "time", "new_a_b"])


@given(st.lists(WORDS, min_size=1, max_size=10, unique=True))
def test_no_two_columns_share_a_name(fields: list[str]) -> None:
    try:
        found = field_columns(fields)
    except WorkloadError as error:
        assert "two columns" in str(error)
        return
    names = [*OWN, *found.value, *found.new, *found.pair.values()]
    assert len(set(names)) == len(names)


def test_names_that_are_free_stay() -> None:
    found = field_columns(["user", "source"])
    assert (found.value, found.new, found.pair) == (
        ("user", "source"),
        ("new_user", "new_source"),
        {(0, 1): "new_user_source"},
    )


def test_two_pairs_with_one_name_both_give_way() -> None:
    found = field_columns(["a", "b_c", "a_b", "c"])
    assert found.pair[0, 1] == "new_field.a_field.b_c"
    assert found.pair[2, 3] == "new_field.a_b_field.c"


def test_what_clashes_all_the_same_is_refused() -> None:
    with pytest.raises(WorkloadError, match=r"field\.neuron"):
        field_columns(["neuron", "field.neuron"])
