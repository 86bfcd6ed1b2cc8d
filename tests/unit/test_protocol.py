"""The driver protocol: round trips of messages, and unknown keys and operations."""

from __future__ import annotations

import json
import logging
from dataclasses import MISSING, fields
from typing import Any, get_args

import pytest
from samples import NOW, sample_status

from jupyter_dbx.backends.local import _PRIVATE
from jupyter_dbx.model import codec
from jupyter_dbx.model.codec import ProtocolError, decode, decode_message, encode, encode_message
from jupyter_dbx.model.driver import DriverStatus
from jupyter_dbx.model.kernel_contact import KernelContact, encode_contact, take_contact
from jupyter_dbx.model.protocol import (
    DRIVER_MESSAGES,
    DRIVER_NOTICES,
    KERNEL_MESSAGES,
    PROTOCOL,
    Announcement,
    Bound,
    CachedRdd,
    DecommissionNotice,
    DriverConfig,
    DriverMessage,
    DriverNotice,
    EndedNote,
    Hello,
    Interrupt,
    JobProgress,
    KernelMessage,
    Progress,
    Refused,
    RunningCell,
    StageProgress,
    TouchNotice,
    Welcome,
)

FROM_KERNEL: list[KernelMessage] = [
    Hello(PROTOCOL, 42, 12345, "/home/ada/ä.ipynb", "4.0.1", "3.11"),
    Bound("/tmp/spark-1"),
    RunningCell(3, "df.count()"),
    Interrupt(),
    CachedRdd(7),
]
FROM_DRIVER: list[DriverMessage] = [
    Welcome("c1", "demo", 40001, "secret", "dbx-k1"),
    Refused("The driver is still starting."),
    Progress(
        3,
        over=True,
        cluster_id="c1",
        jobs=(
            JobProgress(
                0, "count", "RUNNING", NOW, None, 8, 2, 2, 0, (StageProgress(0, 0, "x", "ACTIVE", 8, 2, 2, 0),)
            ),
        ),
    ),
]
VALUES: list[Any] = [
    DriverConfig(PROTOCOL, "c1", "demo", 2, "t", "s", "u", ["java", "-Xmx1g"], {"spark.a": "b"}, True, 60, 25.0),
    Announcement("http://127.0.0.1:1"),
    EndedNote("INACTIVITY", "Nothing ran for 60 minutes.", NOW),
    sample_status("worker-1"),
    TouchNotice(NOW, 1.5),
    DecommissionNotice(("worker-1", "worker-2")),
]


@pytest.fixture
def lenient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The protocol without strict checks, as in production, with nothing logged yet."""
    monkeypatch.delenv(codec.STRICT)
    codec._log_unknown.cache_clear()


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_value_is_read_as_it_was_written(value: object) -> None:
    assert decode(type(value), encode(value)) == value


@pytest.mark.parametrize("message", FROM_KERNEL, ids=lambda message: message.op)
def test_driver_decodes_messages_of_a_kernel(message: KernelMessage) -> None:
    assert decode_message(KERNEL_MESSAGES, encode_message(message)) == message


@pytest.mark.parametrize("message", FROM_DRIVER, ids=lambda message: message.op)
def test_kernel_decodes_messages_of_a_driver(message: DriverMessage) -> None:
    assert decode_message(DRIVER_MESSAGES, encode_message(message)) == message


@pytest.mark.parametrize(
    ("union", "by_op"),
    [(KernelMessage, KERNEL_MESSAGES), (DriverMessage, DRIVER_MESSAGES), (DriverNotice, DRIVER_NOTICES)],
    ids=["kernel", "driver", "notices"],
)
def test_each_message_has_a_distinct_operation(union: Any, by_op: dict[str, type]) -> None:
    assert set(by_op.values()) == set(get_args(union))


#: Operation → required fields in this version.
ON_THE_WIRE = {
    "hello": "protocol",
    "bound": "temp_dir",
    "cell": "cell title",
    "interrupt": "",
    "cached_rdd": "id",
    "seat": "cluster_id cluster_name gateway_port gateway_secret tag",
    "refused": "message",
    "progress": "cell over",
    "leave": "",
    "touch": "at_ms age_s",
    "decommission": "node_ids",
    "detach": "kernel_id",
}


def test_version_counts_incompatible_changes() -> None:
    # A kernel or server may connect to a driver of another version, so a change of these rows requires a new PROTOCOL.
    kinds: dict[str, Any] = {**KERNEL_MESSAGES, **DRIVER_MESSAGES, **DRIVER_NOTICES}

    needed = {
        op: " ".join(f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING)
        for op, kind in kinds.items()
    }

    assert (PROTOCOL, needed) == (1, ON_THE_WIRE)


UNKNOWN = [
    (KERNEL_MESSAGES, {"op": "dance", "step": 1}, None),
    (KERNEL_MESSAGES, {"op": "cached_rdd", "id": 7, "level": "DISK"}, CachedRdd(7)),
    (KERNEL_MESSAGES, {}, None),
    (
        DRIVER_MESSAGES,
        {"op": "progress", "cell": 1, "over": False, "jobs": [json.loads(encode(FROM_DRIVER[2].jobs[0])) | {"x": 1}]},  # type: ignore[union-attr]
        Progress(1, False, jobs=FROM_DRIVER[2].jobs),  # type: ignore[union-attr]
    ),
]


@pytest.mark.parametrize(("kinds", "document", "read"), UNKNOWN)
def test_unknown_keys_and_operations_are_errors_in_tests(kinds: Any, document: Any, read: object) -> None:
    with pytest.raises(AssertionError, match="unknown"):
        decode_message(kinds, json.dumps(document))


@pytest.mark.parametrize(("kinds", "document", "read"), UNKNOWN)
def test_unknown_keys_and_operations_are_ignored_and_logged_once(
    kinds: Any, document: Any, read: object, lenient: None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)

    found = [decode_message(kinds, json.dumps(document)) for _ in range(3)]

    assert found == [read] * 3
    assert len(caplog.records) == 1


def test_drivers_that_tests_start_are_strict_too() -> None:
    assert not codec.STRICT.startswith(_PRIVATE)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"op": "bound"}', '{"op": "cell", "cell": 1}'])
def test_text_that_is_not_a_message_is_an_error_also_for_users(text: str, lenient: None) -> None:
    with pytest.raises(ProtocolError):
        decode_message(KERNEL_MESSAGES, text)


@pytest.mark.parametrize(
    ("kind", "text"), [(Announcement, '{"url": "http'), (EndedNote, "{}"), (DriverStatus, '{"executors": [1]}')]
)
def test_text_that_is_not_a_value_is_an_error(kind: Any, text: str) -> None:
    with pytest.raises(ProtocolError):
        decode(kind, text)


@pytest.mark.parametrize("kind", [Hello, DriverStatus])
def test_values_with_the_version_can_be_read_from_any_version(kind: Any) -> None:
    needed = {"protocol", "cluster_id", "generation", "ready"} & {f.name for f in fields(kind)}
    document = dict.fromkeys(needed, 1) | {"protocol": 99}

    assert decode(kind, json.dumps(document)).protocol == 99


def test_kernel_removes_its_contact_from_the_environment() -> None:
    contact = KernelContact(
        "k1", "/home/ada/a.ipynb", "http://x/", "t", "/data", "/home/ada", "c1", "c2", {"day": "1. Mai", "empty": ""}
    )
    environ = {"PATH": "/bin", "DBX_SCREENSHOTS": "/tmp"} | encode_contact(contact)

    assert take_contact(environ) == contact
    assert environ == {"PATH": "/bin", "DBX_SCREENSHOTS": "/tmp"}


def test_contact_replaces_an_earlier_one_completely() -> None:
    earlier = encode_contact(KernelContact("k1", cluster_id="c1", arguments={"day": "1"}))

    assert take_contact(earlier | encode_contact(KernelContact("k2"))) == KernelContact("k2")


def test_kernel_without_a_contact_has_an_empty_one() -> None:
    assert take_contact({}) == KernelContact()
