"""VQ-VAE: each place of the grid has the nearest code of a codebook.

    loss = nll + |sg(z) - e|^2 + commitment |z - sg(e)|^2      sg: no gradient passes

Codes follow the encoder's outputs, by the second term or, with `average`, by moving averages of
those that chose them; by the third the encoder stays near what it chose.

Sources: A. van den Oord, O. Vinyals, K. Kavukcuoglu, Neural Discrete Representation Learning,
arXiv:1711.00937, equation 3 and appendix A.1.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vae_helpers.arguments import real_number
from vae_helpers.errors import VaeLabError
from vae_zoo.contract import Loss, single_at_least, size
from vae_zoo.discrete.quantized import QuantizedGrid, straight_through
from vae_zoo.likelihoods.densities import Likelihood, Name
from vae_zoo.networks import Networks

AVERAGED = 0.99  # of an average stays in each step
SMALLEST_SIZE = 1e-3  # of an average, in outputs a step


def nearest(z: Tensor, codebook: Tensor) -> Tensor:
    """The number (...) of the row of `codebook` (K, C) nearest to z (..., C); of ties the first.

    >>> nearest(torch.tensor([[0.1], [0.5], [2.0]]), torch.tensor([[0.0], [1.0]]))
    tensor([0, 0, 1])
    """
    if codebook.ndim != 2 or z.ndim < 1 or z.shape[-1] != codebook.shape[1]:
        raise VaeLabError(
            f"nearest: z {tuple(z.shape)} and codebook {tuple(codebook.shape)} must be (..., C) "
            "and (K, C)"
        )
    rows, codebook = single_at_least(z.reshape(-1, z.shape[-1])), single_at_least(codebook)
    # Squares that are multiplied out lose the digits by which near codes differ.
    with torch.no_grad():
        away = torch.cdist(rows, codebook, compute_mode="donot_use_mm_for_euclid_dist")
    return away.argmin(1).view(z.shape[:-1])


def quantization_losses(z: Tensor, e: Tensor) -> tuple[Tensor, Tensor]:
    """(codebook, commitment), each (B,), of outputs z and chosen codes e (B, n, C): summed squares
    with the gradient for the codes alone, and for the outputs alone."""
    codebook = (z.detach() - e).square().flatten(1).sum(1)
    return codebook, (z - e.detach()).square().flatten(1).sum(1)


class VQVAE(QuantizedGrid):
    """`num_codes` codes of `channels` numbers; the codebook learns by gradients or by averages.

    A uniform prior would add n log K nats, a constant; without it the loss bounds nothing.
    """

    sizes: Tensor
    sums: Tensor

    def __init__(
        self,
        networks: Networks,
        pixels: Name | Likelihood = "bernoulli",
        *,
        num_codes: int = 64,
        channels: int = 16,
        commitment: float = 0.25,
        average: bool = False,
    ) -> None:
        num_codes = size(num_codes, self, "num_codes")
        channels = size(channels, self, "channels")
        super().__init__(networks, channels, num_codes, pixels)
        self.commitment = real_number(commitment, "VQVAE: commitment")
        self.average = average
        codebook = torch.randn(num_codes, channels) / channels**0.5
        self.codebook = nn.Parameter(codebook, requires_grad=not average)
        self.register_buffer("sizes", torch.ones(num_codes))
        self.register_buffer("sums", codebook.clone())

    def code(self, indices: Tensor) -> Tensor:
        return F.embedding(indices, self.codebook)

    def index(self, z: Tensor) -> Tensor:
        return nearest(z, self.codebook)

    def loss(self, x: Tensor, *, generator: torch.Generator | None = None) -> Loss:
        z = self.encode(x)
        indices = self.index(z)
        e = self.code(indices)
        nll = self.likelihood.nll(self.decode(straight_through(e, z)), x)
        codebook, commitment = quantization_losses(z, e)
        if self.training:
            self.count(indices)
            if self.average:
                self._follow(z, indices)
        loss = nll + self.commitment * commitment + (0.0 if self.average else codebook)
        return Loss(loss, {"nll": nll, "codebook": codebook, "commitment": commitment})

    @torch.no_grad()
    def _follow(self, z: Tensor, indices: Tensor) -> None:
        """Each code is the moving average of the outputs that chose it; one that has not been
        chosen for so long that its average has no weight left stays where it is."""
        chosen = F.one_hot(indices.flatten(), self.num_codes).to(self.sums)
        self.sizes.lerp_(chosen.sum(0), 1 - AVERAGED)
        sums = chosen.mT @ z.flatten(0, 1).to(chosen)
        self.sums.lerp_(sums.to(self.sums), 1 - AVERAGED)
        alive = self.sizes > SMALLEST_SIZE
        means = self.sums / self.sizes.clamp_min(SMALLEST_SIZE)[:, None]
        self.codebook.copy_(torch.where(alive[:, None], means, self.codebook))
