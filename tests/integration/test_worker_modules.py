"""What runs on workers is what the notebook has: its module path, its folder, and the current text of its modules."""

from __future__ import annotations

import pytest
from live import Notebook

RUNS = {
    "udf": "spark.range(1).select(udf(lambda _: {expression}, 'string')('id')).first()[0]",
    "pandas": "spark.range(1).groupBy('id').applyInPandas(lambda d: d.assign(r=str({expression}))[['r']], 'r string').first()[0]",
    "arrow": "next(spark.range(1).mapInPandas(lambda i: (d.assign(r=str({expression}))[['r']] for d in i), 'r string')"
    ".toLocalIterator())[0]",
    "rdd": "str(sc.parallelize([0], 1).map(lambda _: {expression}).first())",
}


def write(notebook: Notebook, name: str, text: str) -> None:
    path = (notebook.server.workspace.root / notebook.path).parent / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def project(open_notebook: object, cluster_id: str, request: pytest.FixtureRequest) -> Notebook:
    """A notebook in a folder of a project of its own."""
    folder = f"project-{request.node.callspec.id if hasattr(request.node, 'callspec') else request.node.name}"
    notebook: Notebook = open_notebook(f"{folder}/notebooks/n.ipynb").attach(cluster_id)  # type: ignore[operator]
    notebook.run("import os, sys\nfrom pyspark.sql.functions import udf").ok()
    return notebook


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_workers_have_the_notebooks_module_path(project: Notebook, run: str) -> None:
    write(project, "../helper/h.py", "def rev(s): return s[::-1]\n")
    project.run("spark.range(1).count()\nsys.path.append(os.path.abspath('..'))\nfrom helper.h import rev").ok()

    assert project.value(run.format(expression="rev('ab')")) == "ba"


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_workers_have_the_current_text_of_a_module(project: Notebook, run: str) -> None:
    write(project, "rates.py", "def f(): return 0\n")
    project.run("import rates").ok()
    found = [project.value(run.format(expression="rates.f()"))]
    for value in (1, 2):  # equally long, and maybe within one second
        write(project, "rates.py", f"def f(): return {value}\n")
        found.append(project.value(run.format(expression="rates.f()")))

    assert found == ["0", "1", "2"]


def test_a_module_that_imports_the_edited_one_is_loaded_again(project: Notebook) -> None:
    write(project, "base.py", "V = 1\n")
    write(project, "upper.py", "from base import V\n")
    run = RUNS["udf"].format(expression="__import__('upper').V")
    assert project.value(run) == "1"

    write(project, "base.py", "V = 2\n")

    assert project.value(run) == "2"


def test_autoreload_and_restart_of_python_agree_with_workers(project: Notebook) -> None:
    run = "(rates.f(1), spark.range(1, 2).select(udf(lambda i: rates.f(i), 'long')('id')).first()[0])"
    project.run("%%writefile rates.py\ndef f(x): return x").ok()
    project.run("%load_ext autoreload\n%autoreload 2\nimport rates").ok()
    assert project.value(run) == (1, 1)

    project.run("%%writefile rates.py\ndef f(x): return x + 100").ok()
    assert project.value(run) == (101, 101)

    project.run("dbutils.library.restartPython()").ok()
    project.run("import rates\nfrom pyspark.sql.functions import udf").ok()
    assert project.value(run) == (101, 101)


def test_modules_at_the_root_of_the_git_work_tree_are_found(open_notebook: object, cluster_id: str) -> None:
    notebook: Notebook = open_notebook("repo/deep/er/n.ipynb")  # type: ignore[operator]
    root = notebook.server.workspace.root / "repo"
    (root / ".git").mkdir()
    (root / "at_root.py").write_text("V = 7\n")
    notebook.close()
    notebook = open_notebook("repo/deep/er/n.ipynb").attach(cluster_id)  # type: ignore[operator]

    assert notebook.value("import at_root; (at_root.V, sc.parallelize([0], 1).map(lambda _: at_root.V).first())") == (
        7,
        7,
    )
