"""Plain English, as far as a machine can check it, in code, declarations and pages.

A docstring begins with a noun phrase or an imperative of at most 15 words; no sentence begins with a "What" that is not
a question; and some words have a plainer one.
"""

from __future__ import annotations

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 15
"""Words in the first sentence of a docstring; shapes such as [n, 28, 28] do not count."""
CLAUSE = re.compile(r"(What|Which|How|Whether|Who|Whose|Where|That)\b(?!.*\?$)")
BANNED = re.compile(r"\b([Ww]hose|[Nn]obody|(is|are|as) none|[Oo]f what|by leave of|hands? on what)\b")
SENTENCE_END = re.compile(r"(?<=[.?!:])\s+|\n\s*\n")
SHAPE = re.compile(r"\[[^\]]*\]")
WORD = re.compile(r"\S*\w\S*")
CODE_BLOCK = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def sentences(text: str) -> list[tuple[int, str]]:
    """The sentences of a text, each with the number of lines before it.

    A colon and an empty line end a sentence, too.
    """
    found, start = [], 0
    for end in [*(match.start() for match in SENTENCE_END.finditer(text)), len(text)]:
        sentence = text[start:end]
        if sentence.strip():
            skipped = len(sentence) - len(sentence.lstrip())
            found.append((text[: start + skipped].count("\n"), " ".join(sentence.split())))
        start = end
    return found


def problems(text: str, line: int = 1) -> Iterator[str]:
    """Problems of any prose that begins at a line: a docstring, a comment, a page."""
    for above, sentence in sentences(text):
        if sentence.startswith("What ") and not sentence.endswith("?"):
            yield f"{line + above}: starts with What and is no question: {sentence}"
        if match := BANNED.search(sentence):
            yield f"{line + above}: write a plainer word for '{match[0]}': {sentence}"


def first_sentence_problems(text: str, line: int) -> Iterator[str]:
    """Problems of the first sentence of a docstring."""
    _, first = sentences(text)[0]
    if (count := len(WORD.findall(SHAPE.sub("", first)))) > LONGEST:
        yield f"{line}: {count} words in the first sentence, at most {LONGEST}: {first}"
    if CLAUSE.match(first):
        yield f"{line}: neither a noun phrase nor an imperative: {first}"


def python_problems(source: str) -> Iterator[str]:
    """Problems of the docstrings and comments of a Python file."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if text := ast.get_docstring(node):
                yield from first_sentence_problems(text, node.body[0].lineno)
            for statement in node.body:
                match statement:
                    case ast.Expr(value=ast.Constant(value=str(text))):
                        yield from problems(text, statement.lineno)
    for line, text in comments(source):
        yield from problems(text, line)


def comments(source: str) -> Iterator[tuple[int, str]]:
    """The comments of a Python file with their first lines; neighbouring lines are one comment."""
    block: list[tokenize.TokenInfo] = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            if block and token.start[0] != block[-1].start[0] + 1:
                yield block[0].start[0], plain(block)
                block = []
            block.append(token)
    if block:
        yield block[0].start[0], plain(block)


def plain(block: list[tokenize.TokenInfo]) -> str:
    """The text of comment lines."""
    return "\n".join(token.string.lstrip("#:! ") for token in block)


def found_in(name: str) -> list[str]:
    """The problems of a tracked file, with its name."""
    text = (ROOT / name).read_text(encoding="utf-8")
    if name.endswith(".py"):
        found = python_problems(text)
    elif name.endswith(".md"):
        found = problems(CODE_BLOCK.sub(lambda block: "\n" * block[0].count("\n"), text))
    else:
        found = problems("\n".join(line.partition("#")[2].lstrip() for line in text.splitlines()))
    return sorted({f"{name}:{problem}" for problem in found})


def tracked() -> dict[str, list[str]]:
    """The tracked Python, Markdown and TOML files by first folder, or by name."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py", "*.md", "*.toml"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    rooms: dict[str, list[str]] = {}
    for name in listed:
        if (ROOT / name).is_file():
            rooms.setdefault(name.partition("/")[0], []).append(name)
    return rooms


ROOMS = tracked()


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_prose_is_plain(room: str) -> None:
    assert [problem for name in ROOMS[room] for problem in found_in(name)] == []


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (f'"""{"word " * 16}."""', "1: 16 words in the first sentence, at most 15: "),
        ('"""Whether it works."""', "1: neither a noun phrase nor an imperative: "),
        ('"""A thing.\n\nWhat it holds is kept."""', "3: starts with What and is no question: What it holds"),
        (
            "x = 1\n# A thing,\n# whose end is near.\n",
            "2: write a plainer word for 'whose': A thing, whose end is near.",
        ),
        ('X = 1\n"""Nobody asks."""', "2: write a plainer word for 'Nobody': "),
        ('class A:\n    x = 1\n    """A mean of what is there."""', "3: write a plainer word for 'of what': "),
    ],
)
def test_other_prose_is_refused(source: str, problem: str) -> None:
    found = list(python_problems(source))
    assert [each.startswith(problem) for each in found] == [True], found


@pytest.mark.parametrize(
    "source",
    [
        '"""What is it?"""',
        f'"""{"word " * 15}."""',
        '"""Images uint8 [n, height, width] and one two three four five six seven eight nine ten."""',
        'what = "whose"  # a string is no prose',
    ],
)
def test_plain_prose_passes(source: str) -> None:
    assert list(python_problems(source)) == []
