"""Callbook: a sales rep's phone rings, and the rep sees who it is."""

__version__ = "0.1.0"
