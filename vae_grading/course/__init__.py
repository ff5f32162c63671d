"""A course and its labs: what instructors write, and what is built from it.

course.py           a course's folders
lab.py              a lab: its exercises, their cells and points
notebooks.py        reading and writing notebooks
regions.py          the lines between `### BEGIN ...` and `### END ...`
student_version.py  what nbgrader makes of a source notebook for students
course_address.py   where students' notebooks install the course's package from
kept_versions.py    what it made already, for runs that grade
build.py            release/ and solutions/ from source/
check.py            is everything built, and does release/ show nothing that it should not?
assignment.py       a lab as whoever grades it needs it, and all that its marks depend on
bank.py             a lab's right and wrong answers
"""
