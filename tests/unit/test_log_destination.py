"""`cluster_log_conf`: valid and invalid destinations of log delivery."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_dbx.model.errors import InvalidParameterValue
from jupyter_dbx.model.spec import ClusterSpec, log_destination

DATA = Path("/data")


def spec_with(conf: object) -> ClusterSpec:
    return ClusterSpec.from_wire({"num_workers": 1, "cluster_log_conf": conf})


def to(kind: str, destination: object) -> dict[str, Any]:
    return {kind: {"destination": destination}}


@pytest.mark.parametrize(
    ("conf", "folder"),
    [
        (to("dbfs", "dbfs:/cluster-logs"), "/data/dbfs/cluster-logs"),
        (to("dbfs", "dbfs:///a//b/./c/"), "/data/dbfs/a/b/c"),
        (to("volumes", "/Volumes/main/default/logs"), "/data/Volumes/main/default/logs"),
        (to("file", "file:/var/log/spark"), "/var/log/spark"),
        (to("dbfs", "dbfs:/a") | {"s3": None}, "/data/dbfs/a"),
    ],
)
def test_logs_are_delivered_to_the_folder_in_the_spec(conf: object, folder: str) -> None:
    spec = spec_with(conf)

    assert log_destination(spec, DATA) == Path(folder)
    assert spec.without_effect() == []
    assert spec.to_wire()["cluster_log_conf"] == conf


@pytest.mark.parametrize("conf", [None, {}, {"dbfs": None}])
def test_without_a_destination_nothing_is_delivered(conf: object) -> None:
    assert log_destination(spec_with(conf), DATA) is None


@pytest.mark.parametrize("conf", [to("s3", "s3://bucket/logs"), to("of_a_later_version", "x")])
def test_cloud_destination_has_no_effect_and_is_reported(conf: object) -> None:
    spec = spec_with(conf)

    assert log_destination(spec, DATA) is None
    assert spec.without_effect() == ["cluster_log_conf"]


@pytest.mark.parametrize(
    ("conf", "message"),
    [
        (to("dbfs", "/cluster-logs"), r"dbfs\.destination must be a folder like dbfs:/cluster-logs"),
        (to("dbfs", "dbfs:/"), "must be a folder"),
        (to("dbfs", "dbfs:/a/../../etc"), "must be a folder"),
        (to("dbfs", "dbfs:/a\0b"), "destination must not contain a NUL character"),
        (to("dbfs", ""), "must be a folder"),
        (to("volumes", "/Volumes/.."), "must be a folder"),
        (to("volumes", "dbfs:/a"), r"must be a folder like /Volumes/cluster-logs"),
        (to("file", "/var/log"), r"must be a folder like file:/cluster-logs"),
        (to("file", ["file:/var/log"]), "destination must be a string"),
        ({"dbfs": "dbfs:/a"}, "dbfs must be an object"),
        (to("dbfs", "dbfs:/a") | to("file", "file:/a"), "one destination, not dbfs and file"),
        ("dbfs:/a", "cluster_log_conf must be an object"),
    ],
)
def test_invalid_folder_fails_with_the_field(conf: object, message: str) -> None:
    with pytest.raises(InvalidParameterValue, match=message):
        spec_with(conf)


@given(st.sampled_from(["dbfs", "volumes"]), st.text(st.sampled_from("a./\\:~$% "), max_size=12))
def test_destination_cannot_leave_the_workspace(kind: str, path: str) -> None:
    root = {"dbfs": "dbfs:/", "volumes": "/Volumes/"}[kind]

    try:
        folder = log_destination(spec_with(to(kind, root + path)), DATA)
    except InvalidParameterValue:
        return

    assert folder is not None
    assert ".." not in folder.parts and folder.is_relative_to(DATA / root.strip(":/"))
