"""nbgrader's view of this course: every `nbgrader` command and formgrader load it, often twice."""

from pathlib import Path

from autograder.authoring.nbgrader_source import (
    RELEASE_FOLDER,
    SOURCE_FOLDER,
    generate_assignment_preprocessors,
    refresh_source_notebooks,
)
from autograder.nbgrader.pairs import pair_submissions
from autograder.nbgrader.steps import autograde_preprocessors
from autograder.spec import find_course

c = get_config()  # noqa: F821 - nbgrader puts it here
course = find_course(Path(__file__).parent)

c.CourseDirectory.course_id = course.spec.course_id
c.CourseDirectory.root = str(course.root)  # so that --course-dir works from any folder

# nbgrader copies every file it finds in the source folder to students and wipes the release
# folder, so both are derived: the source is in solutions/, the release in assignments/.
c.CourseDirectory.source_directory = SOURCE_FOLDER
c.CourseDirectory.release_directory = RELEASE_FOLDER
c.CourseDirectory.source_with_tests_directory = "build/nbgrader/source_with_tests"
c.CourseDirectory.solution_directory = "build/nbgrader/solution"  # holds solutions: never in git
c.GenerateAssignment.preprocessors = generate_assignment_preprocessors()

# `nbgrader autograde` and formgrader's button grade as `autograder grade` does: in the sandbox.
c.Autograde.exporter_class = "autograder.nbgrader.exporter.ReleasedNotebook"
c.Autograde.autograde_preprocessors = autograde_preprocessors()

c.ExchangeFactory.collect = "autograder.nbgrader.exchange.Collect"
c.ExchangeFactory.release_feedback = "autograder.nbgrader.exchange.ReleaseFeedback"
c.FileNameCollectorPlugin.valid_ext = [".ipynb", ".py"]  # of what `nbgrader zip_collect` takes
c.ExportApp.plugin_class = "autograder.nbgrader.export.FinalGrades"

# A student's HTML must not run in the instructor's browser.
c.HTMLExporter.sanitize_html = True
# Else whoever has a page keeps it, whatever was changed by hand since.
c.GenerateFeedback.force = True

refresh_source_notebooks(course)
pair_submissions(course, course.root / "submitted")
