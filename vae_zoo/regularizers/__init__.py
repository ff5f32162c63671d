"""The same model, another term beside the reconstruction.

beta                BetaVAE
capacity            CapacityVAE: the KL is held at a number of nats that grows
total_correlation   BetaTCVAE: the KL in three parts
factor              FactorVAE: total correlation by a second player
covariance          DIPVAE: whitened codes
discrepancy         InfoVAE, WassersteinMMD: distances by kernels
sliced_wasserstein  SlicedWasserstein
"""
