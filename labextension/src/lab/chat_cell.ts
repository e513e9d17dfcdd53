// The cell that a chat stands in, also for a chat that is read in the side bar.
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import { CHAT_MIME } from "../saved";
import { outputsOf, type Place, placeOf } from "./cells";
import { modelIdIn } from "./mime";

type Data = Readonly<Record<string, unknown>>;

/** Say of an element outside the notebook which chat it shows. */
export function markChat(element: HTMLElement, id: string): void {
  element.dataset.chat = id;
}

/** The cell of the chat that an element is a part of; null where the notebook has it no more. */
export function chatPlaceOf(tracker: INotebookTracker, element: Element): Place | null {
  const id = element.closest<HTMLElement>("[data-chat]")?.dataset.chat;
  const panel = tracker.currentWidget;
  return placeOf(tracker, element) ?? (id && panel ? placeOfChat(panel, id) : null);
}

export function placeOfChat(panel: NotebookPanel, id: string): Place | null {
  const index = panel.content.widgets.findIndex(({ model }) =>
    outputsOf(model).some(({ data }) => modelIdIn(data) === id || chatIdOf(data) === id),
  );
  return index < 0 ? null : { panel, index };
}

function chatIdOf(data: Data): unknown {
  const saved = data[CHAT_MIME];
  return typeof saved === "object" && saved !== null ? (saved as { chat_id?: unknown }).chat_id : undefined;
}
