// The chats of the notebook in front, in the side bar: one tab for each, its live view below, and a box to write to the agents.
// What is written becomes a cell at the end of the notebook, so that the conversation is in the file and can be run again.
import type { TranslationBundle } from "@jupyterlab/translation";
import type { Message } from "@lumino/messaging";
import { Panel, Widget } from "@lumino/widgets";
import { button, h, setText } from "../dom";
import type { PanelChat } from "../protocol";
import { VIEW_MIME } from "../saved";
import { type Agents, waiting } from "./agents";
import { markChat, placeOfChat } from "./chat_cell";
import { Composer } from "./composer";
import { chatIcon } from "./icons";
import { nameWords } from "./magic";

export class ChatPanel extends Panel {
  private readonly tabs = h("div", { class: "aj-tabs", role: "tablist" });
  private readonly empty = h("p", { class: "aj-panel-empty" });
  private readonly goButton: HTMLButtonElement;
  private readonly composer: Composer;
  private readonly view = new Panel();
  private shown = "";
  private chosen = "";
  private count = 0;

  constructor(
    private readonly agents: Agents,
    private readonly trans: TranslationBundle,
  ) {
    super();
    this.id = "autogen-jupyter-panel";
    this.title.icon = chatIcon;
    this.title.caption = trans.__("Agent chats");
    this.addClass("aj-panel");
    this.tabs.setAttribute("aria-label", trans.__("Chats of this notebook"));
    this.goButton = button(trans.__("Go to cell"), () => this.goToCell(), "quiet");
    this.composer = new Composer(agents, trans, () => this.conversation());
    this.composer.acceptDropsOn(this.node);
    this.view.addClass("aj-panel-view");
    this.addWidget(new Widget({ node: h("div", { class: "aj-panel-head" }, this.tabs, this.goButton) }));
    this.addWidget(new Widget({ node: this.empty }));
    this.addWidget(this.view);
    this.addWidget(this.composer);
    agents.changed.connect(() => this.draw());
    this.draw();
  }

  private draw(): void {
    const chats = this.agents.current;
    const isNotebook = this.agents.tracker.currentWidget !== null;
    this.drawBadge();
    if (chats.length > this.count) {
      this.chosen = chats.at(-1)?.id ?? "";
    }
    this.count = chats.length;
    const chat = chats.find(({ id }) => id === this.chosen) ?? chats.at(-1);
    this.tabs.replaceChildren(...chats.map((one) => this.tab(one, one === chat)));
    this.goButton.hidden = chat === undefined;
    setText(
      this.empty,
      chat
        ? ""
        : isNotebook
          ? this.trans.__("No chat runs in this notebook's kernel yet.")
          : this.trans.__("Open a notebook to chat with agents about it."),
    );
    void this.display(this.isVisible ? (chat?.id ?? "") : ""); // a view says that its question is seen
    this.composer.draw();
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.draw();
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    void this.display("");
  }

  private drawBadge(): void {
    const count = this.agents.all.reduce((sum, [, chats]) => sum + waiting(chats), 0);
    this.title.className = count > 0 ? "aj-has-badge" : "";
    this.title.caption =
      count > 0
        ? this.trans._n("Agent chats: %1 waits for you", "Agent chats: %1 wait for you", count)
        : this.trans.__("Agent chats");
  }

  private tab(chat: PanelChat, isShown: boolean): HTMLElement {
    const tab = button(
      chat.title || chat.name || this.trans.__("Chat"),
      () => {
        this.chosen = chat.id;
        this.draw();
      },
      "quiet",
    );
    tab.classList.add("aj-tab");
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-selected", String(isShown));
    tab.dataset.state = chat.status.state;
    tab.title = [chat.name, chat.title, chat.question].filter(Boolean).join("\n");
    return tab;
  }

  /** Show a chat by its widget, as its cell does. */
  private async display(id: string): Promise<void> {
    if (id === this.shown) {
      return;
    }
    this.shown = id;
    for (const former of [...this.view.widgets]) {
      former.dispose();
    }
    const registry = this.agents.tracker.currentWidget?.content.rendermime;
    if (id === "" || !registry) {
      return;
    }
    const data = { [VIEW_MIME]: { version_major: 2, version_minor: 0, model_id: id } };
    const renderer = registry.createRenderer(VIEW_MIME);
    markChat(renderer.node, id);
    await renderer.renderModel(registry.createModel({ data, trusted: true }));
    if (this.shown === id && !this.isDisposed) {
      this.view.addWidget(renderer);
    } else {
      renderer.dispose();
    }
  }

  private goToCell(): void {
    const panel = this.agents.tracker.currentWidget;
    const place = panel && placeOfChat(panel, this.shown);
    if (place) {
      place.panel.content.activeCellIndex = place.index;
      void place.panel.content.scrollToItem(place.index, "smart");
      place.panel.activate();
    }
  }

  /** The words by which the conversation of the tab goes on; null where there are none. */
  private conversation(): string[] | null {
    const chat = this.agents.current.find(({ id }) => id === this.shown);
    return chat ? nameWords(chat.name) : [];
  }

  /** Show what is written to the agents, with the active cell, or what it shows, going along. */
  addActive(part: "source" | "outputs"): void {
    this.composer.addActive(part);
  }
}
