"""Tools: functions that a model may ask for. What the model is told of them, how its arguments are checked, how results become text."""

from .arguments import ArgumentError, read_arguments
from .injection import BaseContext, ChatContext, Depends, Field, Owner, inject_params, injections, supplied
from .interop import Interoperability
from .results import error_text, result_text
from .signature import Signature
from .tool import Tool, ToolError, check_name, normalized_name, tool
from .toolkit import Toolkit

__all__ = [
    "ArgumentError",
    "BaseContext",
    "ChatContext",
    "Depends",
    "Field",
    "Interoperability",
    "Owner",
    "Signature",
    "Tool",
    "ToolError",
    "Toolkit",
    "check_name",
    "error_text",
    "inject_params",
    "injections",
    "normalized_name",
    "read_arguments",
    "result_text",
    "supplied",
    "tool",
]
