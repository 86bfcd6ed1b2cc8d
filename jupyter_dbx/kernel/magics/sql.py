"""`%sql` and `%%sql`: run statements on the notebook's session; the last result is shown and stored in `_sqldf`."""

from __future__ import annotations

from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class, no_var_expand

from jupyter_dbx.kernel.arguments import Arguments, WidgetError
from jupyter_dbx.kernel.display import display
from jupyter_dbx.kernel.errors import NotebookError
from jupyter_dbx.kernel.languages.sql import (
    CreateWidget,
    RemoveWidget,
    Statement,
    is_widget_name,
    parameters_in,
    split,
    substitute_widgets,
    substitutions_in,
    widget_statement,
)
from jupyter_dbx.kernel.languages.sql_values import KINDS, NotBindable, bindable

#: Conditions of Spark's parser for a text that may continue.
_UNFINISHED = ("PARSE_SYNTAX_ERROR", "PARSE_EMPTY_STATEMENT")


class ParameterError(NotebookError):
    """A Python variable's value cannot be a parameter of a statement."""


@magics_class
class SqlMagics(Magics):  # type: ignore[misc]  # mypy does not follow IPython here
    """The magic for SQL cells."""

    def __init__(self, shell: Any, arguments: Arguments) -> None:
        super().__init__(shell)
        self._arguments = arguments

    @no_var_expand  # type: ignore[untyped-decorator]
    @line_cell_magic  # type: ignore[untyped-decorator]
    def sql(self, line: str, cell: str | None = None) -> None:
        """Run SQL: `%sql SELECT …`, or a cell that starts with `%sql`. The last result is shown and stored in `_sqldf`.

        Statements are separated by `;`. `:name` is a parameter, bound to the value of a widget or a Python variable; `${name}` is
        replaced by a widget's value in the text of the statement.
        """
        __tracebackhide__ = True  # an error is in the user's statement
        result = self._run_all(line if cell is None else f"{line}\n{cell}")
        if result is not None and result.columns:
            display(result)
        else:
            print("OK")

    @no_var_expand  # type: ignore[untyped-decorator]
    @line_magic  # type: ignore[untyped-decorator]
    def sql_result(self, line: str) -> Any:
        """Run SQL like `%sql`, and return the last result as a DataFrame. `df = %sql SELECT …` runs it."""
        __tracebackhide__ = True
        return self._run_all(line)

    def _run_all(self, text: str) -> Any:
        """Run statements; return the DataFrame of the last one, or None if it was about a widget."""
        __tracebackhide__ = True
        result = None
        for statement in self._statements(text):
            result = self._run(statement)
        if result is not None:
            self.shell.user_ns["_sqldf"] = result
        return result

    def _statements(self, text: str) -> list[Statement]:
        found = split(text, self._is_whole)
        if not found:
            raise UsageError("Add a statement: %sql SELECT 1")
        return found

    def _is_whole(self, text: str) -> bool:
        """Return whether Spark's parser accepts a text, or rejects it for a reason that more text would not remove."""
        from py4j.protocol import Py4JJavaError
        from pyspark.errors import PySparkException

        try:
            text = substitute_widgets(text, self._arguments.values)
            self._spark._jsparkSession.sessionState().sqlParser().parsePlan(text)
        except PySparkException as error:
            return error.getCondition() not in _UNFINISHED
        except Py4JJavaError:  # a rule of scripts, which Spark reports again when it runs the text
            return True
        return True

    def _run(self, statement: Statement) -> Any:
        """Run one statement; return its DataFrame, or None for a widget statement."""
        __tracebackhide__ = True
        inserted = substitutions_in(statement.text)
        values = self._arguments.read(inserted)
        for name in sorted(inserted - values.keys()):
            # Otherwise Spark substitutes it.
            if is_widget_name(name) and self._spark.conf.get(name, None) is None:
                raise WidgetError(f"There is no widget named {name!r}. dbutils.widgets.text({name!r}, '…') creates it.")
        text = substitute_widgets(statement.text, values)
        match widget_statement(text):
            case CreateWidget(kind, name, default, choices):
                rows = self._spark.sql(choices).collect() if choices else []
                self._arguments.create(kind, name, default, [str(row[0]) for row in rows])
                return None
            case RemoveWidget(name):
                self._arguments.remove(name)
                return None
        # Leading blank lines make Spark report the cell's line numbers.
        return self._bound("\n" * (statement.line - 1) + text)

    def _bound(self, text: str) -> Any:
        """Run a statement with the parameters that it names; return its DataFrame."""
        __tracebackhide__ = True
        from pyspark.errors import AnalysisException

        spark, names = self._spark, parameters_in(text)  # first, because some values become Columns
        given = {name: self.shell.user_ns[name] for name in names if name in self.shell.user_ns}
        args, refused = dict[str, Any](), dict[str, str]()
        for name, value in (given | self._arguments.read(names)).items():
            try:
                args[name] = bindable(value)
            except NotBindable as error:  # not an error yet: similar syntax (`value:field`) names no parameter
                refused[name] = str(error)
        try:
            return spark.sql(text, args=args or None)
        except AnalysisException as error:
            name = (error.getMessageParameters() or {}).get("name", "")
            if error.getCondition() == "UNBOUND_SQL_PARAMETER" and name in refused:
                raise ParameterError(f"`:{name}` cannot be a {refused[name]}, only {KINDS}.") from None
            if error.getCondition() == "INVALID_SQL_ARG" and name in args:
                raise ParameterError(
                    f"`:{name}` cannot be bound: all values of a list or dict must have the same type, and none can be None."
                ) from None
            raise

    @property
    def _spark(self) -> Any:
        return self.shell.kernel.spark_session.spark
