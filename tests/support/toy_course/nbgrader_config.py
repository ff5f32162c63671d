"""The course around the toy lab: as the real one, with less patience."""

c = get_config()  # noqa: F821 (nbgrader puts it here)

c.CourseDirectory.course_id = "toy-course"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", "answers"]
c.ClearMarkScheme.enforce_metadata = False
c.Execute.timeout = 4
