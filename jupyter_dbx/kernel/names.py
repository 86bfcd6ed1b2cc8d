"""Which statements of a cell need Spark: puts the binding call before the first that loads `spark`, `sc` or `sqlContext`."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

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
            try:
                wanted = names_loaded([statement], assigned)
            except RecursionError:  # e.g. hundreds of `elif`; IPython would drop this hook for good
                wanted = _mentioned(statement)
            if wanted:
                body.append(_binding_call(sorted(wanted), statement))
            body.append(statement)
        module.body = body
        return module


def names_loaded(block: Sequence[ast.stmt], assigned: set[str]) -> set[str]:
    """Return which of NAMES some statements load from the notebook's namespace before they assign them.

    Parameters
    ----------
    assigned : what is assigned already; what the statements assign in any case, not only in some, is added
    """
    loads: set[str] = set()

    def look(node: ast.AST) -> None:
        node_loads, node_assigns = _names_of(node)
        loads.update(node_loads - assigned)
        assigned.update(node_assigns)

    def enter(*nodes: ast.stmt, given: AbstractSet[str] = frozenset()) -> None:
        """Look into a branch, which may be skipped: what it assigns may be missing after it."""
        loads.update(names_loaded(nodes, assigned | given))

    for statement in block:
        match statement:
            case ast.With() | ast.AsyncWith():
                for item in statement.items:
                    look(item.context_expr)
                    assigned |= _targets(item.optional_vars)
                loads |= names_loaded(statement.body, assigned)
            case ast.For() | ast.AsyncFor():
                look(statement.iter)
                enter(*statement.body, given=_targets(statement.target))
                enter(*statement.orelse)
            case ast.If() | ast.While():
                look(statement.test)
                enter(*statement.body)
                enter(*statement.orelse)
            case ast.Try() | ast.TryStar():
                enter(*statement.body, *statement.orelse)
                for handler in statement.handlers:
                    enter(*handler.body, given={handler.name or ""})
                enter(*statement.finalbody)
            case ast.Match():
                look(statement.subject)
                for case in statement.cases:
                    enter(ast.Expr(case.guard or ast.Constant(None)), *case.body, given=_captures(case.pattern))
            case ast.ClassDef():
                # A class's body sees what it assigned itself, but its functions do not.
                loads |= names_loaded(statement.body, set()) - assigned
                look(statement)
            case ast.AnnAssign(value=None):
                look(statement.annotation)  # tells the type of a variable and gives it no value
            case _:
                look(statement)
    return loads


def _names_of(node: ast.AST) -> tuple[set[str], set[str]]:
    """Return which of NAMES a piece of a cell loads from the notebook's namespace, and which it assigns there.

    Scopes are Python's own (`symtable`): a parameter or a local variable called `spark` is none of ours.
    """
    if isinstance(node, ast.Import | ast.ImportFrom):
        return set(), {(a.asname or a.name).partition(".")[0] for a in node.names} & NAMES
    mentioned = _mentioned(node)
    if not mentioned:
        return set(), {getattr(node, "name", "")} & NAMES  # of a function or a class
    try:
        source = ast.unparse(node)
        if any(isinstance(n, ast.ListComp | ast.SetComp | ast.DictComp) for n in ast.walk(node)):
            source = ast.unparse(_Generators().visit(ast.parse(source)))
        table = symtable.symtable(source, "<cell>", "exec")
    except (SyntaxError, ValueError, RecursionError):
        return mentioned, set()  # something that only IPython compiles, or too deep for Python's own tools
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


def _targets(target: ast.expr | None) -> set[str]:
    return _mentioned(target) if target is not None else set()


def _captures(pattern: ast.pattern) -> set[str]:
    return {str(getattr(n, "name", "") or getattr(n, "rest", "")) for n in ast.walk(pattern)} & NAMES


class _Generators(ast.NodeTransformer):
    """Makes generators of comprehensions: from Python 3.12 on, `symtable` takes a comprehension's variables for its scope's."""

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
