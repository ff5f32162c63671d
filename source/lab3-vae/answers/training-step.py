"""Answers to Exercise 7 of lab3-vae: right ones, then wrong ones."""


# %% cleared to zero after the forward pass
def training_step(model, loss_fn, optimizer, x):
    model.train()
    out = model(x)
    loss, nll, kl = loss_fn(*out[:1], x, *out[1:])
    optimizer.zero_grad(set_to_none=False)
    loss.backward()
    optimizer.step()
    return float(nll.mean()), float(kl.mean())


# %% the model's own zero_grad, names of the loss
def training_step(model, loss_fn, optimizer, x):
    model.zero_grad()
    logits, mu, logvar = model(x)
    result = loss_fn(logits=logits, x=x, mu=mu, logvar=logvar)
    result.loss.backward()
    optimizer.step()
    with torch.no_grad():
        return result.nll.mean().item(), result.kl.mean().item()


# %% cleared at the end as well, detached means
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return tuple(term.detach().mean().cpu().item() for term in (nll, kl))


# %% in pieces, with autograd.grad
def training_step(model, loss_fn, optimizer, x):
    mu, logvar = model.encode(x)
    z = model.reparameterize(mu, logvar)
    loss, nll, kl = loss_fn(model.decode(z), x, mu, logvar)
    parameters = list(model.parameters())
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters)):
        parameter.grad = gradient
    optimizer.step()
    return nll.sum().item() / len(x), kl.sum().item() / len(x)


# %% own noise, own clearing, numpy numbers in a list
def training_step(model, loss_fn, optimizer, x):
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            parameter.grad = None
    mu, logvar = model.encode(x)
    logits = model.decode(mu + torch.exp(logvar / 2) * torch.randn_like(mu))
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return [nll.detach().numpy().mean(), kl.detach().numpy().mean()]


# %% a closure
def training_step(model, loss_fn, optimizer, x):
    terms = {}

    def closure():
        optimizer.zero_grad()
        logits, mu, logvar = model(x)
        loss, terms["nll"], terms["kl"] = loss_fn(logits, x, mu, logvar)
        loss.backward()
        return loss

    optimizer.step(closure)
    return terms["nll"].mean().item(), terms["kl"].mean().item()


# %% the model compiled
def training_step(model, loss_fn, optimizer, x):
    compiled = torch.compile(model)
    logits, mu, logvar = compiled(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% the step compiled
@torch.compile
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% functional_call and torch.func.grad
def training_step(model, loss_fn, optimizer, x):
    def loss_of(parameters):
        logits, mu, logvar = torch.func.functional_call(model, parameters, (x,))
        loss, nll, kl = loss_fn(logits, x, mu, logvar)
        return loss, (nll.detach(), kl.detach())

    parameters = {key: each.detach() for key, each in model.named_parameters()}
    gradients, (nll, kl) = torch.func.grad(loss_of, has_aux=True)(parameters)
    for key, each in model.named_parameters():
        each.grad = gradients[key]
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% gradients of each image by vmap
def training_step(model, loss_fn, optimizer, x):
    def loss_of(parameters, image):
        image = image[None]
        logits, mu, logvar = torch.func.functional_call(model, parameters, (image,))
        loss, nll, kl = loss_fn(logits, image, mu, logvar)
        return loss, (nll.detach(), kl.detach())

    parameters = {key: each.detach() for key, each in model.named_parameters()}
    each_image = torch.func.vmap(
        torch.func.grad(loss_of, has_aux=True), in_dims=(None, 0), randomness="different"
    )
    gradients, (nll, kl) = each_image(parameters, x)
    for key, each in model.named_parameters():
        each.grad = gradients[key].mean(0)
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% a schedule that stays, and clipping far out
def training_step(model, loss_fn, optimizer, x):
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1.0)
    optimizer.zero_grad()
    loss, nll, kl = (lambda out: loss_fn(out[0], x, out[1], out[2]))(model(x))
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1e9)
    optimizer.step()
    schedule.step()
    return nll.mean().item(), kl.mean().item()


# %% an average of the weights kept beside
def training_step(model, loss_fn, optimizer, x):
    average = torch.optim.swa_utils.AveragedModel(model)
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    average.update_parameters(model)
    return nll.mean().item(), kl.mean().item()


# %% a hook that watches the forward pass
def training_step(model, loss_fn, optimizer, x):
    passed = []
    hook = model.register_forward_hook(lambda module, given, out: passed.append(out))
    optimizer.zero_grad()
    model(x)
    hook.remove()
    logits, mu, logvar = passed[0]
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% a step hook, and gradients with a graph of their own
def training_step(model, loss_fn, optimizer, x):
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    parameters = list(model.parameters())
    gradients = torch.autograd.grad(loss, parameters, create_graph=True)
    size = sum(each.square().sum() for each in gradients).sqrt()
    assert size.requires_grad
    for parameter, gradient in zip(parameters, gradients):
        parameter.grad = gradient.detach()
    optimizer.step()
    return float(nll.mean()), float(kl.mean())


# %% the step in a copy first
def training_step(model, loss_fn, optimizer, x):
    import copy

    before = copy.deepcopy(model.state_dict())
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    if not all(value.isfinite().all() for value in model.state_dict().values()):
        model.load_state_dict(before)
    return nll.mean().item(), kl.mean().item()


# %% in single precision
def training_step(model, loss_fn, optimizer, x):
    model.float()
    optimizer.zero_grad()
    logits, mu, logvar = model(x.float())
    loss, nll, kl = loss_fn(logits, x.float(), mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% train() first, sets to None by hand
def training_step(model, loss_fn, optimizer, x):
    model.train()
    for parameter in model.parameters():
        parameter.grad = None
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% a closure, once
def training_step(model, loss_fn, optimizer, x):
    terms = {}

    def closure():
        optimizer.zero_grad()
        logits, mu, logvar = model(x)
        loss, terms["nll"], terms["kl"] = loss_fn(logits, x, mu, logvar)
        loss.backward()
        return loss

    optimizer.step(closure)
    return terms["nll"].mean().item(), terms["kl"].mean().item()


# %% gradients zeroed, in numpy numbers
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad(set_to_none=False)
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.detach().numpy().mean(), kl.detach().numpy().mean()


# %% torch.autograd.backward, statistics
def training_step(model, loss_fn, optimizer, x):
    import statistics

    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    torch.autograd.backward(loss, inputs=list(model.parameters()))
    optimizer.step()
    return statistics.fmean(nll.tolist()), statistics.fmean(kl.tolist())


# %% gradients kept in a list and put back
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    parts = [part for group in optimizer.param_groups for part in group["params"]]
    for part, slope in zip(parts, torch.autograd.grad(loss, parts), strict=True):
        part.grad = slope
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% looks at the loss once more without a graph
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    numbers = nll.mean().item(), kl.mean().item()
    optimizer.step()
    with torch.no_grad():
        logits, mu, logvar = model(x)
        loss_fn(logits, x, mu, logvar)
    return numbers


# %% three samples, all averaged
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    mu, logvar = model.encode(x)
    runs = [
        loss_fn(model.decode(model.reparameterize(mu, logvar)), x, mu, logvar) for _ in range(3)
    ]
    loss = torch.stack([run.loss for run in runs]).mean()
    nll, kl = torch.stack([run.nll for run in runs]).mean(0), runs[0].kl
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% no zero_grad
# loses: training-step-update
# slug: no-zero-grad
# says: old gradients were added
def training_step(model, loss_fn, optimizer, x):
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% no step
# loses: training-step-update
# slug: no-step
# says: the parameters do not move
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    return nll.mean().item(), kl.mean().item()


# %% step before backward
# loses: training-step-update
# slug: no-step
# says: after backward
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    optimizer.step()
    loss.backward()
    return nll.mean().item(), kl.mean().item()


# %% no backward
# loses: training-step-update
# slug: no-step-cleared
# says: backward is missing
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% cleared between backward and step
# loses: training-step-update
# slug: no-step-cleared
# says: its gradients gone
def training_step(model, loss_fn, optimizer, x):
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% step on the gradients of the last batch
# loses: training-step-update
# slug: step-on-old-gradients
# says: from before this batch
def training_step(model, loss_fn, optimizer, x):
    optimizer.step()
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    return nll.mean().item(), kl.mean().item()


# %% two steps
# loses: training-step-update, training-step-returns
# slug: step-twice
# says: two optimizer steps
def training_step(model, loss_fn, optimizer, x):
    for _ in range(2):
        optimizer.zero_grad()
        logits, mu, logvar = model(x)
        loss, nll, kl = loss_fn(logits, x, mu, logvar)
        loss.backward()
        optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% uphill
# loses: training-step-update
# slug: step-uphill
# says: it increases the loss
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    (-loss).backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% only the reconstruction
# loses: training-step-update
# slug: update-nll-only
# says: only nll is differentiated
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    nll.mean().backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% its own loss
# loses: training-step-update
# slug: update-own-loss
# says: not the loss that loss_fn returned
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    (nll + kl).mean().backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% a sum over the batch
# loses: training-step-update
# slug: update-batch-sum
# says: a sum over the batch
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    (loss * len(x)).backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% minus KL
# loses: training-step-update
# slug: update-minus-kl
# says: the step drives it up
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    (nll - kl).mean().backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% encoder under no_grad
# loses: training-step-update
# slug: encoder-not-moved
# says: no gradient reaches the encoder
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    with torch.no_grad():
        mu, logvar = model.encode(x)
        z = model.reparameterize(mu, logvar)
    loss, nll, kl = loss_fn(model.decode(z), x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% code detached
# loses: training-step-update
# slug: code-detached
# says: hears nothing of the reconstruction
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    mu, logvar = model.encode(x)
    z = model.reparameterize(mu, logvar).detach()
    loss, nll, kl = loss_fn(model.decode(z), x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% decodes the mean
# loses: training-step-samples
# slug: decodes-mu
# says: the mean was decoded
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    mu, logvar = model.encode(x)
    loss, nll, kl = loss_fn(model.decode(mu), x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% noise stretched by the variance
# loses: training-step-samples
# slug: noise-scale
# says: does not have variance 1
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    mu, logvar = model.encode(x)
    z = mu + torch.exp(logvar) * torch.randn_like(mu)
    loss, nll, kl = loss_fn(model.decode(z), x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% seeded
# loses: training-step-samples
# slug: noise-frozen
# says: the noise is drawn once
def training_step(model, loss_fn, optimizer, x):
    torch.manual_seed(0)
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% tensors returned
# loses: training-step-returns
# slug: tensor-not-number
# says: may keep its graph
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean(), kl.mean()


# %% sums returned
# loses: training-step-returns
# slug: not-averaged
# says: not divided by the number of images
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.sum().item(), kl.sum().item()


# %% loss returned
# loses: training-step-returns
# slug: returns-loss
# says: not one of its two terms
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return loss.item(), kl.mean().item()


# %% swapped
# loses: training-step-returns
# slug: returns-swapped
# says: nll and kl have changed places
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return kl.mean().item(), nll.mean().item()


# %% nothing returned
# loses: training-step-returns
# slug: wrong-type
# says: Is a `return` missing?
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()


# %% arguments of the loss in another order
# slug: loss-arguments
# says: in this order
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(x, logits, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% outputs of the model in another order
# slug: loss-arguments
# says: in this order
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, logvar, mu = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% backward twice
# loses: training-step-update
# slug: gradient-doubled
# says: backward ran twice
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward(retain_graph=True)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% numbers of a second pass
# loses: training-step-returns
# slug: returns-after-step
# says: another pass after the step
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    logits, mu, logvar = model(x)
    _, nll, kl = loss_fn(logits, x, mu, logvar)
    return nll.mean().item(), kl.mean().item()


# %% in evaluation mode
# loses: training-step-update
# slug: step-in-eval-mode
# says: needs model.train()
def training_step(model, loss_fn, optimizer, x):
    model.eval()
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% samples large batches only
# loses: training-step-samples
# slug: decodes-mu
# says: equals its mu
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    mu, logvar = model.encode(x)
    z = model.reparameterize(mu, logvar) if len(x) > 100 else mu
    loss, nll, kl = loss_fn(model.decode(z), x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% a new SGD
# loses: training-step-update
# slug: other-optimizer
# says: the one passed in
def training_step(model, loss_fn, optimizer, x):
    optimizer = torch.optim.SGD(model.parameters(), lr=optimizer.param_groups[0]["lr"])
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% a new Adam
# loses: training-step-update
# slug: other-optimizer
# says: the one passed in
def training_step(model, loss_fn, optimizer, x):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% a step by hand
# loses: training-step-update
# slug: other-optimizer
# says: a step by hand
def training_step(model, loss_fn, optimizer, x):
    model.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    with torch.no_grad():
        for group in optimizer.param_groups:
            for part in group["params"]:
                part -= group["lr"] * part.grad
    return nll.mean().item(), kl.mean().item()


# %% a copy of the optimizer with all its settings
# loses: training-step-update
# slug: other-optimizer
# says: the one passed in
def training_step(model, loss_fn, optimizer, x):
    optimizer = type(optimizer)(optimizer.param_groups)
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% its memory cleared before
# loses: training-step-update
# slug: optimizer-state-lost
# says: has lost its memory
def training_step(model, loss_fn, optimizer, x):
    optimizer.state.clear()
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% its memory set to zero
# loses: training-step-update
# slug: optimizer-state-lost
# says: has lost its memory
def training_step(model, loss_fn, optimizer, x):
    for memory in optimizer.state.values():
        memory["momentum_buffer"].zero_()
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% its memory cleared afterwards
# loses: training-step-update
# slug: optimizer-state-lost
# says: has lost its memory
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    optimizer.state.clear()
    return nll.mean().item(), kl.mean().item()


# %% rate divided by ten
# loses: training-step-update
# slug: optimizer-changed
# says: its owner decides
def training_step(model, loss_fn, optimizer, x):
    for group in optimizer.param_groups:
        group["lr"] /= 10
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% rate decays afterwards
# loses: training-step-update
# slug: optimizer-changed
# says: its owner decides
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    optimizer.param_groups[0]["lr"] *= 0.99
    return nll.mean().item(), kl.mean().item()


# %% a schedule in each step
# loses: training-step-update
# slug: optimizer-changed
# says: its owner decides
def training_step(model, loss_fn, optimizer, x):
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.95)
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    schedule.step()
    return nll.mean().item(), kl.mean().item()


# %% momentum switched off
# loses: training-step-update
# slug: optimizer-changed
# says: momentum was
def training_step(model, loss_fn, optimizer, x):
    for group in optimizer.param_groups:
        group["momentum"] = 0.0
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% weight decay switched on
# loses: training-step-update
# slug: optimizer-changed
# says: weight_decay was
def training_step(model, loss_fn, optimizer, x):
    optimizer.param_groups[1]["weight_decay"] = 1e-2
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% rate changed and put back
# loses: training-step-update
# slug: update-scaled
# says: multiplied by a number
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    for group in optimizer.param_groups:
        group["lr"] /= 2
    optimizer.step()
    for group in optimizer.param_groups:
        group["lr"] *= 2
    return nll.mean().item(), kl.mean().item()


# %% clipped by norm
# loses: training-step-update
# slug: update-scaled
# says: was clipped
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 0.1)
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% clipped by value
# loses: training-step-update
# slug: update-scaled
# says: was clipped
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    nn.utils.clip_grad_value_(model.parameters(), 0.01)
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% each parameter clipped alone
# loses: training-step-update
# slug: update-scaled
# says: was clipped
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    for part in model.parameters():
        nn.utils.clip_grad_norm_([part], 0.01)
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% loss divided by the batch
# loses: training-step-update
# slug: update-scaled
# says: multiplied by a number
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    (loss / len(x)).backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% loss times a hundred
# loses: training-step-update
# slug: update-scaled
# says: multiplied by a number
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    (100 * loss).backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% a penalty on the weights
# loses: training-step-update
# slug: update-decayed
# says: pulled to 0
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    penalty = sum(part.square().sum() for part in model.parameters())
    (loss + 0.01 * penalty).backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% a penalty on the matrices
# loses: training-step-update
# slug: update-decayed
# says: pulled to 0
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    penalty = sum(part.square().sum() for part in model.parameters() if part.ndim > 1)
    (loss + 0.01 * penalty).backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% a penalty on absolute weights
# loses: training-step-update
# slug: update-decayed
# says: pulled to 0
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    penalty = sum(part.abs().sum() for part in model.parameters())
    (loss + 0.1 * penalty).backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% decoder frozen
# loses: training-step-update
# slug: decoder-not-moved
# says: reaches the decoder
def training_step(model, loss_fn, optimizer, x):
    model.fc3.requires_grad_(False)
    model.fc4.requires_grad_(False)
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    model.requires_grad_(True)
    return nll.mean().item(), kl.mean().item()


# %% the least of three samples returned
# loses: training-step-returns
# slug: draws-not-averaged
# says: chosen from several
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    mu, logvar = model.encode(x)
    runs = [
        loss_fn(model.decode(model.reparameterize(mu, logvar)), x, mu, logvar) for _ in range(3)
    ]
    loss = torch.stack([run.loss for run in runs]).mean()
    nll, kl = torch.stack([run.nll for run in runs]).amin(0), runs[0].kl
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% the first of three samples returned
# loses: training-step-returns
# slug: draws-not-averaged
# says: chosen from several
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    mu, logvar = model.encode(x)
    runs = [
        loss_fn(model.decode(model.reparameterize(mu, logvar)), x, mu, logvar) for _ in range(3)
    ]
    loss = torch.stack([run.loss for run in runs]).mean()
    nll, kl = runs[0].nll, runs[0].kl
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% log-mean-exp of three samples returned
# loses: training-step-returns
# slug: draws-log-mean
# says: another bound
def training_step(model, loss_fn, optimizer, x):
    import math

    optimizer.zero_grad()
    mu, logvar = model.encode(x)
    runs = [
        loss_fn(model.decode(model.reparameterize(mu, logvar)), x, mu, logvar) for _ in range(3)
    ]
    loss = torch.stack([run.loss for run in runs]).mean()
    nll, kl = (
        -(torch.logsumexp(-torch.stack([run.nll for run in runs]), 0) - math.log(3)),
        runs[0].kl,
    )
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% the cheaper of two codes
# loses: training-step-samples
# slug: draws-selected
# says: chosen by their cost
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    mu, logvar = model.encode(x)
    codes = [model.reparameterize(mu, logvar) for _ in range(2)]
    costs = [bernoulli_nll(model.decode(z), x)[:, None] for z in codes]
    z = torch.where(costs[0] < costs[1], codes[0], codes[1])
    loss, nll, kl = loss_fn(model.decode(z), x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% codes of the prior
# loses: training-step-update, training-step-samples
# slug: codes-elsewhere
# says: no samples of their images
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    mu, logvar = model.encode(x)
    z = torch.randn_like(mu)
    loss, nll, kl = loss_fn(model.decode(z), x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% the model made double
# loses: training-step-update
# slug: model-converted
# says: belongs to the caller
def training_step(model, loss_fn, optimizer, x):
    model.double()
    x = x.double()
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% only the KL
# loses: training-step-update
# slug: update-kl-only
# says: the reconstruction has no effect
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    (0.6 * kl).mean().backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% the first image returned
# loses: training-step-returns
# slug: first-image-only
# says: the mean over the batch is missing
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll[0].item(), kl[0].item()


# %% noise on the gradient
# loses: training-step-update
# slug: wrong-update
# says: one step on the gradient
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    for part in model.parameters():
        part.grad += 0.1 * torch.randn_like(part)
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% samples used in train mode only if model.training; decodes mu for batc
# slug: decodes-mu
# says: this loss is no bound on -log p(x)
# loses: training-step-samples
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    mu, logvar = model.encode(x)
    z = model.reparameterize(mu, logvar) if len(x) > 1 else mu
    loss, nll, kl = loss_fn(model.decode(z), x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% clip norm 100
# slug: update-scaled
# says: The gradient was clipped, or multiplied by a number, before the step
# loses: training-step-update
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 100.0)
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% skip when loss > 200
# slug: no-step-cleared
# says: backward is missing, or its gradients gone
# loses: training-step-update
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    if loss.item() < 200:
        loss.backward()
        optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% skips a batch of one (BatchNorm worry)
# slug: no-step-cleared
# says: backward is missing, or its gradients gone
# loses: training-step-update
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    if len(x) > 1:
        loss.backward()
        optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% clip norm 50
# slug: update-scaled
# says: The gradient was clipped, or multiplied by a number, before the step
# loses: training-step-update
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 50.0)
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% 784 pixels an image
# slug: hard-coded-size
# says: take each from its argument
def training_step(model, loss_fn, optimizer, x):
    x = x.view(-1, 784)
    optimizer.zero_grad()
    loss, nll, kl = loss_fn(*((out := model(x))[0], x, out[1], out[2]))
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()
