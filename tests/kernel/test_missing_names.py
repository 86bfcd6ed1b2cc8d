"""What a cell learns about a missing `spark`."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from jupyter_client import BlockingKernelClient
from serverless_kernel import running_kernel

HINT = "No cluster is attached"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BlockingKernelClient]:
    """A kernel without a server."""
    with running_kernel(tmp_path_factory.mktemp("notebook")) as client:
        yield client


@pytest.mark.parametrize(
    ("cell", "has_hint"),
    [
        ("key = 'spark'\nglobals()[key]", True),
        ("key = 'sc'\nget_ipython().user_ns[key]", True),
        ("exec('s' + 'park.range(1)', {})", True),
        ("prices = {}\nprices['sc']", False),
        ("key = 'sc'\n{}[key]", False),
        ("{}[('spark',)]", False),
        ("{}[None]", False),
        ("prises", False),
    ],
)
def test_hint_follows_only_a_look_up_among_the_notebooks_variables(
    client: BlockingKernelClient, cell: str, has_hint: bool
) -> None:
    # An older ipykernel aborts what follows an error immediately.
    reply = client.execute_interactive(cell, timeout=60, output_hook=lambda message: None, stop_on_error=False)

    assert any(HINT in line for line in reply["content"]["traceback"]) is has_hint


@pytest.mark.parametrize(
    "cell", ["spark.range(3)", "def f():\n    return sc\n\nf()", "%sql SELECT 1", "x = %sql SELECT 1"]
)
def test_missing_cluster_is_told_in_one_line(client: BlockingKernelClient, cell: str) -> None:
    reply = client.execute_interactive(cell, timeout=60, output_hook=lambda message: None, stop_on_error=False)

    (line,) = reply["content"]["traceback"]
    assert re.match(r"NoCluster: The Jupyter server at .* is not responding", re.sub(r"\x1b\[[\d;]*m", "", line))
