// Lets a chat of the notebook's file go on: writes the line for that below its cell, and the person runs it.
import type { NotebookPanel } from "@jupyterlab/notebook";
import { ensureLoaded, goTo, indexBelow, insertCells, placeOfId } from "./cells";
import { type HeldChat, resumeLine } from "./history";

export async function writeResume(panel: NotebookPanel, { cellId, address }: HeldChat): Promise<void> {
  const { context } = panel;
  if (context.model.dirty && context.contentsModel?.writable) {
    await context.save(); // the kernel reads the file
  }
  const place = placeOfId(panel, cellId);
  if (place) {
    const index = await ensureLoaded(panel, indexBelow(place));
    insertCells(panel, index, [{ source: resumeLine(context.localPath, address) }]);
    await goTo({ panel, index });
  }
}
