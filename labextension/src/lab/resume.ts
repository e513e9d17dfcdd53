// Lets a chat of the notebook's file go on: writes the line for that below its cell, and the person runs it.
import type { NotebookPanel } from "@jupyterlab/notebook";
import type { Agents } from "./agents";
import { goTo, indexBelow, placeOfId } from "./cells";
import { type HeldChat, resumeLine } from "./history";
import { insertChat } from "./loading";

export async function writeResume(agents: Agents, panel: NotebookPanel, { cellId, address }: HeldChat): Promise<void> {
  const { context } = panel;
  if (context.model.dirty && context.contentsModel?.writable) {
    await context.save(); // the kernel reads the file
  }
  const place = placeOfId(panel, cellId);
  if (place) {
    const below = () => ({ index: indexBelow(placeOfId(panel, cellId) ?? place) });
    await goTo(await insertChat(agents, panel, { source: resumeLine(context.localPath, address) }, below));
  }
}
