"""A second model of the first one's codes, trained when the first has been.

two_stage         TwoStageVAE: a VAE of codes
latent_diffusion  LatentDiffusion: a denoising diffusion model of codes
"""
