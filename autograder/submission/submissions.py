"""Find the submissions of a class and read them: who, which files, and what could not be read."""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

import msgspec

from autograder.errors import OperatorError, SubmissionError
from autograder.messages import _
from autograder.submission.forms import Form, changed_forms, code_cells, is_pair
from autograder.submission.reading import names_in_folder, printable, read_regular_file

STUDENT_ID = re.compile(r"[^\W_][\w.@-]{0,63}", re.UNICODE)
# Folders that tools leave; any other whose name begins with a dot may hide somebody's work.
_TOOLS_FOLDERS = frozenset(
    (".git", ".github", ".hg", ".svn", ".ipynb_checkpoints", ".idea", ".vscode", ".cache",
     ".pytest_cache", ".jupyter", ".Trash-0", ".Trashes", ".Spotlight-V100", ".fseventsd")
)  # fmt: skip
_NAMES_COMPARED = 100  # of a student's folder, however many are in it
_ALIKE = 0.7  # by difflib's measure
_FORMS = (".ipynb", ".py")  # the first of two unchanged ones is graded


class Found(msgspec.Struct, frozen=True):
    """The class as it lies on disk: students to grade, and folders that are no student's."""

    students: tuple[str, ...]
    quarantined: tuple[str, ...]  # a sentence each, with a fix


class Submission(msgspec.Struct, frozen=True):
    """One student's files for one assignment, ready to grade.

    ``forms`` is empty where nothing could be read; ``unreadable`` says why, a sentence each.
    """

    student: str
    forms: tuple[Form, ...]
    unreadable: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    on_time: tuple[Form, ...] = ()  # of the version that was handed in before the deadline


def find_submissions(folder: Path) -> Found:
    """The students' folders in ``folder``, sorted. Raises OperatorError where it is no folder."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise OperatorError(
            _("{folder}: {why}\n  fix: name the folder that holds <student>/<assignment>/").format(
                folder=folder, why=os.strerror(error.errno or 0)
            )
        ) from error
    students: list[str] = []
    quarantined: list[str] = []
    ids = [e.name for e in entries if is_student_id(e.name) and e.is_dir(follow_symlinks=False)]
    alike = Counter(name.casefold() for name in ids)  # one and the same to some disks, databases
    for entry in entries:
        is_folder = entry.is_dir(follow_symlinks=False)
        if entry.name.startswith(".") and (not is_folder or entry.name in _TOOLS_FOLDERS):
            continue
        path = printable(folder / entry.name)
        if entry.is_symlink():
            quarantined.append(
                _(
                    "{path}: is a link, which is not followed\n  fix: put the student's own folder "
                    "there"
                ).format(path=path)
            )
        elif not is_folder:
            quarantined.append(
                _("{path}: is no folder\n  fix: lay files out as <student>/<assignment>/").format(
                    path=path
                )
            )
        elif not is_student_id(entry.name):
            quarantined.append(
                _(
                    "{path}: is no student id\n  fix: rename the folder: letters, digits and "
                    ". @ - _ only, at most 64, beginning with a letter or digit"
                ).format(path=path)
            )
        elif alike[entry.name.casefold()] > 1:
            quarantined.append(
                _(
                    "{path}: differs from another student's folder in capitals alone\n"
                    "  fix: find out whose it is and rename it, or put the two together"
                ).format(path=path)
            )
        else:
            students.append(entry.name)
    return Found(tuple(students), tuple(quarantined))


def is_student_id(name: str) -> bool:
    """Whether ``name`` can be a student's: it is shown everywhere, and looks like no other's."""
    # Wide letters, ligatures and fillers change or vanish in the compatible form.
    return (
        STUDENT_ID.fullmatch(name) is not None
        and unicodedata.normalize("NFKC", name) == name
        and printable(name) == name
    )


def on_time_folder(folder: Path) -> Path:
    """Where the versions lie that were handed in on time by those who handed in again, late."""
    whole = folder.absolute()
    return whole.parent / f"{whole.name}-on-time"


def read_submission(
    folder: Path,
    student: str,
    assignment: str,
    released: Sequence[Form],
    max_bytes: int,
    others: Collection[str] = (),
    languages: Collection[str] = (),
) -> Submission:
    """Read the submission under ``folder/student/assignment``; never raises for a student's file.

    With it the version from before the deadline, where there is one (see `on_time_folder`). What
    cannot be read of that is as if it were not there.

    Args:
        folder: Laid out <student>/<assignment>/.
        student: Whose.
        assignment: Of which.
        released: The two forms as students were given them.
        max_bytes: Of one file.
        others: The course's other assignments: a folder of such a name is no misspelt one of this.
        languages: Those that students were given files in: folders of such names may hold the work.
    """
    submission = _read_version(folder, student, assignment, released, max_bytes, others, languages)
    earlier = on_time_folder(folder)
    if not (earlier / student / assignment).is_dir():
        return submission
    on_time = _read_version(
        earlier, student, assignment, released, max_bytes, others, languages
    ).forms
    if on_time == submission.forms:
        return submission
    return msgspec.structs.replace(submission, on_time=on_time)


def _read_version(
    folder: Path,
    student: str,
    assignment: str,
    released: Sequence[Form],
    max_bytes: int,
    others: Collection[str],
    languages: Collection[str],
) -> Submission:
    unreadable: list[str] = []
    notes: list[str] = []
    forms = []
    for file in _candidates(folder, student, assignment, max_bytes, unreadable, notes):
        try:
            data = read_regular_file(folder, (student, assignment, file), max_bytes)
            forms.append(as_form(printable(file), data, assignment))
        except FileNotFoundError:
            continue
        except SubmissionError as error:
            unreadable.append(str(error))
    if not forms and not unreadable:
        unreadable.append(
            _misspelt(folder, student, assignment, others)
            or _(
                "{path}: holds neither {name}.ipynb nor {name}.py\n  fix: hand in one of them"
            ).format(path=printable(Path(student, assignment)), name=assignment)
        )
    chosen = changed_forms(forms, released)
    if not chosen:
        at = (student, assignment)
        unreadable += _changed_further_down(folder, at, languages, released, max_bytes)
    if forms and not chosen and not unreadable:  # else the work may be in what cannot be read
        chosen = forms[:1]
        notes.append(_("{file} is as it was handed out").format(file=chosen[0].file))
    if len(chosen) > 1:
        notes.append(
            _("both {a} and {b} were changed; both were graded and the better one counts").format(
                a=chosen[0].file, b=chosen[1].file
            )
        )
    return Submission(student, tuple(chosen), tuple(unreadable), tuple(notes))


def _changed_further_down(
    folder: Path,
    at: tuple[str, str],
    languages: Collection[str],
    released: Sequence[Form],
    max_bytes: int,
) -> list[str]:
    """A sentence for each file that was worked on in the folder of a language.

    It is not graded, for the one above may be meant; but neither is it passed over in silence.
    """
    said = []
    for place in ((*at, language, at[1] + form) for language in languages for form in _FORMS):
        with contextlib.suppress(FileNotFoundError, SubmissionError):
            data = read_regular_file(folder, place, max_bytes)
            if changed_forms([as_form(place[-1], data, at[1])], released):
                said.append(
                    _(
                        "{path}: was worked on, and {name} above it was not\n  fix: if that is the "
                        "one, move it up, in the place of the other"
                    ).format(path=printable(Path(*place)), name=place[-1])
                )
    return said


def _misspelt(folder: Path, student: str, assignment: str, others: Collection[str]) -> str:
    """What to say of a folder with nearly the assignment's name where that is missing, else "".

    Its files are not taken: which folder is meant, a person says.
    """
    try:
        names = names_in_folder(folder, (student,))[:_NAMES_COMPARED]
    except (FileNotFoundError, SubmissionError):
        return ""
    if assignment in names:
        return ""
    compared: dict[str, str] = {}
    for name in names:
        if name not in others and _is_folder(folder, (student, name)):
            compared.setdefault(name.strip().casefold(), name)
    wanted = assignment.casefold()
    near = difflib.get_close_matches(wanted, compared, 1, _ALIKE)
    near += [one for one in compared if wanted in one]
    if not near:
        return ""
    return _(
        '{path}: is not there, but a folder "{other}" is\n  fix: if that is the one, rename it to '
        "{assignment}"
    ).format(
        path=printable(Path(student, assignment)),
        other=printable(compared[near[0]]),
        assignment=assignment,
    )


def _is_folder(folder: Path, parts: tuple[str, ...]) -> bool:
    try:
        names_in_folder(folder, parts)
    except (FileNotFoundError, SubmissionError):
        return False
    return True


def as_form(file: str, data: bytes, assignment: str) -> Form:
    """One file as what will run of it. Raises SubmissionError where it is not what it is named."""
    return Form(
        file=file,
        sha256=hashlib.sha256(data).hexdigest(),
        cells=code_cells(file, data),
        module="__main__" if file.endswith(".ipynb") else assignment,
    )


def graded_names(folder: Path, student: str, assignment: str, max_bytes: int) -> list[str]:
    """The names of the files that `read_submission` reads."""
    return _candidates(folder, student, assignment, max_bytes, [], [])


def _candidates(
    folder: Path,
    student: str,
    assignment: str,
    max_bytes: int,
    unreadable: list[str],
    notes: list[str],
) -> list[str]:
    """The two expected names where one is there, else the one notebook or script there is."""
    expected = [assignment + suffix for suffix in _FORMS]
    place = Path(student, assignment)  # students read it: not where the operator keeps it
    try:
        names = names_in_folder(folder, (student, assignment))
    except FileNotFoundError:
        return []
    except SubmissionError:
        unreadable.append(
            _(
                "{path}: is no folder that can be read\n  fix: hand in a folder with the file"
            ).format(path=printable(place))
        )
        return []
    names = _without_pair(folder, student, assignment, max_bytes, names)
    if any(name in names for name in expected):
        return [name for name in expected if name in names]
    handed_out = (".", "test_", "conftest")
    others = [name for name in names if name.endswith(_FORMS) and not name.startswith(handed_out)]
    if len(others) == 1:
        notes.append(
            _("the file is called {other}; {name} was expected").format(
                other=printable(others[0]), name=expected[0]
            )
        )
        return others
    if others:
        unreadable.append(
            _(
                "{path}: holds {files} and none is called {name}\n  fix: rename the one to grade"
            ).format(
                path=printable(place), files=", ".join(map(printable, others[:5])), name=expected[0]
            )
        )
    return []


def _without_pair(
    folder: Path, student: str, assignment: str, max_bytes: int, names: list[str]
) -> list[str]:
    """``names`` without the notebook that we made of another one of them."""
    notebook = f"{assignment}.ipynb"
    others = [name for name in names if name != notebook and name.endswith(_FORMS)]
    if notebook not in names or not others:
        return names
    with contextlib.suppress(OSError, SubmissionError):
        if is_pair(read_regular_file(folder, (student, assignment, notebook), max_bytes)):
            return [name for name in names if name != notebook]
    return names
