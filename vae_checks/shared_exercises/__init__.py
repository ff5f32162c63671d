"""Exercises of more than one lab: each lab makes them its own, with its sections."""
