"""Honest notebooks as students, editors and platforms make them."""
