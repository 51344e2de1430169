"""`make rules`: which rules of docs/rules.txt have no test, and which tests name an unknown rule."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MARKERS = ("rule", "attack")


@dataclass(frozen=True)
class Rule:
    """One line of the register. `held_by` is "test", or "people: why no software can hold it"."""

    id: str
    statement: str
    held_by: str


def read_register(path: Path = ROOT / "docs" / "rules.txt") -> dict[str, Rule]:
    """Return the rules of the register by id. Raises ValueError on a line that is not understood."""
    rules: dict[str, Rule] = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = [part.strip() for part in line.split(" | ")]
        if len(parts) != 3 or not (parts[2] == "test" or parts[2].startswith("people: ")):
            raise ValueError(f"{path.name}:{number}: not « id | statement | test » nor « … | people: reason »")
        if parts[0] in rules:
            raise ValueError(f"{path.name}:{number}: {parts[0]} is there twice")
        rules[parts[0]] = Rule(*parts)
    return rules


def marked_ids(tree: ast.AST) -> Iterator[str]:
    """Yield the ids given to `pytest.mark.rule(...)` and `pytest.mark.attack(...)` in one module."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in MARKERS
            and isinstance(node.func.value, ast.Attribute)
            and node.func.value.attr == "mark"
        ):
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


def proven(tests: Path = ROOT / "tests") -> dict[str, list[str]]:
    """Return the test files that prove each id."""
    found: dict[str, list[str]] = {}
    for path in sorted(tests.rglob("test_*.py")):
        for rule_id in set(marked_ids(ast.parse(path.read_text()))):
            found.setdefault(rule_id, []).append(str(path.relative_to(ROOT)))
    return found


def main() -> int:
    """Print what is missing. Return 1 if anything is."""
    rules, tests = read_register(), proven()
    missing = [rule for rule in rules.values() if rule.held_by == "test" and rule.id not in tests]
    unknown = sorted(set(tests) - set(rules))
    for rule in missing:
        print(f"no test: {rule.id:8} {rule.statement}")
    for rule_id in unknown:
        print(f"not in docs/rules.txt: {rule_id}  ({', '.join(tests[rule_id])})")
    if missing or unknown:
        print(f"{len(missing)} of {len(rules)} rules without a test, {len(unknown)} unknown ids")
        return 1
    if "-v" in sys.argv:
        for rule in rules.values():
            print(f"{rule.id:8} {', '.join(tests.get(rule.id, [])) or rule.held_by}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
