"""THE DRIVER DAEMON, `python -m jupyter_dbx.driver`: one process per driver node.

It owns the cluster's driver JVM, which contains the Spark master and one SparkContext, and assigns every attached kernel a
seat: a Py4J gateway, a SparkSession, a scheduler pool and a job tag. It alone decides whether the cluster is idle. It runs
independently of any Jupyter server and exits with its JVM: a daemon without a JVM is useless, and one kind of crash is easier
to recover from than two.

What Hadoop and Spark have once per JVM is made each notebook's own here: the working folder (NotebookFileSystem.java, by a local
property of the thread), added files (Spark's artifacts of a session), and stopping (`protect_context`).

It uses only py4j to reach the JVM and never imports pyspark, which would slow its start by half a second. May import
`model` and `spark`.
"""
