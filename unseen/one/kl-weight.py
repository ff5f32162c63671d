# %% w01 not capped
# kind: wrong
def kl_weight(step, warmup_steps):
    return step / warmup_steps if warmup_steps else 1.0

# %% w02 division by 0
# kind: wrong
def kl_weight(step, warmup_steps):
    return min(1.0, step / warmup_steps)

# %% w03 from 1
# kind: wrong
def kl_weight(step, warmup_steps):
    return min(1.0, (step + 1) / warmup_steps) if warmup_steps else 1.0

# %% w04 one too long
# kind: wrong
def kl_weight(step, warmup_steps):
    return min(1.0, step / (warmup_steps + 1))

# %% w05 max(1, warmup_steps): step 0 has 0 without a warm-up
# kind: wrong
def kl_weight(step, warmup_steps):
    return min(1.0, step / max(1, warmup_steps))

# %% w06 max with the quotient
# kind: wrong
def kl_weight(step, warmup_steps):
    return max(1.0, step / warmup_steps) if warmup_steps else 1.0

# %% w07 integer division
# kind: wrong
def kl_weight(step, warmup_steps):
    return min(1, step // warmup_steps) if warmup_steps else 1

# %% w08 0 without a warm-up
# kind: wrong
def kl_weight(step, warmup_steps):
    return min(1.0, step / warmup_steps) if warmup_steps else 0.0

# %% w09 ends one early
# kind: wrong
def kl_weight(step, warmup_steps):
    return 1.0 if warmup_steps <= 1 else min(1.0, step / (warmup_steps - 1))

# %% w10 sigmoid
# kind: wrong
def kl_weight(step, warmup_steps):
    if warmup_steps == 0:
        return 1.0
    return 1 / (1 + math.exp(-10 * (step / warmup_steps - 0.5)))

# %% w11 cyclic
# kind: wrong
def kl_weight(step, warmup_steps):
    if warmup_steps == 0:
        return 1.0
    return (step % (warmup_steps + 1)) / warmup_steps

# %% w12 square
# kind: wrong
def kl_weight(step, warmup_steps):
    return min(1.0, step / warmup_steps) ** 2 if warmup_steps else 1.0

# %% w13 a tensor
# kind: wrong
def kl_weight(step, warmup_steps):
    return torch.tensor(min(1.0, step / warmup_steps) if warmup_steps else 1.0)

# %% w14 float32 number
# kind: wrong
def kl_weight(step, warmup_steps):
    return float(np.float32(min(1.0, step / warmup_steps))) if warmup_steps else 1.0

# %% w15 eps
# kind: wrong
def kl_weight(step, warmup_steps):
    return min(1.0, step / (warmup_steps + 1e-8))

# %% w16 swapped
# kind: wrong
def kl_weight(step, warmup_steps):
    return min(1.0, warmup_steps / step) if step else 1.0

# %% w17 falls
# kind: wrong
def kl_weight(step, warmup_steps):
    return max(0.0, 1 - step / warmup_steps) if warmup_steps else 1.0

# %% w18 rounded to two decimals
# kind: wrong
def kl_weight(step, warmup_steps):
    return round(min(1.0, step / warmup_steps), 2) if warmup_steps else 1.0

# %% w19 a step: 0 then 1
# kind: wrong
def kl_weight(step, warmup_steps):
    return 1.0 if step >= warmup_steps else 0.0

# %% w20 hard-coded length
# kind: wrong
def kl_weight(step, warmup_steps):
    return min(1.0, step / 4)

# %% w21 cosine
# kind: wrong
def kl_weight(step, warmup_steps):
    if step >= warmup_steps:
        return 1.0
    return 0.5 * (1 - math.cos(math.pi * step / warmup_steps))

# %% w22 a list in memory: fails late
# kind: wrong
def kl_weight(step, warmup_steps):
    return np.linspace(0, 1, warmup_steps + 1)[step]

# %% w23 counts its own calls
# kind: wrong
_calls = [0]
def kl_weight(step, warmup_steps):
    _calls[0] += 1
    return min(1.0, (_calls[0] - 1) / warmup_steps) if warmup_steps else 1.0

# %% w24 a small weight at the start
# kind: wrong
def kl_weight(step, warmup_steps):
    return min(1.0, max(1e-4, step / warmup_steps)) if warmup_steps else 1.0

# %% w25 stays at 0.99...
# kind: wrong
def kl_weight(step, warmup_steps):
    return 1.0 - 1e-6 if warmup_steps and step >= warmup_steps else (step / warmup_steps if warmup_steps else 1.0)

# %% w26 step warmup_steps belongs to the ramp, later ones 0
# kind: wrong
def kl_weight(step, warmup_steps):
    if warmup_steps == 0:
        return 1.0
    return step / warmup_steps if step <= warmup_steps else 0.0

# %% w27 memorized
# kind: wrong
def kl_weight(step, warmup_steps):
    return {0: 0.0, 1: 0.25, 2: 0.5, 3: 0.75}.get(step, 1.0) if warmup_steps else 1.0

# %% w28 exponential
# kind: wrong
def kl_weight(step, warmup_steps):
    return 1.0 if step >= warmup_steps else 1 - math.exp(-5 * step / warmup_steps)

# %% w29 by accumulated sums
# kind: open
def kl_weight(step, warmup_steps):
    if step >= warmup_steps:
        return 1.0
    total = 0.0
    for _ in range(step):
        total += 1 / warmup_steps
    return total

# %% w30 no warm-up only at step 0 forgotten: step 0 is always 0
# kind: wrong
def kl_weight(step, warmup_steps):
    if step == 0:
        return 0.0
    return min(1.0, step / warmup_steps) if warmup_steps else 1.0

# %% w31 warm-up counted in the notebook's epochs
# kind: wrong
def kl_weight(step, warmup_steps):
    return min(1.0, step / (warmup_steps * 64)) if warmup_steps else 1.0

# %% w32 a bool for 0 and 1
# kind: open
def kl_weight(step, warmup_steps):
    if step >= warmup_steps:
        return True
    return step / warmup_steps if step else False

# %% r01 min
# kind: right
def kl_weight(step, warmup_steps):
    return min(1.0, step / warmup_steps) if warmup_steps > 0 else 1.0

# %% r02 later ones first
# kind: right
def kl_weight(step, warmup_steps):
    if step >= warmup_steps:
        return 1.0
    return step / warmup_steps

# %% r03 ints at the ends
# kind: right
def kl_weight(step, warmup_steps):
    return 1 if step >= warmup_steps else step / warmup_steps

# %% r04 np.interp
# kind: right
def kl_weight(step, warmup_steps):
    return float(np.interp(step, [0, warmup_steps], [0.0, 1.0])) if warmup_steps else 1.0

# %% r05 torch double, item
# kind: right
def kl_weight(step, warmup_steps):
    if not warmup_steps:
        return 1.0
    return torch.tensor(step / warmup_steps, dtype=torch.float64).clamp(max=1).item()

# %% r06 try
# kind: right
def kl_weight(step, warmup_steps):
    try:
        return min(1.0, step / warmup_steps)
    except ZeroDivisionError:
        return 1.0

# %% r07 lambda: one less what is left
# kind: right
kl_weight = lambda step, warmup_steps: 1.0 - max(warmup_steps - step, 0) / max(warmup_steps, 1)

# %% r08 min of step first
# kind: right
def kl_weight(step, warmup_steps):
    return min(step, warmup_steps) / warmup_steps if warmup_steps else 1.0

# %% r09 partial, class
# kind: right
class Warm:
    def __call__(self, step, warmup_steps):
        return sorted((0.0, step / warmup_steps, 1.0))[1] if warmup_steps else 1.0
kl_weight = Warm()

# %% r10 numpy scalar
# kind: open
def kl_weight(step, warmup_steps):
    return np.minimum(1.0, step / warmup_steps) if warmup_steps else np.float64(1.0)

# %% r11 Fraction
# kind: open
from fractions import Fraction
def kl_weight(step, warmup_steps):
    return min(Fraction(1), Fraction(step, warmup_steps)) if warmup_steps else Fraction(1)
