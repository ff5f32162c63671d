"""`vae-lab try`: what the checks that a student can see say of a notebook, on any system.

try_notebook.py  the command: a file to lines, or JSON, and an exit code
steps.py         what has to be run and judged, of which lab
running.py       the steps in a process of their own, with a limit on each
worker.py        that process
No walls: it is the student's own code, on the student's own machine.
"""
