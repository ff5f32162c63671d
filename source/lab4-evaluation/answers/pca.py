"""Answers to Exercise 17 of lab4-evaluation: right ones, then wrong ones."""


# %% by torch.svd, whose V has the axes in its columns
def pca(x, latent_dim):
    mean = x.mean(dim=0)
    U, S, V = torch.svd(x - mean)
    V = V[:, :latent_dim]
    return mean, V.T, mean + (x - mean) @ V @ V.T


# %% the reconstruction from U and S
def pca(x, latent_dim):
    mean = x.mean(0)
    U, S, Vh = torch.linalg.svd(x - mean, full_matrices=False)
    D = latent_dim
    return [mean, Vh[:D], mean + (U[:, :D] * S[:D]) @ Vh[:D]]


# %% numpy, and back
def pca(x, latent_dim):
    import numpy as np

    a = x.numpy()
    mean = a.mean(axis=0)
    _, _, Vh = np.linalg.svd(a - mean, full_matrices=False)
    axes = Vh[:latent_dim]
    reconstruction = mean + (a - mean) @ axes.T @ axes
    return tuple(torch.from_numpy(part.copy()) for part in (mean, axes, reconstruction))


# %% a named tuple, full matrices, other signs
def pca(x, latent_dim):
    from collections import namedtuple

    Components = namedtuple("Components", ["mean", "axes", "images"])
    mean = torch.einsum("np->p", x) / x.shape[0]
    off = x - mean[None, :]
    axes = -torch.linalg.svd(off).Vh[:latent_dim, :]
    codes = torch.einsum("np,dp->nd", off, axes)
    return Components(mean, axes, mean + torch.einsum("nd,dp->np", codes, axes))


# %% svd of the transpose
def pca(x, latent_dim):
    mean = x.mean(dim=0, keepdim=True)
    U, _, _ = torch.linalg.svd((x - mean).mT, full_matrices=False)
    axes = U[:, :latent_dim].mT
    return mean[0], axes, (x - mean) @ axes.mT @ axes + mean


# %% QR first, then svd of the small triangle
def pca(x, latent_dim):
    mean = x.mean(0)
    Q, R = torch.linalg.qr((x - mean).T)
    U, _, _ = torch.linalg.svd(R, full_matrices=False)
    axes = (Q @ U)[:, :latent_dim].T
    return mean, axes, mean + (x - mean) @ axes.T @ axes


# %% eigenvectors of the covariance matrix
# slug: pca-squared
# says: squares them
# loses: pca-digits
def pca(x, latent_dim):
    mean = x.mean(0)
    _, vectors = torch.linalg.eigh((x - mean).T @ (x - mean))
    axes = vectors.flip(1)[:, :latent_dim].T
    return mean, axes, mean + (x - mean) @ axes.T @ axes


# %% not centred
# slug: pca-not-centred
# says: not centred
# loses: pca-axes, pca-reconstruction, pca-digits
def pca(x, latent_dim):
    mean = x.mean(0)
    axes = torch.linalg.svd(x, full_matrices=False).Vh[:latent_dim]
    return mean, axes, x @ axes.T @ axes


# %% axes of images that were not centred, all else right
# slug: pca-not-centred
# says: points to the mean
def pca(x, latent_dim):
    mean = x.mean(0)
    axes = torch.linalg.svd(x, full_matrices=False).Vh[:latent_dim]
    return mean, axes, mean + (x - mean) @ axes.T @ axes


# %% one mean for all pixels
# slug: pca-centred-wrongly
# says: each pixel has its own
def pca(x, latent_dim):
    mean = x.mean()
    axes = torch.linalg.svd(x - mean, full_matrices=False).Vh[:latent_dim]
    return mean, axes, mean + (x - mean) @ axes.T @ axes


# %% a mean of each image
# slug: pca-centred-wrongly
# says: over the images
def pca(x, latent_dim):
    mean = x.mean(dim=1)
    axes = torch.linalg.svd(x - mean[:, None], full_matrices=False).Vh[:latent_dim]
    return mean, axes, mean[:, None] + (x - mean[:, None]) @ axes.T @ axes


# %% a dimension of size 1
# slug: pca-mean-kept
# says: a dimension of size 1
# loses: pca-axes, pca-digits
def pca(x, latent_dim):
    mean = x.mean(dim=0, keepdim=True)
    axes = torch.linalg.svd(x - mean, full_matrices=False).Vh[:latent_dim]
    return mean, axes, mean + (x - mean) @ axes.T @ axes


# %% the mean not added back
# slug: pca-mean-not-added
# says: not added back
# loses: pca-reconstruction, pca-digits
def pca(x, latent_dim):
    mean = x.mean(0)
    axes = torch.linalg.svd(x - mean, full_matrices=False).Vh[:latent_dim]
    return mean, axes, (x - mean) @ axes.T @ axes


# %% codes of images that were not centred
# slug: pca-mean-not-subtracted
# says: subtract the mean first
# loses: pca-reconstruction, pca-digits
def pca(x, latent_dim):
    mean = x.mean(0)
    axes = torch.linalg.svd(x - mean, full_matrices=False).Vh[:latent_dim]
    return mean, axes, mean + x @ axes.T @ axes


# %% codes in place of reconstructions
# slug: pca-codes
# says: These are the codes
# loses: pca-reconstruction, pca-digits
def pca(x, latent_dim):
    mean = x.mean(0)
    axes = torch.linalg.svd(x - mean, full_matrices=False).Vh[:latent_dim]
    return mean, axes, (x - mean) @ axes.T


# %% axes in columns
# slug: shape-transposed
# says: Rows and columns
# loses: pca-axes, pca-digits
def pca(x, latent_dim):
    mean = x.mean(0)
    axes = torch.linalg.svd(x - mean, full_matrices=False).Vh[:latent_dim]
    return mean, axes.T, mean + (x - mean) @ axes.T @ axes


# %% the last axes
# slug: pca-last
# says: least variance
def pca(x, latent_dim):
    mean = x.mean(0)
    axes = torch.linalg.svd(x - mean, full_matrices=False).Vh[-latent_dim:]
    return mean, axes, mean + (x - mean) @ axes.T @ axes


# %% the smallest eigenvalues first
# slug: pca-last
# says: largest variance are wanted
def pca(x, latent_dim):
    mean = x.mean(0)
    _, vectors = torch.linalg.eigh((x - mean).T @ (x - mean))
    axes = vectors[:, :latent_dim].T
    return mean, axes, mean + (x - mean) @ axes.T @ axes


# %% in the reverse order
# slug: pca-reversed
# says: largest variance comes first
# loses: pca-axes, pca-digits
def pca(x, latent_dim):
    mean = x.mean(0)
    axes = torch.linalg.svd(x - mean, full_matrices=False).Vh[:latent_dim].flip(0)
    return mean, axes, mean + (x - mean) @ axes.T @ axes


# %% pixels divided by their spread
# slug: pca-scaled
# says: divided by their spread
def pca(x, latent_dim):
    mean, spread = x.mean(0), x.std(0)
    axes = torch.linalg.svd((x - mean) / spread, full_matrices=False).Vh[:latent_dim]
    return mean, axes, mean + (x - mean) @ axes.T @ axes


# %% axes times singular values
# slug: pca-length
# says: not of length 1
# loses: pca-axes, pca-digits
def pca(x, latent_dim):
    mean = x.mean(0)
    _, S, Vh = torch.linalg.svd(x - mean, full_matrices=False)
    axes = Vh[:latent_dim]
    return mean, axes * S[:latent_dim, None], mean + (x - mean) @ axes.T @ axes


# %% whitened codes
# slug: pca-whitened
# says: decoding has to undo that
# loses: pca-reconstruction, pca-digits
def pca(x, latent_dim):
    mean = x.mean(0)
    axes = torch.linalg.svd(x - mean, full_matrices=False).Vh[:latent_dim]
    codes = (x - mean) @ axes.T
    return mean, axes, mean + codes / codes.std(0) @ axes


# %% one axis less in the reconstruction
# slug: pca-count
# says: off by one
# loses: pca-reconstruction, pca-digits
def pca(x, latent_dim):
    mean = x.mean(0)
    axes = torch.linalg.svd(x - mean, full_matrices=False).Vh[:latent_dim]
    short = axes[:-1]
    return mean, axes, mean + (x - mean) @ short.T @ short


# %% rows of V
# slug: pca-rows-of-v
# says: a column of V
def pca(x, latent_dim):
    mean = x.mean(0)
    _, _, V = torch.linalg.svd(x - mean, full_matrices=True)
    axes = V[:, :latent_dim].T
    return mean, axes, mean + (x - mean) @ axes.T @ axes


# %% turned within the flat
# slug: pca-turned
# says: other axes in it
# loses: pca-axes, pca-digits
def pca(x, latent_dim):
    mean = x.mean(0)
    axes = torch.linalg.svd(x - mean, full_matrices=False).Vh[:latent_dim]
    turned = torch.linalg.qr(torch.ones(latent_dim, latent_dim).to(x).tril()).Q @ axes
    return mean, turned, mean + (x - mean) @ axes.T @ axes


# %% the mean alone
# slug: pca-mean-only
# says: the codes are missing
# loses: pca-reconstruction, pca-digits
def pca(x, latent_dim):
    mean = x.mean(0)
    axes = torch.linalg.svd(x - mean, full_matrices=False).Vh[:latent_dim]
    return mean, axes, mean.expand_as(x)


# %% the images themselves
# slug: pca-input
# says: cannot hold all
# loses: pca-reconstruction, pca-digits
def pca(x, latent_dim):
    mean = x.mean(0)
    axes = torch.linalg.svd(x - mean, full_matrices=False).Vh[:latent_dim]
    return mean, axes, x


# %% a pair
# slug: wrong-type
# says: not 3 values
def pca(x, latent_dim):
    mean = x.mean(0)
    axes = torch.linalg.svd(x - mean, full_matrices=False).Vh[:latent_dim]
    return axes, mean + (x - mean) @ axes.T @ axes


# %% axes in half precision
# slug: pca-nearly
# says: rounded
def pca(x, latent_dim):
    mean = x.mean(0)
    axes = torch.linalg.svd(x - mean, full_matrices=False).Vh[:latent_dim].half().to(x)
    return mean, axes, mean + (x - mean) @ axes.T @ axes


# %% the first pixels
# slug: pca-other-axes
# says: largest variance
def pca(x, latent_dim):
    mean = x.mean(0)
    axes = torch.eye(x.shape[1]).to(x)[:latent_dim]
    return mean, axes, mean + (x - mean) @ axes.T @ axes


# %% Gram matrix of the images
# slug: pca-squared
# says: Small spreads are lost
# loses: pca-digits
def pca(x, latent_dim):
    mean = x.mean(0)
    c = x - mean
    U = torch.linalg.eigh(c @ c.T).eigenvectors.flip(1)[:, :latent_dim]
    V = F.normalize(U.T @ c, dim=1)
    return mean, V, mean + c @ V.T @ V


# %% pca_lowrank with more of everything
# slug: pca-nearly
# says: Nearly the right axes
# loses: pca-axes
def pca(x, latent_dim):
    mean = x.mean(0)
    q = min(x.shape[0], x.shape[1], latent_dim + 10)
    _, _, V = torch.pca_lowrank(x, q=q, niter=5)
    V = V[:, :latent_dim].T
    return mean, V, mean + (x - mean) @ V.T @ V


# %% power iteration, thirty steps
# slug: pca-other-axes
# says: These are not the directions of
# loses: pca-axes, pca-reconstruction
def pca(x, latent_dim):
    mean = x.mean(0)
    c, axes = x - mean, []
    for _ in range(latent_dim):
        v = torch.ones(x.shape[1], dtype=x.dtype) / x.shape[1] ** 0.5
        for _ in range(30):
            v = c.T @ (c @ v)
            v = v / v.norm()
        axes.append(v)
        c = c - torch.outer(c @ v, v)
    V = torch.stack(axes)
    return mean, V, mean + (x - mean) @ V.T @ V


# %% outputs in another order
# slug: pca-order
# says: Three values, in this order
def pca(x, latent_dim):
    mean = x.mean(0)
    V = torch.linalg.svd(x - mean, full_matrices=False)[2][:latent_dim]
    return V, mean, mean + (x - mean) @ V.T @ V


# %% small singular values dropped
# slug: pca-squared
# says: Small spreads are lost
# loses: pca-digits
def pca(x, latent_dim):
    mean = x.mean(0)
    U, S, Vh = torch.linalg.svd(x - mean, full_matrices=False)
    S = torch.where(1e-5 * S[0] < S, S, torch.zeros_like(S))
    Vh = torch.where(S[:, None] > 0, Vh, torch.zeros_like(Vh))
    return mean, Vh[:latent_dim], mean + (U[:, :latent_dim] * S[:latent_dim]) @ Vh[:latent_dim]
