"""An nbgrader course: source/ -> release/ -> submitted/ -> autograded/ -> feedback/."""

import os
import sys

# nbgrader runs `alembic` by name to create the gradebook: let it find the one beside this Python.
os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ.get("PATH", "")

c = get_config()  # noqa: F821 (nbgrader puts it here)

c.CourseDirectory.course_id = "vae-lab"
# A lab's folder also holds the bank of right and wrong answers that tests its checks.
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints",
    "*.pyc",
    "__pycache__",
    "feedback",
    "answers",
]
# A question's mark scheme stands in the question's own read-only cell, beside the answer cell.
c.ClearMarkScheme.enforce_metadata = False
# Where students' notebooks install this project from in Colab and Kaggle: what pip takes, such as
# git+https://... or the address of a .zip. Without one they say that it has to be asked for.
c.CourseAddress.address = os.environ.get("VAE_LAB_ADDRESS", "")
c.GenerateAssignment.preprocessors.insert(0, "vae_grading.course.course_address.CourseAddress")
# `nbgrader autograde` and the formgrader's button give the judge's marks, as `vae-lab grade` does:
# the submission is judged where nbgrader would read it, so nothing is left to repair or to run.
# With VAE_LAB_JUDGE=off they are nbgrader's own: the tests run beside the student's code.
if os.environ.get("VAE_LAB_JUDGE") != "off":
    c.Autograde.exporter_class = "vae_grading.grading.nbgrader_exporter.JudgingExporter"
    c.Autograde.sanitize_preprocessors = []
    c.Autograde.autograde_preprocessors = [
        "nbgrader.preprocessors.IgnorePattern",
        "nbconvert.preprocessors.ClearMetadataPreprocessor",
        "nbgrader.preprocessors.LimitOutput",
        "nbgrader.preprocessors.SaveAutoGrades",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
# When labs are due; times without a zone are of this one (else of this machine's). Extensions for
# single students stand in the roster: see notebooks/20-for-instructors.md.
# c.VaeLab.timezone = "Europe/Berlin"
# c.VaeLab.due = {"lab1-elbo": "2026-10-05 23:59"}
# What being late costs: nothing ("none"), everything ("zero"), or a part for each day.
# c.LateSubmissionPlugin.penalty_method = "zero"
# c.AssignLatePenalties.plugin_class = "vae_grading.marks.percent_per_day.PercentPerDay"
# c.PercentPerDay.percent = 10
# Twice nbgrader's limit for a cell: the first one that trains also imports half of torch, which
# takes 3 s on a calm machine and ten times that on a crowded one.
c.ExecutePreprocessor.timeout = 60
c.Execute.timeout = 60
