// Agents are there for notebooks in Python.
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import type { KernelSpec } from "@jupyterlab/services";
import type { TranslationBundle } from "@jupyterlab/translation";

interface Language {
  readonly name?: unknown;
  readonly language?: unknown;
}

/** Whether a notebook is in Python; a new one that does not say so yet may become one. */
export function isPython({ content }: NotebookPanel): boolean {
  const { name } = (content.model?.getMetadata("language_info") ?? {}) as Language;
  const { language } = (content.model?.getMetadata("kernelspec") ?? {}) as Language;
  return ["python", "ipython"].includes(String(name ?? language ?? "python").toLowerCase());
}

/** Why the agents cannot be asked in a notebook; empty where they can. */
export function refusalOf(panel: NotebookPanel, trans: TranslationBundle): string {
  return isPython(panel) ? "" : trans.__("Agents need a notebook with a Python kernel.");
}

/** Tell when another kernel may have brought another language, or another notebook comes to the front. */
export function watchLanguage(tracker: INotebookTracker, tell: () => void): void {
  const watch = async (panel: NotebookPanel) => {
    await panel.context.ready;
    panel.content.model?.metadataChanged.connect(tell);
    tell();
  };
  tracker.forEach((panel) => void watch(panel));
  tracker.widgetAdded.connect((_, panel) => void watch(panel));
  tracker.currentChanged.connect(tell);
}

/** The kernel that a new notebook for a chat starts with: the default one, if it is for Python, else any that is. */
export function pythonKernel(specs: KernelSpec.ISpecModels | null): string | undefined {
  const names = Object.keys(specs?.kernelspecs ?? {}).filter((name) => specs?.kernelspecs[name]?.language === "python");
  return names.find((name) => name === specs?.default) ?? names[0];
}
