"""The error envelope: the wire format of errors.

Source: Databricks REST API, errors; https://google.aip.dev/193; `google/rpc/error_details.proto`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from jupyter_dbx.model.answers.answer import UNSET, Answer, Omittable

if TYPE_CHECKING:
    from jupyter_dbx.model.errors import DbxError

#: The domain of the reasons.
DOMAIN = "jupyter_dbx"

_TYPES = "type.googleapis.com/google.rpc."


class FieldViolation(Answer, frozen=True):
    """An invalid field of the request."""

    #: its path, with dots: `spark_conf`, `autoscale.max_workers`
    field: str = ""
    description: str = ""


class ErrorDetail(Answer, frozen=True):
    """One of Google's error details: `ErrorInfo` has the reason for programs, `BadRequest` the invalid fields."""

    type: str = msgspec.field(default="", name="@type")
    #: one of `model.errors.Reason`
    reason: Omittable[str] = UNSET
    domain: Omittable[str] = UNSET
    #: further facts, such as `cluster_id`
    metadata: Omittable[dict[str, str]] = UNSET
    field_violations: Omittable[tuple[FieldViolation, ...]] = UNSET


class Error(Answer, frozen=True):
    """An error: the request failed and nothing was changed."""

    #: Databricks' error code
    error_code: str = ""
    #: a message for users, with what to do next
    message: str = ""
    details: tuple[ErrorDetail, ...] = ()

    @property
    def reason(self) -> str:
        """Return the reason, or "" if the server does not send one."""
        return next((detail.reason for detail in self.details if detail.reason), "")

    @property
    def field(self) -> str:
        """Return the first invalid field, or ""."""
        return next((invalid.field for detail in self.details for invalid in detail.field_violations or ()), "")


def envelope(error: DbxError, *, error_code: str) -> Error:
    """Return the wire format of an error."""
    info = ErrorDetail(type=f"{_TYPES}ErrorInfo", reason=error.reason.value, domain=DOMAIN, metadata=error.facts)
    violation = FieldViolation(field=error.field, description=error.message)
    bad_request = ErrorDetail(type=f"{_TYPES}BadRequest", field_violations=(violation,))
    return Error(
        error_code=error_code,
        message=error.message,
        details=(info, bad_request) if error.field else (info,),
    )
