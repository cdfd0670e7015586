"""What a student reads on GitHub: all that the page says, and nothing that GitHub acts on."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import FailureKind
from autograder.messages import in_language
from autograder.outputs.feedback import MOST_PICTURES, feedback_on
from autograder.outputs.github_markdown import code_block, github_text
from autograder.report import Drawing, Grid, MisconceptionView, Outcome, StudentView
from autograder.report.student_view import CheckView, ExerciseView
from autograder.spec import AssignmentSpec, Exercise

SPEC = AssignmentSpec(title="Two sums", name="sums", exercises=(Exercise("e", "The sum", 3),))
RIGHT = Grid((2, 2), ((19.0, 25.0), (37.0, 43.0)))
WRONG = Grid((2, 2), ((19.0, 0.0), (37.0, 43.0)))
DRAWING = Drawing(what="the result", expected=RIGHT, got=WRONG, function="corr2d")
# As GitHub looks for them in the text of a page, and wider.
CALLED = re.compile(
    r"""
      @[\w]                                    # people and teams
    | \#\d | \b(?:GH|GHSA|CVE)-\w              # issues, advisories
    | (?<![0-9a-z])[0-9a-f]{7,64}(?![0-9a-z])  # commits
    | :[\w+-]+:                                # emoji
    | ://\S | \bwww\.                          # addresses
    """,
    re.VERBOSE | re.IGNORECASE,
)
CALLING = [
    "@octocat", "x @org/team y", "a@b.org", "(@x)", "_@x_", "[@x](y)", "@x@y", "**@x**",
    "#1", "closes #12", "Fixes: GH-3", "octo/repo#4", "octo/repo@0123abc", "gh-1",
    "0123456789abcdef0123456789abcdef01234567", "see deadbee.", "@deadbeef", "#1234567",
    "https://github.com/o/r/issues/1", "http://x", "www.x.org", "WWW.X.ORG", "ftp://x", "//x.y",
    ":shipit:", ":+1:", "a:b:c", "GHSA-abcd-abcd-abcd", "CVE-2020-1234",
]  # fmt: skip
MARKUP = [
    "<script>x</script>", "<img src=x onerror=y>", "<!-- autograder:feedback a b -->", "&lt;b&gt;",
    "![x](http://y/z.png)", "[x](y)", "[x]: http://y", "- [ ] do it", "- [x] done", "* a", "1. a",
    "# head", "> quote", "> [!NOTE]", "[^1]", "---", "===", "```", "~~~", "`code`", "~~gone~~",
    "$x^2$", "$$x$$", "$`x`$", "a | b", "| a |", "|--|", "    code", "__x__", "<details open>",
    "title: x", "\\@x", "\\#1", "&#64;octocat", "&commat;octocat", "&#35;1",
]  # fmt: skip
anything = st.text(
    st.characters() | st.sampled_from("<>&\"'`=+-@[]()*_#:\\$!|~\n\r\t 01234567abcdefghw./")
)


class Page(HTMLParser):
    """What the Markdown becomes, tag by tag."""

    def __init__(self, markdown: str) -> None:
        import mistune

        plugins = ["strikethrough", "footnotes", "table", "url", "task_lists", "math"]
        render = mistune.create_markdown(escape=False, plugins=plugins)
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.comments: list[str] = []
        self.text = ""
        self.outside = ""  # of code, where GitHub looks for names
        self._code = 0
        self.feed(str(render(markdown)))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._code += tag in ("code", "pre")

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag in ("code", "pre")
        self.outside += "\n" if tag in ("code", "pre") else ""

    def handle_data(self, data: str) -> None:
        self.text += data
        self.outside += data if not self._code else ""

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def check(**more: Any) -> CheckView:
    view = CheckView(
        title="A check", hidden=False, outcome=Outcome.FAILED, score=0, max_score=3,
        message="the result differs\nin numbers", hint="Look again.", misconception=None,
        carried_forward=False,
    )  # fmt: skip
    return msgspec.structs.replace(view, **more)


def feedback(*checks: CheckView, spec: AssignmentSpec = SPEC, **more: Any) -> str:
    """On the one exercise."""
    view = StudentView(
        assignment="sums", student="ada", score=0, max_score=3, late_penalty=0.0,
        exercises=(ExerciseView(name="e", score=0, max_score=3, checks=checks),),
        misconceptions=(), remarks=(),
    )  # fmt: skip
    view = msgspec.structs.replace(view, **more)
    return "\n\n".join(feedback_on(view.exercises[0], view, spec, iter(range(MOST_PICTURES))))


# --- Text of others -----------------------------------------------------------------------------


@pytest.mark.parametrize("around", ["{}", "- {}", "**Hint:** {}", "#### {}", "a {} b"])
@pytest.mark.parametrize("text", [*CALLING, *MARKUP])
def test_github_calls_nobody_and_makes_nothing_of_it(text: str, around: str) -> None:
    page = Page(around.format(github_text(text)))

    assert not CALLED.search(page.text)
    assert set(page.tags) <= {"p", "ul", "li", "strong", "h4", "span"}
    assert page.comments == []
    shown = page.text.replace("\u200b", "")
    assert text.strip() in shown


@pytest.mark.parametrize("text", CALLING)
def test_what_is_looked_for_would_be_found(text: str) -> None:
    assert CALLED.search(text) or text == "//x.y"


@given(anything)
def test_whatever_a_text_is_github_calls_nobody(text: str) -> None:
    page = Page("- " + github_text(text))

    assert not CALLED.search(page.text)
    assert set(page.tags) <= {"ul", "li", "span"}


def test_ordinary_words_stay_as_they_are() -> None:
    text = "Cross-correlation, number by number: num_epochs (10) is 5.5, e-mail me!"

    assert github_text(text) == text


@pytest.mark.parametrize("text", [*CALLING, *MARKUP, "```\n@x\n```", "````\n~~~\n@x", "\x1b[31m"])
def test_a_message_stays_in_its_block_of_code(text: str) -> None:
    page = Page(f"before\n\n{code_block(text, 800)}\n\nafter")

    assert page.outside.split() == ["before", "after"]
    assert set(page.tags) <= {"p", "pre", "code", "div", "span"}
    assert "\x1b" not in page.text


@given(anything)
def test_whatever_a_message_is_it_stays_there(text: str) -> None:
    block = code_block(text, 800)
    [first, *inner, last] = block.split("\n")

    assert first.removesuffix("text") == last and set(last) == {"`"}
    assert not any(line.strip().startswith(last) for line in inner)
    assert "<!--" not in block


def test_a_long_message_is_cut() -> None:
    assert len(code_block("x" * 10_000, 800)) < 900


# --- What is said of an exercise ----------------------------------------------------------------


def test_a_failed_check_says_what_it_is_about_what_was_wrong_and_a_hint() -> None:
    said = feedback(check())

    assert "#### A check" in said and "not yet right · visible check · 0 / 3" in said
    assert "```text\nthe result differs\nin numbers\n```" in said
    assert "**Hint:** Look again." in said


def test_a_small_picture_is_tables_with_what_is_wrong_in_bold() -> None:
    said = feedback(check(drawing=DRAWING))

    assert "| 19 | **0** |" in said and "| 19 | 25 |" in said
    assert "the result differs" in said and "in numbers" not in said


def test_a_large_picture_is_left_to_the_page() -> None:
    rows = tuple((0.0,) * 9 for _row in range(9))
    large = Drawing(what="", expected=Grid((9, 9), rows), got=Grid((9, 9), ((1.0,) * 9, *rows[1:])))

    said = feedback(check(drawing=large))

    assert "|" not in said and "in numbers" in said


def test_no_more_pictures_than_there_is_room_for() -> None:
    said = feedback(*(check(drawing=DRAWING) for _number in range(MOST_PICTURES + 3)))

    assert said.count("| 19 | **0** |") == MOST_PICTURES


def test_a_named_mistake_comes_first_and_hidden_checks_that_fail_by_it_are_counted() -> None:
    mistake = MisconceptionView(name="m", sentence="It turns the kernel.", read_on="Section 6.2.1")
    said = feedback(
        *(check(hidden=True, misconception="m", message="hidden", hint="") for _time in "ab"),
        misconceptions=(mistake,),
    )

    assert said.startswith("**It turns the kernel.**\n\nRead on: Section 6.2.1")
    assert "2 hidden checks fail by the same mistake" in said and "A check" not in said


def test_a_mistake_is_told_once_and_named_where_it_comes_again() -> None:
    mistake = MisconceptionView(name="m", sentence="It turns the kernel.", read_on="")
    checks = (check(misconception="m"),)
    exercises = tuple(
        ExerciseView(name=name, score=0, max_score=3, checks=checks) for name in ("e", "f")
    )
    view = StudentView(
        assignment="sums", student="ada", score=0, max_score=6, late_penalty=0.0,
        exercises=exercises, misconceptions=(mistake,), remarks=(),
    )  # fmt: skip

    second = "\n\n".join(feedback_on(exercises[1], view, SPEC, iter(())))

    assert "The same mistake as in: The sum" in second and "turns" not in second


def test_what_waits_for_something_missing_is_counted() -> None:
    missing = {"failure": FailureKind.MISSING.value, "message": "corr2d is not defined"}
    said = feedback(check(**missing), check(**missing), check(failure=FailureKind.NOT_RUN.value))

    assert said.count("corr2d is not defined") == 1
    assert "1 more check waits for it" in said
    assert "1 check was not run: the time was used up" in said


def test_a_void_check_gives_its_points_and_says_so() -> None:
    assert "found wrong by us" in feedback(check(void=True, score=3))


def test_what_broke_on_our_side_is_no_fault_of_the_students() -> None:
    said = feedback(check(outcome=Outcome.ERRORED, score=None))

    assert "not scored: the fault is ours · visible check · – / 3" in said


def test_passed_checks_are_counted() -> None:
    assert feedback(check(outcome=Outcome.PASSED, score=3)) == "- 1 check passed"


def test_it_is_in_the_students_language() -> None:
    with in_language("zh_CN"):
        said = feedback(check())

    assert "not yet right" not in said and "Hint" not in said


def test_nothing_of_the_students_can_leave_its_place() -> None:
    hostile = "</code></pre>\n```\n````\n@octocat closes #1 <img src=x> ![a](http://b)\n# x"
    said = feedback(
        check(title=hostile, message=hostile, hint=hostile, drawing=DRAWING),
        check(message=hostile),
        misconceptions=(MisconceptionView(name="m", sentence=hostile, read_on=hostile),),
    )

    page = Page(said)
    assert not CALLED.search(page.outside)
    assert not {"img", "a", "script", "h1", "input"} & set(page.tags)
