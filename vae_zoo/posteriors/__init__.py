"""Richer q(z|x) than a diagonal Gaussian, or another kind of it.

flow   FlowPosteriorVAE: affine autoregressive or planar maps behind the Gaussian
gamma  GammaVAE: codes above 0
"""
