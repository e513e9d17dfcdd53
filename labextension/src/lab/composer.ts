// Where a message to the agents is written, with what goes along. It becomes a cell at the end of the notebook, so that the
// conversation is in the file and can be run again.
import { NotebookActions, type NotebookPanel } from "@jupyterlab/notebook";
import type { TranslationBundle } from "@jupyterlab/translation";
import { Widget } from "@lumino/widgets";
import { button, h, setText } from "../dom";
import { MODELS } from "../protocol";
import type { Agents } from "./agents";
import { activePlace, cellAt } from "./cells";
import { type ContextItem, hasContent, isSame, itemAt, partFor } from "./context";
import { acceptDrops } from "./drag";
import { insertChat } from "./loading";
import { messageFor, type Part } from "./prompts";
import { refusalOf } from "./python";

export class Composer extends Widget {
  private readonly box: HTMLTextAreaElement;
  private readonly team: HTMLSelectElement;
  private readonly model: HTMLInputElement;
  private readonly chips: HTMLElement;
  private readonly addCell: HTMLButtonElement;
  private readonly addOutput: HTMLButtonElement;
  private readonly preview = h("pre", { class: "aj-preview", tabindex: "0" });
  private readonly known = h("datalist", { id: "autogen-jupyter-models" });
  private readonly sendButton: HTMLButtonElement;
  private readonly refused = h("p", { class: "aj-refused", role: "status" });
  private readonly watched = new WeakSet<NotebookPanel>();
  private items: readonly ContextItem[] = [];

  /** `conversation` returns the words that say which conversation goes on, or null where none can. */
  constructor(
    private readonly agents: Agents,
    private readonly trans: TranslationBundle,
    private readonly conversation: () => string[] | null,
  ) {
    super({ node: h("div", { class: "aj-composer", "data-lm-suppress-shortcuts": "true" }) });
    this.box = h("textarea", { rows: "3", "aria-label": trans.__("Message to the agents") });
    this.box.placeholder = trans.__("Ask the agents about this notebook");
    this.model = h("input", { type: "text", list: this.known.id, "aria-label": trans.__("Model") });
    this.model.title = trans.__("Which model answers; as before where nothing is said");
    this.model.placeholder = trans.__("Model");
    this.team = h("select", { "aria-label": trans.__("Team") });
    this.team.title = trans.__("Who answers: as before, or a team, with which a new chat begins");
    this.chips = h("ul", { class: "aj-quotes", "aria-label": trans.__("What goes along"), "aria-live": "polite" });
    this.addCell = button(trans.__("+ Cell"), () => this.addActive("source"), "quiet");
    this.addCell.title = trans.__("Quote the active cell. Cells can be dragged here, too.");
    this.addOutput = button(trans.__("+ Output"), () => this.addActive("outputs"), "quiet");
    this.addOutput.title = trans.__("Quote what the active cell shows. Outputs can be dragged here, too.");
    this.sendButton = button(trans.__("Send"), () => void this.send(), "primary");
    this.build();
    agents.tracker.activeCellChanged.connect(() => this.draw());
    this.draw();
  }

  private build(): void {
    const adding = h("div", { class: "aj-adding" }, this.addCell, this.addOutput, this.sendButton);
    const summary = h("summary", {}, this.trans.__("What will be sent"));
    const details = h("details", { class: "aj-panel-preview" }, summary, this.preview);
    const bar = h("div", { class: "aj-panel-bar" }, this.team, this.model);
    const drop = h("div", { class: "aj-drop", "aria-hidden": "true" }, this.trans.__("Drop it to send it along"));
    this.node.append(this.chips, this.box, adding, this.refused, bar, details, this.known, drop);
    this.node.addEventListener("input", () => this.draw());
    this.node.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.target === this.box) {
        event.preventDefault();
        void this.send();
      }
    });
  }

  /** Take cells and outputs that are dropped on an element. */
  acceptDropsOn(node: HTMLElement): void {
    acceptDrops(node, this.agents.tracker, (items) => this.add(items));
  }

  /** Send the active cell along, or what it shows. */
  addActive(part: "source" | "outputs"): void {
    const place = activePlace(this.agents.tracker);
    const item = place && hasContent(place, part) ? itemAt(place, part) : null;
    this.add(item ? [item] : []);
  }

  private add(items: readonly ContextItem[]): void {
    this.items = [...this.items, ...items.filter((item) => !this.items.some((known) => isSame(known, item)))];
    this.draw();
    this.box.focus();
  }

  private remove(item: ContextItem): void {
    this.items = this.items.filter((known) => known !== item);
    this.draw();
    this.box.focus();
  }

  /** What goes along to the notebook in front, as it stands now. */
  private quoted(): readonly (readonly [ContextItem, Part])[] {
    const { currentWidget } = this.agents.tracker;
    return this.items.flatMap((item) => {
      const part = item.panel === currentWidget ? partFor(item, this.trans) : null;
      return part ? [[item, part] as const] : [];
    });
  }

  draw(): void {
    const panel = this.agents.tracker.currentWidget;
    this.watch(panel);
    this.items = this.items.filter((item) => !item.panel.isDisposed);
    const refusal = this.refusal();
    this.sendButton.disabled = panel === null || refusal !== "";
    this.sendButton.title = refusal;
    setText(this.refused, refusal);
    const place = activePlace(this.agents.tracker);
    this.addCell.disabled = !hasContent(place, "source");
    this.addOutput.disabled = !hasContent(place, "outputs");
    const models = this.agents.current.map(({ status }) => status.model).filter(Boolean);
    this.known.replaceChildren(...[...new Set([...models, ...MODELS])].map((value) => h("option", { value })));
    this.drawTeams();
    const quoted = this.quoted();
    this.drawChips(quoted);
    this.preview.textContent = refusal === "" ? this.source(quoted) : "";
  }

  /** Why nothing can be sent to the notebook in front; empty where it can. */
  private refusal(): string {
    const panel = this.agents.tracker.currentWidget;
    const refusal = panel ? refusalOf(panel, this.trans) : "";
    if (refusal !== "") {
      return refusal;
    }
    return this.team.value === "" && this.conversation() === null
      ? this.trans.__("This chat has no name by which it could go on. Choose another chat, or a team.")
      : "";
  }

  private drawTeams(): void {
    const names = this.agents.teams.map(({ name }) => name);
    if ([...this.team.options].map(({ value }) => value).join() === ["", ...names].join()) {
      return; // an open list must not be made anew
    }
    const chosen = this.team.value;
    const options = this.agents.teams.map(({ name, description }) =>
      h("option", { value: name, title: description }, name),
    );
    this.team.replaceChildren(h("option", { value: "" }, this.trans.__("Team")), ...options);
    this.team.value = names.includes(chosen) ? chosen : "";
  }

  private drawChips(quoted: readonly (readonly [ContextItem, Part])[]): void {
    const texts = quoted.map(
      ([, { label, text }]) => `${label} ${text.trimStart().split("\n")[0]?.slice(0, 80) ?? ""}`,
    );
    this.chips.hidden = texts.length === 0;
    if ([...this.chips.children].map((chip) => chip.getAttribute("data-text")).join("\n") === texts.join("\n")) {
      return; // a list that is read aloud when it changes must not be made anew without a change
    }
    const chips = quoted.map(([item, part], index) => {
      const remove = button("×", () => this.remove(item), "quiet");
      remove.setAttribute("aria-label", this.trans.__("Do not send along: %1", part.label.replace(/:$/, "")));
      const text = h("span", { class: "aj-quote-text", title: part.text.slice(0, 1000) }, texts[index] ?? "");
      return h("li", { class: "aj-quote", "data-text": texts[index] }, text, remove);
    });
    this.chips.replaceChildren(...chips);
  }

  /** What is sent changes with the notebook. */
  private watch(panel: NotebookPanel | null): void {
    if (panel && !this.watched.has(panel)) {
      this.watched.add(panel);
      panel.content.modelContentChanged.connect(() => this.draw());
    }
  }

  private source(quoted: readonly (readonly [ContextItem, Part])[]): string {
    const model = this.model.value.trim();
    const chat = this.team.value ? [this.team.value, "--new"] : (this.conversation() ?? []);
    const words = ["%%agentchat", ...chat, ...(model ? ["-m", model] : [])];
    return messageFor(
      words.join(" "),
      this.box.value,
      quoted.map(([, part]) => part),
    );
  }

  private async send(): Promise<void> {
    const panel = this.agents.tracker.currentWidget;
    if (!panel || this.refusal() !== "" || this.box.value.trim() === "") {
      this.box.focus();
      return;
    }
    const quoted = this.quoted();
    const source = this.source(quoted);
    this.items = this.items.filter((item) => item.panel !== panel);
    this.box.value = "";
    this.team.value = "";
    await this.run(panel, source, quoted[0]?.[0].cellId);
    this.draw();
  }

  private async run(panel: NotebookPanel, source: string, about?: string): Promise<void> {
    const text = { source, ...(about ? { link: { about } } : {}) };
    const cell = cellAt(await insertChat(this.agents, panel, text, () => ({ index: panel.content.widgets.length })));
    if (cell) {
      await NotebookActions.runCells(panel.content, [cell], panel.sessionContext);
    }
  }
}
