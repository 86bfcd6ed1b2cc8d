"""The operations that users can request: validate, then write intent to the store; never act.

A request that fails has changed nothing, and one that conflicts with a controller's write is retried (`conflicts.py`). A manager
never calls a controller. May import `model`, `store` and the read-only part of a backend: `node_types`, `place`, `list_logs`,
`read_log`, `inspect`.
"""
