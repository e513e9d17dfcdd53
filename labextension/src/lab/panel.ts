// The chats of the notebook in front, in the side bar: one tab for each, its live view below, the earlier ones in a list, and a box to
// write to the agents. What is written becomes a cell at the end of the notebook, so that the conversation is in the file and can be run
// again.
import type { NotebookPanel } from "@jupyterlab/notebook";
import type { TranslationBundle } from "@jupyterlab/translation";
import type { PartialJSONObject } from "@lumino/coreutils";
import type { Message } from "@lumino/messaging";
import { Panel, Widget } from "@lumino/widgets";
import { button, h, setText, Throttle } from "../dom";
import type { PanelChat } from "../protocol";
import { CHAT_MIME, VIEW_MIME } from "../saved";
import type { Agents } from "./agents";
import { placeOfId } from "./cells";
import { markChat } from "./chat_cell";
import { Choice } from "./choice";
import { Composer } from "./composer";
import { type HeldChat, heldIn, holderOf } from "./history";
import { HistoryList, holdersIn } from "./history_list";
import { chatIcon } from "./icons";
import { nameWords } from "./magic";
import { writeResume } from "./resume";
import { type Tab, Tabs } from "./tabs";
import { waitingIn } from "./waiting";

/** Milliseconds at least between two drawings while the notebook is written in. */
const REDRAWN = 400;

export class ChatPanel extends Panel {
  private readonly tabs: Tabs;
  private readonly empty = h("p", { class: "aj-panel-empty" });
  private readonly goButton: HTMLButtonElement;
  private readonly resumeButton: HTMLButtonElement;
  private readonly composer: Composer;
  private readonly history: HistoryList;
  private readonly view = new Panel();
  private readonly choices = new WeakMap<NotebookPanel, Choice>();
  private readonly redraw = new Throttle(() => this.draw(), REDRAWN);
  private readonly watched = new WeakSet<NotebookPanel>();
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
    this.resumeButton = button(trans.__("Resume"), () => void this.resume(), "quiet");
    this.resumeButton.title = trans.__("Write the line that lets this chat go on, in a cell below it");
    this.history = new HistoryList(trans, (chat) => this.open(chat));
    this.composer = new Composer(agents, trans, () => this.conversation());
    this.composer.acceptDropsOn(this.node);
    this.view.addClass("aj-panel-view");
    const actions = h("div", { class: "aj-panel-actions" }, this.goButton, this.resumeButton);
    this.addWidget(new Widget({ node: h("div", { class: "aj-panel-head" }, list, actions) }));
    this.addWidget(new Widget({ node: this.empty }));
    this.addWidget(this.view);
    this.addWidget(this.history);
    this.addWidget(this.composer);
    agents.changed.connect(() => this.draw());
    this.draw();
  }

  private draw(): void {
    const panel = this.agents.tracker.currentWidget;
    this.drawBadge();
    const choice = this.choice();
    const held = this.isVisible ? this.held() : [];
    const opened = held.filter(({ id }) => id === choice?.opened);
    const tabs = [...this.agents.current.map((one) => this.tab(one)), ...opened.map((one) => this.tabOfHeld(one))];
    const chosen = choice?.among(tabs) ?? "";
    const earlier = opened.find(({ id }) => id === chosen);
    this.tabs.draw(tabs, chosen);
    this.goButton.hidden = chosen === "";
    this.resumeButton.hidden = earlier === undefined;
    setText(
      this.empty,
      chosen
        ? ""
        : panel
          ? this.trans.__("No chat runs in this notebook's kernel yet.")
          : this.trans.__("Open a notebook to chat with agents about it."),
    );
    this.history.draw(held, chosen);
    void this.display(this.isVisible ? chosen : "", earlier); // a view says that its question is seen
    this.composer.draw();
  }

  /** The chats that are in the outputs of the notebook in front alone. */
  private held(): readonly HeldChat[] {
    const panel = this.agents.tracker.currentWidget;
    const live = this.agents.current;
    const kernel = live.length === 0 ? panel?.sessionContext.session?.kernel : undefined; // whose chats may not have been told yet
    this.watch(panel);
    return heldIn(holdersIn(panel), (id) => live.some((chat) => chat.id === id) || kernel?.hasComm(id) === true);
  }

  /** Chats come and go with the notebook's outputs. */
  private watch(panel: NotebookPanel | null): void {
    if (panel && !this.watched.has(panel)) {
      this.watched.add(panel);
      panel.content.modelContentChanged.connect(() => this.isVisible && this.redraw.request());
      void panel.context.ready.then(() => this.draw());
    }
  }

  /** Show an earlier chat here, and its cell in the notebook. */
  private open(chat: HeldChat): void {
    this.choice()?.open(chat.id);
    this.draw();
    this.scrollToCell();
  }

  private async resume(): Promise<void> {
    const panel = this.agents.tracker.currentWidget;
    const chat = this.held().find(({ id }) => id === this.shown);
    if (panel && chat) {
      await writeResume(this.agents, panel, chat);
    }
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.draw();
  }

  protected override onResize(message: Widget.ResizeMessage): void {
    super.onResize(message);
    this.tabs.reveal();
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    void this.display("");
  }

  private drawBadge(): void {
    const count = waitingIn(this.agents.all).length;
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

  private tabOfHeld({ id, title, model }: HeldChat): Tab {
    const tooltip = [this.trans.__("An earlier chat"), title, model].filter(Boolean).join("\n");
    return { id, label: title || this.trans.__("Chat"), tooltip, state: "ended" };
  }

  /** Show a chat as its cell does: by its widget, or what is held of it. */
  private async display(id: string, held?: HeldChat): Promise<void> {
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
    const live = { [VIEW_MIME]: { version_major: 2, version_minor: 0, model_id: id } };
    const renderer = registry.createRenderer(held ? CHAT_MIME : VIEW_MIME);
    markChat(renderer.node, held?.widgetId ?? id);
    const data = (held?.data ?? live) as PartialJSONObject;
    await renderer.renderModel(registry.createModel({ data, trusted: held === undefined }));
    if (this.shown === id && !this.isDisposed) {
      this.view.addWidget(renderer);
    } else {
      renderer.dispose();
    }
  }

  private goToCell(): void {
    this.scrollToCell();
    this.agents.tracker.currentWidget?.activate();
  }

  private scrollToCell(): void {
    const panel = this.agents.tracker.currentWidget;
    const place = panel && placeOfId(panel, holderOf(holdersIn(panel), this.shown)?.id ?? "");
    if (place) {
      place.panel.content.activeCellIndex = place.index;
      void place.panel.content.scrollToItem(place.index, "smart");
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
