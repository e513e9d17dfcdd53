"""Tools: functions that a model may ask for. What the model is told of them, how its arguments are checked, how results become text."""

from .arguments import ArgumentError, read_arguments
from .results import error_text, result_text
from .signature import Signature
from .tool import Tool, ToolError, check_name, normalized_name, tool

__all__ = [
    "ArgumentError",
    "Signature",
    "Tool",
    "ToolError",
    "check_name",
    "error_text",
    "normalized_name",
    "read_arguments",
    "result_text",
    "tool",
]
