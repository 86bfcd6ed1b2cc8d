"""WHAT PEOPLE MAY ASK: validate, then write intent to the store; never act.

A request that is refused has changed nothing, and one that meets a controller's write is made anew (`conflicts.py`). A manager
never knows a controller. May import `model`, `store` and, of a backend, what reads: `node_types`, `place`, `list_logs`,
`read_log`, `inspect`.
"""
