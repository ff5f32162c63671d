"""The ladder: what is seen from below merged with what is expected from above."""

from __future__ import annotations

from torch import Tensor

from vae_zoo.hierarchies.gaussians import Parameters, merge
from vae_zoo.hierarchies.two_level import Hierarchical


class LadderVAE(Hierarchical):
    """q(z_l|x, z_{l+1}) is proportional to p(z_l|z_{l+1}) times a Gaussian of the image alone.

    In a chain of linear Gaussians the true posterior has this form. Every level sees the same
    features of the image; in the paper those of the levels above are made of those below.

    Source: C. K. Sonderby et al., arXiv:1602.02282, equations 15 to 19.
    """

    def seen(self, hidden: int, above: int) -> int:
        return hidden

    def posterior_of(self, level: int, h: Tensor, above: Tensor, prior: Parameters) -> Parameters:
        mu, logvar = self.posteriors[level](h).chunk(2, dim=1)
        return merge((mu, logvar), prior)
