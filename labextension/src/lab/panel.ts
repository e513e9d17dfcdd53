// The chats of the notebook in front, in the side bar: one tab for each, its live view below, and a box to write to the agents.
// What is written becomes a cell at the end of the notebook, so that the conversation is in the file and can be run again.
import type { NotebookPanel } from "@jupyterlab/notebook";
import type { TranslationBundle } from "@jupyterlab/translation";
import type { Message } from "@lumino/messaging";
import { Panel, Widget } from "@lumino/widgets";
import { button, h, setText } from "../dom";
import type { PanelChat } from "../protocol";
import { VIEW_MIME } from "../saved";
import { type Agents, waiting } from "./agents";
import { Choice } from "./choice";
import { Composer } from "./composer";
import { chatIcon } from "./icons";
import { modelIdIn } from "./mime";
import { type Tab, Tabs } from "./tabs";

export class ChatPanel extends Panel {
  private readonly tabs: Tabs;
  private readonly empty = h("p", { class: "aj-panel-empty" });
  private readonly goButton: HTMLButtonElement;
  private readonly composer: Composer;
  private readonly view = new Panel();
  private readonly choices = new WeakMap<NotebookPanel, Choice>();
  private shown = "";

  constructor(
    private readonly agents: Agents,
    private readonly trans: TranslationBundle,
  ) {
    super();
    this.id = "autogen-jupyter-panel";
    this.title.icon = chatIcon;
    this.title.caption = trans.__("Agent chats");
    this.addClass("aj-panel");
    const list = h("div", { class: "aj-tabs", "aria-label": trans.__("Chats of this notebook") });
    this.view.id = "autogen-jupyter-panel-view";
    this.tabs = new Tabs(list, this.view.node, (id) => this.choose(id));
    this.goButton = button(trans.__("Go to cell"), () => this.goToCell(), "quiet");
    this.composer = new Composer(agents, trans, () => this.nameOption());
    this.composer.acceptDropsOn(this.node);
    this.view.addClass("aj-panel-view");
    this.addWidget(new Widget({ node: h("div", { class: "aj-panel-head" }, list, this.goButton) }));
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
    const chosen = this.choice()?.among(chats) ?? "";
    const chat = chats.find(({ id }) => id === chosen);
    this.tabs.draw(
      chats.map((one) => this.tab(one)),
      chosen,
    );
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

  private choose(id: string): void {
    this.choice()?.choose(id);
    this.draw();
  }

  /** What was chosen in the notebook in front. */
  private choice(): Choice | undefined {
    const panel = this.agents.tracker.currentWidget;
    const choice = panel ? (this.choices.get(panel) ?? new Choice()) : undefined;
    if (panel && choice) {
      this.choices.set(panel, choice);
    }
    return choice;
  }

  private tab({ id, name, title, question, status }: PanelChat): Tab {
    const tooltip = [name, title, question].filter(Boolean).join("\n");
    return { id, label: title || name || this.trans.__("Chat"), tooltip, state: status.state };
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
    await renderer.renderModel(registry.createModel({ data, trusted: true }));
    if (this.shown === id && !this.isDisposed) {
      this.view.addWidget(renderer);
    } else {
      renderer.dispose();
    }
  }

  private goToCell(): void {
    const panel = this.agents.tracker.currentWidget;
    const cells = panel?.content.model?.sharedModel.cells ?? [];
    const index = cells.findIndex((cell) => {
      const { outputs } = cell.toJSON() as { outputs?: { data?: Record<string, unknown> }[] };
      return outputs?.some(({ data }) => data && (modelIdIn(data) === this.shown || chatIdOf(data) === this.shown));
    });
    if (panel && index >= 0) {
      panel.content.activeCellIndex = index;
      void panel.content.scrollToItem(index, "smart");
      panel.activate();
    }
  }

  /** The conversation of the tab goes on. */
  private nameOption(): string[] {
    const name = this.agents.current.find(({ id }) => id === this.shown)?.name ?? "";
    return /^[\w-]+$/.test(name) ? ["-n", name] : [];
  }

  /** Show what is written to the agents, with the active cell, or what it shows, going along. */
  addActive(part: "source" | "outputs"): void {
    this.composer.addActive(part);
  }
}

function chatIdOf(data: Record<string, unknown>): unknown {
  const saved = data["application/vnd.autogen-jupyter.chat.v1+json"];
  return typeof saved === "object" && saved !== null ? (saved as { chat_id?: unknown }).chat_id : undefined;
}
