"""A small version of `make calibrate`: no false alarm, and no random mistake that escapes.

Twenty runs of each check that tests random numbers, at least seven of its graded cell. A right
answer fails one of them with probability below 1e-4 over all cells. The other cells judge the same
answers in test_answers.py.
"""

import pytest
from calibrate import MOST_RUNS, Count, Job, count, jobs_of, main, parts_of, power, table, together
from lab_harness import labs_with_answers, read


@pytest.mark.slow
def test_right_answers_pass_and_wrong_ones_fail_every_time():
    all_jobs = (job for name in labs_with_answers() for job in jobs_of(read(name), 20))
    jobs = [job for job in all_jobs if job.is_random]
    counts = [count(job) for job in jobs]
    for found in counts:
        expected = 0 if found.job.slug is None else found.job.runs
        assert found.failed == found.named == expected, found
    assert table(counts).splitlines()[-1].startswith("| **all** |")
    assert "| 100.00% | 100.00% |" in power(counts).splitlines()[2]


def test_a_false_alarm_is_counted_and_shown(monkeypatch, capsys):
    """A check that is made to fail at random must end the command with status 1."""
    import calibrate

    lab = read("lab3-vae")
    wrong = next(answer for answer in lab.wrong if answer.exercise == "gaussian-kl")
    job = calibrate.Job(lab.name, "gaussian-kl", "gaussian-kl-value", wrong.name, 3)
    monkeypatch.setattr(calibrate, "jobs_of", lambda lab, runs: [job])
    monkeypatch.setattr("sys.argv", ["calibrate.py", "lab3-vae", "--runs", "3", "--workers", "1"])
    assert main() == 1
    out, err = capsys.readouterr()
    assert "| **all** | 1 | 3 | 3 |" in out
    assert "false alarm: gaussian-kl" in out
    assert err.startswith("false alarm: gaussian-kl")  # told at once


def test_a_long_job_is_shared_and_counted_as_one():
    long, short = (Job("lab", "key", "cell", name, runs) for name, runs in (("a", 601), ("b", 3)))
    parts = list(parts_of([short, long]))
    assert [part.runs for part in parts] == [MOST_RUNS, MOST_RUNS, 601 - 2 * MOST_RUNS, 3]
    counts = [Count(part, number, 1, f"{number}" * number) for number, part in enumerate(parts)]
    assert together(counts) == [Count(long, 3, 3, "1"), Count(short, 3, 1, "333")]


def test_an_unknown_lab_gets_one_line_and_status_2(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["calibrate.py", "lab99-none"])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 2
    assert "no lab lab99-none; there are" in capsys.readouterr().err
