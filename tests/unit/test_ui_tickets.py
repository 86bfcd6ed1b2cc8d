"""Tickets of Spark's pages."""

from __future__ import annotations

import pytest

from jupyter_dbx.managers.ui_tickets import LIFETIME_S, UiTicket, UiTickets

TICKET = UiTicket("ada", "c1", "spark")


class Clock:
    """A clock that the test advances, s."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tickets(clock: Clock) -> UiTickets:
    return UiTickets(clock)


def test_ticket_expires(tickets: UiTickets, clock: Clock) -> None:
    value = tickets.issue(TICKET)

    clock.now = LIFETIME_S - 1
    assert tickets.find(value) == TICKET
    clock.now = LIFETIME_S
    assert tickets.find(value) is None


def test_each_user_and_ui_has_its_own(tickets: UiTickets) -> None:
    others = [UiTicket("bob", "c1", "spark"), UiTicket("ada", "c2", "spark"), UiTicket("ada", "c1", "master")]

    assert len({tickets.issue(ticket) for ticket in (TICKET, *others)}) == 4


def test_issued_ticket_is_valid_for_half_of_its_life_at_least(tickets: UiTickets, clock: Clock) -> None:
    first = tickets.issue(TICKET)

    clock.now = LIFETIME_S / 2 - 1
    assert tickets.issue(TICKET) == first
    clock.now = LIFETIME_S / 2
    second = tickets.issue(TICKET)

    assert second != first
    assert tickets.find(first) == tickets.find(second) == TICKET


def test_expired_tickets_are_forgotten(tickets: UiTickets, clock: Clock) -> None:
    for hour in range(100):
        clock.now = hour * LIFETIME_S
        tickets.issue(TICKET)

    assert len(tickets._issued) == 1


def test_unknown_value_is_none(tickets: UiTickets) -> None:
    assert tickets.find("") is tickets.find("x") is None
