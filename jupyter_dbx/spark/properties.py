"""The types of Spark's own properties, so that a wrong value is refused before a cluster starts.

`properties.json` is what Spark's registered `ConfigEntry`s themselves answer to a wrong value, for one version of Spark; with
another one nothing is checked here. Conditions beyond the type ("must be positive") are checked by the driver as it starts.

Source: Apache Spark, `ConfigBuilder`, `ConfigHelpers` and `JavaUtils`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from jupyter_dbx.model.errors import InvalidParameterValue
from jupyter_dbx.model.wire import Json

#: Bounds of Java's integers, by type.
_BITS = {"int": 31, "long": 63}

#: Type → the form of its values, without surrounding blanks and in lower case.
_FORMS = {
    "boolean": r"true|false",
    "int": r"[+-]?\d+",
    "long": r"[+-]?\d+",
    "double": r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?[df]?|[+-]?infinity|nan",
    "time": r"-?\d+(us|ms|s|m|min|h|d)?",
    "bytes": r"-?\d+(b|[kmgtp]i?b?)?",
}

#: How Spark reads a word before it looks for it among the options.
_CASES: dict[str, Callable[[str], str]] = {"upper": str.upper, "lower": str.lower, "exact": str}


def check_types(properties: Mapping[str, str], spark_version: str) -> None:
    """Raise InvalidParameterValue, with Spark's words, if a property has a value that its type does not allow.

    Parameters
    ----------
    spark_version : the installed version of Spark, e.g. "4.3.0"
    """
    known = _known()
    if not spark_version.startswith(f"{known.version}."):
        return
    for name, value in properties.items():
        if "${" in value:  # refers to another property or to a variable, which only the driver knows
            continue
        if wanted := known.mismatch(name, value):
            raise InvalidParameterValue(
                f"The value '{value}' in the config \"{name}\" is invalid. It should be {wanted}.",
                field=f"spark_conf.{name}",
            )


class _Known:
    """The content of `properties.json`."""

    def __init__(self, document: Json) -> None:
        #: major and minor version of Spark
        self.version: str = document["version"]
        self._types: dict[str, str] = {name: kind for kind, names in document["types"].items() for name in names}
        self._options: dict[str, Json] = document["options"]

    def mismatch(self, name: str, value: str) -> str:
        """Return what the value of a property should be, in Spark's words; "" if it is allowed or the property is not known."""
        kind = self._types.get(name, "")
        if kind and not _is_a(kind, value.strip().lower()):
            return f"a/an '{kind}' value"
        if name in self._options:
            option = self._options[name]
            read = _CASES[option["case"]](value)
            return "" if read in option["words"] else f"one of '{', '.join(option['words'])}'"
        return ""


@cache
def _known() -> _Known:
    return _Known(json.loads(Path(__file__).with_name("properties.json").read_text()))


def _is_a(kind: str, value: str) -> bool:
    form = _FORMS.get(kind.partition(" ")[0])
    if form is None:
        return True
    if not re.fullmatch(form, value, re.ASCII):
        return False
    bits = _BITS.get(kind)
    return bits is None or -(2**bits) <= int(value) < 2**bits
