"""judge_answers.py LAB FILE... : judge answers of files (bank format) by all graded cells.

File name: <solution-key>[-anything].py ; sections start with '# %% name'; a line '# kind: right|wrong|open' after it.
Prints, for each: kind, name, cells lost (or PAID), the first message.
"""
import re, sys, textwrap
from pathlib import Path
import torch
torch.set_num_threads(1)
from lab_harness import judge, read

lab = read(sys.argv[1])
counts = {}
for file in map(Path, sys.argv[2:]):
    keys = sorted((k for k in lab.tasks if file.stem.startswith(k)), key=len)
    if not keys: print("no exercise for", file); continue
    key = keys[-1]
    text = file.read_text()
    parts = re.split(r"^# %% (.*)$", text, flags=re.M)[1:]
    for name, source in zip(parts[::2], parts[1::2]):
        kind = (re.search(r"^# kind: (\w+)", source, re.M) or [None, "wrong"])[1]
        try:
            outcome = judge(lab, key, source)
        except BaseException as error:
            print(f"{kind:5} {key} | {name} | CELL RAISES {error!r}"); counts[kind,'raises']=counts.get((kind,'raises'),0)+1; continue
        if outcome.lost or outcome.check:
            first = next(iter(outcome.lost.values()), outcome.check)
            said = " ".join(getattr(first, "message", repr(first)).split())
            slug = getattr(first, "slug", type(first).__name__)
            print(f"{kind:5} {key} | {name} | loses {', '.join(outcome.lost)} of {len(lab.tasks[key].graded)} | {slug}: {said[:300]}")
            state = "lost"
        else:
            print(f"{kind:5} {key} | {name} | PAID IN FULL {outcome.stderr[:200]}")
            state = "paid"
        counts[kind, state] = counts.get((kind, state), 0) + 1
print(counts)
