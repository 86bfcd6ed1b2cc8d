"""CONFIGURES SPARK: Java, properties, command lines, and requests to a driver.

Knows Spark but no machines: it computes values (`Daemon`, properties) that a backend runs. May import `model`, the standard
library, and an HTTP client in `probe`. It must not import pyspark, which costs the server half a second and 120 MB; it only
locates the package.
"""
