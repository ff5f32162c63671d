"""What was earned, on disk.

results.py          what grading found out about one submission
store.py            the results of a course, in a database of their own
gradebook.py        the same in nbgrader's gradebook, beside manual marks
gradebook_writer.py its rows, a batch of submissions at a time
lateness.py         how late, and what that costs by the course's policy
percent_per_day.py  such a policy, beside nbgrader's own two
marks.py            both together: what a student has got
table.py            marks as a table in a terminal and as CSV
"""
