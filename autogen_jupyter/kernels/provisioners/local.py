"""A kernel as an ordinary process of this user, which sees only an allow-listed environment."""

from __future__ import annotations

from typing import Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Bool

from ..environment import kernel_environment

__all__ = ["LocalKernelProvisioner"]


class LocalKernelProvisioner(LocalProvisioner):
    """Launches a kernel whose environment holds no keys. It is no boundary: the kernel can do what its user can do.

    Example:
        ``"metadata": {"kernel_provisioner": {"provisioner_name": "autogen-jupyter-local"}}`` in a ``kernel.json``.
    """

    filter_environment = Bool(True, help="Pass on only the environment variables that programs need to work.").tag(config=True)

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Filter the environment; called by the kernel manager before each launch."""
        kwargs = await super().pre_launch(**kwargs)
        if self.filter_environment:
            kwargs["env"] = kernel_environment(self.kernel_spec.env, given=kwargs["env"])
        return kwargs
