"""Hostile submissions; see corpus.py."""
