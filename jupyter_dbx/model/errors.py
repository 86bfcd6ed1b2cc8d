"""Every error a user can encounter, one class per Databricks ``error_code``.

::

    DbxError                       500 INTERNAL_ERROR
    ├── InvalidParameterValue      400 INVALID_PARAMETER_VALUE
    │   └── ClusterDoesNotExist    400 INVALID_PARAMETER_VALUE (404 under a base URL prefix, see rest/framework/handler.py)
    ├── MalformedRequest           400 MALFORMED_REQUEST
    ├── InvalidState               400 INVALID_STATE
    ├── QuotaExceeded              400 QUOTA_EXCEEDED
    ├── ResourceAlreadyExists      400 RESOURCE_ALREADY_EXISTS
    ├── ResourceLimitExceeded      400 RESOURCE_LIMIT_EXCEEDED
    ├── PermissionDenied           403 PERMISSION_DENIED
    ├── EndpointNotFound           404 ENDPOINT_NOT_FOUND
    ├── ResourceDoesNotExist       404 RESOURCE_DOES_NOT_EXIST
    ├── Conflict                   409 ABORTED
    ├── RequestTooLarge            413 MAX_REQUEST_SIZE_EXCEEDED
    ├── ApiNotServed               501 NOT_IMPLEMENTED
    ├── AuditUnavailable           503 TEMPORARILY_UNAVAILABLE
    ├── ControlPlaneUnavailable    503 TEMPORARILY_UNAVAILABLE
    ├── StoreUnavailable           503 TEMPORARILY_UNAVAILABLE
    │   └── StoreNewer             500 INTERNAL_ERROR (waiting does not help, so clients must not retry)
    └── NodeFailure                500 INTERNAL_ERROR (becomes the cluster's termination reason)

The docstring of a class is its default message. Programs read `error_code`, `reason` and `field`, never the message. On the
wire, `reason` and `field` are in `details[]`, which databricks-sdk parses, too (`error.get_error_details()`).

Source: Databricks REST API, errors; https://google.aip.dev/193.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a request failed, for programs. A reason is never renamed; new ones may be added."""

    #: on the client only: the server gave no reason, or one that this version does not know
    UNSPECIFIED = "UNSPECIFIED"
    #: unexpected; the server's log has the details
    INTERNAL_ERROR = "INTERNAL_ERROR"
    #: a value, or a combination of values, is not valid
    INVALID_VALUE = "INVALID_VALUE"
    #: a required value is missing
    MISSING_VALUE = "MISSING_VALUE"
    #: several clusters have this name; use an id
    AMBIGUOUS_NAME = "AMBIGUOUS_NAME"
    #: the body cannot be parsed
    MALFORMED_REQUEST = "MALFORMED_REQUEST"
    #: the body is too large
    REQUEST_TOO_LARGE = "REQUEST_TOO_LARGE"
    #: the state of the cluster does not allow this
    INVALID_STATE = "INVALID_STATE"
    #: the machine does not have enough free memory or cores
    NOT_ENOUGH_ROOM = "NOT_ENOUGH_ROOM"
    #: the maximum number exists already
    LIMIT_REACHED = "LIMIT_REACHED"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    #: the token is missing, unknown, or does not permit this
    PERMISSION_DENIED = "PERMISSION_DENIED"
    #: there is no endpoint at this path
    ENDPOINT_DOES_NOT_EXIST = "ENDPOINT_DOES_NOT_EXIST"
    #: Databricks has this API, this server does not
    API_NOT_SERVED = "API_NOT_SERVED"
    #: something other than the following
    DOES_NOT_EXIST = "DOES_NOT_EXIST"
    CLUSTER_DOES_NOT_EXIST = "CLUSTER_DOES_NOT_EXIST"
    LOG_DOES_NOT_EXIST = "LOG_DOES_NOT_EXIST"
    SCOPE_DOES_NOT_EXIST = "SCOPE_DOES_NOT_EXIST"
    SECRET_DOES_NOT_EXIST = "SECRET_DOES_NOT_EXIST"
    #: the notebook is not attached to a cluster
    NOT_ATTACHED = "NOT_ATTACHED"
    #: a concurrent change; retry the request
    CONFLICT = "CONFLICT"
    #: the store cannot be reached; retry the request
    STORE_UNAVAILABLE = "STORE_UNAVAILABLE"
    #: the audit log cannot be written; an administrator has to act
    AUDIT_UNAVAILABLE = "AUDIT_UNAVAILABLE"
    #: the control plane of the caller's Jupyter server, or the hub, is not responding
    CONTROL_PLANE_UNAVAILABLE = "CONTROL_PLANE_UNAVAILABLE"
    #: a node could not be created or used
    NODE_FAILURE = "NODE_FAILURE"


class DbxError(Exception):
    """Something went wrong inside jupyter_dbx; the Jupyter server's log has the details."""

    error_code = "INTERNAL_ERROR"
    status = 500
    reason = Reason.INTERNAL_ERROR
    #: the invalid field of the request by its wire name (`spark_conf`, `autoscale.max_workers`); "" = no single field
    field = ""

    def __init__(self, message: str | None = None, *, reason: Reason | None = None, field: str = "") -> None:
        text = (message or type(self).__doc__ or "").strip()
        # A cause without words must not leave the reader with a colon.
        super().__init__(f"{text[:-1]}." if text.endswith(":") else text)
        if reason is not None:
            self.reason = reason
        if field:
            self.field = field

    @property
    def facts(self) -> dict[str, str]:
        """Return further facts for programs, by name: `metadata` on the wire."""
        return {}

    @property
    def message(self) -> str:
        """Return the sentence for the user."""
        return str(self)

    def _render_traceback_(self) -> list[str]:
        # IPython shows this instead of the traceback, which has only frames of this package, none of the user's code.
        return [f"\x1b[31m{type(self).__name__}\x1b[0m: {self}"]


class InvalidParameterValue(DbxError):
    """A value in the request is not valid."""

    error_code = "INVALID_PARAMETER_VALUE"
    status = 400
    reason = Reason.INVALID_VALUE


class ClusterDoesNotExist(InvalidParameterValue):
    """This cluster does not exist."""

    reason = Reason.CLUSTER_DOES_NOT_EXIST

    def __init__(self, cluster_id: str) -> None:
        # Databricks' clients match this exact sentence.
        super().__init__(f"Cluster {cluster_id} does not exist")
        self.cluster_id = cluster_id

    @property
    def facts(self) -> dict[str, str]:
        """Return the cluster's id."""
        return {"cluster_id": self.cluster_id}


class MalformedRequest(DbxError):
    """The body of the request is not a JSON object."""

    error_code = "MALFORMED_REQUEST"
    status = 400
    reason = Reason.MALFORMED_REQUEST


class RequestTooLarge(DbxError):
    """The body of the request is too large."""

    error_code = "MAX_REQUEST_SIZE_EXCEEDED"
    status = 413
    reason = Reason.REQUEST_TOO_LARGE


class InvalidState(DbxError):
    """The cluster is not in a state that allows this."""

    error_code = "INVALID_STATE"
    status = 400
    reason = Reason.INVALID_STATE

    def __init__(self, cluster_id: str, state: str, attempted: str, instead: str) -> None:
        super().__init__(f"Cannot {attempted} cluster {cluster_id}: it is {state}. {instead}")
        self.cluster_id, self.state, self.attempted = cluster_id, state, attempted

    @property
    def facts(self) -> dict[str, str]:
        """Return the cluster's id and state."""
        return {"cluster_id": self.cluster_id, "state": self.state}


class QuotaExceeded(DbxError):
    """There is not enough free memory or CPU for a cluster of this size."""

    error_code = "QUOTA_EXCEEDED"
    status = 400
    reason = Reason.NOT_ENOUGH_ROOM


class ResourceAlreadyExists(DbxError):
    """This name already exists."""

    error_code = "RESOURCE_ALREADY_EXISTS"
    status = 400
    reason = Reason.ALREADY_EXISTS


class ResourceLimitExceeded(DbxError):
    """The maximum number is reached. Delete one that is no longer needed."""

    error_code = "RESOURCE_LIMIT_EXCEEDED"
    status = 400
    reason = Reason.LIMIT_REACHED


class PermissionDenied(DbxError):
    """This token does not permit the request. Send the Jupyter server's token as `Authorization: Bearer TOKEN`."""

    error_code = "PERMISSION_DENIED"
    status = 403
    reason = Reason.PERMISSION_DENIED


class EndpointNotFound(DbxError):
    """There is no API at this path."""

    error_code = "ENDPOINT_NOT_FOUND"
    status = 404
    reason = Reason.ENDPOINT_DOES_NOT_EXIST


class ApiNotServed(DbxError):
    """This server does not have this API of Databricks."""

    error_code = "NOT_IMPLEMENTED"
    status = 501
    reason = Reason.API_NOT_SERVED


class ResourceDoesNotExist(DbxError):
    """The requested resource does not exist."""

    error_code = "RESOURCE_DOES_NOT_EXIST"
    status = 404
    reason = Reason.DOES_NOT_EXIST


class Conflict(DbxError):
    """This was changed at the same time by another request. Read it again and retry."""

    error_code = "ABORTED"
    status = 409
    reason = Reason.CONFLICT


class AuditUnavailable(DbxError):
    """The audit log cannot be written."""

    error_code = "TEMPORARILY_UNAVAILABLE"
    status = 503
    reason = Reason.AUDIT_UNAVAILABLE


class ControlPlaneUnavailable(DbxError):
    """The control plane is not responding. Try again in a moment."""

    error_code = "TEMPORARILY_UNAVAILABLE"
    status = 503
    reason = Reason.CONTROL_PLANE_UNAVAILABLE


class StoreUnavailable(DbxError):
    """The store cannot be read or written at the moment. Clusters keep running; retry in a moment."""

    error_code = "TEMPORARILY_UNAVAILABLE"
    status = 503
    reason = Reason.STORE_UNAVAILABLE


class StoreNewer(StoreUnavailable):
    """The store was created or upgraded by a newer version of jupyter_dbx.

    Parameters
    ----------
    name : name of the store, for the message
    found, known : the store's schema revision, and the newest revision that this code supports
    version : the version of jupyter_dbx that is running
    """

    error_code = "INTERNAL_ERROR"
    status = 500

    def __init__(self, name: str, found: str, known: str, version: str) -> None:
        super().__init__(
            f"A newer version of jupyter_dbx created or upgraded {name}: its schema revision is {found}, and jupyter_dbx "
            f"{version} supports revisions up to {known}. Upgrade jupyter_dbx (pip install --upgrade jupyter_dbx), or set "
            "DbxApp.store_url to another store; then restart the Jupyter server."
        )
        self.found, self.known = found, known


class NodeFailure(DbxError):
    """A node could not be created or used.

    Raised by backends; the controller turns it into the cluster's `termination_reason` with this `code`.
    """

    reason = Reason.NODE_FAILURE

    def __init__(self, message: str, *, code: str = "CLOUD_PROVIDER_LAUNCH_FAILURE") -> None:
        super().__init__(message)
        self.code = code
