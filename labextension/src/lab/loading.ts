// The cell of a chat is added to a notebook, and its kernel comes to know `%%agentchat` before that runs.
import type { ICellModel } from "@jupyterlab/cells";
import { NotebookActions, type NotebookPanel } from "@jupyterlab/notebook";
import type { Kernel } from "@jupyterlab/services";
import type { Agents } from "./agents";
import { type CellText, insertCells, type Place, type Spot } from "./cells";
import { doesNothingButLoad, LOAD } from "./magic";

/** How long a kernel is given to answer, in milliseconds. One that runs a cell may do so only when that has ended. */
const PATIENCE = 3000;
const IS_KNOWN = "'agentchat' in get_ipython().magics_manager.magics['cell']";

interface Answer {
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Insert the cell of a chat at the spot that is right once the kernel has answered. What it takes to load the magic is run at once. */
export async function insertChat(
  agents: Agents,
  panel: NotebookPanel,
  cell: CellText,
  spot: () => Spot,
): Promise<Place> {
  const isLoaded = await knowsMagic(agents, panel);
  const loader = isLoaded ? undefined : panel.content.widgets.find(({ model }) => isLoader(model));
  const isMissing = !isLoaded && loader === undefined;
  const { index: at, instead } = spot();
  insertCells(panel, at, isMissing ? [{ source: LOAD }, cell] : [cell], instead);
  const first = isMissing ? panel.content.widgets[at] : loader;
  if (first) {
    void NotebookActions.runCells(panel.content, [first], panel.sessionContext);
  }
  return { panel, index: isMissing ? at + 1 : at };
}

function isLoader({ type, sharedModel }: ICellModel): boolean {
  return type === "code" && doesNothingButLoad(sharedModel.getSource());
}

/** The kernel is asked, not the text: a cell that loads may have run in a former kernel, and IPython may load by its settings. */
async function knowsMagic(agents: Agents, panel: NotebookPanel): Promise<boolean> {
  if (agents.of(panel).length > 0) {
    return true; // also while it runs a cell
  }
  await panel.sessionContext.ready;
  const kernel = panel.sessionContext.session?.kernel;
  const late = new Promise<boolean>((resolve) => setTimeout(resolve, PATIENCE, false));
  return kernel ? Promise.race([answerOf(kernel), late]).catch(() => false) : false; // it may be restarted meanwhile
}

async function answerOf(kernel: Kernel.IKernelConnection): Promise<boolean> {
  const request = { code: "", silent: true, store_history: false, user_expressions: { known: IS_KNOWN } };
  const { content } = await kernel.requestExecute(request).done;
  const known = content.status === "ok" ? (content.user_expressions?.known as Answer | undefined) : undefined;
  return known?.data?.["text/plain"] === "True";
}
