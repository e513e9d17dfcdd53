// Cells and outputs can be dragged. JupyterLab drags cells by its own events; outputs by those of the browser, which carry text only.
import type { Cell } from "@jupyterlab/cells";
import type { INotebookTracker } from "@jupyterlab/notebook";
import { placeOf, placeOfId } from "./cells";
import { type ContextItem, itemAt } from "./context";

const CELLS = "internal:cells";
const OUTPUT = "application/x-autogen-jupyter-output";
/** By what an output is taken: the column beside it, or a picture in it. */
const HANDLE = ".jp-OutputArea-promptOverlay, .jp-OutputPrompt";
const ONE_OUTPUT = ".jp-OutputArea-child";

interface CellDrag extends MouseEvent {
  readonly mimeData: { hasData(type: string): boolean; getData(type: string): unknown };
  dropAction: string;
}

interface Carried {
  /** Two notebooks of which one is a copy have cells of the same name. */
  readonly notebook: string;
  readonly cell: string;
  readonly part: "outputs" | number;
}

/** Let outputs of notebooks be dragged. */
export function offerOutputs(tracker: INotebookTracker): void {
  document.addEventListener("pointerover", ({ target }) => {
    const handle = target instanceof Element ? target.closest<HTMLElement>(`.jp-Notebook :is(${HANDLE})`) : null;
    if (handle) {
      handle.draggable = true;
    }
  });
  document.addEventListener("dragstart", ({ target, dataTransfer }) => {
    const carried = target instanceof Element ? carriedBy(target, tracker) : null;
    if (carried) {
      dataTransfer?.setData(OUTPUT, JSON.stringify(carried));
    }
  });
}

function carriedBy(target: Element, tracker: INotebookTracker): Carried | null {
  const place = target.closest(".jp-Notebook .jp-OutputArea") ? placeOf(tracker, target) : null;
  const item = place && itemAt(place, "outputs");
  if (!item) {
    return null;
  }
  const one = target.closest(ONE_OUTPUT);
  const every = one?.parentElement ? [...one.parentElement.querySelectorAll(`:scope > ${ONE_OUTPUT}`)] : [];
  return { notebook: item.panel.id, cell: item.cellId, part: one ? every.indexOf(one) : "outputs" };
}

/** Take what is dropped on `node`. While something that can be taken is above it, it has `data-drop`. */
export function acceptDrops(
  node: HTMLElement,
  tracker: INotebookTracker,
  onDrop: (items: readonly ContextItem[]) => void,
): void {
  const mark = (isAbove: boolean) => node.toggleAttribute("data-drop", isAbove);
  const taking = (event: Event, isTakeable: boolean, items?: () => readonly ContextItem[]) => {
    if (!isTakeable) {
      return false;
    }
    event.preventDefault();
    event.stopPropagation();
    mark(items === undefined);
    if (items) {
      onDrop(items());
    }
    return true;
  };
  const leave = (event: Event) => {
    const { relatedTarget } = event as MouseEvent;
    mark(relatedTarget instanceof Node && node.contains(relatedTarget));
  };
  for (const type of ["lm-dragenter", "lm-dragover"]) {
    node.addEventListener(type, (event) => {
      const drag = event as CellDrag;
      if (taking(event, drag.mimeData.hasData(CELLS))) {
        drag.dropAction = "copy";
      }
    });
  }
  node.addEventListener("lm-drop", (event) => {
    const drag = event as CellDrag;
    drag.dropAction = "copy";
    taking(event, drag.mimeData.hasData(CELLS), () => dragged(drag.mimeData.getData(CELLS) as Cell[], tracker));
  });
  for (const type of ["dragenter", "dragover"] as const) {
    node.addEventListener(type, (event) => taking(event, event.dataTransfer?.types.includes(OUTPUT) ?? false));
  }
  node.addEventListener("drop", (event) => {
    const text = event.dataTransfer?.getData(OUTPUT) ?? "";
    taking(event, text !== "", () => carried(text, tracker));
  });
  node.addEventListener("lm-dragleave", leave);
  node.addEventListener("dragleave", leave);
}

function dragged(cells: readonly Cell[], tracker: INotebookTracker): ContextItem[] {
  return cells.flatMap((cell) => {
    const panel = tracker.find(({ content }) => content.widgets.includes(cell));
    return panel ? [{ panel, cellId: cell.model.id, part: "source" as const }] : [];
  });
}

/** What was written at the start of a drag; another page may have written anything. */
function carried(text: string, tracker: INotebookTracker): ContextItem[] {
  try {
    const { notebook, cell, part } = JSON.parse(text) as Carried;
    const panel = tracker.find((one) => one.id === notebook && placeOfId(one, cell) !== null);
    return panel && (part === "outputs" || Number.isInteger(part)) ? [{ panel, cellId: cell, part }] : [];
  } catch {
    return [];
  }
}
