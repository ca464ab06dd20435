"""Is the source laid out as the project promises: small files, small functions, and a word on each?"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent.parent
SOURCE = sorted((PROJECT / "src").rglob("*.py"))
OURS = [
    *SOURCE,
    *(file for folder in ("tools", "tests", "examples", "bench") for file in (PROJECT / folder).rglob("*.py")),
]
LONGEST_FILE = 400
LONGEST_FUNCTION = 45
FORBIDDEN_NAMES = {"utils", "helpers", "misc", "base", "manager"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(file: Path) -> str:
    return str(file.relative_to(PROJECT))


def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def functions(tree: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def public_names(tree: ast.Module) -> list[str]:
    declared = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [node.name for node in tree.body if isinstance(node, declared) and not node.name.startswith("_")]


def assigned(tree: ast.Module, name: str) -> bool:
    targets = [target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)


@pytest.mark.parametrize("file", OURS, ids=name_of)
def test_a_module_says_what_it_answers(file: Path) -> None:
    assert ast.get_docstring(tree_of(file))


@pytest.mark.parametrize("file", SOURCE, ids=name_of)
def test_a_file_is_read_in_one_sitting(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("file", SOURCE, ids=name_of)
def test_a_function_fits_on_a_screen(file: Path) -> None:
    long = [
        f"{found.name}, line {found.lineno}"
        for found in functions(tree_of(file))
        if (found.end_lineno or found.lineno) - found.lineno >= LONGEST_FUNCTION
    ]
    assert long == []


@pytest.mark.parametrize("file", SOURCE, ids=name_of)
def test_a_module_with_public_names_lists_them(file: Path) -> None:
    tree = tree_of(file)
    assert assigned(tree, "__all__") or not public_names(tree)


@pytest.mark.parametrize("file", SOURCE, ids=name_of)
def test_public_functions_and_classes_have_a_docstring(file: Path) -> None:
    declared = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    silent = [
        node.name
        for node in tree_of(file).body
        if isinstance(node, declared) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert silent == []


def test_no_module_is_named_after_nothing() -> None:
    assert [name_of(file) for file in SOURCE if file.stem in FORBIDDEN_NAMES] == []


def test_every_package_can_be_imported_by_name() -> None:
    folders = {file.parent for file in SOURCE} - {PROJECT / "src"}
    assert [name_of(folder) for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []
