"""Other VAEs: each a class beside GaussianVAE, so that what one reads is the difference.

vae           GaussianVAE: the VAE of 2013, cut into the parts that the others change
networks      encoders and decoders, handed to a model
likelihoods   what is made of a decoder's outputs, and losses that are no likelihoods
bounds        of several codes: IWAE, MIWAE, CIWAE, PIWAE, the doubly reparameterized gradient
regularizers  beta, capacity, beta-TC, Factor, DIP, Info, WAE-MMD, sliced Wasserstein
labels        conditional, semi-supervised (M2)
discrete      categorical, joint, VQ, finite scalar
hierarchies   two levels and more, ladder, NVAE's residual q
priors        mixture, VampPrior, flow
posteriors    flow, Gamma
two_stage     a VAE or a diffusion model of the codes
flows         invertible maps, for priors and posteriors
checkpoints   a trained model on disk, and back
contract      what all of them offer
families      every one of them by its name
recipes       published set-ups with their numbers
"""
