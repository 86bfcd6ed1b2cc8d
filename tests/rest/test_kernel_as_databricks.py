"""What a kernel provides to libraries for Databricks notebooks, and what it hides from outputs; without Spark."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from http_client import create
from live import Notebook, Server

VALUE = "hunter2 & <ada's>"


@pytest.fixture(scope="module")
def shared(whole_server: Server) -> Iterator[Notebook]:
    """A notebook with a `dbutils`, on a server with one secret."""
    call = whole_server.call
    call("POST", "api/2.0/secrets/scopes/create", {"scope": "jdbc"})
    call("POST", "api/2.0/secrets/put", {"scope": "jdbc", "key": "password", "string_value": VALUE})
    notebook = Notebook(whole_server, "as-databricks.ipynb", kernel="jupyter-dbx")
    notebook.run(
        "from types import SimpleNamespace\n"
        "from jupyter_dbx.kernel.dbutils.secrets import Secrets\n"
        "dbutils = SimpleNamespace(secrets=Secrets(get_ipython().kernel.spark_session.notebook))"
    ).ok()
    yield notebook
    notebook.close()
    call("POST", "api/2.0/secrets/scopes/delete", {"scope": "jdbc"})


@pytest.fixture
def notebook(shared: Notebook) -> Notebook:
    """The same, after it has read the secret."""
    shared.run("password = dbutils.secrets.get('jdbc', 'password')").ok()
    return shared


@pytest.mark.parametrize(
    "cell",
    [
        "print('it is', password, flush=True)",
        "import sys; print(password, file=sys.stderr)",
        "password",
        "{'of': [password]}",
        "from IPython.display import HTML, JSON\ndisplay(JSON({'p': password}))",
        "import html\nfrom IPython.display import HTML\ndisplay(HTML(html.escape(password)))",
        "display({'text/plain': 'x'}, raw=True, display_id='d').update({'text/plain': password}, raw=True)",
        '!echo "$password"',
        "!printf '%s' \"{password}\" >&2",
        '%%bash\necho "hunter2 & <ada\'s>"',
        "raise ValueError(f'cannot log in with {password}')",
        "assert not password, password",
        "print(dbutils.secrets.getBytes('jdbc', 'password'))",
    ],
)
def test_value_that_was_read_is_redacted_from_outputs(notebook: Notebook, cell: str) -> None:
    outcome = notebook.run(cell)

    shown = f"{outcome.text} {outcome.value} {outcome.displayed} {outcome.error} {outcome.traceback}"
    assert "[REDACTED]" in shown
    assert "hunter2" not in shown


def test_value_itself_is_unchanged(notebook: Notebook) -> None:
    assert notebook.value("password[::-1]") == VALUE[::-1]


def test_missing_secret_is_reported_in_one_sentence(notebook: Notebook) -> None:
    outcome = notebook.run("dbutils.secrets.get('jdbc', 'none')")

    assert outcome.error.startswith("RequestRefused: Secret does not exist with scope: jdbc and key: none")
    assert "File" not in outcome.traceback


def test_databricks_client_without_arguments_finds_this_server(notebook: Notebook, server: Server) -> None:
    notebook.run("from databricks.sdk import WorkspaceClient\nw = WorkspaceClient()").ok()

    assert notebook.value("w.config.host, w.config.auth_type") == (server.url.rstrip("/"), "pat")
    assert notebook.value("w.current_user.me().user_name") == "ada"
    assert notebook.value("[c.cluster_name for c in w.clusters.list()]") == []
    assert notebook.value("w.dbutils is dbutils") is True


def test_cli_in_a_cell_finds_the_kernels_server(notebook: Notebook, server: Server) -> None:
    create(server, cluster_name="etl-of-ada")

    output = notebook.run(
        "import sys, pathlib\n!{pathlib.Path(sys.executable).with_name('jupyter-dbx')} clusters list"
    ).ok()

    assert "etl-of-ada" in output.text


#: Code for a kernel that is started from a cell: attaches its notebook and prints the attachment.
CHILD = """
from jupyter_dbx.kernel.session.attachment import NotebookAttachment
choice = NotebookAttachment(get_ipython().kernel.spark_session.notebook)
choice.choose("etl-of-ada")
choice.cluster_id()
"""


def test_kernel_started_from_a_cell_is_authenticated(notebook: Notebook, server: Server) -> None:
    cluster_id = create(server, cluster_name="etl-of-ada")

    notebook.run(
        "import nbformat, nbclient\n"
        f"child = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell({CHILD!r})])\n"
        "await nbclient.NotebookClient(child, kernel_name='jupyter-dbx').async_execute()"
    ).ok()

    assert cluster_id in notebook.value("child.cells[0].outputs[0].data['text/plain']")


def test_names_of_the_notebook_are_those_of_the_runtime(notebook: Notebook) -> None:
    notebook.run("from databricks.sdk import runtime\nfrom pyspark.dbutils import DBUtils\nimport pyspark").ok()

    assert notebook.value("runtime.dbutils is dbutils, runtime.display is display, DBUtils() is dbutils") == (True,) * 3
    assert notebook.value("pyspark.dbutils.DBUtils(None) is dbutils, runtime.is_local_implementation") == (True, False)


def test_spark_of_the_runtime_without_a_cluster_explains_what_to_do(notebook: Notebook) -> None:
    outcome = notebook.run("from databricks.sdk.runtime import spark")

    assert outcome.error.startswith("NoCluster: No cluster is attached: `%cluster attach NAME`")


def test_context_of_the_runtime_is_the_notebooks(notebook: Notebook, server: Server) -> None:
    notebook.run("from dbruntime.databricks_repl_context import get_context\nc = get_context()").ok()

    url, path, cluster_id = notebook.value("c.apiUrl, c.notebookPath, c.clusterId")
    assert (url, cluster_id) == (server.url.rstrip("/"), "")
    assert path == os.fspath(server.workspace.root / "as-databricks.ipynb")
