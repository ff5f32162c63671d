"""Models that know what an image shows, always or now and then.

conditional      ConditionalVAE: p(x|z, y)
semi_supervised  SemiSupervised: M2, labels of a few images
"""
