"""Steady: how long facts have been unchanged."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_dbx.controllers.steady import Steady


@pytest.fixture
def steady(clock: Any) -> Steady:
    return Steady(clock)


def test_fact_ages_while_it_stays(steady: Steady, clock: Any) -> None:
    ages = []
    for _ in range(3):
        ages.append(steady.ms("c", "n", "cpu", 1.5))
        clock.advance(2.5)

    assert ages == [0, 2500, 5000]


def test_changed_fact_restarts_its_age(steady: Steady, clock: Any) -> None:
    steady.ms("c", "n", "cpu", 1.5)
    clock.advance(60)

    changed = steady.ms("c", "n", "cpu", 1.6)
    clock.advance(1)

    assert (changed, steady.ms("c", "n", "cpu", 1.6)) == (0, 1000)


def test_recurring_fact_restarts_its_age(steady: Steady, clock: Any) -> None:
    for value in (True, False):
        steady.ms("c", "n", "healthy", value)
        clock.advance(60)

    assert steady.ms("c", "n", "healthy", True) == 0


def test_unknown_value_is_a_value(steady: Steady, clock: Any) -> None:
    steady.ms("c", "n", "cpu", None)
    clock.advance(60)

    assert steady.ms("c", "n", "cpu", None) == 60_000
    assert steady.ms("c", "n", "cpu", 0.0) == 0


def test_facts_age_independently(steady: Steady, clock: Any) -> None:
    steady.ms("c", "n", "cpu", 1)
    clock.advance(1)

    others = [steady.ms("c", "n", "starts", 1), steady.ms("c", "m", "cpu", 1), steady.ms("d", "n", "cpu", 1)]

    assert others == [0, 0, 0]
    assert steady.ms("c", "n", "cpu", 1) == 1000


def test_new_server_has_no_ages(steady: Steady, clock: Any) -> None:
    steady.ms("c", "n", "cpu", 1)
    clock.advance(1000)

    assert Steady(clock).ms("c", "n", "cpu", 1) == 0


def test_facts_that_are_not_kept_are_dropped(steady: Steady, clock: Any) -> None:
    for owner, subject in (("c", ""), ("c", "n"), ("c", "gone"), ("d", "gone")):
        steady.ms(owner, subject, "cpu", 1)
    clock.advance(1)

    steady.keep("c", {"", "n"})

    ages = {key: steady.ms(*key, "cpu", 1) for key in (("c", ""), ("c", "n"), ("c", "gone"), ("d", "gone"))}
    assert ages == {("c", ""): 1000, ("c", "n"): 1000, ("c", "gone"): 0, ("d", "gone"): 1000}


def test_facts_of_a_deleted_owner_are_dropped(steady: Steady, clock: Any) -> None:
    steady.ms("c", "", "state", 1)
    clock.advance(1)

    steady.keep("c", ())

    assert steady.ms("c", "", "state", 1) == 0
