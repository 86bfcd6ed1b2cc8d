"""RECONCILES: level-triggered loops that observe, plan and act until the actual state matches the requested one.

Planning is a pure function (`plan.py`). Acting is small (`cluster.py`, `nodes.py`). The loop is the same for every kind of object
(`base.py`). One server acts at a time: the one that holds the lease.

**One observation per round.** The backend is listed once for all clusters that are due together, not once for each: over a
network, listings are the main cost. A listing serves a cluster if it began after that cluster became due, and a cluster becomes
due only after the work on it has ended. So no cluster acts on observations older than its own last action (`listing.py`).
Observing changes nothing; periodic maintenance of the backend, such as truncating logs, is a sweep (`logs.py`).

**Two unions of actions.** A plan is a list of cluster actions, which change the cluster's row one after another, and node
actions, which run concurrently (`actions.py`). Each union is matched exhaustively in one function, with `assert_never`.

**One clock.** All waits use `Clock`; timestamps in rows come from the store. A test advances both and waits for neither.

May import `model`, `store`, `spark` and `backends.base`.
"""
