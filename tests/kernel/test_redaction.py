"""Redaction: no message of the kernel contains a secret's value, and everything else is unchanged."""

from __future__ import annotations

import copy
import html
import json
from typing import Any

import pytest
from jupyter_client.session import Session

from jupyter_dbx.kernel.redaction import MARK, Redaction

VALUE = "hunter2-of-ada"


@pytest.fixture
def redaction() -> Redaction:
    """A redaction of VALUE."""
    redaction = Redaction()
    redaction.hide(VALUE.encode())
    return redaction


def sent(redaction: Redaction, kind: str, content: dict[str, Any]) -> dict[str, Any]:
    """Return the content of a message as sent; the message itself must not change."""
    session = Session(key=b"")
    redaction.install(session)
    before = copy.deepcopy(content)
    *_, raw = session.serialize(session.msg(kind, content))
    assert content == before
    return dict(json.loads(raw))


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("stream", {"name": "stdout", "text": f"a {VALUE}\nb{VALUE}c"}),
        ("execute_result", {"data": {"text/plain": repr(VALUE), "text/html": f"<b>{VALUE}</b>"}, "metadata": {}}),
        ("display_data", {"data": {"application/json": {"rows": [{VALUE: [VALUE]}]}}, "metadata": {"title": VALUE}}),
        ("update_display_data", {"data": {"text/markdown": VALUE, "image/svg+xml": f"<svg>{VALUE}</svg>"}}),
        ("error", {"ename": "E", "evalue": VALUE, "traceback": ["ok", f"\x1b[31mE\x1b[0m: {VALUE}"]}),
        ("execute_reply", {"status": "error", "evalue": VALUE, "traceback": [VALUE], "user_expressions": {}}),
        ("execute_reply", {"status": "ok", "user_expressions": {"x": {"data": {"text/plain": VALUE}}}}),
        ("execute_reply", {"status": "ok", "payload": [{"source": "page", "data": {"text/plain": VALUE}}]}),
        ("inspect_reply", {"status": "ok", "data": {"text/plain": f"String form: {VALUE}"}}),
        ("comm_open", {"comm_id": "1", "data": {"state": {"value": VALUE}}}),
        ("comm_msg", {"comm_id": "1", "data": {"method": "update", "state": {"children": [VALUE]}}}),
        ("dbx_reply", {"result": {"cells": [[VALUE]]}}),
        ("dbx_reply", {"error": f"The table {VALUE} cannot be read."}),
        ("input_request", {"prompt": VALUE, "password": False}),
        ("debug_reply", {"type": "response", "body": {"variables": [{"value": repr(VALUE)}]}}),
    ],
)
def test_no_message_with_output_contains_the_value(redaction: Redaction, kind: str, content: dict[str, Any]) -> None:
    shown = sent(redaction, kind, content)

    assert shown == json.loads(json.dumps(content).replace(VALUE, MARK))


@pytest.mark.parametrize(
    "value", ['it\'s "quoted"', "a\\b\tc", "<p> & more", "line one\nline two", "Ünï 🎉", " padded \n"]
)
@pytest.mark.parametrize(
    "spell",
    [
        str,
        repr,
        json.dumps,
        lambda v: json.dumps(v, ensure_ascii=False),
        html.escape,
        lambda v: v.replace("\n", "\r\n"),
        lambda v: v.strip(),
        lambda v: repr(v.encode()),
        lambda v: repr([v, {"k": v}]),
    ],
    ids=["itself", "repr", "JSON", "JSON of Unicode", "HTML", "terminal", "stripped", "bytes", "in a list"],
)
def test_value_is_found_in_every_escaped_form(value: str, spell: Any) -> None:
    redaction = Redaction()
    redaction.hide(value.encode())

    shown = sent(redaction, "stream", {"text": spell(value)})["text"]

    assert MARK in shown
    assert not any(word in shown for word in ("quoted", "a\\", "more", "line", "nï", "xc3", "u00", "padded"))


def test_bytes_that_are_not_text_are_found_in_pythons_form() -> None:
    redaction = Redaction()
    redaction.hide(b"\xff\x00key")

    assert sent(redaction, "execute_result", {"data": {"text/plain": r"b'\xff\x00key'"}})["data"] == {
        "text/plain": f"b'{MARK}'"
    }


def test_value_that_is_part_of_another_does_not_reveal_the_rest(redaction: Redaction) -> None:
    redaction.hide(b"hunter2-of-ada-and-bob")
    redaction.hide(b"RED")

    assert sent(redaction, "stream", {"text": f"hunter2-of-ada-and-bob {VALUE}!"})["text"] == f"{MARK} {MARK}!"


@pytest.mark.parametrize(("value", "text"), [("ab", "about"), ("", "about"), ("  ab\n", "about ab")])
def test_very_short_value_is_not_redacted(value: str, text: str) -> None:
    redaction = Redaction()

    redaction.hide(value.encode())

    assert sent(redaction, "stream", {"text": text})["text"] == text


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("status", {"execution_state": "idle"}),
        ("execute_reply", {"status": "idle", "execution_count": 1}),
        ("comm_msg", {"comm_id": "idle", "data": {"state": {"idle": 1}}}),
        ("stream", {"name": "idle", "text": "x"}),
        ("display_data", {"data": {"image/png": "AAidleAA", "text/plain": "x"}, "transient": {"display_id": "idle"}}),
        (
            "execute_result",
            {"data": {"text/plain": "x"}, "execution_count": 3, "metadata": {"n": [1, None, 0.5, True]}},
        ),
    ],
)
def test_protocol_fields_are_unchanged_by_any_secret(kind: str, content: dict[str, Any]) -> None:
    redaction = Redaction()
    redaction.hide(b"idle")

    assert sent(redaction, kind, content) == content


def test_nothing_changes_before_a_secret_is_read() -> None:
    message = Session(key=b"").msg("stream", {"name": "stdout", "text": MARK})

    assert Redaction().redact(message)["content"] == message["content"]
    assert sent(Redaction(), "stream", {"name": "stdout", "text": VALUE})["text"] == VALUE
