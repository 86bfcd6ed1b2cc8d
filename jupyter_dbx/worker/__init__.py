"""Inside Spark's Python workers: what a worker imports is what its notebook has.

Executors start this package instead of `pyspark.daemon` (`spark.python.daemon.module`). A worker is a fork of that daemon and is
reused for many tasks, so before each task it takes over the notebook's current `sys.path`, and forgets the user's modules if one
of their files has changed. May import `model.protocol` and PySpark only: every worker pays for its imports.
"""
