"""Every error a user can meet, one class for each Databricks ``error_code``.

::

    DbxError                       500 INTERNAL_ERROR
    ├── InvalidParameterValue      400 INVALID_PARAMETER_VALUE
    │   └── ClusterDoesNotExist    400 INVALID_PARAMETER_VALUE (404 under a base URL prefix, see rest/base.py)
    ├── MalformedRequest           400 MALFORMED_REQUEST
    ├── InvalidState               400 INVALID_STATE
    ├── QuotaExceeded              400 QUOTA_EXCEEDED
    ├── ResourceAlreadyExists      400 RESOURCE_ALREADY_EXISTS
    ├── ResourceLimitExceeded      400 RESOURCE_LIMIT_EXCEEDED
    ├── PermissionDenied           403 PERMISSION_DENIED
    ├── EndpointNotFound           404 ENDPOINT_NOT_FOUND
    ├── ResourceDoesNotExist       404 RESOURCE_DOES_NOT_EXIST
    ├── Conflict                   409 ABORTED
    ├── StoreUnavailable           503 TEMPORARILY_UNAVAILABLE
    └── NodeFailure                500 INTERNAL_ERROR (becomes the cluster's termination reason)

The docstring of a class is its default message. Source: Databricks REST API, errors.
"""

from __future__ import annotations


class DbxError(Exception):
    """Something went wrong inside jupyter_dbx; the Jupyter server's log has the details."""

    error_code = "INTERNAL_ERROR"
    status = 500

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())

    @property
    def message(self) -> str:
        """Return the sentence for the user."""
        return str(self)


class InvalidParameterValue(DbxError):
    """A value of the request cannot be used."""

    error_code = "INVALID_PARAMETER_VALUE"
    status = 400


class ClusterDoesNotExist(InvalidParameterValue):
    """This cluster does not exist."""

    def __init__(self, cluster_id: str) -> None:
        # Clients match this very sentence, so nothing may be added to it.
        super().__init__(f"Cluster {cluster_id} does not exist")
        self.cluster_id = cluster_id


class MalformedRequest(DbxError):
    """The body of the request is not a JSON object."""

    error_code = "MALFORMED_REQUEST"
    status = 400


class InvalidState(DbxError):
    """The cluster is not in a state that allows this."""

    error_code = "INVALID_STATE"
    status = 400

    def __init__(self, cluster_id: str, state: str, attempted: str, instead: str) -> None:
        super().__init__(f"Cannot {attempted} cluster {cluster_id}: it is {state}. {instead}")
        self.cluster_id, self.state, self.attempted = cluster_id, state, attempted


class QuotaExceeded(DbxError):
    """There is not enough room for a cluster of this size."""

    error_code = "QUOTA_EXCEEDED"
    status = 400


class ResourceAlreadyExists(DbxError):
    """There is one of this name already."""

    error_code = "RESOURCE_ALREADY_EXISTS"
    status = 400


class ResourceLimitExceeded(DbxError):
    """There are as many as there may be. Delete one that is not needed any more."""

    error_code = "RESOURCE_LIMIT_EXCEEDED"
    status = 400


class PermissionDenied(DbxError):
    """This token may not do that. Use the Jupyter server's token as `Authorization: Bearer TOKEN`."""

    error_code = "PERMISSION_DENIED"
    status = 403


class EndpointNotFound(DbxError):
    """No API was found at this path."""

    error_code = "ENDPOINT_NOT_FOUND"
    status = 404


class ResourceDoesNotExist(DbxError):
    """What was asked for does not exist."""

    error_code = "RESOURCE_DOES_NOT_EXIST"
    status = 404


class Conflict(DbxError):
    """Somebody else changed this at the same time. Read it again and repeat the request."""

    error_code = "ABORTED"
    status = 409


class StoreUnavailable(DbxError):
    """The store cannot be reached or written now. Clusters go on; repeat the request in a while."""

    error_code = "TEMPORARILY_UNAVAILABLE"
    status = 503


class NodeFailure(DbxError):
    """A node could not be made or used.

    Raised by backends; the controller turns it into the cluster's `termination_reason` with this `code`.
    """

    def __init__(self, message: str, *, code: str = "CLOUD_PROVIDER_LAUNCH_FAILURE") -> None:
        super().__init__(message)
        self.code = code
