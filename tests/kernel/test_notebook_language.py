"""A kernel of a notebook whose language is not Python."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client import BlockingKernelClient
from serverless_kernel import running_kernel


@pytest.fixture
def client(tmp_path: Path) -> Iterator[BlockingKernelClient]:
    """The kernel of a notebook in SQL, with one cell in Python."""
    cells = [{"id": "python-cell", "metadata": {"vscode": {"languageId": "python"}}}]
    metadata = {"application/vnd.databricks.v1+notebook": {"language": "sql"}}
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": cells, "metadata": metadata}))
    with running_kernel(tmp_path, JPY_SESSION_NAME="work/a.ipynb") as client:
        yield client


def content(client: BlockingKernelClient, message_id: str) -> dict[str, Any]:
    while (reply := client.get_shell_msg(timeout=60))["parent_header"]["msg_id"] != message_id:
        pass
    return dict(reply["content"])


def test_cells_run_and_complete_in_the_notebooks_language(client: BlockingKernelClient) -> None:
    assert content(client, client.kernel_info())["language_info"]["name"] == "sql"

    completed = content(client, client.complete("SELECT 1 UNI", 12))
    assert (completed["matches"], completed["cursor_start"], completed["cursor_end"]) == (["UNION"], 9, 12)

    assert content(client, client.execute("SELECT 1", stop_on_error=False))["ename"] == "NoCluster"
    assert content(client, client.execute("%python\nx = 1"))["status"] == "ok"
    assert content(client, client.execute("x = 1", stop_on_error=False))["status"] == "error"
    message = client.session.msg(
        "execute_request",
        {"code": "x + 1", "silent": False, "store_history": False},
        metadata={"cellId": "python-cell"},
    )
    client.shell_channel.send(message)
    assert content(client, message["header"]["msg_id"])["status"] == "ok"
