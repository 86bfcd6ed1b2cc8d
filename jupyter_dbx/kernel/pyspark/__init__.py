"""EVERYTHING THAT TOUCHES PYSPARK'S INTERNALS: a new version of PySpark affects only this package.

Patches applied on import (`hooks`), the guarded gateway into the driver's JVM (`gateway`), real `SparkSession` and `SparkContext`
objects on an existing driver (`adoption`), what the driver's threads know of the notebook (`surroundings`: folder, module path,
added files), paths in Python's calls (`paths`) and in SQL (`statements`), and readable errors.
"""
