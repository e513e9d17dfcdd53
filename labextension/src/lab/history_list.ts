// The list of a notebook's earlier chats, in the side bar: those that no widget shows any more.
import { isCodeCellModel } from "@jupyterlab/cells";
import type { NotebookPanel } from "@jupyterlab/notebook";
import type { TranslationBundle } from "@jupyterlab/translation";
import { Widget } from "@lumino/widgets";
import { button, h, setText } from "../dom";
import type { Data, HeldChat, Holder } from "./history";

export class HistoryList extends Widget {
  private readonly list = h("ul", {});
  private readonly name = h("summary", {});
  private drawn = "";

  constructor(
    private readonly trans: TranslationBundle,
    private readonly open: (chat: HeldChat) => void,
  ) {
    super({ node: h("details", { class: "aj-history" }) });
    this.node.append(this.name, this.list);
    this.hide();
  }

  /** Show these; unfolded where there is nothing else to see. */
  draw(chats: readonly HeldChat[], shownId: string): void {
    this.setHidden(chats.length === 0);
    setText(this.name, this.trans.__("Earlier chats of this notebook (%1)", chats.length));
    const drawn = JSON.stringify(chats.map(({ id, title, model, since }) => [id, title, model, since]));
    if (drawn !== this.drawn) {
      this.drawn = drawn;
      const focused = this.list.contains(document.activeElement) ? document.activeElement?.id : undefined;
      this.list.replaceChildren(...chats.map((chat) => this.item(chat)));
      this.node.toggleAttribute("open", shownId === "" || this.node.hasAttribute("open"));
      (focused ? document.getElementById(focused) : null)?.focus();
    }
    for (const one of this.list.querySelectorAll("button")) {
      one.setAttribute("aria-current", String(one.id === elementId(shownId)));
    }
  }

  private item(chat: HeldChat): HTMLElement {
    const made = button("", () => this.open(chat), "quiet");
    made.id = elementId(chat.id);
    made.title = chat.title;
    const when = chat.since > 0 ? new Date(chat.since * 1000).toLocaleString([], STYLE) : "";
    const about = [chat.model, when].filter(Boolean).join(" · ");
    const title = h("bdi", { class: "aj-history-title" }, chat.title || this.trans.__("Chat"));
    made.append(title, h("span", { class: "aj-history-about" }, about));
    return h("li", {}, made);
  }
}

const STYLE = { dateStyle: "medium", timeStyle: "short" } as const;

function elementId(id: string): string {
  return `autogen-jupyter-history-${id}`;
}

/** The cells of a notebook as far as chats can be in them. */
export function holdersIn(panel: NotebookPanel | null): Holder[] {
  return [...(panel?.content.model?.cells ?? [])].map((cell) => {
    const shown: Data[] = [];
    for (let index = 0; isCodeCellModel(cell) && index < cell.outputs.length; index++) {
      const output = cell.outputs.get(index);
      if (output.type === "display_data") {
        shown.push(output.data as Data);
      }
    }
    return { id: cell.id, source: () => cell.sharedModel.getSource(), shown };
  });
}
