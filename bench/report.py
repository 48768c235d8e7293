"""What every benchmark prints: its figures as a table, then its ratios and their goals."""

import argparse
import json
import operator
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Literal

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Options:
    quick: bool
    """Fewer repetitions: for a look, not for a figure to quote."""
    json: bool


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Ratio:
    """A figure divided by its baseline, or a size against its budget."""

    name: str
    value: float
    relation: Literal["<=", ">="]
    goal: float

    @property
    def met(self) -> bool:
        return {"<=": operator.le, ">=": operator.ge}[self.relation](self.value, self.goal)


@dataclass(slots=True)
class Report:
    title: str
    figures: list[Figure] = field(default_factory=list[Figure])
    ratios: list[Ratio] = field(default_factory=list[Ratio])
    remarks: list[str] = field(default_factory=list[str])
    """What was left out, and why."""

    def figure(self, name: str, value: float, unit: str) -> None:
        self.figures.append(Figure(name, value, unit))

    def ratio(self, name: str, value: float, relation: Literal["<=", ">="], goal: float) -> None:
        self.ratios.append(Ratio(name, value, relation, goal))

    def remark(self, sentence: str) -> None:
        self.remarks.append(sentence)

    def show(self, *, as_json: bool) -> None:
        """On standard output."""
        if as_json:
            ratios = [asdict(each) | {"met": each.met} for each in self.ratios]
            words = {"title": self.title, "figures": [asdict(each) for each in self.figures]}
            json.dump(words | {"remarks": self.remarks, "ratios": ratios}, sys.stdout, indent=2)
            sys.stdout.write("\n")
            return
        console = Console(highlight=False)
        table = Table(title=self.title, title_justify="left", show_header=False, box=None)
        table.add_column()
        table.add_column(justify="right")
        table.add_column()
        for each in self.figures:
            table.add_row(each.name, f"{each.value:,.4g}", each.unit)
        console.print(table)
        for sentence in self.remarks:
            console.print(f"note: {sentence}")
        for each in self.ratios:
            verdict = "[green]met[/]" if each.met else "[red]missed[/]"
            console.print(f"{each.name}: {each.value:.3g} (goal {each.relation} {each.goal:g}) {verdict}")


def run(title: str, measure: Callable[[Report, Options], None]) -> None:
    """Reads the options, measures, prints. Call it under `if __name__ == "__main__"`."""
    arguments = argparse.ArgumentParser(description=title)
    arguments.add_argument(
        "--quick", action="store_true", help="fewer repetitions: for a look, not for a figure to quote"
    )
    arguments.add_argument("--json", action="store_true", help="print JSON")
    given = arguments.parse_args()
    report = Report(title)
    measure(report, Options(quick=given.quick, json=given.json))
    report.show(as_json=given.json)
