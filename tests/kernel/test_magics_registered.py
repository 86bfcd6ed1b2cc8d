"""Every class of magics is registered when the kernel starts."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil

from IPython.core.magic import Magics

from jupyter_dbx.kernel import magics


def test_every_class_of_magics_is_registered() -> None:
    modules = [importlib.import_module(f"{magics.__name__}.{m.name}") for m in pkgutil.iter_modules(magics.__path__)]
    classes = {
        name
        for module in modules
        for name, value in vars(module).items()
        if inspect.isclass(value) and issubclass(value, Magics) and value.__module__ == module.__name__
    }

    tree = ast.parse(inspect.getsource(magics.load_ipython_extension))
    (call,) = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and ast.unparse(n.func) == "shell.register_magics"]
    registered = {ast.unparse(argument.func) for argument in call.args if isinstance(argument, ast.Call)}

    assert len(classes) > 5
    assert registered == classes
