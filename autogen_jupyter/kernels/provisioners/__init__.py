"""Jupyter kernel provisioners that bound what a kernel can do. Any Jupyter tool can use them: name one in a kernel's ``kernel.json``.

Example:
    ``"metadata": {"kernel_provisioner": {"provisioner_name": "autogen-jupyter-bubblewrap", "config": {"network": false}}}``
"""

from __future__ import annotations

__all__ = ["BUBBLEWRAP", "ENTRY_POINTS", "LOCAL"]

LOCAL = "autogen-jupyter-local"
"""A separate process with an allow-listed environment."""
BUBBLEWRAP = "autogen-jupyter-bubblewrap"
"""A separate process that sees a read-only system, its working directory, and nothing else."""
ENTRY_POINTS = {LOCAL: f"{__name__}.local:LocalKernelProvisioner", BUBBLEWRAP: f"{__name__}.bubblewrap:BubblewrapProvisioner"}
"""Where each is implemented; the same as in the package's metadata."""
