"""Where the project lies, for tests that read its files."""

from pathlib import Path

PROJECT = Path(__file__).parents[2]
