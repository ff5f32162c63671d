"""Is an order of images a random one? Statistics that are as they should be for any permutation."""

import math

import torch
from torch import Tensor

from vae_checks.statistics import SIGMAS
from vae_checks.verdict import Mistake


def expect_random_order(first: list[int], second: list[int]) -> None:
    """Raise Mistake unless two orders of the same N images look like independent permutations.

    Meant for N = 2003. Each order, and the second told in places of the first, must have
    - no correlation of old and new places: six standard errors 1 / sqrt(N - 1),
    - neighbours that are (N + 1) / 3 old places apart on average: six standard errors, which are
      0.21 sqrt(N) by 20,000 permutations; 0.22 is taken,
    - as many descents as ascents, in itself and in its inverse: six of sqrt((N + 1) / 12),
    - few pairs at a distance of 1 to 8 that were 3 old places apart or fewer: 6 are usual at each
      distance, 30 have probability 1e-11,
    - few images that were moved, or mirrored, by the same number of places: 1 is usual, 15 have
      probability 1e-8 for all of them.
    False alarm: below 1e-7 a call. A shuffle buffer of N / 2, blocks of N / 2 images shuffled
    inside, five riffles and half of the images left in place are found with certainty.
    """
    for order, what in ((first, "the old order"), (second, "the old order")):
        _expect_random(torch.tensor(order), what)
    place = torch.tensor(first).argsort()
    _expect_random(place[torch.tensor(second)], "the order of the epoch before")


def _expect_random(order: Tensor, what: str) -> None:
    n = len(order)
    places = torch.arange(n)
    kept = torch.corrcoef(torch.stack([places, order]).double())[0, 1].item()
    apart = (order[1:] - order[:-1]).abs().double().mean().item()
    near = max(int(((order[k:] - order[:-k]).abs() <= 3).sum()) for k in range(1, 9))
    alike = max(
        int((order + sign * places).remainder(n).bincount().max().item()) for sign in (-1, 1)
    )
    descents = [int((each[1:] < each[:-1]).sum()) for each in (order, order.argsort())]
    uneven = max(abs(each - (n - 1) / 2) for each in descents)
    if (
        abs(kept) < SIGMAS / math.sqrt(n - 1)
        and abs(apart - (n + 1) / 3) < SIGMAS * 0.22 * math.sqrt(n)
        and uneven < SIGMAS * math.sqrt((n + 1) / 12)
        and near < 30
        and alike < 15
    ):
        return
    if apart < n / 12:
        seen = f"Neighbours were {apart:.0f} places apart in {what}; {(n + 1) / 3:.0f} are usual."
        raise Mistake("order-local", seen)
    seen = f"Much of {what} is left: places have correlation {kept:.2g}, {near} images with near "
    seen += f"ones still near, {alike} moved alike, {descents[1]} of {n - 1} pairs exchanged."
    raise Mistake("order-not-random", seen)
