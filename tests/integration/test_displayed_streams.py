"""`display()` of streams: it follows them beside the notebook's next cells, which end as usual."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
from live import Notebook, Outcome, Server, wait_until

pytestmark = pytest.mark.spark

TABLE_TYPE = "application/vnd.jupyter-dbx.table+json"

RATE = "spark.readStream.format('rate').option('rowsPerSecond', 50).load()"
NAMES = "[q.name for q in spark.streams.active]"

#: Waits until something is shown of the stream, which the page sees beside this cell.
PAUSE = "import time; time.sleep(4)"


@pytest.fixture(scope="module")
def notebook(server: Server, cluster_id: str) -> Iterator[Notebook]:
    """One notebook for all tests; its cells are independent."""
    notebook = Notebook(server, "streams.ipynb").attach(cluster_id)
    yield notebook
    notebook.close()


@pytest.fixture(autouse=True)
def _no_stream_is_left(notebook: Notebook) -> Iterator[None]:
    yield
    notebook.run("for q in spark.streams.active: q.stop()").ok()


def tables(outcome: Outcome) -> list[dict[str, Any]]:
    return [data[TABLE_TYPE] for data in outcome.displayed if TABLE_TYPE in data]


def states(outcome: Outcome) -> list[str]:
    return [table["stream"]["state"] for table in tables(outcome)]


def cells(content: dict[str, Any]) -> list[list[Any]]:
    packed = content.get("gzip")
    return list(json.loads(gzip.decompress(base64.b64decode(packed))) if packed else content["cells"])


def test_next_cells_run_while_the_table_is_updated(notebook: Notebook) -> None:
    shown = notebook.run(f"display({RATE}, streamName='ticks')").ok()
    during = notebook.run(f"{PAUSE}; {NAMES}").ok()
    after = notebook.run(f"for q in spark.streams.active: q.stop()\n{PAUSE}").ok()

    assert (states(shown), during.value) == (["running"], "['ticks']")
    last = tables(during)[-1]
    assert last["rows"] > 0 and last["stream"]["batch"] is not None and last["stream"]["name"] == "ticks"
    assert [column["name"] for column in last["columns"]] == ["timestamp", "value"]
    assert states(after)[-1] == "stopped"
    assert notebook.value(NAMES) == []


def test_all_cells_run_without_a_page(notebook: Notebook) -> None:
    """As papermill, `jupyter execute` and `dbutils.notebook.run` run a notebook."""
    sources = [
        "%cluster attach shared",
        f"display({RATE}, streamName='ticks')",
        f"{PAUSE}; print({NAMES})",
        "for q in spark.streams.active: q.stop()",
    ]
    outcome = notebook.run(
        "import nbformat, nbclient\n"
        f"sources = {sources!r}\n"
        "child = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])\n"
        "await nbclient.NotebookClient(child, kernel_name='jupyter-dbx', timeout=60).async_execute()\n"
        f"(child.cells[1].outputs[0]['data'][{TABLE_TYPE!r}]['rows'] > 0, child.cells[2].outputs[0]['text'])",
        timeout_s=120,
    ).ok()

    assert outcome.value == "(True, \"['ticks']\\n\")"


def test_interrupt_stops_what_is_displayed(notebook: Notebook) -> None:
    notebook.run(f"display({RATE})").ok()
    outcome = Outcome()
    cell = notebook.begin("import time; time.sleep(60)")
    notebook.collect(cell, outcome, until=lambda: "running" in states(outcome))

    notebook.interrupt()
    notebook.collect(cell, outcome, until=lambda: outcome.ended)

    assert outcome.error.startswith("KeyboardInterrupt")
    wait_until(lambda: notebook.value(NAMES) == [], 20)


def test_stream_is_stopped_from_its_output(notebook: Notebook) -> None:
    (table,) = tables(notebook.run(f"display({RATE})").ok())

    outcome = notebook.run(
        f"from jupyter_dbx.kernel.display.streams import STREAMS\nSTREAMS.stop({table['table']!r})\n{PAUSE}"
    ).ok()

    assert states(outcome)[-1] == "stopped"
    assert notebook.value(NAMES) == []


def test_name_that_is_displayed_again_replaces_its_stream(notebook: Notebook) -> None:
    notebook.run(f"display({RATE}, streamName='again')").ok()
    notebook.run(f"display({RATE}, streamName='again')").ok()

    assert notebook.value(NAMES) == ["again"]


def test_sql_shows_a_streaming_view(notebook: Notebook) -> None:
    notebook.run(f"{RATE}.createOrReplaceTempView('ticking')").ok()

    shown = notebook.run("%sql SELECT value FROM ticking").ok()

    assert states(shown) == ["running"]
    assert tables(notebook.run(PAUSE).ok())[-1]["rows"] > 0


def test_failure_is_part_of_the_output(notebook: Notebook) -> None:
    notebook.run(f"display({RATE}.selectExpr('raise_error(\"boom\")'))").ok()

    last = tables(notebook.run(f"{PAUSE}; time.sleep(2)").ok())[-1]

    assert last["stream"]["state"] == "failed"
    assert "boom" in last["stream"]["problem"]


def test_stream_ends_with_the_session(notebook: Notebook) -> None:
    notebook.run(f"display({RATE})").ok()

    outcome = notebook.run(f"spark.stop()\n{PAUSE}").ok()

    assert states(outcome)[-1] == "stopped"
    assert notebook.value(NAMES) == []


def test_aggregated_stream_shows_its_current_state_and_ends_by_itself(notebook: Notebook, tmp_path: Any) -> None:
    notebook.run("spark.conf.set('spark.sql.shuffle.partitions', '2')").ok()
    notebook.run(f"spark.range(100).selectExpr('id % 3 AS k').write.json('{tmp_path}/in')").ok()

    outcome = notebook.run(
        f"stream = spark.readStream.schema('k bigint').json('{tmp_path}/in').groupBy('k').count()\n"
        "display(stream, trigger={'availableNow': True})"
    )

    content = tables(outcome)[-1]
    assert content["stream"]["state"] == "ended"
    assert sorted(zip(*cells(content), strict=True)) == [(0, 34), (1, 33), (2, 33)]
