"""CELL LANGUAGES: SQL with parameters and widgets, Scala in the driver's JVM, shell programs."""
