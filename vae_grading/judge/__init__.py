"""The trusted process: test cells run here, the student's objects live in another process.

server.py        forks a judge for each submission, from a process that has imported everything
job.py           what it is asked and what it answers
process.py       a judge: from bytes to verdicts and an autograded notebook
notebook.py      a whole submission, cell by cell; what becomes of it when a process ends
cells_to_run.py  which of its cells have to run
session.py       the judge's end of one student's process: runs cells there, judges tests here
surroundings.py  names that are missing because a line failed here
access_policy.py what the student's process may ask of the judge's objects: nearly nothing
verdicts.py      a test cell's outputs as points, message, slug and reason
"""
