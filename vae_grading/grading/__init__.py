"""Many submissions, anywhere: on this machine's cores, by a cluster, by nbgrader.

run.py               the command: what is graded already stays, what is graded is recorded
up_to_date.py        which submissions have to be graded, again or for the first time
one_submission.py    a submission to its result, whatever happens on the way
crew.py              several at a time on this machine
dates_of_hand_ins.py when they were handed in, for the policy on late work
cluster.py           by the workers of a Dask scheduler
nbgrader_exporter.py `nbgrader autograde` and the formgrader's button give the judge's marks
"""
