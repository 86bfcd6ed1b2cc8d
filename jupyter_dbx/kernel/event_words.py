"""What an event of a cluster says, and why a cluster ended, as people read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_dbx.kernel.wording import duration_words, plural
from jupyter_dbx.model.wire import Json

#: Event type → what happened; names in braces are those of `_event_facts`.
_EVENTS = {
    "CREATING": "created{by}",
    "STARTING": "starts{by}",
    "RUNNING": "runs with {current}",
    "RESTARTING": "restarts{by}",
    "TERMINATING": "ends: {reason}",
    "RESIZING": "goes from {current} to {target}{cause}",
    "UPSIZE_COMPLETED": "has {current}",
    "NODES_LOST": "lost a node; {current} of {target_number} left, and it is replaced",
    "ADD_NODES_FAILED": "a node could not be added{because}",
    "DRIVER_HEALTHY": "the driver is well again",
    "DRIVER_NOT_RESPONDING": "the driver does not respond{because}",
    "EDITED": "changed{by}",
    "PINNED": "pinned{by}",
    "UNPINNED": "unpinned{by}",
    "AUTOSCALING_FAILED": "cannot grow{because}",
    "DECOMMISSION_STARTED": "{node} hands its data over",
    "DECOMMISSION_ENDED": "{node} has handed its data over",
    "INACTIVITY_WARNING": "not in use: ends{left} unless it is used or extended",
}

#: Reason code → why a cluster ended.
_REASONS = {
    "USER_REQUEST": "asked for{by}",
    "INACTIVITY": "not in use{minutes}",
}


def reason_words(reason: Json) -> str:
    """Return why a cluster ended."""
    code, parameters = reason.get("code", ""), reason.get("parameters") or {}
    minutes = parameters.get("inactivity_duration_min")
    facts = {
        "by": f" by {parameters['username']}" if parameters.get("username") else "",
        "minutes": f" for {minutes} min" if minutes else "",
    }
    told = _REASONS[code].format_map(facts) if code in _REASONS else str(code)
    message = parameters.get("databricks_error_message") or parameters.get("driver_state_message")
    return f"{told}: {message}" if message else told


def event_words(event: Json) -> str:
    """Return what happened."""
    template = _EVENTS.get(event["type"])
    if template is None:
        return str(event["type"]).lower().replace("_", " ")
    return template.format_map(_event_facts(event.get("details") or {}))


def _event_facts(details: Mapping[str, Any]) -> dict[str, str]:
    reason, user = details.get("reason") or {}, details.get("user")
    why = details.get("driver_state_message") or (reason_words(reason) if reason else "")
    left_s = details.get("ends_in_s")
    return {
        "by": f" by {user}" if user else "",
        "current": plural(int(details.get("current_num_workers") or 0), "worker"),
        "target": plural(int(details.get("target_num_workers") or 0), "worker"),
        "target_number": str(details.get("target_num_workers", "?")),
        "cause": ", by its load" if details.get("cause") == "AUTOSCALE" else "",
        "reason": reason_words(reason) if reason else "no reason is known",
        "because": f": {why}" if why else "",
        "node": str(details.get("instance_id") or "a worker"),
        "left": f" in {duration_words(left_s)}" if left_s is not None else "",
    }
