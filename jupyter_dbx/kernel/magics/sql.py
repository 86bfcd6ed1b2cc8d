"""`%sql` and `%%sql`: statements on the notebook's session; the last one's result is shown and kept as `_sqldf`."""

from __future__ import annotations

from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand

from jupyter_dbx.kernel.arguments import Arguments, WidgetError
from jupyter_dbx.kernel.display import display
from jupyter_dbx.kernel.statements import (
    CreateWidget,
    RemoveWidget,
    Statement,
    can_be_bound,
    inserted_in,
    is_single,
    located,
    parameters_in,
    widget_statement,
    with_widgets,
)


@magics_class
class SqlMagics(Magics):  # type: ignore[misc]  # IPython is not followed by mypy here
    """SQL in notebooks."""

    def __init__(self, shell: Any, arguments: Arguments) -> None:
        super().__init__(shell)
        self._arguments = arguments

    @no_var_expand  # type: ignore[untyped-decorator]
    @line_cell_magic  # type: ignore[untyped-decorator]
    def sql(self, line: str, cell: str | None = None) -> None:
        """Run SQL: `%sql SELECT …`, or a cell that begins with `%sql`. The last result is shown, and is then in `_sqldf`.

        Statements are parted by `;`. `:name` is a widget's value, else a Python variable's, bound as a value and never pasted
        into the text; `${name}` is a widget's value pasted into it.
        """
        __tracebackhide__ = True  # a statement that is refused is no fault of ours
        text = line if cell is None else f"{line}\n{cell}"
        result = None
        for statement in self._statements(text):
            result = self._run(statement)
        if result is None:
            print("OK")
            return
        self.shell.user_ns["_sqldf"] = result
        if result.columns:
            display(result)
        else:
            print("OK")

    def _statements(self, text: str) -> list[Statement]:
        if is_single(text):
            found = located([text], text)
        else:
            # Spark's own way to part them, which knows `BEGIN … END`, too.
            jvm = self._spark._jvm
            parts = jvm.org.apache.spark.sql.catalyst.util.StringUtils.splitSemiColon(text, True)
            found = located([parts.apply(i) for i in range(parts.size())], text)
        if not found:
            raise UsageError("Write a statement after it: %sql SELECT 1")
        return found

    def _run(self, statement: Statement) -> Any:
        """Run one statement; return its DataFrame, or None if it was about widgets."""
        __tracebackhide__ = True
        inserted = inserted_in(statement.text)
        values = self._arguments.read(inserted)
        for name in sorted(inserted - values.keys()):
            if self._spark.conf.get(name, None) is None:  # which Spark would insert
                raise WidgetError(f"No widget is called {name!r}: dbutils.widgets.text({name!r}, '…') makes it.")
        text = with_widgets(statement.text, values)
        match widget_statement(text):
            case CreateWidget(kind, name, default, choices):
                rows = self._spark.sql(choices).collect() if choices else []
                self._arguments.create(kind, name, default, [str(row[0]) for row in rows])
                return None
            case RemoveWidget(name):
                self._arguments.remove(name)
                return None
        names = parameters_in(text)
        given = {name: self.shell.user_ns[name] for name in names if name in self.shell.user_ns}
        args = {n: value for n, value in (given | self._arguments.read(names)).items() if can_be_bound(value)}
        # Blank lines in front let Spark tell the cell's own line numbers.
        return self._spark.sql("\n" * (statement.line - 1) + text, args=args or None)

    @property
    def _spark(self) -> Any:
        return self.shell.kernel.spark_session.spark
