"""The sandbox: where students' code runs.

limits.py         what a submission may use
view.py           what it sees of this machine
walls.py          the outer walls, by bubblewrap.py or, without it, namespaces.py
jail.py           a process behind them that has imported everything already, and its children
zygote.py         that process: forks one child for each submission
cage.py           the inner walls, which a child puts around itself before a student's first line
landlock.py       of these: where it may write
system_calls.py   of these: what it may not ask of the kernel
memory_limit.py   how much memory a submission holds, which its keeper watches
control_groups.py where there are control groups: the kernel counts, too
provisioner.py    Jupyter kernels behind the same walls, by name: `vae-lab-sandbox`
jupyter_kernel.py such a kernel
linux.py          what the walls ask of the operating system's kernel
"""
