"""WHAT HAPPENS BY ITSELF: level-triggered loops that observe, plan and act until the world agrees with the intent.

Deciding is a pure function (`plan.py`); acting is small (`cluster.py`); running the loop is the same for every noun
(`base.py`). One server at a time acts, the one that holds the lease. May import `model`, `store`, `spark`, `backends.base`
and `managers`.
"""
