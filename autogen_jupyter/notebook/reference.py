"""The reference page of the magics, written from the tables that the parser reads."""

from __future__ import annotations

from .commands import COMMANDS, usage_of
from .context_words import CONTEXT_WORDS
from .options import OPTIONS, Option
from .parser import EXAMPLES, USAGE
from .teams import SHIPPED

__all__ = ["reference_page"]

_TOP = f"""\
# The magics

This page is generated from the parser; `python -m tools.generate_magics_page` writes it anew.

```text
{USAGE}
%agentchat [options] what you want done, in one line
%agentchat COMMAND
```

The first word may be a team ({", ".join(SHIPPED)}), an agent of the chat (`@assistant`), or a model (`provider/model`, an address). A
backslash at the end of the first line continues it. The request arrives as you wrote it: quotes, brackets, question marks, JSON and
LaTeX have no special meaning in it, but `{{name}}` stands for a variable, and words after an `@` add a part of
the notebook. `%agentchat -- stop words` is a request, although it begins like a command.

| in a request | what is added to it |
|---|---|
| `{{df}}`, `{{In[3]}}`, `{{df.shape}}`, `{{x!r:>8}}` | a variable, an attribute or an item; of tables what `--data` allows |
{chr(10).join(f"| `{name}` | {what} |" for name, what in CONTEXT_WORDS.items())}

## Options

The names in the last column are the keywords of `agentchat(…)` in Python; those marked with * can be set with
`%config AgentChat.NAME = VALUE` or in `ipython_config.py`.

| option | meaning | in Python |
|---|---|---|
"""


def reference_page() -> str:
    """Return the page as Markdown."""
    commands = [one for one in COMMANDS.values() if not one.is_hidden]
    return "".join(
        [
            _TOP,
            *(
                f"| {_spelled(option)} | {_cell(option.help)} | `{option.field}`{' *' if option.is_configurable else ''} |\n"
                for option in OPTIONS
            ),
            "\nA chat remembers its model and its team from cell to cell, and never a permission.\n",
            "\n## Commands\n\nA line is a command only when its first word is one and its arguments fit; else it is a request.\n",
            "\n| command | what it does |\n|---|---|\n",
            *(f"| `%agentchat {usage_of(one)}` | {_cell(one.help)} |\n" for one in commands),
            f"\n## Examples\n\n```text\n{EXAMPLES}```\n",
        ]
    )


def _spelled(option: Option) -> str:
    value = "\\|".join(option.choices) or option.metavar
    return ", ".join(f"`{flag}{f' {value}' if value and flag == option.flags[-1] else ''}`" for flag in option.flags)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
