"""Answers to Exercise 8 of lab3-vae: right ones, then wrong ones."""


# %% DataLoader over the tensor
def train_epoch(step, images, batch_size=128):
    loader = torch.utils.data.DataLoader(images, batch_size=batch_size, shuffle=True)
    total_nll, total_kl, count = 0.0, 0.0, 0
    for x in loader:
        nll, kl = step(x)
        total_nll += nll * x.shape[0]
        total_kl += kl * x.shape[0]
        count += x.shape[0]
    return total_nll / count, total_kl / count


# %% TensorDataset, unpacked
def train_epoch(step, images, batch_size=128):
    data = torch.utils.data.TensorDataset(images)
    sums = [0.0, 0.0]
    for (x,) in torch.utils.data.DataLoader(data, batch_size, shuffle=True, drop_last=False):
        for place, mean in enumerate(step(x)):
            sums[place] += mean * len(x)
    return sums[0] / len(data), sums[1] / len(data)


# %% slices of a shuffled copy
def train_epoch(step, images, batch_size=128):
    shuffled = images[torch.randperm(images.shape[0])]
    results = []
    for start in range(0, len(shuffled), batch_size):
        x = shuffled[start : start + batch_size]
        results.append((len(x), *step(x)))
    n = sum(size for size, _, _ in results)
    return sum(s * a for s, a, _ in results) / n, sum(s * b for s, _, b in results) / n


# %% random.sample and numpy's average
def train_epoch(step, images, batch_size=128):
    import random

    import numpy as np

    order = random.sample(range(len(images)), k=len(images))
    parts = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
    means = np.array([step(images[part]) for part in parts])
    return tuple(np.average(means, axis=0, weights=[len(part) for part in parts]))


# %% a running mean
def train_epoch(step, images, batch_size=128):
    nll = kl = 0.0
    seen = 0
    for x in torch.split(images[torch.argsort(torch.rand(len(images)))], batch_size):
        a, b = step(x)
        seen += len(x)
        nll += (a - nll) * len(x) / seen
        kl += (b - kl) * len(x) / seen
    return nll, kl


# %% index_select, weights as a tensor
def train_epoch(step, images, batch_size=128):
    batches = torch.randperm(len(images)).split(batch_size)
    means = torch.tensor([step(images.index_select(0, b)) for b in batches])
    weights = torch.tensor([len(b) for b in batches]) / len(images)
    nll, kl = (means * weights[:, None]).sum(dim=0).tolist()
    return nll, kl


# %% compiled step
def train_epoch(step, images, batch_size=128):
    step = torch.compile(step)
    total = torch.zeros(2, dtype=torch.float64)
    for index in torch.randperm(len(images)).split(batch_size):
        total += len(index) * torch.tensor(step(images[index]), dtype=torch.float64)
    return tuple((total / len(images)).tolist())


# %% numpy permutation
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    import numpy as np

    order = torch.from_numpy(np.random.default_rng().permutation(len(images)))
    for index in order.split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% random.shuffle of a list
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    import random

    order = list(range(len(images)))
    random.shuffle(order)
    order = torch.tensor(order)
    for index in order.split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% RandomSampler and BatchSampler
def train_epoch(step, images, batch_size=128):
    from torch.utils.data import BatchSampler, RandomSampler

    sampler = BatchSampler(RandomSampler(images), batch_size, drop_last=False)
    sums, count = torch.zeros(2, dtype=torch.float64), 0
    for index in sampler:
        sums += torch.tensor(step(images[index])) * len(index)
        count += len(index)
    nll, kl = (sums / count).numpy()
    return nll, kl


# %% a list that is emptied, math.fsum
def train_epoch(step, images, batch_size=128):
    import math

    left = torch.multinomial(torch.ones(len(images)), len(images)).tolist()
    nlls, kls, sizes = [], [], []
    while left:
        part, left = left[:batch_size], left[batch_size:]
        nll, kl = step(torch.stack([images[i] for i in part]))
        nlls.append(nll * len(part))
        kls.append(kl * len(part))
        sizes.append(len(part))
    return math.fsum(nlls) / sum(sizes), math.fsum(kls) / sum(sizes)


# %% last batch dropped
# loses: train-epoch-every-image
# slug: last-batch-dropped
# says: short last batch was left out
def train_epoch(step, images, batch_size=128):
    loader = torch.utils.data.DataLoader(images, batch_size, shuffle=True, drop_last=True)
    total_nll = total_kl = count = 0.0
    for x in loader:
        nll, kl = step(x)
        total_nll += nll * len(x)
        total_kl += kl * len(x)
        count += len(x)
    return total_nll / count, total_kl / count


# %% last batch dropped, divided by all
# loses: train-epoch-every-image, train-epoch-average
# slug: last-batch-dropped
# says: 4 images never came
def train_epoch(step, images, batch_size=128):
    order = torch.randperm(len(images))
    total_nll = total_kl = 0.0
    for i in range(len(images) // batch_size):
        index = order[i * batch_size : (i + 1) * batch_size]
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% drawn with replacement
# loses: train-epoch-every-image
# slug: image-twice
# says: drawn with replacement
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    for index in torch.randint(len(images), (len(images),)).split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% batch size hard-coded
# loses: train-epoch-every-image
# slug: wrong-batch-size
# says: batches of 53
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    for index in torch.randperm(len(images)).split(128):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% number of batches instead of their size
# loses: train-epoch-every-image
# slug: chunk-not-split
# says: chunk takes the number of batches
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    for index in torch.randperm(len(images)).chunk(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% batches wrapped in a list
# slug: batch-not-tensor
# says: may wrap it in a list
def train_epoch(step, images, batch_size=128):
    data = torch.utils.data.TensorDataset(images)
    total_nll = total_kl = 0.0
    for x in torch.utils.data.DataLoader(data, batch_size, shuffle=True):
        nll, kl = step(x)
        total_nll += nll * len(x)
        total_kl += kl * len(x)
    return total_nll / len(images), total_kl / len(images)


# %% image by image
# slug: wrong-shape
# says: one image a row
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    for index in torch.randperm(len(images)):
        nll, kl = step(images[index])
        total_nll += nll
        total_kl += kl
    return total_nll / len(images), total_kl / len(images)


# %% one batch too many
# loses: train-epoch-every-image
# slug: empty-batch
# says: one batch too many
def train_epoch(step, images, batch_size=128):
    shuffled = images[torch.randperm(len(images))]
    total_nll = total_kl = 0.0
    for i in range(len(images) // batch_size + 2):
        x = shuffled[i * batch_size : (i + 1) * batch_size]
        nll, kl = step(x)
        total_nll += nll * len(x)
        total_kl += kl * len(x)
    return total_nll / len(images), total_kl / len(images)


# %% all images in one step
# slug: wrong-batch-size
# says: batches of 53
def train_epoch(step, images, batch_size=128):
    return step(images)


# %% two images only
# slug: image-missing
# says: some images were left out
def train_epoch(step, images, batch_size=128):
    first, second = step(images[:1]), step(images[1:2])
    return (first[0] + second[0]) / 2, (first[1] + second[1]) / 2


# %% not shuffled
# loses: train-epoch-shuffled
# slug: not-shuffled
# says: original order
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    for x in images.split(batch_size):
        nll, kl = step(x)
        total_nll += nll * len(x)
        total_kl += kl * len(x)
    return total_nll / len(images), total_kl / len(images)


# %% seeded order
# loses: train-epoch-shuffled
# slug: same-order
# says: each epoch needs a fresh one
def train_epoch(step, images, batch_size=128):
    generator = torch.Generator().manual_seed(0)
    total_nll = total_kl = 0.0
    for index in torch.randperm(len(images), generator=generator).split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% shuffled inside batches
# loses: train-epoch-shuffled
# slug: shuffled-blocks
# says: mix them all
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    for x in images.split(batch_size):
        nll, kl = step(x[torch.randperm(len(x))])
        total_nll += nll * len(x)
        total_kl += kl * len(x)
    return total_nll / len(images), total_kl / len(images)


# %% rolled
# loses: train-epoch-shuffled
# slug: order-local
# says: near each other
def train_epoch(step, images, batch_size=128):
    shift = torch.randint(1, len(images), ()).item()
    total_nll = total_kl = 0.0
    for x in images.roll(shift, dims=0).split(batch_size):
        nll, kl = step(x)
        total_nll += nll * len(x)
        total_kl += kl * len(x)
    return total_nll / len(images), total_kl / len(images)


# %% mean of batch means
# loses: train-epoch-average
# slug: mean-of-batch-means
# says: short last batch weighs too much
def train_epoch(step, images, batch_size=128):
    results = [step(images[i]) for i in torch.randperm(len(images)).split(batch_size)]
    nlls, kls = zip(*results)
    return sum(nlls) / len(nlls), sum(kls) / len(kls)


# %% batch means over images
# loses: train-epoch-average
# slug: sum-of-means-over-images
# says: not weighed by their sizes
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    for index in torch.randperm(len(images)).split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll
        total_kl += kl
    return total_nll / len(images), total_kl / len(images)


# %% every batch counted as full
# loses: train-epoch-average
# slug: divided-by-full-batches
# says: all batches count as full
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    for index in torch.randperm(len(images)).split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * batch_size
        total_kl += kl * batch_size
    return total_nll / len(images), total_kl / len(images)


# %% total
# loses: train-epoch-average
# slug: not-averaged
# says: not divided by the number of images
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    for index in torch.randperm(len(images)).split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll, total_kl


# %% total over number of batches
# loses: train-epoch-average
# slug: divided-by-batches
# says: by the number of batches
def train_epoch(step, images, batch_size=128):
    batches = torch.randperm(len(images)).split(batch_size)
    total_nll = total_kl = 0.0
    for index in batches:
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(batches), total_kl / len(batches)


# %% last batch only
# loses: train-epoch-average
# slug: last-batch-only
# says: only the last batch counts
def train_epoch(step, images, batch_size=128):
    for index in torch.randperm(len(images)).split(batch_size):
        nll, kl = step(images[index])
    return nll, kl


# %% accumulator never defined
# slug: raised
# says: UnboundLocalError
def train_epoch(step, images, batch_size=128):
    for index in torch.randperm(len(images)).split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% images shuffled in place
# slug: changed-argument
# says: changed the values of `images`
def train_epoch(step, images, batch_size=128):
    images[:] = images[torch.randperm(len(images))]
    total_nll = total_kl = 0.0
    for x in images.split(batch_size):
        nll, kl = step(x)
        total_nll += nll * len(x)
        total_kl += kl * len(x)
    return total_nll / len(images), total_kl / len(images)


# %% another default
# loses: train-epoch-every-image
# slug: wrong-batch-size
# says: default batch_size
def train_epoch(step, images, batch_size=64):
    total_nll = total_kl = 0.0
    for index in torch.randperm(len(images)).split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% 60000 written out
# loses: train-epoch-average
# slug: hard-coded-images
# says: written out
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    for index in torch.randperm(len(images)).split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / 60000, total_kl / 60000


# %% returns inside the loop
# slug: first-batch-only
# says: returns inside its loop
def train_epoch(step, images, batch_size=128):
    for index in torch.randperm(len(images)).split(batch_size):
        return step(images[index])


# %% mean of batch means from 27 images on
# loses: train-epoch-average
# slug: mean-of-batch-means
# says: a mean of batch means
def train_epoch(step, images, batch_size=128):
    pairs, sizes = [], []
    for index in torch.randperm(len(images)).split(batch_size):
        pairs.append(step(images[index]))
        sizes.append(len(index) if len(images) < 27 else 1)
    nll, kl = (
        sum(pair[which] * size for pair, size in zip(pairs, sizes, strict=True)) / sum(sizes)
        for which in (0, 1)
    )
    return nll, kl


# %% shuffles from 27 images on
# loses: train-epoch-shuffled
# slug: not-shuffled
# says: not shuffled
def train_epoch(step, images, batch_size=128):
    order = torch.randperm(len(images)) if len(images) >= 27 else torch.arange(len(images))
    total_nll = total_kl = 0.0
    for index in order.split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% a shuffle buffer of 20
# loses: train-epoch-shuffled
# slug: order-local
# says: small shuffle buffer
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    import random

    order, buffer = [], []
    for index in range(len(images)):
        buffer.append(index)
        if len(buffer) == 20:
            order.append(buffer.pop(random.randrange(20)))
    random.shuffle(buffer)
    order = torch.tensor(order + buffer)
    for index in order.split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% a shuffle buffer of half of the images
# loses: train-epoch-shuffled
# slug: order-not-random
# says: not a random one
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    import random

    order, buffer, most = [], [], len(images) // 2
    for index in range(len(images)):
        buffer.append(index)
        if len(buffer) > most:
            order.append(buffer.pop(random.randrange(len(buffer))))
    random.shuffle(buffer)
    order = torch.tensor(order + buffer)
    for index in order.split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% blocks of 47 shuffled inside
# loses: train-epoch-shuffled
# slug: order-local
# says: stay near each other
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    blocks = torch.arange(len(images)).split(47)
    order = torch.cat([block[torch.randperm(len(block))] for block in blocks])
    for index in order.split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% blocks of 50 shuffled inside and among each other
# loses: train-epoch-shuffled
# slug: order-local
# says: stay near each other
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    blocks = torch.arange(len(images)).split(50)
    blocks = [blocks[i] for i in torch.randperm(len(blocks))]
    order = torch.cat([block[torch.randperm(len(block))] for block in blocks])
    for index in order.split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% only the batches shuffled
# loses: train-epoch-every-image, train-epoch-shuffled
# slug: wrong-batch-size
# says: only the last may hold fewer
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    batches = images.split(batch_size)
    for number in torch.randperm(len(batches)):
        x = batches[number]
        nll, kl = step(x)
        total_nll += nll * len(x)
        total_kl += kl * len(x)
    return total_nll / len(images), total_kl / len(images)


# %% reversed now and then
# loses: train-epoch-shuffled
# slug: order-local
# says: stay near each other
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    order = torch.arange(len(images)).roll(int(torch.randint(len(images), ())))
    order = order.flip(0) if torch.rand(()) < 0.5 else order
    for index in order.split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% sorted by noisy numbers
# loses: train-epoch-shuffled
# slug: order-not-random
# says: not a random one
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    order = (torch.arange(len(images)) + len(images) * torch.rand(len(images))).argsort()
    for index in order.split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% half of the images shuffled
# loses: train-epoch-shuffled
# slug: order-not-random
# says: not a random one
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    order = torch.arange(len(images))
    some = torch.randperm(len(images))[: len(images) // 2]
    order[some] = some[torch.randperm(len(some))]
    for index in order.split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% a hundred swaps
# loses: train-epoch-shuffled
# slug: order-not-random
# says: not a random one
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    order = list(range(len(images)))
    for _ in range(100 + len(images)):
        i, j = torch.randint(len(images), (2,)).tolist()
        order[i], order[j] = order[j], order[i]
    order = torch.tensor(order)
    for index in order.split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% one riffle
# loses: train-epoch-shuffled
# slug: order-not-random
# says: not a random one
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    order = (torch.rand(len(images)) < 0.5).long().argsort(stable=True)
    order = order.argsort()
    for index in order.split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% dealt into batches, shuffled inside
# loses: train-epoch-shuffled
# slug: order-not-random
# says: dealt
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    number = -(-len(images) // batch_size)
    hands = [torch.arange(i, len(images), number) for i in range(number)]
    order = torch.cat([hand[torch.randperm(len(hand))] for hand in hands])
    for index in order.split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% a multiple modulo the number
# loses: train-epoch-shuffled
# slug: order-not-random
# says: not a random one
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    import math

    factor = 0
    while math.gcd(factor, len(images)) != 1:
        factor = int(torch.randint(len(images) // 5, len(images) // 2, ()))
    order = torch.arange(len(images)) * factor % len(images)
    for index in order.split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% total starts at one
# loses: train-epoch-average
# slug: start-not-zero
# says: does not start at 0
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 1.0
    order = torch.randperm(len(images))
    for index in order.split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% count starts at one
# loses: train-epoch-average
# slug: start-not-zero
# says: does not start at 0
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    order = torch.randperm(len(images))
    for index in order.split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / (len(images) + 1), total_kl / (len(images) + 1)


# %% the first batch not counted
# loses: train-epoch-average
# slug: first-batch-left-out
# says: look at where the totals start
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    order = torch.randperm(len(images))
    batches = order.split(batch_size)
    step(images[batches[0]])
    for index in batches[1:]:
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% the first batch counted twice
# loses: train-epoch-average
# slug: batch-counted-twice
# says: counted twice
def train_epoch(step, images, batch_size=128):
    order = torch.randperm(len(images))
    batches = order.split(batch_size)
    total_nll = total_kl = None
    for index in batches:
        nll, kl = step(images[index])
        if total_nll is None:
            total_nll, total_kl = nll * len(index), kl * len(index)
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% swapped
# loses: train-epoch-average
# slug: returns-swapped
# says: changed places
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    order = torch.randperm(len(images))
    for index in order.split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_kl / len(images), total_nll / len(images)


# %% tensors
# loses: train-epoch-average
# slug: tensor-not-number
# says: not a plain number
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    order = torch.randperm(len(images))
    for index in order.split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return torch.tensor(total_nll / len(images)), torch.tensor(total_kl / len(images))


# %% step never called
# slug: step-not-called
# says: the step that is passed in
def train_epoch(step, images, batch_size=128):
    for index in torch.randperm(len(images)).split(batch_size):
        images[index].mean()
    return 0.0, 0.0


# %% images made black and white
# slug: wrong-images
# says: must reach the step unchanged
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    for index in torch.randperm(len(images)).split(batch_size):
        nll, kl = step((images[index] > 0.5).to(images.dtype))
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% a last batch of one image is skipped
# slug: last-batch-dropped
# says: The short last batch was left out
# loses: train-epoch-every-image
def train_epoch(step, images, batch_size=128):
    N = len(images)
    n = k = 0.0
    seen = 0
    for i in torch.randperm(N).split(batch_size):
        if len(i) == 1:
            continue
        a, b = step(images[i])
        n += a * len(i)
        k += b * len(i)
        seen += len(i)
    return n / seen, k / seen


# %% batch size silently capped at 128
# slug: wrong-batch-size
# says: All batches hold batch_size images, and only the last may hold fewer
# loses: train-epoch-every-image
def train_epoch(step, images, batch_size=128):
    batch_size = min(batch_size, 128)
    N = len(images)
    n = k = 0.0
    for i in torch.randperm(N).split(batch_size):
        a, b = step(images[i])
        n += a * len(i)
        k += b * len(i)
    return n / N, k / N


# %% last image always last (randperm(N-1))
# slug: orders-missing
# says: each must be as likely as any other
# loses: train-epoch-shuffled
def train_epoch(step, images, batch_size=128):
    N = len(images)
    perm = torch.cat([torch.randperm(N - 1), torch.tensor([N - 1])])
    n = k = 0.0
    for i in perm.split(batch_size):
        a, b = step(images[i])
        n += a * len(i)
        k += b * len(i)
    return n / N, k / N


# %% Sattolo shuffle (no fixed points)
# slug: orders-missing
# says: each must be as likely as any other
# loses: train-epoch-shuffled
def train_epoch(step, images, batch_size=128):
    N = len(images)
    perm = list(range(N))
    n = k = 0.0
    for i in range(N - 1, 0, -1):
        j = int(torch.randint(i, ()))
        perm[i], perm[j] = perm[j], perm[i]
    for i in torch.tensor(perm).split(batch_size):
        a, b = step(images[i])
        n += a * len(i)
        k += b * len(i)
    return n / N, k / N


# %% buffer shuffle (like tf.data with buffer of 2 batches)
# slug: order-local
# says: mix them all
# loses: train-epoch-shuffled
def train_epoch(step, images, batch_size=128):
    N = len(images)
    n = k = 0.0
    buf = []
    order = []
    for i in range(N):
        buf.append(i)
        if len(buf) >= 4 * batch_size:
            order.append(buf.pop(int(torch.randint(len(buf), ()))))
    while buf:
        order.append(buf.pop(int(torch.randint(len(buf), ()))))
    for i in torch.tensor(order).split(batch_size):
        a, b = step(images[i])
        n += a * len(i)
        k += b * len(i)
    return n / N, k / N


# %% 784 pixels an image
# slug: hard-coded-size
# says: take each from its argument
def train_epoch(step, images, batch_size=128):
    images = images.view(-1, 784)
    total_nll = total_kl = 0.0
    for index in torch.randperm(len(images)).split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)
