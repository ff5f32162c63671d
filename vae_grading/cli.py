"""The command `vae-lab`. Each command imports what it needs when it runs, so that help is quick."""

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from vae_grading.options import (
    CourseOption,
    LabArgument,
    PartialOption,
    UnfinishedOption,
    the_course,
)
from vae_grading.training import COMMANDS
from vae_helpers.errors import VaeLabError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="VAE Lab: try your notebook; build labs, grade submissions, give feedback, report.",
    epilog="The standard nbgrader commands work beside it: this is an ordinary nbgrader course.",
)


def main() -> None:
    """Run the command line: a user's mistake becomes one line on stderr and exit code 2.

    Whoever ends it by a signal finds nothing half-written either.
    """
    # A terminal that is closed sends SIGHUP, which Windows does not have.
    for number in {signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)}:
        if signal.getsignal(number) is signal.SIG_DFL:  # nohup wants it to go on
            signal.signal(number, _end)
    sys.exit(run(sys.argv[1:]))


def _end(number: int, _: object) -> None:
    signal.signal(number, signal.SIG_IGN)  # what is left to do must not be cut short
    sys.exit(128 + number)


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    try:
        result = typer.main.get_command(app).main(
            arguments, prog_name="vae-lab", standalone_mode=False
        )
        if result == STOPPED:
            print("vae-lab: stopped; what was finished is kept", file=sys.stderr)
        return result if isinstance(result, int) else 0
    except TyperException as error:
        said = error.format_message()  # nothing when help was shown for want of a command
        return _complain(f"{said} (see `{_help_command(error)}`)") if said else 2
    except Exception as error:
        if isinstance(error, VaeLabError):
            return _complain(str(error))
        raise


STOPPED = 130  # what typer makes of Ctrl-C


def _complain(line: str) -> int:
    print("vae-lab:", " ".join(line.split()), file=sys.stderr)
    return 2


def _help_command(error: TyperException) -> str:
    context = getattr(error, "ctx", None)
    return f"{context.command_path if context else 'vae-lab'} --help"


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"vae-lab {version('vae-lab')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


@app.command()
def build(
    labs: Annotated[list[str] | None, typer.Argument(metavar="[LAB]...")] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Execute model answers that have not changed, too.")
    ] = False,
    course: CourseOption = None,
) -> None:
    """Build student versions (release/) and executed model answers (solutions/)."""
    from vae_grading.course.build import build

    build(the_course(course), labs or (), force=force)


@app.command()
def check(course: CourseOption = None) -> int:
    """Is everything built, and is it right? Exit code 1 if not."""
    from vae_grading.course.check import check

    return 0 if check(the_course(course)) else 1


@app.command()
def collect(
    lab: LabArgument,
    source: Annotated[
        Path, typer.Argument(metavar="ZIP_OR_FOLDER", help="As the other system gave it.")
    ],
    pattern: Annotated[
        str | None,
        typer.Option(
            metavar="REGEX",
            help="For names of another kind: matches a path, with a group (?P<student>...).",
        ),
    ] = None,
    roster: Annotated[
        Path | None,
        typer.Option(
            metavar="CSV", help="The system's list of students; else the course's roster.csv."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done.")] = False,
    course: CourseOption = None,
) -> None:
    """Put notebooks from a learning-management system or a plain folder into submitted/.

    Understood are the downloads of Moodle, Canvas, Blackboard, Brightspace, Gradescope, ILIAS and
    Google Classroom, NAME.ipynb and NAME/LAB.ipynb. Who each is from is remembered: an earlier
    attempt never takes the place of a later one, nor one person's notebook another's. With a
    roster, those who handed in nothing are listed.
    """
    from vae_grading.deliveries.collect import collect

    collect(the_course(course), lab, source, pattern=pattern, roster=roster, dry_run=dry_run)


@app.command()
def grade(
    lab: LabArgument,
    submitted: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of submissions; else submitted/."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(metavar="N", help="Submissions at a time; else one a core.")
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="A Dask scheduler whose workers grade instead."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Grade again what has not changed, too.")
    ] = False,
    unsafe_no_sandbox: Annotated[
        bool,
        typer.Option(
            "--unsafe-no-sandbox", help="Run the code of TRUSTED submissions with your own rights."
        ),
    ] = False,
    course: CourseOption = None,
) -> None:
    """Grade the submissions of a lab and show the marks by question."""
    from vae_grading.grading.run import grade

    grade(
        the_course(course),
        lab,
        submitted=submitted,
        workers=workers,
        scheduler=scheduler,
        force=force,
        walls=not unsafe_no_sandbox,
    )


@app.command()
def feedback(
    lab: LabArgument,
    submitted: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where the figures are from; else submitted/."),
    ] = None,
    zip_: Annotated[
        str | None,
        typer.Option(
            "--zip", metavar="SYSTEM", help="Also the archive for moodle, canvas or brightspace."
        ),
    ] = None,
    limit: Annotated[
        int, typer.Option(metavar="MB", help="The largest archive that your system takes.")
    ] = 100,
    partial: PartialOption = False,
    unfinished: UnfinishedOption = False,
    course: CourseOption = None,
) -> None:
    """Write a feedback page for each student (feedback/<student>/<lab>/).

    With --zip they are also put into feedback/<lab>-<system>.zip, each under the name that the
    system gave the hand-in, so that it goes back to the student whose it was.
    """
    from vae_grading.pages.feedback import feedback

    if zip_ is None:
        feedback(the_course(course), lab, submitted=submitted)
        return
    from vae_grading.returns.feedback_zip import feedback_zip

    feedback_zip(
        the_course(course),
        lab,
        zip_,
        submitted=submitted,
        limit=limit,
        partial=partial,
        unfinished=unfinished,
    )


@app.command()
def export(
    lab: LabArgument,
    into: Annotated[
        Path, typer.Option(metavar="FILE", help="The file of marks that the system gave out.")
    ],
    column: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The lab's column, where its name does not tell."),
    ] = None,
    scale: Annotated[
        bool, typer.Option("--scale", help="Scale marks to the maximum that the file gives.")
    ] = False,
    partial: PartialOption = False,
    unfinished: UnfinishedOption = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done.")] = False,
    course: CourseOption = None,
) -> None:
    """Fill the marks into the file that Canvas, Moodle, Blackboard, Brightspace or Gradescope gave.

    Known are Canvas's gradebook, Moodle's grading worksheet, Blackboard's grade centre, and the
    grades of Brightspace and Gradescope. Students are found by the system's numbers and user names,
    and what is not a mark or a comment stays as it is, byte for byte.
    """
    from vae_grading.returns.export import export

    export(
        the_course(course),
        lab,
        into,
        column=column,
        scale=scale,
        partial=partial,
        unfinished=unfinished,
        dry_run=dry_run,
    )


@app.command()
def report(
    lab: LabArgument,
    output: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where to; else reports/<lab>/.")
    ] = None,
    course: CourseOption = None,
) -> None:
    """Write one page about the whole class, and the marks as CSV."""
    from vae_grading.pages.report import report

    report(the_course(course), lab, output=output)


@app.command()
def demo(
    lab: Annotated[
        str, typer.Option(metavar="LAB", help="A folder of source/ with a class of its own.")
    ] = "lab3-vae",
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Folder for the demonstration's own course; else demo, or demo-LAB."
        ),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(metavar="N", help="Submissions at a time; else one a core.")
    ] = None,
    course: CourseOption = None,
) -> None:
    """Grade a small invented class, each with a different mistake, and report."""
    from vae_grading.demo.demo import demo

    output = output or Path("demo" if lab == "lab3-vae" else f"demo-{lab}")
    demo(the_course(course), output, lab_name=lab, workers=workers)


for command in COMMANDS:
    app.command()(command)


@app.command("try")
def try_(
    notebook: Annotated[Path, typer.Argument(metavar="FILE.ipynb", help="Your notebook.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, for an editor or a script.")
    ] = False,
    seconds: Annotated[
        float, typer.Option(min=1, help="The longest that a cell or a check may take.")
    ] = 60,
) -> int:
    """Say where a notebook stands: each exercise by the checks that you can see.

    Runs your own code with your own rights, on Linux, macOS and Windows. Exit code 0: every
    exercise is right; 1: something is not right, or not done, yet; 2: no notebook of a lab.
    """
    from vae_grading.trial.try_notebook import try_notebook

    return try_notebook(notebook, seconds=seconds, as_json=as_json)


@app.command("open")
def open_(
    lab: Annotated[str | None, typer.Argument(metavar="[LAB]")] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start anew; work that is there is set aside.")
    ] = False,
    browser: Annotated[bool, typer.Option(help="Open a browser window.")] = True,
    port: Annotated[int | None, typer.Option(metavar="PORT")] = None,
    course: CourseOption = None,
) -> int:
    """Open a lab in JupyterLab, in a copy under work/ (without LAB: the first notebook)."""
    from vae_grading.open_lab import open_lab

    return open_lab(the_course(course), lab, fresh=fresh, browser=browser, port=port)


if __name__ == "__main__":
    main()
