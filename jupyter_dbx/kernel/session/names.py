"""Which statements of a cell need Spark: inserts the binding call before the first that loads `spark`, `sc` or `sqlContext`."""

from __future__ import annotations

import ast
import re
import symtable
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

#: Names that binding sets in the notebook's namespace.
NAMES = frozenset({"spark", "sc", "sqlContext"})

#: The builtin that a cell calls before a statement that loads some of NAMES; its arguments are those names.
BIND_CALL = "__dbx_bind__"

#: Magics that run the statement on their line without IPython's transformers.
PROFILERS = frozenset({"lprun", "memit", "mprun", "prun"})


class BindingTransformer(ast.NodeTransformer):
    """IPython's hook into a cell's syntax tree.

    The call is inserted where a name is loaded that no earlier statement of the cell assigns. The call itself checks whether the
    namespace has the name, because an earlier statement (a magic, `exec`) may have set it.
    """

    def visit_Module(self, module: ast.Module) -> ast.Module:
        """Return the cell with binding calls inserted."""
        assigned: set[str] = set()
        body: list[ast.stmt] = []
        for statement in module.body:
            try:
                loaded = names_loaded([statement], assigned)
            except RecursionError:  # e.g. hundreds of `elif`; IPython would remove this hook permanently
                loaded = _mentioned(statement)
            if loaded:
                body.append(_binding_call(sorted(loaded), statement))
            body.append(statement)
        module.body = body
        return module


def names_loaded(block: Sequence[ast.stmt], assigned: set[str]) -> set[str]:
    """Return which of NAMES some statements load from the notebook's namespace before they assign them.

    Parameters
    ----------
    assigned : names that are assigned already; those that the statements assign unconditionally are added
    """
    loads: set[str] = set()

    def scan(node: ast.AST) -> None:
        node_loads, node_assigns = _names_of(node)
        loads.update(node_loads - assigned)
        assigned.update(node_assigns)

    def enter(*nodes: ast.stmt, bound: AbstractSet[str] = frozenset()) -> None:
        """Scan a branch, which may be skipped: names that it assigns may be missing after it."""
        loads.update(names_loaded(nodes, assigned | bound))

    for statement in block:
        match statement:
            case ast.With() | ast.AsyncWith():
                for item in statement.items:
                    scan(item.context_expr)
                    assigned |= _targets(item.optional_vars)
                loads |= names_loaded(statement.body, assigned)
            case ast.For() | ast.AsyncFor():
                scan(statement.iter)
                enter(*statement.body, bound=_targets(statement.target))
                enter(*statement.orelse)
            case ast.If() | ast.While():
                scan(statement.test)
                enter(*statement.body)
                enter(*statement.orelse)
            case ast.Try() | ast.TryStar():
                enter(*statement.body, *statement.orelse)
                for handler in statement.handlers:
                    enter(*handler.body, bound={handler.name or ""})
                enter(*statement.finalbody)
            case ast.Match():
                scan(statement.subject)
                for case in statement.cases:
                    enter(ast.Expr(case.guard or ast.Constant(None)), *case.body, bound=_captures(case.pattern))
            case ast.ClassDef():
                # The body of a class sees its own assignments, but its functions do not.
                loads |= names_loaded(statement.body, set()) - assigned
                scan(statement)
            case ast.AnnAssign(value=None):
                scan(statement.annotation)  # declares a type and assigns nothing
            case _:
                scan(statement)
    return loads


def _names_of(node: ast.AST) -> tuple[set[str], set[str]]:
    """Return which of NAMES a node loads from the notebook's namespace, and which it assigns there.

    Scopes are Python's own (`symtable`): a parameter or a local variable named `spark` does not count.
    """
    if isinstance(node, ast.Import | ast.ImportFrom):
        return set(), {(a.asname or a.name).partition(".")[0] for a in node.names} & NAMES
    loads, assigns = _scoped_names_of(node)
    return loads | _quoted(node), assigns


def _scoped_names_of(node: ast.AST) -> tuple[set[str], set[str]]:
    mentioned = _mentioned(node)
    if not mentioned:
        return set(), {getattr(node, "name", "")} & NAMES  # of a function or a class
    try:
        source = ast.unparse(node)
        if any(isinstance(n, ast.ListComp | ast.SetComp | ast.DictComp) for n in ast.walk(node)):
            source = ast.unparse(_Generators().visit(ast.parse(source)))
        table = symtable.symtable(source, "<cell>", "exec")
    except (SyntaxError, ValueError, RecursionError):
        return mentioned, set()  # only IPython can compile it, or it is too deep for `symtable`
    return _loads_of(table), {s.get_name() for s in table.get_symbols() if s.is_assigned()} & NAMES


def _loads_of(table: symtable.SymbolTable) -> set[str]:
    loads = {
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_referenced() and (table.get_type() == "module" or symbol.is_global())
    }
    return (loads & NAMES).union(*map(_loads_of, table.get_children()))


def _mentioned(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} & NAMES


def _quoted(node: ast.AST) -> set[str]:
    """Return which of NAMES a node looks up by text: `globals()["spark"]`, `eval("spark.range(3)")`, `%prun spark.sql(q)`."""
    found: set[str] = set()
    for child in ast.walk(node):
        match child:
            case ast.Subscript(
                value=ast.Call(func=ast.Name("globals" | "locals" | "vars")) | ast.Attribute(attr="user_ns"),
                slice=ast.Constant(str(key)),
            ):
                found.add(key)
            case ast.Call(func=ast.Name("eval" | "exec"), args=[ast.Constant(str(code)), *_]):
                found |= _loaded_by(code)
            case ast.Call(
                func=ast.Attribute(attr="run_line_magic"), args=[ast.Constant(str(magic)), ast.Constant(str(code)), *_]
            ) if magic in PROFILERS:
                found.update(re.findall(r"\w+", code))
    return found & NAMES


def _loaded_by(code: str) -> set[str]:
    try:
        return names_loaded(ast.parse(code.strip()).body, set())
    except (SyntaxError, ValueError, RecursionError):
        return set()


def _targets(target: ast.expr | None) -> set[str]:
    return _mentioned(target) if target is not None else set()


def _captures(pattern: ast.pattern) -> set[str]:
    return {str(getattr(n, "name", "") or getattr(n, "rest", "")) for n in ast.walk(pattern)} & NAMES


class _Generators(ast.NodeTransformer):
    """Turns comprehensions into generators: since Python 3.12, `symtable` merges a comprehension's variables into its scope."""

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp) -> ast.AST:
        self.generic_visit(node)
        return ast.GeneratorExp(node.elt, node.generators)

    visit_SetComp = visit_ListComp

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        self.generic_visit(node)
        return ast.GeneratorExp(ast.Tuple([node.key, node.value], ast.Load()), node.generators)


def _binding_call(names: list[str], before: ast.stmt) -> ast.stmt:
    arguments: list[ast.expr] = [ast.Constant(name) for name in names]
    call = ast.Expr(ast.Call(ast.Name(BIND_CALL, ast.Load()), arguments, []))
    return ast.fix_missing_locations(ast.copy_location(call, before))
