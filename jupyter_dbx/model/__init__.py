"""What exists: the nouns of the product and the rules they follow.

Frozen dataclasses and pure functions on top of the standard library and msgspec (JSON to and from classes). No I/O and no
clock: instants are arguments, integer milliseconds since the epoch, UTC. Every other package may import this one; it imports
none of them.
"""
