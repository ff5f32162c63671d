"""Answers to Exercise 8 a of lab5-family: right ones, then wrong ones."""


# %% by cdist, without multiplying out
def quantize(z, codebook):
    rows = z.reshape(-1, z.shape[-1])
    away = torch.cdist(rows, codebook, compute_mode="donot_use_mm_for_euclid_dist")
    indices = away.argmin(1).reshape(z.shape[:-1])
    return indices, F.embedding(indices, codebook)


# %% a loop over vectors
def quantize(z, codebook):
    rows = z.detach().reshape(-1, z.shape[-1])
    found = [int((row - codebook).pow(2).sum(1).argmin()) for row in rows]
    indices = torch.tensor(found).reshape(z.shape[:-1])
    return indices, codebook[indices]


# %% a loop over codes
def quantize(z, codebook):
    best = torch.full(z.shape[:-1], math.inf, dtype=z.dtype)
    indices = torch.zeros(z.shape[:-1], dtype=torch.long)
    for number, code in enumerate(codebook.detach()):
        away = ((z.detach() - code) ** 2).sum(-1)
        nearer = away < best
        best = torch.where(nearer, away, best)
        indices = torch.where(nearer, number, indices)
    return indices, codebook[indices]


# %% one-hot rows
def quantize(z, codebook):
    away = torch.linalg.vector_norm(z[..., None, :] - codebook, dim=-1)
    indices = away.topk(1, largest=False).indices.squeeze(-1)
    one_hot = F.one_hot(indices, len(codebook)).to(codebook.dtype)
    return indices, one_hot @ codebook


# %% einsum, the last of equals
def quantize(z, codebook):
    away = z.unsqueeze(-2) - codebook
    squares = torch.einsum("...d,...d->...", away, away)
    indices = len(codebook) - 1 - squares.flip(-1).argmin(-1)
    return indices, codebook.index_select(0, indices.reshape(-1)).reshape(z.shape)


# %% 32-bit numbers of codes
def quantize(z, codebook):
    squares = sum((z[..., d, None] - codebook[:, d]) ** 2 for d in range(z.shape[-1]))
    indices = squares.argsort(-1)[..., 0].int()
    return indices, codebook[indices.long()]


# %% multiplied out about the middle of the codes
def quantize(z, codebook):
    middle = codebook.detach().mean(0)
    a, b = (z.detach() - middle).double(), (codebook.detach() - middle).double()
    squares = (a * a).sum(-1, keepdim=True) - 2 * a @ b.T + (b * b).sum(1)
    indices = squares.argmin(-1)
    return [indices, codebook[indices]]


# %% by view
def quantize(z, codebook):
    rows = z.view(-1, z.shape[-1])
    indices = (rows[:, None] - codebook).square().sum(-1).argmin(1).view(z.shape[:-1])
    return indices, codebook[indices]


# %% the farthest code
# slug: codes-farthest
# says: The farthest code
def quantize(z, codebook):
    indices = (z.unsqueeze(-2) - codebook).square().sum(-1).argmax(-1)
    return indices, codebook[indices]


# %% the largest inner product
# slug: codes-inner-product
# says: inner product
def quantize(z, codebook):
    indices = (z @ codebook.T).argmax(-1)
    return indices, codebook[indices]


# %% squared distance without the codes' lengths
# slug: codes-inner-product
# says: length of a code
def quantize(z, codebook):
    squares = z.square().sum(-1, keepdim=True) - 2 * z @ codebook.T
    indices = squares.argmin(-1)
    return indices, codebook[indices]


# %% plus in the cross term
# slug: codes-least-product
# says: wrong sign
def quantize(z, codebook):
    squares = z.square().sum(-1, keepdim=True) + 2 * z @ codebook.T + codebook.square().sum(1)
    indices = squares.argmin(-1)
    return indices, codebook[indices]


# %% the factor two forgotten
# slug: codes-no-factor-two
# says: wrong factor
def quantize(z, codebook):
    squares = z.square().sum(-1, keepdim=True) - z @ codebook.T + codebook.square().sum(1)
    indices = squares.argmin(-1)
    return indices, codebook[indices]


# %% cosine similarity
# slug: codes-cosine
# says: Angles
def quantize(z, codebook):
    similar = F.normalize(z, dim=-1) @ F.normalize(codebook, dim=-1).T
    indices = similar.argmax(-1)
    return indices, codebook[indices]


# %% city blocks
# slug: codes-other-norm
# says: Another distance
# loses: quantize-nearest
def quantize(z, codebook):
    indices = (z.unsqueeze(-2) - codebook).abs().sum(-1).argmin(-1)
    return indices, codebook[indices]


# %% the largest difference
# slug: codes-other-norm
# says: Another distance
# loses: quantize-nearest
def quantize(z, codebook):
    indices = (z.unsqueeze(-2) - codebook).abs().amax(-1).argmin(-1)
    return indices, codebook[indices]


# %% differences not squared
# slug: codes-signed
# says: both signs
def quantize(z, codebook):
    indices = (z.unsqueeze(-2) - codebook).sum(-1).abs().argmin(-1)
    return indices, codebook[indices]


# %% one coordinate
# slug: codes-one-coordinate
# says: one coordinate
# loses: quantize-nearest
def quantize(z, codebook):
    indices = (z[..., :1] - codebook[:, 0]).abs().argmin(-1)
    return indices, codebook[indices]


# %% one code for all
# slug: codes-one-for-all
# says: One code was chosen for all
def quantize(z, codebook):
    squares = (z.unsqueeze(-2) - codebook).square().sum(-1)
    best = squares.reshape(-1, len(codebook)).mean(0).argmin()
    indices = best.expand(z.shape[:-1]).clone()
    return indices, codebook[indices]


# %% the nearest vector of each code
# slug: codes-over-vectors
# says: one for each vector
def quantize(z, codebook):
    rows = z.reshape(-1, z.shape[-1])
    indices = torch.cdist(rows, codebook).argmin(0)
    return indices, codebook[indices % len(codebook)]


# %% the second nearest
# slug: codes-second
# says: second nearest
def quantize(z, codebook):
    squares = (z.unsqueeze(-2) - codebook).square().sum(-1)
    indices = squares.topk(min(2, len(codebook)), largest=False).indices[..., -1]
    return indices, codebook[indices]


# %% counted from one
# slug: codes-out-of-range
# says: no code of that number
def quantize(z, codebook):
    indices = (z.unsqueeze(-2) - codebook).square().sum(-1).argmin(-1)
    return indices + 1, codebook[indices]


# %% multiplied out
# slug: codes-multiplied-out
# says: lose the digits
# loses: quantize-precise
def quantize(z, codebook):
    squares = z.square().sum(-1, keepdim=True) - 2 * z @ codebook.T + codebook.square().sum(1)
    indices = squares.argmin(-1)
    return indices, codebook[indices]


# %% multiplied out in double precision
# slug: codes-multiplied-out
# says: lose the digits
# loses: quantize-precise
def quantize(z, codebook):
    a, b = z.double(), codebook.double()
    squares = a.square().sum(-1, keepdim=True) - 2 * a @ b.T + b.square().sum(1)
    indices = squares.argmin(-1)
    return indices, codebook[indices]


# %% cdist as it comes
# slug: codes-multiplied-out
# says: lose the digits
# loses: quantize-precise
def quantize(z, codebook):
    indices = torch.cdist(z.reshape(-1, z.shape[-1]), codebook).argmin(-1).view(z.shape[:-1])
    return indices, codebook[indices]


# %% flattened
# slug: codes-flattened
# says: leading dimensions
# loses: quantize-nearest
def quantize(z, codebook):
    rows = z.reshape(-1, z.shape[-1])
    indices = (rows[:, None] - codebook).square().sum(-1).argmin(-1)
    return indices, codebook[indices]


# %% a dimension too much, as scatter wants it
# slug: shape-extra-one
# says: size 1
def quantize(z, codebook):
    indices = (z.unsqueeze(-2) - codebook).square().sum(-1).argmin(-1, keepdim=True)
    return indices, codebook[indices.squeeze(-1)]


# %% the pair the other way round
# slug: results-swapped
# says: changed places
def quantize(z, codebook):
    indices = (z.unsqueeze(-2) - codebook).square().sum(-1).argmin(-1)
    return codebook[indices], indices


# %% the codes alone
# slug: wrong-type
# says: Return the pair
def quantize(z, codebook):
    indices = (z.unsqueeze(-2) - codebook).square().sum(-1).argmin(-1)
    return codebook[indices]


# %% numbers of codes as floats
# slug: codes-not-whole
# says: whole numbers
def quantize(z, codebook):
    indices = (z.unsqueeze(-2) - codebook).square().sum(-1).argmin(-1)
    return indices.float(), codebook[indices]


# %% all without gradients
# slug: codes-detached
# says: cut off from the codebook
# loses: quantize-nearest
def quantize(z, codebook):
    with torch.no_grad():
        indices = (z.unsqueeze(-2) - codebook).square().sum(-1).argmin(-1)
        return indices, codebook[indices]


# %% straight through already
# slug: codes-pass-to-z
# says: straight-through copy
# loses: quantize-nearest
def quantize(z, codebook):
    indices = (z.unsqueeze(-2) - codebook).square().sum(-1).argmin(-1)
    return indices, z + (codebook[indices] - z).detach()


# %% straight through, and to the codebook
# slug: codes-pass-to-z
# says: straight-through copy
# loses: quantize-nearest
def quantize(z, codebook):
    indices = (z.unsqueeze(-2) - codebook).square().sum(-1).argmin(-1)
    return indices, codebook[indices] + (z - z.detach())


# %% a soft choice
# slug: codes-soft
# says: exactly one
def quantize(z, codebook):
    squares = (z.unsqueeze(-2) - codebook).square().sum(-1)
    return squares.argmin(-1), (-squares).softmax(-1) @ codebook


# %% z itself
# slug: codes-not-replaced
# says: z comes back
def quantize(z, codebook):
    indices = (z.unsqueeze(-2) - codebook).square().sum(-1).argmin(-1)
    return indices, z.clone()


# %% all of the book
# slug: codes-whole-book
# says: not a row for each
def quantize(z, codebook):
    indices = (z.unsqueeze(-2) - codebook).square().sum(-1).argmin(-1)
    return indices, codebook


# %% equals added up
# slug: codes-of-ties
# says: one is taken
# loses: quantize-nearest
def quantize(z, codebook):
    squares = (z.unsqueeze(-2) - codebook).square().sum(-1)
    chosen = (squares == squares.amin(-1, keepdim=True)).to(codebook.dtype)
    return squares.argmin(-1), chosen @ codebook


# %% one leading dimension only
# slug: raised
# says: It happened in line
# loses: quantize-nearest
def quantize(z, codebook):
    indices = (z[:, None] - codebook[None]).square().sum(-1).argmin(1)
    return indices, codebook[indices]


# %% half precision
# slug: wrong-value
# says: another code than their nearest
def quantize(z, codebook):
    away = (z.bfloat16().unsqueeze(-2) - codebook.bfloat16()).square().sum(-1)
    indices = away.argmin(-1)
    return indices, codebook[indices]


# %% z moved in place
# slug: changed-argument
# says: in place
def quantize(z, codebook):
    z -= codebook.mean(0)
    away = z.unsqueeze(-2) - (codebook - codebook.mean(0))
    indices = away.square().sum(-1).argmin(-1)
    return indices, codebook[indices]
