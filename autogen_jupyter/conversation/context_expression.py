"""Conditions on variables, written as text and evaluated without giving the text any power."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from ..errors import UsageError

__all__ = ["ContextExpression"]

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_SYMBOL = re.compile(r"""('[^']*'|"[^"]*")|!(?!=)|&+|\|+""")
_WORDS = {"!": " not ", "&": " and ", "|": " or "}
_COMPARISONS: Mapping[type, Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda one, many: one in many,
    ast.NotIn: lambda one, many: one not in many,
}
_ALLOWED = (ast.BoolOp, ast.UnaryOp, ast.Compare, ast.Constant, ast.Load, ast.And, ast.Or, ast.Not, ast.USub, *_COMPARISONS)


class ContextExpression:
    """A condition in the form ``"${tries} >= 3 and not ${logged_in}"``: comparisons, ``and``, ``or``, ``not``, ``len(…)``.

    A variable that is not set is None. Nothing else can be called or reached from it.

    Raises:
        UsageError: the text is not such an expression.

    Example:
        >>> ContextExpression("${tries} > 2").holds({"tries": 3})
        True
    """

    def __init__(self, expression: str) -> None:
        self.expression = expression
        self._names = {f"v{number}": name.strip() for number, name in enumerate(_VARIABLE.findall(expression))}
        placeholders = iter(self._names)
        text = _VARIABLE.sub(lambda _: next(placeholders), expression)
        text = _SYMBOL.sub(lambda found: found[1] or _WORDS[found[0][0]], text)
        try:
            self._tree = ast.parse(text.strip(), mode="eval").body
            self._check(self._tree)
        except (SyntaxError, ValueError, RecursionError) as error:
            raise UsageError(
                f"The condition {expression!r:.120} cannot be read. Write comparisons of variables and values, "
                'such as "${tries} >= 3 and not ${logged_in}".'
            ) from error

    def __repr__(self) -> str:
        return f"ContextExpression({self.expression!r})"

    def holds(self, variables: Mapping[str, Any]) -> bool:
        """Say whether it is true for these variables.

        Raises:
            UsageError: two values cannot be compared.
        """
        try:
            return bool(self._value(self._tree, variables))
        except TypeError as error:
            raise UsageError(f"The condition {self.expression!r:.120} cannot be decided: {error}.") from error

    def _check(self, node: ast.AST) -> None:
        if isinstance(node, ast.Call):
            is_len = isinstance(node.func, ast.Name) and node.func.id == "len" and len(node.args) == 1 and not node.keywords
            if not is_len:
                raise ValueError("only len(…) can be called")
            self._check(node.args[0])
            return
        is_variable = isinstance(node, ast.Name) and node.id in self._names
        if not (is_variable or isinstance(node, _ALLOWED)):
            raise ValueError(f"{type(node).__name__} is not allowed")
        for child in ast.iter_child_nodes(node):
            self._check(child)

    def _value(self, node: ast.expr, variables: Mapping[str, Any]) -> Any:
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            return variables.get(self._names[node.id])
        if isinstance(node, ast.Call):
            return len(self._value(node.args[0], variables) or ())
        if isinstance(node, ast.UnaryOp):
            value = self._value(node.operand, variables)
            return not value if isinstance(node.op, ast.Not) else -value
        if isinstance(node, ast.BoolOp):
            decide = all if isinstance(node.op, ast.And) else any
            return decide(self._value(value, variables) for value in node.values)
        return self._compared(node, variables)

    def _compared(self, node: ast.expr, variables: Mapping[str, Any]) -> bool:
        if not isinstance(node, ast.Compare):
            raise TypeError(f"{type(node).__name__} is not allowed")  # the check lets nothing else through
        values = [self._value(value, variables) for value in (node.left, *node.comparators)]
        return all(_COMPARISONS[type(op)](values[at], values[at + 1]) for at, op in enumerate(node.ops))
