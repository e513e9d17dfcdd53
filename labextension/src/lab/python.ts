// Agents are there for notebooks in Python.
import type { KernelSpec } from "@jupyterlab/services";

/** The kernel that a new notebook for a chat starts with: the default one, if it is for Python, else any that is. */
export function pythonKernel(specs: KernelSpec.ISpecModels | null): string | undefined {
  const names = Object.keys(specs?.kernelspecs ?? {}).filter((name) => specs?.kernelspecs[name]?.language === "python");
  return names.find((name) => name === specs?.default) ?? names[0];
}
