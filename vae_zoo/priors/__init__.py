"""Other priors: the decoder and q stay as they are.

mixture  MixtureVAE: a mixture of Gaussians whose parameters are learned; VampPrior
flow     FlowPriorVAE: a normalizing flow
"""
