"""The limits of Databricks' service on values of a spec that have no effect here, or that are free text.

A client's mistake in one of them must not pass here and fail on Databricks.

Source: Databricks REST API, `clusters/create` and `ClusterTag`.
"""

from __future__ import annotations

from collections.abc import Mapping

from jupyter_dbx.model.errors import InvalidParameterValue
from jupyter_dbx.model.wire import read_map, read_str

#: Field → the words that it may have.
WORDS = {
    "data_security_mode": (
        "DATA_SECURITY_MODE_AUTO",
        "DATA_SECURITY_MODE_STANDARD",
        "DATA_SECURITY_MODE_DEDICATED",
        "NONE",
        "SINGLE_USER",
        "USER_ISOLATION",
        "LEGACY_TABLE_ACL",
        "LEGACY_PASSTHROUGH",
        "LEGACY_SINGLE_USER",
        "LEGACY_SINGLE_USER_STANDARD",
    ),
    "dependency_mode": (
        "DEPENDENCY_MODE_AUTO",
        "DEPENDENCY_MODE_CLUSTER_LIBRARIES",
        "DEPENDENCY_MODE_ENVIRONMENTS",
    ),
    "kind": ("CLASSIC_PREVIEW",),
    "runtime_engine": ("STANDARD", "PHOTON", "NULL"),
}

#: Field that names another object → what there is none of here, and what to do instead.
WITHOUT_OBJECTS = {
    "policy_id": ("cluster policy", "This server has no policies"),
    "instance_pool_id": ("instance pool", "This server has no pools"),
    "driver_instance_pool_id": ("instance pool", "This server has no pools"),
}

#: Longest name of a cluster, characters.
LONGEST_NAME = 100

#: Most tags of a cluster, count; longest key and value of a tag, characters.
MOST_TAGS, LONGEST_TAG_KEY, LONGEST_TAG_VALUE = 45, 127, 255


def check_limits(body: Mapping[str, object]) -> None:
    """Raise InvalidParameterValue unless the values in a request body are within the limits; names the field."""
    for field, words in WORDS.items():
        word = read_str(body, field)
        if word and word not in words:
            raise InvalidParameterValue(
                f"{field} must be {', '.join(words[:-1])}{' or ' if words[1:] else ''}{words[-1]}, not {word!r}",
                field=field,
            )
    for field, (kind, why) in WITHOUT_OBJECTS.items():
        if object_id := read_str(body, field):
            # Databricks' clients match the first sentence.
            raise InvalidParameterValue(
                f"Can't find {'an' if kind[0] in 'aeiou' else 'a'} {kind} with id: {object_id}. {why}: leave {field} out.",
                field=field,
            )
    if len(name := read_str(body, "cluster_name")) > LONGEST_NAME:
        raise InvalidParameterValue(
            f"cluster_name must have at most {LONGEST_NAME} characters, not {len(name)}", field="cluster_name"
        )
    _check_tags(read_map(body, "custom_tags"))


def _check_tags(tags: Mapping[str, str]) -> None:
    if len(tags) > MOST_TAGS:
        raise InvalidParameterValue(
            f"At most {MOST_TAGS} custom_tags are allowed, not {len(tags)}", field="custom_tags"
        )
    for key, value in tags.items():
        if not 1 <= len(key) <= LONGEST_TAG_KEY:
            raise InvalidParameterValue(
                f"custom_tags: a key must have 1 to {LONGEST_TAG_KEY} characters, not {len(key)}", field="custom_tags"
            )
        if len(value) > LONGEST_TAG_VALUE:
            raise InvalidParameterValue(
                f"custom_tags.{key} must have at most {LONGEST_TAG_VALUE} characters, not {len(value)}",
                field=f"custom_tags.{key}",
            )
