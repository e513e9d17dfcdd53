// Cells of a notebook: finding them, adding to them, and what ties a chat's cell to others. Every change is one undoable step.
import { type Cell, type ICellModel, isCodeCellModel } from "@jupyterlab/cells";
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import type { IOutputModel } from "@jupyterlab/rendermime";
import { doesNothingButLoad, isChat } from "./magic";

/** In the cells' metadata, so that it survives saving: which cell a chat is about, and which chat a cell came from. */
const KEY = "autogen_jupyter";

export interface Place {
  readonly panel: NotebookPanel;
  readonly index: number;
}

export interface Link {
  readonly about?: string;
  readonly from?: string;
}

/** Where cells go, and how many of those that are there they replace. */
export interface Spot {
  readonly index: number;
  readonly instead?: number;
}

/** A cell to be. */
export interface CellText {
  readonly source: string;
  readonly type?: "code" | "raw";
  readonly link?: Link;
}

/** The cell that an element is in; null where it is in no notebook, such as the side bar. */
export function placeOf(tracker: INotebookTracker, element: Element): Place | null {
  const panel = tracker.find(({ node }) => node.contains(element));
  const index = panel?.content.widgets.findIndex(({ node }) => node.contains(element)) ?? -1;
  return panel && index >= 0 ? { panel, index } : null;
}

export function activePlace(tracker: INotebookTracker): Place | null {
  const panel = tracker.currentWidget;
  return panel && panel.content.activeCellIndex >= 0 ? { panel, index: panel.content.activeCellIndex } : null;
}

/** None while the notebook is being closed, when its widgets outlive its cells. */
export function cellAt({ panel, index }: Place): Cell | undefined {
  const cell = panel.isDisposed ? undefined : panel.content.widgets[index];
  return cell?.isDisposed || cell?.model.isDisposed ? undefined : cell;
}

export function idAt(place: Place): string {
  return cellAt(place)?.model.id ?? "";
}

export function placeOfId(panel: NotebookPanel, id: string): Place | null {
  const index = panel.content.widgets.findIndex(({ model }) => model.id === id);
  return index < 0 ? null : { panel, index };
}

export function linkAt(place: Place): Link {
  const link = cellAt(place)?.model.getMetadata(KEY) as Link | undefined;
  return link ?? {};
}

/** Insert cells at `index`, in place of `instead` cells that are there, as one step of the notebook's history. */
export function insertCells(panel: NotebookPanel, index: number, cells: readonly CellText[], instead = 0): void {
  const trusted = true; // a new cell has no outputs that trust could be about
  const made = cells.map(({ source, type = "code", link }) => ({
    cell_type: type,
    source,
    metadata: { ...(type === "code" ? { trusted } : {}), ...(link ? { [KEY]: { ...link } } : {}) },
  }));
  const notebook = panel.content.model?.sharedModel;
  notebook?.transact(() => {
    notebook.insertCells(index, made);
    notebook.deleteCellRange(index + made.length, index + made.length + instead);
  });
}

/** Whether nothing was written into a cell, as in the one that a new notebook begins with. */
export function isBlank(place: Place): boolean {
  const model = cellAt(place)?.model;
  return model?.type === "code" && model.sharedModel.getSource() === "";
}

/** Where the next cell from a chat goes: below those that came from it before. */
export function indexBelow({ panel, index }: Place): number {
  const chat = idAt({ panel, index });
  let next = index + 1;
  while (next < panel.content.widgets.length && linkAt({ panel, index: next }).from === chat) {
    next++;
  }
  return next;
}

/** Make a cell the active one, on screen; with `line`, write in it, that line selected. */
export async function goTo({ panel, index }: Place, line?: number): Promise<void> {
  const notebook = panel.content;
  notebook.deselectAll();
  notebook.activeCellIndex = index;
  const cell = notebook.widgets[index];
  if (!cell) {
    return;
  }
  await notebook.scrollToItem(index, "smart");
  await cell.ready;
  notebook.mode = line === undefined ? "command" : "edit";
  if (line === undefined) {
    notebook.activate();
    return;
  }
  cell.editor?.focus();
  const length = cell.editor?.getLine(line)?.length ?? 0;
  cell.editor?.setSelection({ start: { line, column: 0 }, end: { line, column: length } });
}

/** The cells that belong together with this one: what a chat is about, what came of it, the chats about a cell. */
export function linkedTo(place: Place): Place | null {
  const { about, from } = linkAt(place);
  const known = (about ?? from) ? placeOfId(place.panel, about ?? from ?? "") : null;
  if (known) {
    return known;
  }
  const id = idAt(place);
  const index = place.panel.content.widgets.findLastIndex((_, at) => {
    const link = linkAt({ panel: place.panel, index: at });
    return link.about === id || link.from === id;
  });
  return index < 0 ? null : { panel: place.panel, index };
}

/** The cell that code of a chat would replace: the one it is about, or if it does not say so, the one above it. */
export function subjectOf(chat: Place): Place | null {
  const { about } = linkAt(chat);
  const place = about === undefined ? { panel: chat.panel, index: chat.index - 1 } : placeOfId(chat.panel, about);
  const model = place && cellAt(place)?.model;
  const source = model?.sharedModel.getSource() ?? "";
  return model?.type === "code" && !isChat(source) && !doesNothingButLoad(source) ? place : null;
}

/** Whether the notebook says that a cell must not be edited. */
export function isLocked(cell: Cell): boolean {
  return cell.model.getMetadata("editable") === false;
}

export function outputsOf(model: ICellModel): IOutputModel[] {
  const outputs = isCodeCellModel(model) ? model.outputs : null;
  return Array.from({ length: outputs?.length ?? 0 }, (_, index) => outputs?.get(index)).filter(
    (one) => one !== undefined,
  );
}

/** Whether a cell failed in a way that agents can look into: not by a person's hand, and not as a chat. */
export function canBeFixed({ model }: Cell): boolean {
  const error = outputsOf(model).findLast(({ type }) => type === "error");
  return error !== undefined && error.toJSON().ename !== "KeyboardInterrupt" && !isChat(model.sharedModel.getSource());
}
