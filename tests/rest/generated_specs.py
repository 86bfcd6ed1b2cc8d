"""Hypothesis strategies for specs: valid, nearly valid, and arbitrary ones."""

from __future__ import annotations

from hypothesis import strategies as st

from jupyter_dbx.model.spec import ClusterSpec

#: Includes lone surrogates.
TEXT = st.text(st.characters(), max_size=8)

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)

#: Valid or nearly valid values, so that requests do not all fail at the first check.
LIKELY = {
    "num_workers": st.integers(-1, 40) | st.sampled_from(["1", "2.0", "", "x"]),
    "autoscale": st.dictionaries(st.sampled_from(["min_workers", "max_workers"]), st.integers(-1, 5)),
    "node_type_id": st.sampled_from(["memory-1c", "memory-8c", "", "other"]),
    "autotermination_minutes": st.sampled_from([0, 10, "60", 5, 10_001]),
    "is_single_node": st.sampled_from([True, False, "true", "False"]),
    "spark_conf": st.dictionaries(
        st.sampled_from(["spark.driver.memory", "spark.master", "spark.executor.memory"]) | TEXT,
        st.sampled_from(["1g", "600m", "local[2]", "-1"]) | TEXT,
        max_size=2,
    ),
    "spark_env_vars": st.dictionaries(TEXT, TEXT, max_size=2),
    "custom_tags": st.dictionaries(TEXT, TEXT, max_size=2),
    "cluster_log_conf": st.dictionaries(
        st.sampled_from(["dbfs", "volumes", "file", "s3"]),
        st.fixed_dictionaries({"destination": st.sampled_from(["dbfs:/a", "/Volumes/a", "file:/a", "dbfs:/.."])})
        | _json,
        max_size=2,
    ),
}

_fields = sorted(ClusterSpec.__dataclass_fields__)

SPECS = st.builds(
    lambda odd, likely: odd | likely,
    st.dictionaries(st.sampled_from(_fields) | TEXT, _json, max_size=3),
    st.fixed_dictionaries({}, optional=LIKELY),
)
