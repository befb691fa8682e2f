"""The user's Python file, read and never run: is it there, does it parse, which names does it define."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass
from pathlib import Path

_LARGEST = 5_000_000


@dataclass(frozen=True)
class ModelFile:
    """`names` are bound at the top level; None where that cannot be known (a star import). `broken`: why it does not parse."""

    path: Path
    names: frozenset[str] | None = frozenset()
    broken: str | None = None
    line: int | None = None


def read_model_file(path: Path) -> ModelFile:
    """Parses the file; never raises for what is in it."""
    try:
        if path.stat().st_size > _LARGEST:
            return ModelFile(path, broken="it is larger than 5 MB")
        with warnings.catch_warnings():
            # An invalid escape in the user's file is theirs to see when it runs, not here.
            warnings.simplefilter("ignore")
            tree = ast.parse(path.read_bytes(), filename=str(path))
    except SyntaxError as error:
        return ModelFile(path, broken=error.msg, line=error.lineno)
    except (OSError, ValueError, RecursionError, MemoryError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return ModelFile(path, broken=reason or type(error).__name__)
    finder = _Names()
    finder.visit(tree)
    return ModelFile(path, None if finder.star else frozenset(finder.names))


class _Names(ast.NodeVisitor):
    """Names bound at the top level, inside `if`, `try`, `with` and loops too, not inside functions and classes."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.star = False

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.names.add(node.name)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.names.add(node.name)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.names.add(node.name)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        pass

    def visit_Import(self, node: ast.Import) -> None:
        self.names.update(alias.asname or alias.name.split(".")[0] for alias in node.names)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self.star |= any(alias.name == "*" for alias in node.names)
        self.names.update(alias.asname or alias.name for alias in node.names)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self.names.add(node.id)
