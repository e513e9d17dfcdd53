"""Words that completion offers, written out: importing what they come from would make the first Tab slow. Tests compare the two."""

from __future__ import annotations

__all__ = ["COMMAND_ARGUMENTS", "MODELS"]

COMMAND_ARGUMENTS = {
    "list": "all",
    "agents": "chat",
    "models": "",
    "status": "chat",
    "variables": "chat",
    "console": "chat",
    "files": "chat",
    "bring": "paths",
    "cost": "chat",
    "history": "number",
    "config": "",
    "raw": "number",
    "secrets": "",
    "doctor": "",
    "version": "",
    "help": "command",
    "stop": "chat",
    "answer": "text",
    "resume": "kept",
    "fix": "",
    "undo": "number",
    "fork": "number",
    "reset": "chat",
    "teams": "file",
    "share": "team",
    "save": "file",
    "load": "file",
    "export": "file",
    "replay": "file",
    "push": "names",
    "pull": "names",
    "alias": "name",
    "dealias": "name",
}
"""The commands, and what the first argument of each is."""

MODELS = (
    "builtin/demo",
    "openai/gpt-6-luna",
    "openrouter/openai/gpt-6-luna",
    "anthropic/claude-haiku-5-5",
    "gemini/gemini-flash-latest",
    "mistral/",
    "groq/",
    "together/",
    "deepseek/",
    "cerebras/",
    "ollama/",
    "lmstudio/",
)
"""The built-in script, and each provider with its usual model, or how the names of its models begin."""
