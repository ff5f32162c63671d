"""Answers to Exercise 12 of lab3-vae: right ones, then wrong ones."""


# %% text of the device
def mended_4(device):
    return "cuda" in str(device)


# %% startswith
def mended_4(device):
    return str(device).startswith("cuda")


# %% if and else
def mended_4(device):
    if device.type == "cuda":
        return True
    else:
        return False


# %% a set of types, also for text
def mended_4(device):
    return torch.device(device).type in {"cuda"}


# %% still broken
# slug: device-as-text
# says: ask for its type
def mended_4(device):
    return device == "cuda"


# %% device without index only
# slug: device-index
# says: may carry an index
def mended_4(device):
    return device == torch.device("cuda")


# %% anything but the CPU
# slug: device-not-cpu
# says: other accelerators
def mended_4(device):
    return device.type != "cpu"


# %% is there any CUDA
# slug: device-always-same
# says: for every device
def mended_4(device):
    return torch.cuda.is_available()


# %% the type itself
# slug: wrong-type
# says: Return True or False
def mended_4(device):
    return device.type


# %% goes by the order of the calls
# slug: kept-between-calls
# says: now True, now False
calls = [0]


def mended_4(device):
    calls[0] += 1
    return calls[0] % 6 in (1, 2, 3)


# %% is there one, and is it this type
# slug: device-always-same
# says: on this device alone
def mended_4(device):
    return torch.cuda.is_available() and device.type == "cuda"


# %% how many are there
# slug: device-always-same
# says: not on the machine
def mended_4(device):
    return torch.cuda.device_count() > 0


# %% never
# slug: device-always-same
# says: must depend on this device
def mended_4(device):
    return False


# %% an index beside the name
# slug: device-index
# says: may carry an index
def mended_4(device):
    return device in (torch.device("cuda"), torch.device("cuda:0"))


# %% has an index
# slug: device-index
# says: may carry an index
def mended_4(device):
    return device.index is not None


# %% an accelerator of any kind
# slug: device-not-cpu
# says: other accelerators
def mended_4(device):
    return device.type in ("cuda", "mps", "xpu")


# %% the name as text, whole
# slug: device-as-text
# says: never equals one
def mended_4(device):
    return device == "cuda" or device == "cuda:0"


# %% regex of up to one digit
# slug: device-index
# says: the comparison must not depend on it
def mended_4(device):
    return str(device)[:-2] == "cuda" or str(device) == "cuda"


# %% list of cuda, cuda:0.. cuda:7
# slug: device-index
# says: the comparison must not depend on it
def mended_4(device):
    return device in [torch.device("cuda")] + [torch.device("cuda", i) for i in range(8)]
