"""Where generated code runs: the agent kernel, and the contract that any other place for it has to keep."""

from .base import CodeExecutor, ExecutionResult, ExecutionStatus, OnOutput, OnState
from .executor import KernelCodeExecutor
from .handover import describe, push

__all__ = ["CodeExecutor", "ExecutionResult", "ExecutionStatus", "KernelCodeExecutor", "OnOutput", "OnState", "describe", "push"]
