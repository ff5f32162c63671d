"""Answers to Exercise 10 of lab3-vae: right ones, then wrong ones."""


# %% decorator, item
@torch.no_grad()
def reconstruct(model, x):
    return model.decode(model.encode(x)[0]).sigmoid()


# %% inference mode, F.sigmoid
def reconstruct(model, x):
    with torch.inference_mode():
        mu, logvar = model.encode(x)
        logits = model.decode(mu)
        return F.sigmoid(logits)


# %% detach at the end, formula
def reconstruct(model, x):
    mu = model.encode(x)[0]
    return (1 / (1 + torch.exp(-model.decode(mu)))).detach()


# %% mean of the Bernoulli
def reconstruct(model, x):
    with torch.no_grad():
        mu, _ = model.encode(x)
        return torch.distributions.Bernoulli(logits=model.decode(mu)).mean


# %% one image at a time, expit
def reconstruct(model, x):
    model.eval()
    with torch.no_grad():
        rows = [model.decode(model.encode(image[None])[0])[0] for image in x]
    return torch.special.expit(torch.stack(rows))


# %% encoder and decoder by name
@torch.no_grad()
def reconstruct(model, x):
    mu, _ = model.encoder(x)
    return torch.sigmoid(model.decoder(mu))


# %% vmap over the images
def reconstruct(model, x):
    def of_image(x):
        return torch.sigmoid(model.decode(model.encode(x[None])[0]))[0]

    with torch.no_grad():
        return torch.func.vmap(of_image)(x)


# %% a compiled copy
def reconstruct(model, x):
    import copy

    model = copy.deepcopy(model).requires_grad_(False).eval()
    mu, _ = torch.compile(model.encode)(x)
    return torch.compile(model.decode)(mu).sigmoid()


# %% the forward pass without its sample
@torch.no_grad()
def reconstruct(model, x):
    mu = model(x).mu
    return 1 - torch.sigmoid(-model.decode(mu))


# %% through double, back to float
@torch.no_grad()
def reconstruct(model, x):
    mu, logvar = model.encode(x)
    logits = model.decode(mu).double()
    return (1 / (1 + torch.exp(-logits))).to(x.dtype)


# %% sampled code
# slug: reconstruction-random
# says: decodes the posterior mean
@torch.no_grad()
def reconstruct(model, x):
    mu, logvar = model.encode(x)
    return torch.sigmoid(model.decode(model.reparameterize(mu, logvar)))


# %% logits
# slug: returns-logits
# says: a sigmoid is missing
@torch.no_grad()
def reconstruct(model, x):
    mu, _ = model.encode(x)
    return model.decode(mu)


# %% sigmoid twice
# slug: sigmoid-twice
# says: confined to 0.5 ... 0.73
@torch.no_grad()
def reconstruct(model, x):
    mu, _ = model.encode(x)
    return torch.sigmoid(torch.sigmoid(model.decode(mu)))


# %% rounded
# slug: probabilities-rounded
# says: return the probabilities
@torch.no_grad()
def reconstruct(model, x):
    mu, _ = model.encode(x)
    return torch.sigmoid(model.decode(mu)).round()


# %% gradient kept
# slug: graph-kept
# says: requires_grad=True
def reconstruct(model, x):
    mu, _ = model.encode(x)
    return torch.sigmoid(model.decode(mu))


# %% log-variance decoded
# slug: decodes-logvar
# says: encode returns the pair
@torch.no_grad()
def reconstruct(model, x):
    return torch.sigmoid(model.decode(model.encode(x)[1]))


# %% the ready-made method
# slug: ready-made
# says: asks you to write
def reconstruct(model, x):
    return model.reconstruct(x)


# %% the pair decoded
# slug: raised
# says: line 3 of your cell
@torch.no_grad()
def reconstruct(model, x):
    return torch.sigmoid(model.decode(model.encode(x)))


# %% drawn pixels
# slug: probabilities-rounded
# says: Pixels were drawn
@torch.no_grad()
def reconstruct(model, x):
    mu, _ = model.encode(x)
    return torch.bernoulli(torch.sigmoid(model.decode(mu)))


# %% mean plus standard deviation
# slug: decodes-std
# says: decode the mean itself
@torch.no_grad()
def reconstruct(model, x):
    mu, logvar = model.encode(x)
    return torch.sigmoid(model.decode(mu + torch.exp(0.5 * logvar)))


# %% standard deviation decoded
# slug: decodes-std
# says: standard deviation was decoded
@torch.no_grad()
def reconstruct(model, x):
    mu, logvar = model.encode(x)
    return torch.sigmoid(model.decode(torch.exp(0.5 * logvar)))


# %% one code for the batch
# slug: batch-averaged
# says: the mean over the batch
@torch.no_grad()
def reconstruct(model, x):
    mu, _ = model.encode(x)
    mu = mu.mean(dim=0, keepdim=True).expand_as(mu)
    return torch.sigmoid(model.decode(mu))


# %% mean of ten samples
# slug: reconstruction-random
# says: posterior mean
@torch.no_grad()
def reconstruct(model, x):
    mu, logvar = model.encode(x)
    z = [model.reparameterize(mu, logvar) for _ in range(10)]
    return torch.stack([model.decode(each).sigmoid() for each in z]).mean(0)


# %% the forward pass
# slug: reconstruction-random
# says: the code is sampled
@torch.no_grad()
def reconstruct(model, x):
    return torch.sigmoid(model(x).logits)


# %% softmax
# slug: returns-softmax
# says: makes the pixels compete
@torch.no_grad()
def reconstruct(model, x):
    return torch.softmax(model.decode(model.encode(x)[0]), dim=1)


# %% black and white exchanged
# slug: probabilities-flipped
# says: probabilities of black
@torch.no_grad()
def reconstruct(model, x):
    return torch.sigmoid(-model.decode(model.encode(x)[0]))


# %% the image itself
# slug: returns-input
# says: the image itself
@torch.no_grad()
def reconstruct(model, x):
    return x.clone()


# %% the model made double
# slug: model-converted
# says: belongs to the caller
@torch.no_grad()
def reconstruct(model, x):
    mu, _ = model.double().encode(x.double())
    return torch.sigmoid(model.decode(mu)).float()


# %% tanh moved to 0 ... 1
# slug: returns-tanh
# says: no probability
@torch.no_grad()
def reconstruct(model, x):
    return (torch.tanh(model.decode(model.encode(x)[0])) + 1) / 2


# %% logits cut at 5
# slug: value-cut
# says: cut off
@torch.no_grad()
def reconstruct(model, x):
    mu, _ = model.encode(x)
    return torch.sigmoid(model.decode(mu).clamp(-5, 5))


# %% exp(l)/(1+exp(l)) overflows
# slug: probabilities-overflow
# says: torch.sigmoid is right for any logit
@torch.no_grad()
def reconstruct(model, x):
    e = torch.exp(model.decode(model.encode(x)[0]))
    return e / (1 + e)


# %% x clamped in place
# slug: changed-argument
# says: its caller needs them
@torch.no_grad()
def reconstruct(model, x):
    x.clamp_(0.01, 0.99)
    return torch.sigmoid(model.decode(model.encode(x)[0]))


# %% batch of one squeezed
# slug: shape-ones-dropped
# says: squeeze() takes every one of them
@torch.no_grad()
def reconstruct(model, x):
    return torch.sigmoid(model.decode(model.encode(x)[0])).squeeze(0)


# %% first 100 images only
# slug: shape-rows-missing
# says: the first dimension is too short
@torch.no_grad()
def reconstruct(model, x):
    return torch.sigmoid(model.decode(model.encode(x[:100])[0]))


# %% squeeze
# slug: shape-ones-dropped
# says: squeeze() takes every one of them
@torch.no_grad()
def reconstruct(model, x):
    return torch.sigmoid(model.decode(model.encode(x)[0])).squeeze()


# %% exact copies: black pixels shown black (x == 0 stays 0)
# slug: wrong-value
# says: The value is wrong, in a way that none of the usual mistakes explains
@torch.no_grad()
def reconstruct(model, x):
    return torch.sigmoid(model.decode(model.encode(x)[0])) * (x > 0)


# %% 784 pixels an image
# slug: hard-coded-size
# says: take each from its argument
@torch.no_grad()
def reconstruct(model, x):
    mu, _ = model.encode(x.view(-1, 784))
    return torch.sigmoid(model.decode(mu))
