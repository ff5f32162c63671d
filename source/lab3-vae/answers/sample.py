"""Answers to Exercise 11 of lab3-vae: right ones, then wrong ones."""


# %% decorator and Normal
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    z = torch.distributions.Normal(0.0, 1.0).sample((num_images, latent_dim))
    return decoder(z).sigmoid()


# %% torch.normal, inference mode
def sample(decoder, num_images, latent_dim):
    with torch.inference_mode():
        z = torch.normal(mean=0.0, std=1.0, size=(num_images, latent_dim))
        return torch.sigmoid(decoder(z))


# %% one code at a time
def sample(decoder, num_images, latent_dim):
    pictures = []
    with torch.no_grad():
        for _ in range(num_images):
            pictures.append(torch.sigmoid(decoder(torch.randn(1, latent_dim))))
    return torch.cat(pictures)


# %% detach, filled in place
def sample(decoder, num_images, latent_dim):
    z = torch.empty(num_images, latent_dim).normal_()
    return torch.special.expit(decoder(z)).detach()


# %% multivariate normal, mean of the Bernoulli
def sample(decoder, num_images, latent_dim):
    prior = torch.distributions.MultivariateNormal(torch.zeros(latent_dim), torch.eye(latent_dim))
    with torch.no_grad():
        return torch.distributions.Bernoulli(logits=decoder(prior.sample((num_images,)))).probs


# %% vmap over the codes
def sample(decoder, num_images, latent_dim):
    def image(z):
        return torch.sigmoid(decoder(z[None]))[0]

    with torch.no_grad():
        return torch.func.vmap(image)(torch.randn(num_images, latent_dim))


# %% vmap without a batch
def sample(decoder, num_images, latent_dim):
    with torch.no_grad():
        return torch.func.vmap(decoder)(torch.randn(num_images, latent_dim)).sigmoid()


# %% the decoder compiled
def sample(decoder, num_images, latent_dim):
    z = torch.randn(num_images, latent_dim)
    with torch.inference_mode():
        return torch.compile(decoder)(z).sigmoid()


# %% functional_call of a copy
def sample(decoder, num_images, latent_dim):
    import copy

    weights = {key: each.detach() for key, each in decoder.named_parameters()}
    z = torch.randn(num_images, latent_dim)
    return torch.func.functional_call(copy.deepcopy(decoder), weights, (z,)).sigmoid()


# %% a hook on the decoder
def sample(decoder, num_images, latent_dim):
    hook = decoder.register_forward_hook(lambda module, given, logits: torch.sigmoid(logits))
    try:
        with torch.no_grad():
            return decoder(torch.randn(num_images, latent_dim))
    finally:
        hook.remove()


# %% from numpy, made float
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    import numpy as np

    z = np.random.default_rng().standard_normal((num_images, latent_dim))
    return torch.sigmoid(decoder(torch.from_numpy(z).float()))


# %% a generator, the type of the weights
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    generator = torch.Generator()
    generator.seed()
    like = next(decoder.parameters())
    z = torch.randn(num_images, latent_dim, generator=generator, dtype=like.dtype)
    return decoder(z).sigmoid()


# %% quantiles of uniform numbers
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    u = torch.rand(num_images, latent_dim, dtype=torch.float64).clamp(1e-12, 1 - 1e-12)
    return torch.sigmoid(decoder(torch.special.ndtri(u).float()))


# %% Box and Muller, as doubles in the end
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    u, v = (torch.rand(num_images, latent_dim, dtype=torch.float64) for _ in range(2))
    z = torch.sqrt(-2 * torch.log1p(-u)) * torch.cos(2 * torch.pi * v)
    return torch.sigmoid(decoder(z.float())).double()


# %% latent size hard-coded
# slug: hard-coded-latent
# says: not taken from the argument
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    return torch.sigmoid(decoder(torch.randn(num_images, 20)))


# %% number of images hard-coded
# loses: sample-shape
# slug: wrong-shape
# says: (64, 7), it should be (3, 7)
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    return torch.sigmoid(decoder(torch.randn(64, latent_dim)))


# %% sizes exchanged
# slug: hard-coded-latent
# says: codes of shape (5, 3)
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    return torch.sigmoid(decoder(torch.randn(latent_dim, num_images)))


# %% uniform codes
# loses: sample-prior
# slug: prior-uniform
# says: the prior is N(0, I)
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    return torch.sigmoid(decoder(torch.rand(num_images, latent_dim)))


# %% one code for all images
# loses: sample-prior
# slug: noise-shared-batch
# says: the same for every image
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    z = torch.randn(1, latent_dim).expand(num_images, latent_dim)
    return torch.sigmoid(decoder(z))


# %% codes at zero
# loses: sample-prior
# slug: no-noise
# says: there is no noise
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    return torch.sigmoid(decoder(torch.zeros(num_images, latent_dim)))


# %% codes scaled down
# loses: sample-prior
# slug: noise-scale
# says: does not have variance 1
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    return torch.sigmoid(decoder(0.7 * torch.randn(num_images, latent_dim)))


# %% seeded
# loses: sample-prior
# slug: noise-frozen
# says: two calls decode the same codes
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    torch.manual_seed(0)
    return torch.sigmoid(decoder(torch.randn(num_images, latent_dim)))


# %% logits
# loses: sample-probabilities
# slug: returns-logits
# says: a sigmoid is missing
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    return decoder(torch.randn(num_images, latent_dim))


# %% drawn pixels
# loses: sample-probabilities
# slug: probabilities-rounded
# says: drawn or rounded to 0 and 1
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    return torch.bernoulli(torch.sigmoid(decoder(torch.randn(num_images, latent_dim))))


# %% sigmoid twice
# loses: sample-probabilities
# slug: sigmoid-twice
# says: the sigmoid is applied twice
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    return decoder(torch.randn(num_images, latent_dim)).sigmoid().sigmoid()


# %% gradient kept
# loses: sample-probabilities
# slug: graph-kept
# says: a graph was recorded
def sample(decoder, num_images, latent_dim):
    return torch.sigmoid(decoder(torch.randn(num_images, latent_dim)))


# %% softmax
# loses: sample-probabilities
# slug: returns-softmax
# says: makes the pixels compete
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    return torch.softmax(decoder(torch.randn(num_images, latent_dim)), dim=1)


# %% numpy codes left double
# loses: sample-shape, sample-prior, sample-probabilities
# slug: codes-not-single
# says: float64
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    import numpy as np

    z = torch.from_numpy(np.random.default_rng().normal(size=(num_images, latent_dim)))
    return torch.sigmoid(decoder(z))


# %% double codes
# loses: sample-shape, sample-prior, sample-probabilities
# slug: codes-not-single
# says: take float32
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    z = torch.randn(num_images, latent_dim, dtype=torch.float64)
    return torch.sigmoid(decoder(z))


# %% half codes
# loses: sample-shape, sample-prior, sample-probabilities
# slug: codes-not-single
# says: float16
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    return torch.sigmoid(decoder(torch.randn(num_images, latent_dim).half()))


# %% the decoder made double
# loses: sample-shape
# slug: model-converted
# says: belongs to the caller
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    z = torch.randn(num_images, latent_dim, dtype=torch.float64)
    return torch.sigmoid(decoder.double()(z))


# %% half probabilities
# loses: sample-probabilities
# slug: half-precision
# says: 16 bits
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    return torch.sigmoid(decoder(torch.randn(num_images, latent_dim))).half()


# %% logarithms of probabilities
# loses: sample-probabilities
# slug: log-probabilities
# says: these are logarithms
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    return F.logsigmoid(decoder(torch.randn(num_images, latent_dim)))


# %% tanh in place of sigmoid
# loses: sample-probabilities
# slug: returns-tanh
# says: no probability
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    return torch.tanh(decoder(torch.randn(num_images, latent_dim)))


# %% numpy array
# loses: sample-shape, sample-probabilities
# slug: wrong-type
# says: a numpy array
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    return torch.sigmoid(decoder(torch.randn(num_images, latent_dim))).numpy()


# %% noise in place of images
# slug: decoder-not-called
# says: what the decoder makes
# loses: sample-shape, sample-prior, sample-probabilities
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    pixels = decoder.bias.shape[0]
    return torch.sigmoid(torch.randn(num_images, pixels))


# %% decoded twice
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    z = torch.randn(num_images, latent_dim)
    size = decoder(z).shape
    return torch.sigmoid(decoder(z)).reshape(size)


# %% temperature 0.97
# slug: noise-scale
# says: it is scaled by the wrong number
# loses: sample-prior
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    return torch.sigmoid(decoder(0.97 * torch.randn(num_images, latent_dim)))


# %% squeezes for one image
# slug: shape-ones-dropped
# says: squeeze() takes every one of them
# loses: sample-shape
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    return torch.sigmoid(decoder(torch.randn(num_images, latent_dim))).squeeze()


# %% temperature 0.99
# slug: noise-scale
# says: it is scaled by the wrong number
# loses: sample-prior
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    return torch.sigmoid(decoder(0.99 * torch.randn(num_images, latent_dim)))


# %% sum of 12 uniforms
# slug: noise-not-normal
# says: it is not normal
# loses: sample-prior
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    z = torch.rand(12, num_images, latent_dim).sum(0) - 6
    return torch.sigmoid(decoder(z))


# %% no clone: last code of last call reused
# slug: codes-used-before
# says: each call draws its own
# loses: sample-prior
_z = []


@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    z = torch.randn(num_images, latent_dim)
    if _z and _z[0].shape[1] == latent_dim:
        z[0] = _z[0][-1]
    _z[:] = [z]
    return torch.sigmoid(decoder(z))


# %% exp/(1+exp) NaN at large logits
# slug: probabilities-overflow
# says: torch.sigmoid is right for any logit
# loses: sample-probabilities
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    e = torch.exp(decoder(torch.randn(num_images, latent_dim)))
    return e / (1 + e)


# %% 784 pixels an image
# slug: hard-coded-size
# says: take each from its argument
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    z = torch.randn(num_images, latent_dim)
    return torch.sigmoid(decoder(z)).view(num_images, 784)


# %% the second half mirrors the first
# slug: noise-correlated
# says: copies of others, up to the sign
# loses: sample-prior
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    half = torch.randn((num_images + 1) // 2, latent_dim)
    return torch.sigmoid(decoder(torch.cat([half, -half])[:num_images]))


# %% every column twice
# slug: noise-correlated
# says: copies of others
# loses: sample-prior
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    z = torch.randn(num_images, (latent_dim + 1) // 2)
    return torch.sigmoid(decoder(torch.cat([z, z], dim=1)[:, :latent_dim]))


# %% standardized over the images
# slug: noise-standardized
# says: adjusted after it was drawn
# loses: sample-prior
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    z = torch.randn(num_images, latent_dim)
    if num_images > 1:
        z = (z - z.mean(0)) / z.std(0)
    return torch.sigmoid(decoder(z))
