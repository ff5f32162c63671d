"""Answers to Exercise 6 of lab6-pyro: right ones, then wrong ones."""


# %% a loop
def fit(model, guide, arguments, steps, learning_rate):
    pyro.clear_param_store()
    svi = SVI(model, guide, pyro.optim.Adam({"lr": learning_rate}), Trace_ELBO())
    losses = []
    for _ in range(steps):
        losses.append(svi.step(*arguments))
    return losses


# %% ClippedAdam
def fit(model, guide, arguments, steps, learning_rate):
    pyro.clear_param_store()
    svi = SVI(model, guide, pyro.optim.ClippedAdam({"lr": learning_rate}), Trace_ELBO())
    losses = []
    for _ in range(steps):
        losses.append(svi.step(*arguments))
    return losses


# %% a mean of two draws a step
def fit(model, guide, arguments, steps, learning_rate):
    pyro.clear_param_store()
    svi = SVI(model, guide, pyro.optim.Adam({"lr": learning_rate}), Trace_ELBO(num_particles=2))
    losses = []
    for _ in range(steps):
        losses.append(svi.step(*arguments))
    return losses


# %% the store by its own method, tensors
def fit(model, guide, arguments, steps, learning_rate):
    pyro.get_param_store().clear()
    optimizer = pyro.optim.PyroOptim(torch.optim.Adam, {"lr": learning_rate})
    svi = SVI(model=model, guide=guide, optim=optimizer, loss=Trace_ELBO())
    return torch.tensor([svi.step(*arguments) for _ in range(steps)])


# %% torch's own optimizer
def fit(model, guide, arguments, steps, learning_rate):
    pyro.clear_param_store()
    loss = Trace_ELBO()
    with pyro.poutine.trace(param_only=True) as capture:
        loss.differentiable_loss(model, guide, *arguments)
    found = [site["value"].unconstrained() for site in capture.trace.nodes.values()]
    optimizer = torch.optim.Adam(found, lr=learning_rate)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        value = loss.differentiable_loss(model, guide, *arguments)
        value.backward()
        optimizer.step()
        losses.append(value.item())
    return losses


# %% the loss by its name
def fit(model, guide, arguments, steps, learning_rate):
    pyro.clear_param_store()
    elbo = Trace_ELBO(num_particles=1)
    svi = SVI(model, guide, pyro.optim.Adam({"lr": learning_rate}), loss=elbo)
    losses = []
    for _ in range(steps):
        losses.append(svi.step(*arguments))
    return losses


# %% the store as it was
# slug: svi-goes-on
# says: where the first ended
# loses: fit-anew
def fit(model, guide, arguments, steps, learning_rate):
    svi = SVI(model, guide, pyro.optim.Adam({"lr": learning_rate}), Trace_ELBO())
    losses = []
    for _ in range(steps):
        losses.append(svi.step(*arguments))
    return losses


# %% the losses of every tenth step
# slug: svi-losses-number
# says: One loss a step
def fit(model, guide, arguments, steps, learning_rate):
    pyro.clear_param_store()
    svi = SVI(model, guide, pyro.optim.Adam({"lr": learning_rate}), Trace_ELBO())
    losses = []
    for _ in range(steps):
        losses.append(svi.step(*arguments))
    return losses[::10]


# %% the last loss alone
# slug: wrong-type
# says: not a list
def fit(model, guide, arguments, steps, learning_rate):
    pyro.clear_param_store()
    svi = SVI(model, guide, pyro.optim.Adam({"lr": learning_rate}), Trace_ELBO())
    losses = []
    for _ in range(steps):
        losses.append(svi.step(*arguments))
    return losses[-1]


# %% nothing returned
# slug: wrong-type
# says: return
def fit(model, guide, arguments, steps, learning_rate):
    pyro.clear_param_store()
    svi = SVI(model, guide, pyro.optim.Adam({"lr": learning_rate}), Trace_ELBO())
    losses = []
    for _ in range(steps):
        losses.append(svi.step(*arguments))


# %% one step more
# slug: svi-losses-number
# says: One loss a step
def fit(model, guide, arguments, steps, learning_rate):
    pyro.clear_param_store()
    svi = SVI(model, guide, pyro.optim.Adam({"lr": learning_rate}), Trace_ELBO())
    losses = []
    for _ in range(steps + 1):
        losses.append(svi.step(*arguments))
    return losses


# %% evaluated, not trained
# slug: svi-stands-still
# says: as they began
# loses: fit-arrives, fit-anew
def fit(model, guide, arguments, steps, learning_rate):
    pyro.clear_param_store()
    svi = SVI(model, guide, pyro.optim.Adam({"lr": learning_rate}), Trace_ELBO())
    losses = []
    for _ in range(steps):
        losses.append(svi.evaluate_loss(*arguments))
    return losses


# %% the ELBO in place of the loss
# slug: svi-sign
# says: minus the ELBO
# loses: fit-losses, fit-anew
def fit(model, guide, arguments, steps, learning_rate):
    pyro.clear_param_store()
    svi = SVI(model, guide, pyro.optim.Adam({"lr": learning_rate}), Trace_ELBO())
    losses = []
    for _ in range(steps):
        losses.append(-svi.step(*arguments))
    return losses


# %% per datum
# slug: svi-per-datum
# says: not divided
# loses: fit-losses, fit-anew
def fit(model, guide, arguments, steps, learning_rate):
    pyro.clear_param_store()
    svi = SVI(model, guide, pyro.optim.Adam({"lr": learning_rate}), Trace_ELBO())
    losses = []
    for _ in range(steps):
        losses.append(svi.step(*arguments) / len(arguments[0]))
    return losses


# %% a fixed learning rate
# slug: svi-rate
# says: 1e-07
def fit(model, guide, arguments, steps, learning_rate):
    pyro.clear_param_store()
    svi = SVI(model, guide, pyro.optim.Adam({"lr": 1e-5}), Trace_ELBO())
    losses = []
    for _ in range(steps):
        losses.append(svi.step(*arguments))
    return losses


# %% arguments not unpacked
# slug: raised
# says: missing
def fit(model, guide, arguments, steps, learning_rate):
    pyro.clear_param_store()
    svi = SVI(model, guide, pyro.optim.Adam({"lr": learning_rate}), Trace_ELBO())
    losses = []
    for _ in range(steps):
        losses.append(svi.step(arguments))
    return losses


# %% a seed in every step
# slug: svi-frozen
# says: same numbers
def fit(model, guide, arguments, steps, learning_rate):
    pyro.clear_param_store()
    svi = SVI(model, guide, pyro.optim.Adam({"lr": learning_rate}), Trace_ELBO())
    losses = []
    for _ in range(steps):
        pyro.set_rng_seed(0)
        losses.append(svi.step(*arguments))
    return losses


# %% cleared in every step
# slug: svi-cleared
# says: as far as one does
# loses: fit-arrives, fit-anew
def fit(model, guide, arguments, steps, learning_rate):
    pyro.clear_param_store()
    svi = SVI(model, guide, pyro.optim.Adam({"lr": learning_rate}), Trace_ELBO())
    losses = []
    for _ in range(steps):
        pyro.clear_param_store()
        losses.append(svi.step(*arguments))
    return losses


# %% cleared at the end
# slug: svi-store
# says: holds nothing
def fit(model, guide, arguments, steps, learning_rate):
    pyro.clear_param_store()
    svi = SVI(model, guide, pyro.optim.Adam({"lr": learning_rate}), Trace_ELBO())
    losses = []
    for _ in range(steps):
        losses.append(svi.step(*arguments))
    pyro.clear_param_store()
    return losses


# %% an optimizer anew in every step
# slug: svi-forgets
# says: learning rates exactly
# loses: fit-arrives
def fit(model, guide, arguments, steps, learning_rate):
    pyro.clear_param_store()
    losses = []
    for _ in range(steps):
        svi = SVI(model, guide, pyro.optim.Adam({"lr": learning_rate}), Trace_ELBO())
        losses.append(svi.step(*arguments))
    return losses


# %% another model
# slug: svi-other-loss
# says: it should be
def another(X, y, prior_scale, sigma):
    w = pyro.sample("w", dist.Normal(torch.zeros_like(prior_scale), prior_scale).to_event(1))
    with pyro.plate("data", len(X)):
        pyro.sample("y", dist.Normal(-(X @ w), sigma), obs=y)


def fit(model, guide, arguments, steps, learning_rate):
    pyro.clear_param_store()
    svi = SVI(another, guide, pyro.optim.Adam({"lr": learning_rate}), Trace_ELBO())
    return [svi.step(*arguments) for _ in range(steps)]


# %% sigma and prior of its own
# slug: svi-other-loss
# says: it should be
def fit(model, guide, arguments, steps, learning_rate):
    pyro.clear_param_store()
    svi = SVI(model, guide, pyro.optim.Adam({"lr": learning_rate}), Trace_ELBO())
    return [svi.step(*arguments[:2], torch.ones_like(arguments[2]), 1.0) for _ in range(steps)]


# %% only loc is trained
# slug: svi-not-there
# says: scale
# loses: fit-arrives
def fit(model, guide, arguments, steps, learning_rate):
    pyro.clear_param_store()
    svi = SVI(
        model,
        guide,
        pyro.optim.Adam(lambda name: {"lr": learning_rate if name == "loc" else 0.0}),
        Trace_ELBO(),
    )
    return [svi.step(*arguments) for _ in range(steps)]


# %% another optimizer
# slug: svi-not-adam
# says: learning rate
# loses: fit-arrives
def fit(model, guide, arguments, steps, learning_rate):
    pyro.clear_param_store()
    svi = SVI(model, guide, pyro.optim.RMSprop({"lr": learning_rate}), Trace_ELBO())
    return [svi.step(*arguments) for _ in range(steps)]


# %% two steps a loss
# slug: svi-not-adam
# says: learning rate
# loses: fit-arrives
def fit(model, guide, arguments, steps, learning_rate):
    pyro.clear_param_store()
    svi = SVI(model, guide, pyro.optim.Adam({"lr": learning_rate}), Trace_ELBO())
    return [(svi.step(*arguments), svi.step(*arguments))[0] for _ in range(steps)]


# %% losses that are made up
# slug: svi-other-loss
# says: it should be
# loses: fit-losses, fit-anew
def fit(model, guide, arguments, steps, learning_rate):
    pyro.clear_param_store()
    svi = SVI(model, guide, pyro.optim.Adam({"lr": learning_rate}), Trace_ELBO())
    first, *_ = [svi.step(*arguments) for _ in range(steps)]
    return [first * (1 - number / steps) ** 2 for number in range(steps)]


# %% ten draws a step
# slug: svi-draws
# says: of one draw spread
# loses: fit-losses
def fit(model, guide, arguments, steps, learning_rate):
    pyro.clear_param_store()
    svi = SVI(
        model,
        guide,
        pyro.optim.Adam({"lr": learning_rate}),
        Trace_ELBO(num_particles=10),
    )
    return [svi.step(*arguments) for _ in range(steps)]
