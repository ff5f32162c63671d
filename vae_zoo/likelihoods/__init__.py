"""What a decoder's outputs say of pixels: densities by name, and losses that are none.

densities              Bernoulli, ContinuousBernoulli, Gaussian, DiscretizedLogistic; likelihood()
log_cosh               LogCosh
structural_similarity  StructuralSimilarity: SSIM over several scales
perceptual             Perceptual: distances between features of a frozen network
"""
