"""Old scripts, unchanged: classic AutoGen's names, and ``install`` to make ``import autogen`` mean this package.

Example:
    >>> import autogen_jupyter.classic
    >>> autogen_jupyter.classic.install()
    >>> from autogen.coding import LocalCommandLineCodeExecutor
    >>> autogen_jupyter.classic.uninstall()
"""

from .finder import install, uninstall

__all__ = ["install", "uninstall"]
