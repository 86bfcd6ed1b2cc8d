"""WHAT SPARK WANTS: Java, properties, command lines, and how to read a driver's status.

Knows Spark and no machines: it computes values (`Daemon`, properties) that a backend carries out. May import `model`,
the standard library, and an HTTP client in `probe`. It must not import pyspark, which costs the server half a second and
120 MB; it only looks where the package lies.
"""
