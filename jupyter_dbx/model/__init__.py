"""WHAT IS: the nouns of the product and the rules that hold for them.

Frozen dataclasses and pure functions, standard library only; no I/O and no clock (instants are arguments, integer
milliseconds since the epoch, UTC). Every other room may import this one; this one imports none.
"""
