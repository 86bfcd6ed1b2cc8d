"""Which statements of a cell need Spark: puts the binding call before the first that loads `spark`, `sc` or `sqlContext`."""

from __future__ import annotations

import ast
import symtable

#: What binding puts into the notebook's namespace.
NAMES = frozenset({"spark", "sc", "sqlContext"})

#: The builtin that a cell calls before a statement which loads one of NAMES; its arguments are those names.
BIND_CALL = "__dbx_bind__"


class BindingTransformer(ast.NodeTransformer):
    """IPython's hook into a cell's syntax tree.

    The call is inserted where a name is loaded that no earlier statement of the cell assigns. Whether the namespace has the
    name is asked when the call runs, since an earlier statement (a magic, `exec`) may have put it there.
    """

    def visit_Module(self, module: ast.Module) -> ast.Module:
        """Return the cell with its binding calls."""
        assigned: set[str] = set()
        body: list[ast.stmt] = []
        for statement in module.body:
            loads, assigns = names_used(statement)
            wanted = sorted(loads - assigned)
            if wanted:
                body.append(_binding_call(wanted, statement))
            assigned |= assigns
            body.append(statement)
        module.body = body
        return module


def names_used(statement: ast.stmt) -> tuple[set[str], set[str]]:
    """Return which of NAMES a top-level statement loads from the notebook's namespace, and which it assigns.

    Scopes are Python's own (`symtable`): a parameter or a local variable called `spark` is none of ours.
    """
    try:
        table = symtable.symtable(ast.unparse(statement), "<cell>", "exec")
    except (
        SyntaxError,
        ValueError,
    ):  # e.g. a top-level await that unparses into something only IPython compiles
        names = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name)}
        return names & NAMES, set()
    loads, assigns = _scope(table)
    # `with open_session() as spark: spark.range(3)` assigns before it loads; `sc = sc.x` loads before it assigns.
    if isinstance(statement, ast.With | ast.AsyncWith | ast.For | ast.AsyncFor | ast.Try | ast.ClassDef):
        loads -= assigns
    return loads, assigns


def _scope(table: symtable.SymbolTable) -> tuple[set[str], set[str]]:
    loads, assigns = set(), set()
    for symbol in table.get_symbols():
        name = symbol.get_name()
        if name not in NAMES or not (table.get_type() == "module" or symbol.is_global()):
            continue
        if symbol.is_referenced():
            loads.add(name)
        if symbol.is_assigned() or symbol.is_imported():
            assigns.add(name)
    for child in table.get_children():
        child_loads, child_assigns = _scope(child)
        loads |= child_loads
        assigns |= child_assigns
    return loads, assigns


def _binding_call(names: list[str], before: ast.stmt) -> ast.stmt:
    arguments: list[ast.expr] = [ast.Constant(name) for name in names]
    call = ast.Expr(ast.Call(ast.Name(BIND_CALL, ast.Load()), arguments, []))
    return ast.fix_missing_locations(ast.copy_location(call, before))
