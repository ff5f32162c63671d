"""Processes of a run are killed at a hundred random moments: nothing is lost, nothing doubled."""

import random

import chaos
import pytest

from vae_grading.sandbox.jail import fault


@pytest.mark.slow
@pytest.mark.skipif(fault() is not None, reason=f"no sandbox here: {fault()}")
def test_nothing_is_lost_or_doubled_whatever_is_killed(tmp_path):
    """The seed differs from run to run; a failure prints it by pytest's own report."""
    seed = random.randrange(10**6)
    print("seed", seed)
    killed = chaos.chaos(tmp_path, 100, random.Random(seed))
    assert killed.total() == 100
    assert set(killed) == set(chaos.WEIGHTS)
