# %% not centred
# kind: wrong
def pca(x, latent_dim):
    mean = x.mean(0)
    V = torch.linalg.svd(x, full_matrices=False).Vh[:latent_dim]
    return mean, V, mean + (x - mean) @ V.T @ V

# %% not centred at all
# kind: wrong
def pca(x, latent_dim):
    V = torch.linalg.svd(x, full_matrices=False).Vh[:latent_dim]
    return x.mean(0), V, x @ V.T @ V

# %% eigenvectors of the covariance
# kind: wrong
def pca(x, latent_dim):
    mean = x.mean(0)
    c = x - mean
    V = torch.linalg.eigh(c.T @ c).eigenvectors.flip(1)[:, :latent_dim].T
    return mean, V, mean + c @ V.T @ V

# %% covariance in double precision
# kind: wrong
def pca(x, latent_dim):
    d = x.double()
    mean = d.mean(0)
    V = torch.linalg.eigh((d - mean).T @ (d - mean)).eigenvectors.flip(1)[:, :latent_dim].T
    return mean.to(x), V.to(x), (mean + (d - mean) @ V.T @ V).to(x)

# %% svd of the covariance
# kind: wrong
def pca(x, latent_dim):
    mean = x.mean(0)
    V = torch.linalg.svd(x.T.cov())[2][:latent_dim]
    return mean, V, mean + (x - mean) @ V.T @ V

# %% Gram matrix of the images
# kind: wrong
def pca(x, latent_dim):
    mean = x.mean(0)
    c = x - mean
    U = torch.linalg.eigh(c @ c.T).eigenvectors.flip(1)[:, :latent_dim]
    V = F.normalize(U.T @ c, dim=1)
    return mean, V, mean + c @ V.T @ V

# %% V not transposed back
# kind: wrong
def pca(x, latent_dim):
    mean = x.mean(0)
    V = torch.linalg.svd(x - mean, full_matrices=True)[2][:, :latent_dim].T
    return mean, V, mean + (x - mean) @ V.T @ V

# %% columns of Vh as components
# kind: wrong
def pca(x, latent_dim):
    mean = x.mean(0)
    Vh = torch.linalg.svd(x - mean, full_matrices=False)[2]
    V = Vh[:latent_dim]
    return mean, V.T, mean + (x - mean) @ V.T @ V

# %% ascending order
# kind: wrong
def pca(x, latent_dim):
    mean = x.mean(0)
    V = torch.linalg.svd(x - mean, full_matrices=False)[2][:latent_dim].flip(0)
    return mean, V, mean + (x - mean) @ V.T @ V

# %% smallest axes
# kind: wrong
def pca(x, latent_dim):
    mean = x.mean(0)
    V = torch.linalg.svd(x - mean, full_matrices=False)[2].flip(0)[:latent_dim]
    return mean, V, mean + (x - mean) @ V.T @ V

# %% axes times singular values
# kind: wrong
def pca(x, latent_dim):
    mean = x.mean(0)
    U, S, Vh = torch.linalg.svd(x - mean, full_matrices=False)
    k = latent_dim
    return mean, S[:k, None] * Vh[:k], mean + U[:, :k] * S[:k] @ Vh[:k]

# %% reconstruction without the mean
# kind: wrong
def pca(x, latent_dim):
    mean = x.mean(0)
    V = torch.linalg.svd(x - mean, full_matrices=False)[2][:latent_dim]
    return mean, V, (x - mean) @ V.T @ V

# %% reconstruction projects uncentred images, then adds the mean
# kind: wrong
def pca(x, latent_dim):
    mean = x.mean(0)
    V = torch.linalg.svd(x - mean, full_matrices=False)[2][:latent_dim]
    return mean, V, mean + x @ V.T @ V

# %% codes in place of the reconstruction
# kind: wrong
def pca(x, latent_dim):
    mean = x.mean(0)
    V = torch.linalg.svd(x - mean, full_matrices=False)[2][:latent_dim]
    return mean, V, (x - mean) @ V.T

# %% mean of every image
# kind: wrong
def pca(x, latent_dim):
    c = x - x.mean(1, keepdim=True)
    V = torch.linalg.svd(c, full_matrices=False)[2][:latent_dim]
    return x.mean(0), V, x.mean(0) + (x - x.mean(0)) @ V.T @ V

# %% one number for the mean
# kind: wrong
def pca(x, latent_dim):
    mean = x.mean()
    V = torch.linalg.svd(x - mean, full_matrices=False)[2][:latent_dim]
    return x.mean(0), V, mean + (x - mean) @ V.T @ V

# %% mean keeps its dimension
# kind: wrong
def pca(x, latent_dim):
    mean = x.mean(0, keepdim=True)
    V = torch.linalg.svd(x - mean, full_matrices=False)[2][:latent_dim]
    return mean, V, mean + (x - mean) @ V.T @ V

# %% median image
# kind: wrong
def pca(x, latent_dim):
    mean = x.median(0).values
    V = torch.linalg.svd(x - mean, full_matrices=False)[2][:latent_dim]
    return mean, V, mean + (x - mean) @ V.T @ V

# %% standardized pixels
# kind: wrong
def pca(x, latent_dim):
    mean, sd = x.mean(0), x.std(0) + 1e-8
    V = torch.linalg.svd((x - mean) / sd, full_matrices=False)[2][:latent_dim]
    return mean, V, mean + (x - mean) / sd @ V.T @ V * sd

# %% pca_lowrank
# kind: wrong
def pca(x, latent_dim):
    mean = x.mean(0)
    _, _, V = torch.pca_lowrank(x, q=latent_dim)
    return mean, V.T, mean + (x - mean) @ V @ V.T

# %% pca_lowrank with more of everything
# kind: wrong
def pca(x, latent_dim):
    mean = x.mean(0)
    q = min(x.shape[0], x.shape[1], latent_dim + 10)
    _, _, V = torch.pca_lowrank(x, q=q, niter=5)
    V = V[:, :latent_dim].T
    return mean, V, mean + (x - mean) @ V.T @ V

# %% power iteration, thirty steps
# kind: wrong
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

# %% one axis too many
# kind: wrong
def pca(x, latent_dim):
    mean = x.mean(0)
    V = torch.linalg.svd(x - mean, full_matrices=False)[2][:latent_dim + 1]
    return mean, V, mean + (x - mean) @ V.T @ V

# %% outputs in another order
# kind: wrong
def pca(x, latent_dim):
    mean = x.mean(0)
    V = torch.linalg.svd(x - mean, full_matrices=False)[2][:latent_dim]
    return V, mean, mean + (x - mean) @ V.T @ V

# %% centred in place
# kind: wrong
def pca(x, latent_dim):
    mean = x.mean(0)
    x -= mean
    V = torch.linalg.svd(x, full_matrices=False)[2][:latent_dim]
    return mean, V, mean + x @ V.T @ V

# %% single precision
# kind: wrong
def pca(x, latent_dim):
    c = x.float()
    mean = c.mean(0)
    V = torch.linalg.svd(c - mean, full_matrices=False)[2][:latent_dim]
    return mean.to(x), V.to(x), (mean + (c - mean) @ V.T @ V).to(x)

# %% always double
# kind: wrong
def pca(x, latent_dim):
    c = x.double()
    mean = c.mean(0)
    V = torch.linalg.svd(c - mean, full_matrices=False)[2][:latent_dim]
    return mean, V, mean + (c - mean) @ V.T @ V

# %% Gram-Schmidt on the images
# kind: wrong
def pca(x, latent_dim):
    mean = x.mean(0)
    V = torch.linalg.qr((x - mean).T)[0][:, :latent_dim].T
    return mean, V, mean + (x - mean) @ V.T @ V

# %% twenty axes always
# kind: wrong
def pca(x, latent_dim):
    mean = x.mean(0)
    V = torch.linalg.svd(x - mean, full_matrices=False)[2][:20]
    return mean, V, mean + (x - mean) @ V.T @ V

# %% clamped to grey values
# kind: wrong
def pca(x, latent_dim):
    mean = x.mean(0)
    V = torch.linalg.svd(x - mean, full_matrices=False)[2][:latent_dim]
    return mean, V, (mean + (x - mean) @ V.T @ V).clamp(0, 1)

# %% whitened codes
# kind: wrong
def pca(x, latent_dim):
    mean = x.mean(0)
    U, S, Vh = torch.linalg.svd(x - mean, full_matrices=False)
    return mean, Vh[:latent_dim], mean + U[:, :latent_dim] @ Vh[:latent_dim]

# %% left singular vectors
# kind: wrong
def pca(x, latent_dim):
    mean = x.mean(0)
    U, S, Vh = torch.linalg.svd(x - mean, full_matrices=False)
    V = U[:, :latent_dim].T
    return mean, V, mean + (U[:, :latent_dim] * S[:latent_dim]) @ Vh[:latent_dim]

# %% coordinate axes of largest variance
# kind: wrong
def pca(x, latent_dim):
    mean = x.mean(0)
    best = x.var(0).argsort(descending=True)[:latent_dim]
    V = torch.eye(x.shape[1], dtype=x.dtype)[best]
    return mean, V, mean + (x - mean) @ V.T @ V

# %% reconstruction is the image itself
# kind: wrong
def pca(x, latent_dim):
    mean = x.mean(0)
    V = torch.linalg.svd(x - mean, full_matrices=False)[2][:latent_dim]
    return mean, V, x.clone()

# %% axes rotated within their span
# kind: wrong
def pca(x, latent_dim):
    mean = x.mean(0)
    V = torch.linalg.svd(x - mean, full_matrices=False)[2][:latent_dim]
    R = torch.linalg.qr(torch.randn(len(V), len(V), dtype=x.dtype))[0]
    return mean, R @ V, mean + (x - mean) @ V.T @ V

# %% axes along the first image only
# kind: wrong
def pca(x, latent_dim):
    mean = x.mean(0)
    V = torch.linalg.svd((x - mean)[: 2 * latent_dim], full_matrices=False)[2][:latent_dim]
    return mean, V, mean + (x - mean) @ V.T @ V

# %% small singular values dropped
# kind: wrong
def pca(x, latent_dim):
    mean = x.mean(0)
    U, S, Vh = torch.linalg.svd(x - mean, full_matrices=False)
    S = torch.where(S > 1e-5 * S[0], S, torch.zeros_like(S))
    Vh = torch.where(S[:, None] > 0, Vh, torch.zeros_like(Vh))
    return mean, Vh[:latent_dim], mean + (U[:, :latent_dim] * S[:latent_dim]) @ Vh[:latent_dim]

# %% pseudo-inverse with a ridge
# kind: wrong
def pca(x, latent_dim):
    mean = x.mean(0)
    V = torch.linalg.svd(x - mean, full_matrices=False)[2][:latent_dim]
    codes = torch.linalg.solve(V @ V.T + 1e-3 * torch.eye(len(V), dtype=x.dtype), V @ (x - mean).T)
    return mean, V, mean + codes.T @ V

# %% numpy
# kind: open
def pca(x, latent_dim):
    mean = x.mean(0)
    Vh = torch.from_numpy(np.linalg.svd((x - mean).numpy(), full_matrices=False)[2])[:latent_dim]
    return mean, Vh, mean + (x - mean) @ Vh.T @ Vh

# %% full matrices
# kind: open
def pca(x, latent_dim):
    mean = x.mean(0)
    V = torch.linalg.svd(x - mean)[2][:latent_dim]
    return mean, V, mean + (x - mean) @ V.T @ V

# %% eigenvectors of the symmetric matrix with X off its diagonal
# kind: open
def pca(x, latent_dim):
    mean = x.mean(0)
    c = x - mean
    n, p = c.shape
    M = torch.zeros(n + p, n + p, dtype=x.dtype)
    M[:n, n:], M[n:, :n] = c, c.T
    E = torch.linalg.eigh(M).eigenvectors.flip(1)[n:, :latent_dim]
    V = F.normalize(E.T, dim=1)
    return mean, V, mean + c @ V.T @ V

# %% a list
# kind: open
def pca(x, latent_dim):
    mean = x.mean(0)
    V = torch.linalg.svd(x - mean, full_matrices=False)[2][:latent_dim]
    return [mean, V, mean + (x - mean) @ V.T @ V]

# %% QR before SVD
# kind: right
def pca(x, latent_dim):
    mean = x.sum(0) / x.shape[0]
    c = x - mean
    R = torch.linalg.qr(c, mode="r").R
    V = torch.linalg.svd(R, full_matrices=False).Vh[:latent_dim]
    return mean, V, mean + (c @ V.T) @ V

# %% truncated product
# kind: right
def pca(x, latent_dim):
    mean = x.mean(dim=0)
    U, S, Vh = torch.linalg.svd(x - mean, full_matrices=False)
    k = latent_dim
    return mean, Vh[:k], torch.einsum("nk,k,kp->np", U[:, :k], S[:k], Vh[:k]) + mean

# %% svd of the transpose
# kind: right
def pca(x, latent_dim):
    mean = torch.einsum("np->p", x) / len(x)
    U = torch.linalg.svd((x - mean).mT, full_matrices=False).U[:, :latent_dim]
    return mean, U.T.contiguous(), torch.addmm(mean, (x - mean) @ U, U.T)

# %% the old torch.svd
# kind: right
def pca(x, latent_dim):
    mean = x.mean(0)
    _, _, V = torch.svd(x - mean)
    V = V.narrow(1, 0, latent_dim)
    return mean, V.t(), torch.stack([mean + V @ (V.t() @ (row - mean)) for row in x])

# %% signs fixed, double inside
# kind: right
def pca(x, latent_dim):
    d = x.double()
    mean = d.mean(0)
    V = torch.linalg.svd(d - mean, full_matrices=False)[2][:latent_dim]
    V = V * torch.where(V.gather(1, V.abs().argmax(1, keepdim=True)) < 0, -1.0, 1.0)
    return mean.to(x.dtype), V.to(x.dtype), (mean + (d - mean) @ V.T @ V).to(x.dtype)

# %% axis by axis
# kind: right
def pca(x, latent_dim):
    mean = x.mean(0)
    Vh = torch.linalg.svd(x - mean, full_matrices=False)[2]
    reconstruction = mean.expand_as(x)
    for d in range(latent_dim):
        v = Vh[d]
        reconstruction = reconstruction + torch.outer((x - mean) @ v, v)
    return mean, torch.stack([-Vh[d] for d in range(latent_dim)]), reconstruction

# %% what is left out is subtracted
# kind: right
def pca(x, latent_dim):
    mean = x.mean(0)
    U, S, Vh = torch.linalg.svd(x - mean, full_matrices=False)
    left_out = (U[:, latent_dim:] * S[latent_dim:]) @ Vh[latent_dim:]
    return mean, Vh[:latent_dim], x - left_out

# %% least squares for the codes
# kind: right
def pca(x, latent_dim):
    mean = x.mean(0)
    c = x - mean
    V = torch.linalg.svd(c, full_matrices=False)[2][:latent_dim]
    codes = torch.linalg.lstsq(V.T, c.T).solution
    return mean, V, mean + codes.T @ V
