// What goes along with a message to the agents: cells and outputs of the notebook, quoted as they stand when it is sent.
import { isCodeCellModel } from "@jupyterlab/cells";
import type { NotebookPanel } from "@jupyterlab/notebook";
import type { TranslationBundle } from "@jupyterlab/translation";
import { joined } from "../store";
import { cellAt, type Place, placeOfId } from "./cells";
import { type CellContent, type Part, shownBy } from "./prompts";

/** A part of a notebook: a cell's source, all that it shows, or one of its outputs by number. */
export interface ContextItem {
  readonly panel: NotebookPanel;
  readonly cellId: string;
  readonly part: "source" | "outputs" | number;
}

export function isSame(a: ContextItem, b: ContextItem): boolean {
  return a.panel === b.panel && a.cellId === b.cellId && a.part === b.part;
}

export function itemAt(place: Place, part: ContextItem["part"]): ContextItem | null {
  const cell = cellAt(place);
  return cell ? { panel: place.panel, cellId: cell.model.id, part } : null;
}

/** Whether there is anything to quote. */
export function hasContent(place: Place | null, part: ContextItem["part"]): boolean {
  const cell = place && cellAt(place);
  if (!cell) {
    return false;
  }
  return part === "source"
    ? cell.model.sharedModel.getSource().trim() !== ""
    : isCodeCellModel(cell.model) && cell.model.outputs.length > 0;
}

/** What is sent for a part of a notebook; null when it is not there any more. */
export function partFor({ panel, cellId, part }: ContextItem, trans: TranslationBundle): Part | null {
  const place = placeOfId(panel, cellId);
  const cell = place && cellAt(place);
  if (!cell) {
    return null;
  }
  const content = cell.model.sharedModel.toJSON() as CellContent;
  const count = isCodeCellModel(cell.model) ? cell.model.executionCount : null;
  if (part === "source") {
    const label = count === null ? trans.__("The cell:") : trans.__("Cell [%1]:", count);
    const text = joined(content.source).trim();
    return text ? { label, language: content.cell_type === "code" ? "python" : "markdown", text } : null;
  }
  const label = count === null ? trans.__("Output of the cell:") : trans.__("Output of cell [%1]:", count);
  const text = shownBy(content, part === "outputs" ? undefined : part);
  return text ? { label, language: "text", text } : null;
}
