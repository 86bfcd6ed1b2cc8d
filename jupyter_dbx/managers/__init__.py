"""WHAT PEOPLE MAY ASK: validate, then write intent to the store; never act.

A request that is refused has changed nothing. A manager never knows a controller. May import `model`, `store` and, of a
backend, the two read verbs `node_types` and `logs`.
"""
