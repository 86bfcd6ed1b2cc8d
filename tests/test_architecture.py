"""The dependency rule: who may import whom, of ours and of others; no cycles; no long files."""

from __future__ import annotations

import ast
import graphlib
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "jupyter_dbx"

#: No file of ours, and no function of the package, is longer, lines.
LONGEST_FILE, LONGEST_FUNCTION = 400, 60


@dataclass(frozen=True)
class Rule:
    """What one room may import; its own modules and the standard library are always allowed."""

    #: our rooms or modules, by their names below `jupyter_dbx`
    ours: frozenset[str] = frozenset()
    #: top-level packages of others
    others: frozenset[str] = frozenset()


def may(ours: str = "", others: str = "") -> Rule:
    return Rule(frozenset(ours.split()), frozenset(others.split()))


#: Room → what it may import; the longest name that fits a module is its room. A library brings its own foundations along:
#: jupyter_server those of an application (traitlets, jupyter_core), ipykernel IPython's, pyspark py4j and pandas.
RULES = {
    "": may(ours="app kernel.widgets kernel.magics.sql_owner"),
    "model": may(others="msgspec"),
    "store": may(ours="model", others="sqlalchemy alembic"),
    "spark": may(ours="model", others="tornado"),
    "driver": may(ours="model spark", others="psutil py4j tornado"),
    "worker": may(ours="model.protocol", others="pyspark"),
    "backends": may(ours="model", others="traitlets psutil"),
    "managers": may(ours="model store backends.base", others="cryptography"),
    "controllers": may(ours="model store spark backends.base", others="traitlets"),
    "rest": may(ours="rest.framework rest.databricks rest.dbx"),
    "rest.framework": may(
        ours="model managers", others="jupyter_core jupyter_server jupyterhub msgspec tornado traitlets"
    ),
    "rest.databricks": may(ours="rest.framework model", others="msgspec"),
    "rest.dbx": may(
        ours="rest.framework rest.databricks model managers", others="jupyter_server jupyter_events msgspec tornado"
    ),
    "rest.door": may(ours="rest.framework rest.dbx model managers", others="jupyter_core jupyter_server tornado"),
    "client": may(ours="model", others="jupyter_core"),
    "runner": may(ours="model", others="nbclient nbformat"),
    "kernel": may(
        ours="kernel.session kernel.pyspark kernel.display kernel.widgets kernel.workspace client model",
        others="ipykernel IPython comm pyspark traitlets wrapt",
    ),
    "kernel.session": may(
        ours="kernel.pyspark kernel.workspace kernel.errors kernel.arguments kernel.redaction client model",
        others="jupyter_core tornado",
    ),
    "kernel.pyspark": may(
        ours="kernel.display kernel.languages.sql kernel.workspace kernel.errors kernel.session.cells kernel.session.seat model",
        others="pyspark py4j IPython wrapt",
    ),
    "kernel.languages": may(ours="kernel.display kernel.errors", others="pyspark py4j"),
    "kernel.workspace": may(ours="kernel.languages.shell kernel.errors", others="IPython ipykernel"),
    "kernel.display": may(ours="kernel.errors client.dialect model", others="IPython pyarrow pyspark py4j"),
    "kernel.dbutils": may(
        ours="kernel.display kernel.pyspark kernel.session kernel.workspace kernel.errors kernel.arguments runner client model",
        others="IPython py4j",
    ),
    "kernel.widgets": may(ours="kernel.session kernel.arguments client model", others="ipywidgets IPython traitlets"),
    "kernel.magics": may(
        ours="kernel.argument_display kernel.arguments kernel.errors kernel.dbutils kernel.display kernel.languages "
        "kernel.pyspark kernel.session kernel.widgets kernel.workspace runner client model",
        others="IPython pyspark py4j",
    ),
    "provisioner": may(ours="model managers", others="jupyter_client zmq"),
    "cli": may(
        ours="model spark client runner",
        others="argcomplete psutil nbformat jupyter_core jupyter_server packaging pandas traitlets",
    ),
    "app": may(
        ours="model store spark backends managers controllers rest",
        others="jupyter_server jupyter_core traitlets",
    ),
}

#: A library that only these modules of a room may import.
ONLY_IN = {
    ("spark", "tornado"): "jupyter_dbx.spark.probe",
    ("managers", "cryptography"): "jupyter_dbx.managers.sealing",
    ("rest.framework", "jupyterhub"): "jupyter_dbx.rest.framework.hub",
    ("cli", "jupyter_server"): "jupyter_dbx.cli.control_plane",
    ("backends", "psutil"): "jupyter_dbx.backends.machine",
}


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def imports_of(module: str) -> set[str]:
    """Return all modules that a module imports, also inside functions and for types only; ours by their whole names."""
    path = FILES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    imported = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join(filter(None, [*above, node.module]))
            imported |= {inner if (inner := f"{base}.{alias.name}") in FILES else base for alias in node.names}
    return imported


def room_of(module: str) -> str:
    """Return the longest name of a room that fits; a module of none is in the room of its first name."""
    names = module.split(".")[1:]
    rooms = (".".join(names[:length]) for length in range(len(names), 0, -1))
    return next((room for room in rooms if room in RULES), names[0] if names else "")


def is_allowed(module: str, imported: str) -> bool:
    """Return whether the rule of `module`'s room lets it import `imported`."""
    room, top = room_of(module), imported.partition(".")[0]
    rule = RULES[room]
    if top != "jupyter_dbx":
        only_in = ONLY_IN.get((room, top), module)
        return top in sys.stdlib_module_names or (top in rule.others and module == only_in)
    inner = imported.partition(".")[2]
    same_room = room != "" and room_of(imported) == room
    # `from jupyter_dbx import __version__` is everybody's.
    return inner == "" or same_room or any(inner == o or inner.startswith(f"{o}.") for o in rule.ours)


@pytest.mark.parametrize("module", FILES)
def test_module_imports_only_what_its_room_may(module: str) -> None:
    assert room_of(module) in RULES, f"{module} is in no room of the table"

    forbidden = {imported for imported in imports_of(module) if not is_allowed(module, imported)}

    assert not forbidden


@pytest.mark.parametrize(
    ("module", "imported", "allowed"),
    [
        ("jupyter_dbx.model.node", "dataclasses", True),
        ("jupyter_dbx.model.node", "jupyter_dbx.model.wire", True),
        ("jupyter_dbx.model.node", "psutil", False),
        ("jupyter_dbx.model.node", "jupyter_dbx.store", False),
        ("jupyter_dbx.store", "sqlalchemy.engine", True),
        ("jupyter_dbx.managers.clusters", "jupyter_dbx.backends.base", True),
        ("jupyter_dbx.managers.clusters", "jupyter_dbx.backends.local", False),
        ("jupyter_dbx.managers.clusters", "jupyter_dbx.controllers.base", False),
        ("jupyter_dbx.controllers.plan", "jupyter_dbx.backends.memory", False),
        ("jupyter_dbx.spark.probe", "tornado.httpclient", True),
        ("jupyter_dbx.spark.java", "tornado.httpclient", False),
        ("jupyter_dbx.spark.java", "pyspark", False),
        ("jupyter_dbx.driver.context", "py4j.protocol", True),
        ("jupyter_dbx.driver.context", "pyspark", False),
        ("jupyter_dbx.kernel.session.session", "jupyter_dbx.managers.clusters", False),
        ("jupyter_dbx.kernel.session.session", "jupyter_dbx.kernel.pyspark.gateway", True),
        ("jupyter_dbx.kernel.pyspark.gateway", "jupyter_dbx.kernel.session.seat", True),
        ("jupyter_dbx.kernel.pyspark.hooks", "jupyter_dbx.kernel.session.session", False),
        ("jupyter_dbx.kernel.display.source", "jupyter_dbx.kernel.dbutils.fs", False),
        ("jupyter_dbx.rest.databricks.clusters", "jupyter_dbx.rest.framework.endpoint", True),
        ("jupyter_dbx.rest.databricks.clusters", "jupyter_dbx.rest.dbx.clusters", False),
        ("jupyter_dbx.rest.framework.endpoint", "jupyter_dbx.rest.databricks.clusters", False),
        ("jupyter_dbx.client.client", "jupyter_dbx.kernel.session.notebook", False),
        ("jupyter_dbx.runner.source", "jupyter_dbx.kernel.workspace.folders", False),
        ("jupyter_dbx.cli", "jupyter_dbx.client.client", True),
        ("jupyter_dbx.cli", "jupyter_dbx.kernel.session.session", False),
        ("jupyter_dbx.app", "jupyter_dbx.backends.local", True),
        ("jupyter_dbx.app", "jupyter_dbx.driver.daemon", False),
    ],
)
def test_rule_reads_as_the_table(module: str, imported: str, allowed: bool) -> None:
    assert is_allowed(module, imported) is allowed


@pytest.mark.parametrize("room", RULES)
def test_rule_permits_nothing_that_the_room_does_not_use(room: str) -> None:
    imported = {i.removeprefix("jupyter_dbx.") for m in FILES if room_of(m) == room for i in imports_of(m)}

    permitted = RULES[room].ours | RULES[room].others
    unused = {p for p in permitted if not any(i == p or i.startswith(f"{p}.") for i in imported)}

    assert not unused


def test_imports_form_no_cycle() -> None:
    # The root's one import is Jupyter's discovery hook, which nobody calls while importing.
    modules = FILES.keys() - {"jupyter_dbx"}
    graph = {m: imports_of(m) & modules for m in modules}

    order = list(graphlib.TopologicalSorter(graph).static_order())  # raises CycleError, which names the cycle

    assert set(order) == set(graph)


def test_managers_use_only_the_read_verbs_of_a_backend() -> None:
    used = {
        node.attr
        for module, path in FILES.items()
        if room_of(module) == "managers"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value).endswith("_backend")
    }

    assert used <= {"node_types", "place", "list_logs", "read_log", "inspect"}


@pytest.mark.parametrize("room", sorted({path.parent for path in FILES.values()}), ids=lambda p: p.name)
def test_room_tells_what_it_is(room: Path) -> None:
    page = room / "__init__.py"

    assert page.exists()
    assert ast.get_docstring(ast.parse(page.read_text()))


@pytest.mark.parametrize("module", FILES)
def test_module_says_what_it_is_for(module: str) -> None:
    assert ast.get_docstring(ast.parse(FILES[module].read_text()))


def test_no_file_is_too_long() -> None:
    files = [*FILES.values(), *(ROOT / "tests").rglob("*.py")]
    lines = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in files}

    too_long = {name: count for name, count in lines.items() if count > LONGEST_FILE}

    assert not too_long


@pytest.mark.parametrize("module", FILES)
def test_no_function_is_too_long(module: str) -> None:
    functions = [
        node
        for node in ast.walk(ast.parse(FILES[module].read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]

    too_long = {f.name: n for f in functions if (n := (f.end_lineno or 0) - f.lineno + 1) > LONGEST_FUNCTION}

    assert not too_long
