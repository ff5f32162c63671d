"""The bank of misconceptions: slug -> the sentence that tells a student what a mistake means.

shared.py   what may go wrong in any lab
labN.py     what only the exercises of that lab can get wrong

The section to read is the exercise's. A sentence names the mistake and its consequence, never the
code that is right. Tests hold that every slug is used by some check and defined once.
"""

import importlib
from pathlib import Path

from vae_helpers.checks.misconceptions.shared import SHARED

MISCONCEPTIONS: dict[str, str] = dict(SHARED)
for _path in sorted(Path(__file__).parent.glob("lab*.py")):  # lab7.py holds LAB7
    _lab = importlib.import_module(f"{__name__}.{_path.stem}")
    MISCONCEPTIONS |= getattr(_lab, _path.stem.upper())
