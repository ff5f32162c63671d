"""Codes above codes: z_1 next to the image, z_L at the top.

gaussians      the KL between two diagonal Gaussians, their merge, and one relative to the other
two_level      Hierarchical: p(z_L) ... p(z_1|z_2) p(x|z_1), q from the top down
ladder         LadderVAE: what is seen from below merged with what is expected from above
residual_cell  ResidualVAE: q relative to p, as in NVAE
"""
