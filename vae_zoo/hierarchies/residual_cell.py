"""NVAE's parameterization: q says how it differs from p."""

from __future__ import annotations

from torch import Tensor

from vae_zoo.hierarchies.gaussians import Parameters, relative
from vae_zoo.hierarchies.two_level import Hierarchical


class ResidualVAE(Hierarchical):
    """q(z_l|x, z_{l+1}) = N(mu_p + d_mu, var_p exp(d_logvar)), d of the image and the codes above.

    The same family of q and the same KL as Hierarchical's, in other coordinates: when p moves, q
    moves with it. The cells of NVAE, its convolutions and its spectral regularization, which its
    training needs besides, are not here.

    Source: A. Vahdat, J. Kautz, arXiv:2007.03898, section 3.2.
    """

    def posterior_of(self, level: int, h: Tensor, above: Tensor, prior: Parameters) -> Parameters:
        return relative(super().posterior_of(level, h, above, prior), prior)
