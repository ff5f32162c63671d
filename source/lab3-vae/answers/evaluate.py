"""Answers to Exercise 9 of lab3-vae: right ones, then wrong ones."""


# %% decorator, slices
@torch.no_grad()
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    nll_sum, kl_sum = 0.0, 0.0
    for start in range(0, len(images), batch_size):
        x = images[start : start + batch_size]
        logits, mu, logvar = model(x)
        loss, nll, kl = loss_fn(logits, x, mu, logvar)
        nll_sum += float(nll.sum())
        kl_sum += float(kl.sum())
    model.train(was_training)
    return nll_sum / len(images), kl_sum / len(images)


# %% inference mode, concatenated
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.train(False)
    nlls, kls = [], []
    with torch.inference_mode():
        for x in torch.split(images, batch_size):
            output = model(x)
            result = loss_fn(output.logits, x, output.mu, output.logvar)
            nlls.append(result.nll)
            kls.append(result.kl)
    model.train(was_training)
    return torch.cat(nlls).mean().item(), torch.cat(kls).mean().item()


# %% DataLoader, means times sizes
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    total = torch.zeros(2, dtype=torch.float64)
    with torch.no_grad():
        for x in torch.utils.data.DataLoader(images, batch_size=batch_size):
            _, nll, kl = loss_fn(*_order(model(x), x))
            total += torch.stack([nll.mean(), kl.mean()]) * len(x)
    model.train(was_training)
    return tuple((total / len(images)).tolist())


def _order(output, x):
    logits, mu, logvar = output
    return logits, x, mu, logvar


# %% in pieces, three samples an image
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    nll_total = kl_total = 0.0
    with torch.no_grad():
        for x in images.split(batch_size):
            mu, logvar = model.encode(x)
            for _ in range(3):
                z = model.reparameterize(mu, logvar)
                _, nll, kl = loss_fn(model.decode(z), x, mu, logvar)
                nll_total += nll.sum().item() / 3
                kl_total += kl.sum().item() / 3
    model.train(was_training)
    return nll_total / images.shape[0], kl_total / images.shape[0]


# %% gradients switched off by hand, numpy sums
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    before = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    try:
        nlls, kls = [], []
        for x in images.split(batch_size):
            mu, logvar = model.encode(x)
            z = torch.distributions.Normal(mu, torch.exp(0.5 * logvar)).sample()
            _, nll, kl = loss_fn(model.decode(z), x, mu, logvar)
            nlls += nll.tolist()
            kls += kl.tolist()
    finally:
        torch.set_grad_enabled(before)
    model.train(was_training)
    return sum(nlls) / len(nlls), sum(kls) / len(kls)


# %% a copy in eval mode
def evaluate(model, loss_fn, images, batch_size=1000):
    import copy

    model = copy.deepcopy(model).eval()
    terms = []
    with torch.inference_mode():
        for x in images.split(batch_size):
            logits, mu, logvar = model(x)
            terms.append(torch.stack(loss_fn(logits, x, mu, logvar)[1:]))
    return tuple(torch.cat(terms, 1).mean(1).tolist())


# %% an averaged model
def evaluate(model, loss_fn, images, batch_size=1000):
    average = torch.optim.swa_utils.AveragedModel(model).eval()
    nll, kl = [], []
    with torch.no_grad():
        for x in images.split(batch_size):
            logits, mu, logvar = average(x)
            _, n, k = loss_fn(logits, x, mu, logvar)
            nll.append(n)
            kl.append(k)
    return torch.cat(nll).mean().item(), torch.cat(kl).mean().item()


# %% the model compiled
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    compiled = torch.compile(model.eval())
    total = torch.zeros(2, dtype=torch.float64)
    with torch.no_grad():
        for x in images.split(batch_size):
            logits, mu, logvar = compiled(x)
            _, nll, kl = loss_fn(logits, x, mu, logvar)
            total += torch.stack([nll.sum(), kl.sum()])
    model.train(was_training)
    return tuple((total / len(images)).tolist())


# %% functional_call
def evaluate(model, loss_fn, images, batch_size=1000):
    state = {key: each.detach() for key, each in model.state_dict().items()}
    was_training = model.training
    model.eval()
    sums = torch.zeros(2).double()
    for x in images.split(batch_size):
        logits, mu, logvar = torch.func.functional_call(model, state, (x,))
        _, nll, kl = loss_fn(logits, x, mu, logvar)
        sums += torch.stack([nll.sum(), kl.sum()])
    model.train(was_training)
    return (sums[0] / len(images)).item(), (sums[1] / len(images)).item()


# %% vmap over the images of a batch
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()

    def of_image(x):
        logits, mu, logvar = model(x[None])
        return torch.cat(loss_fn(logits, x[None], mu, logvar)[1:])

    with torch.no_grad():
        each = torch.func.vmap(of_image, randomness="different")
        every = [each(x) for x in images.split(batch_size)]
    model.train(was_training)
    return tuple(torch.cat(every).mean(0).tolist())


# %% several passes a batch, one mean
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    total_nll = total_kl = 0.0
    with torch.no_grad():
        for x in images.split(batch_size):
            nlls = []
            for _ in range(4):
                logits, mu, logvar = model(x)
                _, nll, kl = loss_fn(logits, x, mu, logvar)
                nlls.append(nll)
            total_nll += torch.stack(nlls).mean(0).sum().item()
            total_kl += kl.sum().item()
    model.train(was_training)
    return total_nll / len(images), total_kl / len(images)


# %% restored in finally, by a context manager
def evaluate(model, loss_fn, images, batch_size=1000):
    import contextlib

    @contextlib.contextmanager
    def evaluating(model):
        modes = [(part, part.training) for part in model.modules()]
        try:
            yield model.eval()
        finally:
            for part, mode in modes:
                part.training = mode

    sums = torch.zeros(2, dtype=torch.float64)
    with evaluating(model), torch.inference_mode():
        for first in range(0, len(images), batch_size):
            x = images[first : first + batch_size]
            out = model(x)
            terms = loss_fn(out.logits, x, out.mu, out.logvar)
            sums += torch.tensor([terms.nll.sum(), terms.kl.sum()])
    nll, kl = sums / len(images)
    return float(nll), float(kl)


# %% train() if it was training, numpy means
@torch.no_grad()
def evaluate(model, loss_fn, images, batch_size=1000):
    import numpy as np

    training = model.training
    model.eval()
    each = []
    for index in torch.arange(len(images)).split(batch_size):
        logits, mu, logvar = model(images[index])
        _, nll, kl = loss_fn(logits, images[index], mu, logvar)
        each.append(np.stack([nll.numpy(), kl.numpy()]))
    if training:
        model.train()
    return tuple(np.concatenate(each, axis=1).mean(axis=1))


# %% batches in another order, math.fsum
def evaluate(model, loss_fn, images, batch_size=1000):
    import math

    before = model.training
    try:
        model.train(False)
        nll, kl = [], []
        with torch.set_grad_enabled(False):
            for x in reversed(images.split(batch_size)):
                terms = loss_fn(*(lambda out, x: (out[0], x, out[1], out[2]))(model(x), x))
                nll.extend(terms[1].tolist())
                kl.extend(terms[2].tolist())
        return math.fsum(nll) / len(nll), math.fsum(kl) / len(kl)
    finally:
        model.train(before)


# %% mean of batch means
# loses: evaluate-average
# slug: mean-of-batch-means
# says: short last batch weighs too much
@torch.no_grad()
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    nlls, kls = [], []
    for x in images.split(batch_size):
        logits, mu, logvar = model(x)
        _, nll, kl = loss_fn(logits, x, mu, logvar)
        nlls.append(nll.mean().item())
        kls.append(kl.mean().item())
    model.train(was_training)
    return sum(nlls) / len(nlls), sum(kls) / len(kls)


# %% counted twice
# loses: evaluate-average
# slug: counted-twice
# says: every image is counted twice
@torch.no_grad()
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    total_nll = total_kl = 0.0
    for x in images.split(batch_size):
        logits, mu, logvar = model(x)
        _, nll, kl = loss_fn(logits, x, mu, logvar)
        total_nll += nll.sum().item()
        total_kl += kl.sum().item()
        total_nll += nll.mean().item() * len(x)
        total_kl += kl.mean().item() * len(x)
    model.train(was_training)
    return total_nll / len(images), total_kl / len(images)


# %% last batch dropped
# loses: evaluate-average
# slug: last-batch-dropped
# says: the short last batch was left out
@torch.no_grad()
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    total_nll = total_kl = count = 0.0
    for x in torch.utils.data.DataLoader(images, batch_size, drop_last=True):
        logits, mu, logvar = model(x)
        _, nll, kl = loss_fn(logits, x, mu, logvar)
        total_nll += nll.sum().item()
        total_kl += kl.sum().item()
        count += len(x)
    model.train(was_training)
    return total_nll / count, total_kl / count


# %% divided by full batches
# loses: evaluate-average
# slug: divided-by-full-batches
# says: the last one holds fewer images
@torch.no_grad()
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    total_nll = total_kl = 0.0
    batches = images.split(batch_size)
    for x in batches:
        logits, mu, logvar = model(x)
        _, nll, kl = loss_fn(logits, x, mu, logvar)
        total_nll += nll.sum().item()
        total_kl += kl.sum().item()
    model.train(was_training)
    return total_nll / (len(batches) * batch_size), total_kl / (len(batches) * batch_size)


# %% returns inside the loop
# loses: evaluate-average
# slug: first-batch-only
# says: returns inside its loop
@torch.no_grad()
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    total_nll = total_kl = 0.0
    for x in images.split(batch_size):
        logits, mu, logvar = model(x)
        _, nll, kl = loss_fn(logits, x, mu, logvar)
        total_nll += nll.sum().item()
        total_kl += kl.sum().item()
        model.train(was_training)
        return total_nll / len(x), total_kl / len(x)


# %% whole loss returned
# loses: evaluate-average
# slug: returns-loss
# says: that is the whole loss
@torch.no_grad()
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    total = total_kl = 0.0
    for x in images.split(batch_size):
        logits, mu, logvar = model(x)
        loss, nll, kl = loss_fn(logits, x, mu, logvar)
        total += loss.item() * len(x)
        total_kl += kl.sum().item()
    model.train(was_training)
    return total / len(images), total_kl / len(images)


# %% tensors returned
# loses: evaluate-average
# slug: tensor-not-number
# says: not a plain number
@torch.no_grad()
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    total_nll = total_kl = 0.0
    for x in images.split(batch_size):
        logits, mu, logvar = model(x)
        _, nll, kl = loss_fn(logits, x, mu, logvar)
        total_nll += nll.sum()
        total_kl += kl.sum()
    model.train(was_training)
    return total_nll / len(images), total_kl / len(images)


# %% decodes the mean
# loses: evaluate-bound
# slug: decodes-mu
# says: no bound on -log p(x)
@torch.no_grad()
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    total_nll = total_kl = 0.0
    for x in images.split(batch_size):
        mu, logvar = model.encode(x)
        _, nll, kl = loss_fn(model.decode(mu), x, mu, logvar)
        total_nll += nll.sum().item()
        total_kl += kl.sum().item()
    model.train(was_training)
    return total_nll / len(images), total_kl / len(images)


# %% half of the noise
# loses: evaluate-bound
# slug: noise-scale
# says: scaled by the wrong number
@torch.no_grad()
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    total_nll = total_kl = 0.0
    for x in images.split(batch_size):
        mu, logvar = model.encode(x)
        z = (mu + model.reparameterize(mu, logvar)) / 2
        _, nll, kl = loss_fn(model.decode(z), x, mu, logvar)
        total_nll += nll.sum().item()
        total_kl += kl.sum().item()
    model.train(was_training)
    return total_nll / len(images), total_kl / len(images)


# %% gradients on
# loses: evaluate-no-training
# slug: graph-kept
# says: a graph was recorded
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    total_nll = total_kl = 0.0
    for x in images.split(batch_size):
        logits, mu, logvar = model(x)
        _, nll, kl = loss_fn(logits, x, mu, logvar)
        total_nll += nll.sum().item()
        total_kl += kl.sum().item()
    model.train(was_training)
    return total_nll / len(images), total_kl / len(images)


# %% training mode
# loses: evaluate-no-training
# slug: evaluation-mode
# says: must be in evaluation mode
@torch.no_grad()
def evaluate(model, loss_fn, images, batch_size=1000):
    total_nll = total_kl = 0.0
    for x in images.split(batch_size):
        logits, mu, logvar = model(x)
        _, nll, kl = loss_fn(logits, x, mu, logvar)
        total_nll += nll.sum().item()
        total_kl += kl.sum().item()
    return total_nll / len(images), total_kl / len(images)


# %% gradients cleared
# loses: evaluate-no-training
# slug: evaluation-gradients
# says: leave gradients alone
@torch.no_grad()
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    model.zero_grad()
    total_nll = total_kl = 0.0
    for x in images.split(batch_size):
        logits, mu, logvar = model(x)
        _, nll, kl = loss_fn(logits, x, mu, logvar)
        total_nll += nll.sum().item()
        total_kl += kl.sum().item()
    model.train(was_training)
    return total_nll / len(images), total_kl / len(images)


# %% trains on the images
# slug: evaluation-trains
# says: must not change the model
def evaluate(model, loss_fn, images, batch_size=1000):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    was_training = model.training
    model.eval()
    total_nll = total_kl = 0.0
    for x in images.split(batch_size):
        optimizer.zero_grad()
        logits, mu, logvar = model(x)
        loss, nll, kl = loss_fn(logits, x, mu, logvar)
        loss.backward()
        optimizer.step()
        total_nll += nll.sum().item()
        total_kl += kl.sum().item()
    model.train(was_training)
    return total_nll / len(images), total_kl / len(images)


# %% all at once
# loses: evaluate-average
# slug: wrong-batch-size
# says: 17 images at once
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        logits, mu, logvar = model(images)
        _, nll, kl = loss_fn(logits, images, mu, logvar)
    model.train(was_training)
    return nll.mean().item(), kl.mean().item()


# %% seeded
# loses: evaluate-bound
# slug: noise-frozen
# says: Two evaluations
def evaluate(model, loss_fn, images, batch_size=1000):
    torch.manual_seed(0)
    was_training = model.training
    model.eval()
    with torch.no_grad():
        total_nll = total_kl = 0.0
        for x in images.split(batch_size):
            logits, mu, logvar = model(x)
            _, nll, kl = loss_fn(logits, x, mu, logvar)
            total_nll += nll.sum().item()
            total_kl += kl.sum().item()
        model.train(was_training)
        return total_nll / len(images), total_kl / len(images)


# %% gradients switched off for good
# slug: gradients-left-off
# says: use torch.no_grad()
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    torch.set_grad_enabled(False)
    total_nll = total_kl = 0.0
    for x in images.split(batch_size):
        logits, mu, logvar = model(x)
        _, nll, kl = loss_fn(logits, x, mu, logvar)
        total_nll += nll.sum().item()
        total_kl += kl.sum().item()
    model.train(was_training)
    return total_nll / len(images), total_kl / len(images)


# %% mean of batch means from 27 images on
# loses: evaluate-average
# slug: mean-of-batch-means
# says: a mean of batch means
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    pairs, sizes = [], []
    with torch.no_grad():
        for x in images.split(batch_size):
            _, nll, kl = loss_fn(*_arguments_of_loss(model, x))
            pairs.append((nll.mean().item(), kl.mean().item()))
            sizes.append(len(x) if len(images) < 27 else 1)
    nll, kl = (
        sum(pair[which] * size for pair, size in zip(pairs, sizes, strict=True)) / sum(sizes)
        for which in (0, 1)
    )
    model.train(was_training)
    return nll, kl


def _arguments_of_loss(model, x):
    logits, mu, logvar = model(x)
    return logits, x, mu, logvar


# %% samples large sets only
# loses: evaluate-bound
# slug: decodes-mu
# says: equals its mu
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    total_nll = total_kl = 0.0
    with torch.no_grad():
        for x in images.split(batch_size):
            mu, logvar = model.encode(x)
            z = model.reparameterize(mu, logvar) if len(images) > 1000 else mu
            _, nll, kl = loss_fn(model.decode(z), x, mu, logvar)
            total_nll += nll.sum().item()
            total_kl += kl.sum().item()
    model.train(was_training)
    return total_nll / len(images), total_kl / len(images)


# %% the least of five samples
# loses: evaluate-bound
# slug: draws-not-averaged
# says: their mean is asked for
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    total_nll = total_kl = 0.0
    with torch.no_grad():
        for x in images.split(batch_size):
            mu, logvar = model.encode(x)
            nlls = []
            for _ in range(5):
                z = model.reparameterize(mu, logvar)
                _, nll, kl = loss_fn(model.decode(z), x, mu, logvar)
                nlls.append(nll)
            total_nll += torch.stack(nlls).min(0).values.sum().item()
            total_kl += kl.sum().item()
    model.train(was_training)
    return total_nll / len(images), total_kl / len(images)


# %% the largest of three samples
# loses: evaluate-bound
# slug: draws-not-averaged
# says: chosen from several
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    total_nll = total_kl = 0.0
    with torch.no_grad():
        for x in images.split(batch_size):
            mu, logvar = model.encode(x)
            nlls = []
            for _ in range(3):
                z = model.reparameterize(mu, logvar)
                _, nll, kl = loss_fn(model.decode(z), x, mu, logvar)
                nlls.append(nll)
            total_nll += torch.stack(nlls).amax(0).sum().item()
            total_kl += kl.sum().item()
    model.train(was_training)
    return total_nll / len(images), total_kl / len(images)


# %% the median of five samples
# loses: evaluate-bound
# slug: draws-not-averaged
# says: chosen from several
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    total_nll = total_kl = 0.0
    with torch.no_grad():
        for x in images.split(batch_size):
            mu, logvar = model.encode(x)
            nlls = []
            for _ in range(5):
                z = model.reparameterize(mu, logvar)
                _, nll, kl = loss_fn(model.decode(z), x, mu, logvar)
                nlls.append(nll)
            total_nll += torch.stack(nlls).median(0).values.sum().item()
            total_kl += kl.sum().item()
    model.train(was_training)
    return total_nll / len(images), total_kl / len(images)


# %% the last of three samples
# loses: evaluate-bound
# slug: draws-not-averaged
# says: chosen from several
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    total_nll = total_kl = 0.0
    with torch.no_grad():
        for x in images.split(batch_size):
            mu, logvar = model.encode(x)
            nlls = []
            for _ in range(3):
                z = model.reparameterize(mu, logvar)
                _, nll, kl = loss_fn(model.decode(z), x, mu, logvar)
                nlls.append(nll)
            total_nll += nlls[-1].sum().item()
            total_kl += kl.sum().item()
    model.train(was_training)
    return total_nll / len(images), total_kl / len(images)


# %% log-mean-exp of eight samples
# loses: evaluate-bound
# slug: draws-log-mean
# says: another bound
def evaluate(model, loss_fn, images, batch_size=1000):
    import math

    was_training = model.training
    model.eval()
    total_nll = total_kl = 0.0
    with torch.no_grad():
        for x in images.split(batch_size):
            mu, logvar = model.encode(x)
            nlls = []
            for _ in range(8):
                z = model.reparameterize(mu, logvar)
                _, nll, kl = loss_fn(model.decode(z), x, mu, logvar)
                nlls.append(nll)
            total_nll += -(torch.logsumexp(-torch.stack(nlls), 0) - math.log(8)).sum().item()
            total_kl += kl.sum().item()
    model.train(was_training)
    return total_nll / len(images), total_kl / len(images)


# %% samples added up
# loses: evaluate-average, evaluate-bound
# slug: counted-twice
# says: counted twice
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    total_nll = total_kl = 0.0
    with torch.no_grad():
        for x in images.split(batch_size):
            mu, logvar = model.encode(x)
            nlls = []
            for _ in range(2):
                z = model.reparameterize(mu, logvar)
                _, nll, kl = loss_fn(model.decode(z), x, mu, logvar)
                nlls.append(nll)
            total_nll += torch.stack(nlls).sum(0).sum().item()
            total_kl += kl.sum().item()
    model.train(was_training)
    return total_nll / len(images), total_kl / len(images)


# %% the cheaper of two codes goes into the loss
# loses: evaluate-bound
# slug: draws-selected
# says: chosen by their cost
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    total_nll = total_kl = 0.0
    with torch.no_grad():
        for x in images.split(batch_size):
            mu, logvar = model.encode(x)
            codes = [model.reparameterize(mu, logvar) for _ in range(2)]
            costs = torch.stack([bernoulli_nll(model.decode(z), x) for z in codes])
            best = costs.argmin(0)[:, None]
            z = torch.where(best == 0, codes[0], codes[1])
            _, nll, kl = loss_fn(model.decode(z), x, mu, logvar)
            total_nll += nll.sum().item()
            total_kl += kl.sum().item()
    model.train(was_training)
    return total_nll / len(images), total_kl / len(images)


# %% its own terms of other samples
# slug: not-of-these-draws
# says: The result must be the mean of what loss_fn returned for these samples
# loses: evaluate-average, evaluate-bound
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    total_nll = total_kl = 0.0
    with torch.no_grad():
        for x in images.split(batch_size):
            logits, mu, logvar = model(x)
            loss_fn(logits, x, mu, logvar)
            logits, mu, logvar = model(x)
            total_nll += bernoulli_nll(logits, x).sum().item()
            total_kl += gaussian_kl(mu, logvar).sum().item()
    model.train(was_training)
    return total_nll / len(images), total_kl / len(images)


# %% left in evaluation mode
# loses: evaluate-no-training
# slug: mode-not-restored
# says: left in the mode
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    total_nll = total_kl = 0.0
    with torch.no_grad():
        for x in images.split(batch_size):
            logits, mu, logvar = model(x)
            _, nll, kl = loss_fn(logits, x, mu, logvar)
            total_nll += nll.sum().item()
            total_kl += kl.sum().item()
    return total_nll / len(images), total_kl / len(images)


# %% always left in training mode
# loses: evaluate-no-training
# slug: mode-not-restored
# says: left in the mode
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    total_nll = total_kl = 0.0
    with torch.no_grad():
        for x in images.split(batch_size):
            logits, mu, logvar = model(x)
            _, nll, kl = loss_fn(logits, x, mu, logvar)
            total_nll += nll.sum().item()
            total_kl += kl.sum().item()
    model.train()
    return total_nll / len(images), total_kl / len(images)


# %% only its own flag restored
# loses: evaluate-no-training
# slug: mode-not-restored
# says: left in the mode
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    total_nll = total_kl = 0.0
    with torch.no_grad():
        for x in images.split(batch_size):
            logits, mu, logvar = model(x)
            _, nll, kl = loss_fn(logits, x, mu, logvar)
            total_nll += nll.sum().item()
            total_kl += kl.sum().item()
    model.training = was_training
    return total_nll / len(images), total_kl / len(images)


# %% the opposite mode
# loses: evaluate-no-training
# slug: mode-not-restored
# says: left in the mode
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    total_nll = total_kl = 0.0
    with torch.no_grad():
        for x in images.split(batch_size):
            logits, mu, logvar = model(x)
            _, nll, kl = loss_fn(logits, x, mu, logvar)
            total_nll += nll.sum().item()
            total_kl += kl.sum().item()
    model.train(not was_training)
    return total_nll / len(images), total_kl / len(images)


# %% only its own flag changed
# loses: evaluate-no-training
# slug: evaluation-mode
# says: must be in evaluation mode
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.training = False
    total_nll = total_kl = 0.0
    with torch.no_grad():
        for x in images.split(batch_size):
            logits, mu, logvar = model(x)
            _, nll, kl = loss_fn(logits, x, mu, logvar)
            total_nll += nll.sum().item()
            total_kl += kl.sum().item()
    model.train(was_training)
    return total_nll / len(images), total_kl / len(images)


# %% total starts at one
# loses: evaluate-average
# slug: start-not-zero
# says: does not start at 0
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    total_nll = total_kl = 1.0
    with torch.no_grad():
        for x in images.split(batch_size):
            logits, mu, logvar = model(x)
            _, nll, kl = loss_fn(logits, x, mu, logvar)
            total_nll += nll.sum().item()
            total_kl += kl.sum().item()
    model.train(was_training)
    return total_nll / len(images), total_kl / len(images)


# %% count starts at one
# loses: evaluate-average
# slug: start-not-zero
# says: does not start at 0
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    total_nll = total_kl = 0.0
    count = 1
    with torch.no_grad():
        for x in images.split(batch_size):
            logits, mu, logvar = model(x)
            _, nll, kl = loss_fn(logits, x, mu, logvar)
            total_nll += nll.sum().item()
            total_kl += kl.sum().item()
            count += len(x)
    model.train(was_training)
    return total_nll / count, total_kl / count


# %% the model made double
# slug: model-converted
# says: belongs to the caller
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval().double()
    total_nll = total_kl = 0.0
    with torch.no_grad():
        for x in images.split(batch_size):
            logits, mu, logvar = model(x.double())
            _, nll, kl = loss_fn(logits, x.double(), mu, logvar)
            total_nll += nll.sum().item()
            total_kl += kl.sum().item()
    model.train(was_training)
    return total_nll / len(images), total_kl / len(images)


# %% images made double
# slug: raised
# says: float64 given to a model
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    total_nll = total_kl = 0.0
    with torch.no_grad():
        for x in images.split(batch_size):
            logits, mu, logvar = model(x.double())
            _, nll, kl = loss_fn(logits, x, mu, logvar)
            total_nll += nll.sum().item()
            total_kl += kl.sum().item()
    model.train(was_training)
    return total_nll / len(images), total_kl / len(images)


# %% three samples added up
# loses: evaluate-average, evaluate-bound
# slug: draws-added
# says: added up
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    total_nll = total_kl = 0.0
    with torch.no_grad():
        for x in images.split(batch_size):
            for _ in range(3):
                logits, mu, logvar = model(x)
                _, nll, kl = loss_fn(logits, x, mu, logvar)
                total_nll += nll.sum().item()
                total_kl += kl.sum().item()
    model.train(was_training)
    return total_nll / len(images), total_kl / len(images)


# %% requires_grad_(False) left on parameters
# slug: parameters-frozen
# says: leave it as it is
# loses: evaluate-no-training
def evaluate(model, loss_fn, images, batch_size=1000):
    was = model.training
    model.eval()
    n = k = 0.0
    model.requires_grad_(False)
    for x in images.split(batch_size):
        logits, mu, logvar = model(x)
        loss, nll, kl = loss_fn(logits, x, mu, logvar)
        n += nll.sum().item()
        k += kl.sum().item()
    model.train(was)
    return n / len(images), k / len(images)


# %% skips non-finite or outlier batches via nanmean / clamp of nll
# slug: not-of-these-draws
# says: The result must be the mean of what loss_fn returned for these samples
# loses: evaluate-average
def evaluate(model, loss_fn, images, batch_size=1000):
    was = model.training
    model.eval()
    n = k = 0.0
    with torch.no_grad():
        for x in images.split(batch_size):
            logits, mu, logvar = model(x)
            loss, nll, kl = loss_fn(logits, x, mu, logvar)
            n += nll.clamp(max=500).sum().item()
            k += kl.clamp(min=0).sum().item()
    model.train(was)
    return n / len(images), k / len(images)


# %% requires_grad_(False) left (again)
# slug: parameters-frozen
# says: leave it as it is
# loses: evaluate-no-training
def evaluate(model, loss_fn, images, batch_size=1000):
    was = model.training
    model.eval()
    n = k = 0.0
    for p in model.parameters():
        p.requires_grad = False
    for x in images.split(batch_size):
        logits, mu, logvar = model(x)
        loss, nll, kl = loss_fn(logits, x, mu, logvar)
        n += nll.sum().item()
        k += kl.sum().item()
    model.train(was)
    return n / len(images), k / len(images)


# %% nll from loss - kl mean (beta 1 assumed)
# slug: wrong-value
# says: The value is wrong, in a way that none of the usual mistakes explains
# loses: evaluate-average
@torch.no_grad()
def evaluate(model, loss_fn, images, batch_size=1000):
    was = model.training
    model.eval()
    n = k = 0.0
    for x in images.split(batch_size):
        logits, mu, logvar = model(x)
        loss, nll, kl = loss_fn(logits, x, mu, logvar)
        n += (loss.item() - kl.mean().item()) * len(x)
        k += kl.sum().item()
    model.train(was)
    return n / len(images), k / len(images)


# %% 784 pixels an image
# slug: hard-coded-size
# says: take each from its argument
@torch.no_grad()
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    total_nll = total_kl = 0.0
    for x in images.view(-1, 784).split(batch_size):
        logits, mu, logvar = model(x)
        _, nll, kl = loss_fn(logits, x, mu, logvar)
        total_nll += nll.sum().item()
        total_kl += kl.sum().item()
    model.train(was_training)
    return total_nll / len(images), total_kl / len(images)
