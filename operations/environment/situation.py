"""The situation of a model in an environment: a sentence, and the commands that lead on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """A command, and when to run it: "Next", "Once that is mended"."""

    when: str
    command: str


@dataclass(frozen=True)
class Situation:
    """One row of docs/releases.md: its name there, what happened, and the next steps, the first one first."""

    name: str
    sentence: str
    steps: tuple[Step, ...]

    def text(self) -> str:
        """The sentence, and the next steps."""
        return f"{self.sentence}\n{self.next_steps()}"

    def next_steps(self) -> str:
        """Two lines for each step: a command has one of its own, to be copied."""
        return "\n".join(f"{step.when}:\n    {step.command}" for step in self.steps)


NEXT, MENDED = "Next", "Once that is mended"
