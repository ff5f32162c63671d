"""Mutants of right answers, and rewrites of them that keep the value, made by rule."""
