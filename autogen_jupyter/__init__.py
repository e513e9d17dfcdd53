"""Multi-agent chat, native to Jupyter."""

from ._version import __version__ as __version__
