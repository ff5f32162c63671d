"""Processes of runs are killed at a hundred random moments: nothing is lost, nothing doubled."""

import random

import chaos
import pytest

from vae_grading.sandbox.jail import fault

KILLS = (34, 33, 33)  # each on a course of its own, so that they spread over processes


@pytest.mark.slow
@pytest.mark.skipif(fault() is not None, reason=f"no sandbox here: {fault()}")
@pytest.mark.parametrize("kills", KILLS, ids=("first", "second", "third"))
def test_nothing_is_lost_or_doubled_whatever_is_killed(tmp_path, kills):
    """The seed differs from run to run; a failure prints it by pytest's own report."""
    seed = random.randrange(10**6)
    print("seed", seed)
    killed = chaos.chaos(tmp_path, kills, random.Random(seed))
    assert killed.total() == kills
    assert set(killed) == set(chaos.WEIGHTS)


def test_a_hundred_kills_hit_every_kind_of_process():
    assert sum(KILLS) >= 100
    assert min(KILLS) >= sum(chaos.WEIGHTS.values())
