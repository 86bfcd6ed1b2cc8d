"""THE DRIVER DAEMON, `python -m jupyter_dbx.driver`: one process for each driver node.

It owns the cluster's one driver JVM, which holds the Spark master and one SparkContext, and gives every attached kernel a
seat of its own: a Py4J gateway, a SparkSession, a scheduler pool and a job tag. It is the one judge of idleness. It runs
whether a Jupyter server is alive or not, and ends with its JVM: a daemon without a JVM is of no use, and one way to crash
is easier to heal than two.

It talks to the JVM through py4j alone and never imports pyspark, which would cost its start half a second. May import
`model` and `spark`.
"""
