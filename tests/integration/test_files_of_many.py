"""Files that Python, shell scripts and Spark write in turn: no checksums come between them."""

from __future__ import annotations

import pytest
from live import Notebook

FOLDERS = ["/Volumes/main/default/v", "/dbfs/tmp", "/tmp-of-notebook"]


@pytest.fixture
def folder(notebook: Notebook, request: pytest.FixtureRequest) -> str:
    """A folder as Python knows it, also under Spark's name for it."""
    name = request.param if request.param != "/tmp-of-notebook" else "own"
    notebook.run(f"import glob, os; os.makedirs({name!r}, exist_ok=True)\nspark.range(1).count()").ok()
    return str(name)


@pytest.mark.parametrize("folder", FOLDERS, indirect=True)
@pytest.mark.parametrize(
    "change",
    [
        "open('{file}', 'a').write('2\\n')",
        "import pandas as pd; pd.DataFrame({{'a': [1, 2]}}).to_csv('{file}', index=False)",
        "get_ipython().run_cell_magic('sh', '', \"sed -i '$ a 2' {file}\")",
    ],
)
def test_file_written_by_spark_can_be_changed_by_others(notebook: Notebook, folder: str, change: str) -> None:
    spark_folder = folder.replace("/dbfs/", "dbfs:/")
    notebook.run(
        f"spark.createDataFrame([(1,)], ['a']).coalesce(1).write.mode('overwrite').csv('{spark_folder}/out', header=True)"
    ).ok()
    file = notebook.value(f"glob.glob('{folder}/out/part*.csv')[0]")

    notebook.run(change.format(file=file)).ok()

    assert notebook.value(f"spark.read.csv('{spark_folder}/out', header=True).count()") == 2
    assert notebook.value(f"[f for _, _, files in os.walk('{folder}') for f in files if f.endswith('.crc')]") == []


@pytest.mark.parametrize("folder", FOLDERS, indirect=True)
def test_file_put_by_dbutils_can_be_changed_by_python(notebook: Notebook, folder: str) -> None:
    path = f"{folder}/log.csv" if folder.startswith("/") else f"file:{notebook.value('os.getcwd()')}/{folder}/log.csv"
    notebook.run(f"dbutils.fs.put('{path.replace('/dbfs/', 'dbfs:/')}', 'a\\n1\\n', True)").ok()

    notebook.run(f"open('{folder}/log.csv', 'a').write('2\\n')").ok()

    assert notebook.value(f"spark.read.csv('{path.replace('/dbfs/', 'dbfs:/')}', header=True).count()") == 2
