"""WorkQueue: a key is never processed twice at once, and no put is lost."""

from __future__ import annotations

from jupyter_dbx.controllers.base import WorkQueue


def test_key_is_taken_when_it_is_due() -> None:
    queue = WorkQueue(parallel=8)
    queue.put("a", 10.0)

    assert list(queue.take(9.9)) == []
    assert list(queue.take(10.0)) == ["a"]
    assert list(queue.take(10.0)) == []


def test_puts_merge_into_the_earliest() -> None:
    queue = WorkQueue(parallel=8)
    queue.put("a", 10.0)
    queue.put("a", 5.0)
    queue.put("a", 20.0)

    assert queue.next_due() == 5.0
    assert list(queue.take(5.0)) == ["a"]
    assert queue.next_due() == float("inf")


def test_busy_key_is_not_taken_again() -> None:
    queue = WorkQueue(parallel=8)
    queue.put("a", 0.0)
    queue.take(0.0)
    queue.put("a", 0.0)

    assert list(queue.take(1.0)) == []
    assert queue.next_due() == float("inf")


def test_key_put_while_busy_is_due_after() -> None:
    queue = WorkQueue(parallel=8)
    queue.put("a", 0.0)
    queue.take(0.0)
    queue.put("a", 1.0)
    queue.done("a", 2.0)

    assert queue.next_due() == 2.0
    assert queue.take(3.0) == {"a": 2.0}


def test_keys_do_not_wait_for_each_other() -> None:
    queue = WorkQueue(parallel=8)
    queue.put("a", 0.0)
    queue.put("b", 2.0)

    assert list(queue.take(1.0)) == ["a"]
    assert queue.next_due() == 2.0
    assert list(queue.take(2.0)) == ["b"]


def test_done_accepts_a_key_that_was_not_busy() -> None:
    queue = WorkQueue(parallel=8)

    queue.done("a", 0.0)

    assert list(queue.take(0.0)) == []


def test_concurrency_is_limited_and_the_longest_due_key_comes_first() -> None:
    queue = WorkQueue(parallel=2)
    for key, due in [("a", 3.0), ("b", 1.0), ("c", 2.0)]:
        queue.put(key, due)

    assert list(queue.take(5.0)) == ["b", "c"]
    assert list(queue.take(5.0)) == []
    assert queue.next_due() == float("inf")
    queue.done("b", 5.0)
    assert queue.next_due() == 3.0
    assert list(queue.take(5.0)) == ["a"]
