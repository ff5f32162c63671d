"""The untrusted process: a student's notebook runs here and answers for what it defined.

process.py       runs cells, answers what the judge asks
access_policy.py what the judge may do with its objects: everything
cells.py         a notebook's cells, one after the other
shell.py         IPython as a kernel has it, without a kernel
failures.py      lines that fail where a notebook is graded, though perhaps not where it was written
forbidden.py     what a lab asks students to write refuses to be called
preload.py       what is imported before a process forks
"""
