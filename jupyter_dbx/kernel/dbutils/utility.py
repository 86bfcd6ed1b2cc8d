"""Utility: the base class of the utilities in `dbutils`, which provides their help."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any


class Utility:
    """A utility, whose public methods are its commands.

    Their docstrings are the help: the first line in the list of commands, the whole docstring in the help of one command.
    """

    def __getattr__(self, name: str) -> Any:
        known = ", ".join(_commands_of(type(self)))
        raise AttributeError(f"There is no command {name!r}. The commands are: {known}. help() describes them.")

    def help(self, command: str = "") -> None:
        """Print the commands, or the help of one."""
        commands = _commands_of(type(self))
        if command and command in commands:
            print(_usage(command, commands[command]), "", inspect.getdoc(commands[command]), sep="\n")
            return
        if command:
            print(f"There is no command {command!r}. The commands are:\n")
        else:
            print(inspect.getdoc(self), "", sep="\n")
        for name, method in commands.items():
            print(f"{_usage(name, method)} -> {(inspect.getdoc(method) or '').splitlines()[0]}")


def _commands_of(kind: type) -> dict[str, Callable[..., Any]]:
    found = inspect.getmembers(kind, inspect.isfunction)
    return {name: method for name, method in found if not name.startswith("_") and name != "help"}


def _usage(name: str, method: Callable[..., Any]) -> str:
    signature = inspect.signature(method)
    parameters = [p.replace(annotation=p.empty) for p in list(signature.parameters.values())[1:]]
    return f"{name}{signature.replace(parameters=parameters, return_annotation=signature.empty)}"
