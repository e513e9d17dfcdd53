// A look into the agent kernel: its variables, what holds it back, and a console on it.
import type { TranslationBundle } from "@jupyterlab/translation";
import type { Message } from "@lumino/messaging";
import { Widget } from "@lumino/widgets";
import { button, copy, h, setText } from "../dom";
import type { KernelShown, KernelVariable, PanelChat } from "../protocol";
import { type Agents, foremost } from "./agents";
import { sizeText } from "./units";

/** What the view can ask the application for. */
export interface KernelActions {
  /** Whether this server can open a terminal. */
  readonly hasTerminals: () => boolean;
  readonly openConsole: (command: string) => void;
  readonly showChats: () => void;
}

export class KernelView extends Widget {
  private readonly choice: HTMLSelectElement;
  private readonly state = h("p", { class: "aj-look-state", role: "status" });
  private readonly boundary = h("p", { class: "aj-look-boundary" });
  private readonly table = h("div", { class: "aj-look-table", tabindex: "0", role: "region" });
  private readonly console = h("div", { class: "aj-look-console" });
  private chosen: string;
  private former = "";

  constructor(
    private readonly agents: Agents,
    private readonly trans: TranslationBundle,
    private readonly actions: KernelActions,
  ) {
    super({ node: h("div", { class: "aj-look", role: "dialog", "aria-label": trans.__("Agent kernel") }) });
    this.chosen = foremost(agents.current)?.id ?? "";
    this.choice = h("select", { "aria-label": trans.__("Chat") });
    this.choice.addEventListener("change", () => this.choose(this.choice.value));
    this.table.setAttribute("aria-label", trans.__("Variables of the agent kernel"));
    const show = button(trans.__("Show the chats"), () => actions.showChats(), "quiet");
    const again = button(trans.__("Refresh"), () => this.ask(), "quiet");
    this.node.append(
      h("div", { class: "aj-look-head" }, h("strong", {}, trans.__("Agent kernel")), this.choice, again, show),
      this.state,
      this.table,
      this.console,
      this.boundary,
    );
    agents.changed.connect(this.follow, this);
    agents.kernelShown.connect(this.take, this);
    this.follow();
  }

  override dispose(): void {
    this.agents.changed.disconnect(this.follow, this);
    this.agents.kernelShown.disconnect(this.take, this);
    super.dispose();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.drawChoice();
    this.node.tabIndex = -1;
    this.node.focus();
  }

  /** JupyterLab puts a selection in a dialog into a box of its own, with the arrow. */
  private drawChoice(): void {
    const box = this.choice.closest<HTMLElement>(".jp-select-wrapper") ?? this.choice;
    box.hidden = this.agents.current.length < 2;
  }

  private get chat(): PanelChat | undefined {
    return this.agents.current.find(({ id }) => id === this.chosen) ?? foremost(this.agents.current);
  }

  private choose(id: string): void {
    this.chosen = id;
    this.former = "";
    this.follow();
  }

  /** Code may have changed the variables whenever the kernel changed its state. */
  private follow(): void {
    const { chat, trans } = this;
    const chats = this.agents.current;
    this.drawChoice();
    this.choice.replaceChildren(
      ...chats.map((one) => h("option", { value: one.id, selected: one === chat }, one.title || one.name || one.id)),
    );
    const { kernel, kernel_place, kernel_detail } = chat?.status ?? { kernel: "", kernel_place: "", kernel_detail: "" };
    const state = kernel === "" || kernel === "closed" ? trans.__("not running") : kernel;
    setText(this.state, [state, kernel_place, kernel_detail].filter(Boolean).join(" · "));
    const now = JSON.stringify([chat?.id, kernel]);
    if (now !== this.former) {
      this.former = now;
      this.ask();
    }
  }

  private ask(): void {
    const panel = this.agents.tracker.currentWidget;
    if (panel && this.chat) {
      this.agents.lookInto(panel, this.chat.id);
    } else {
      this.drawText(this.trans.__("No chat runs in this notebook's kernel yet."));
    }
  }

  private take(_: Agents, shown: KernelShown): void {
    if (shown.chat_id !== this.chat?.id) {
      return;
    }
    if (shown.problem !== "" || shown.variables.length === 0) {
      this.drawText(shown.problem || this.trans.__("No variables."));
    } else {
      this.table.replaceChildren(tableOf(shown.variables, this.trans));
    }
    setText(this.boundary, shown.boundary);
    this.drawConsole(shown);
  }

  private drawText(text: string): void {
    this.table.replaceChildren(h("p", { class: "aj-look-none" }, text));
  }

  private drawConsole({ console, advice }: KernelShown): void {
    const { trans } = this;
    const copied = button(trans.__("Copy command"), () => void this.copy(console, copied));
    const open = button(trans.__("Open console"), () => this.actions.openConsole(console));
    const buttons = console === "" ? [] : this.actions.hasTerminals() ? [open, copied] : [copied];
    this.console.replaceChildren(
      ...(console === "" ? [] : [h("code", { tabindex: "0" }, console)]),
      h("div", { class: "aj-look-buttons" }, ...buttons, h("span", {}, advice)),
    );
  }

  private async copy(command: string, pressed: HTMLButtonElement): Promise<void> {
    const isCopied = await copy(command);
    pressed.textContent = isCopied ? this.trans.__("Copied") : this.trans.__("Select the command and copy it");
  }
}

function tableOf(variables: readonly KernelVariable[], trans: TranslationBundle): HTMLElement {
  const heads = [trans.__("Name"), trans.__("Type"), trans.__("Shape"), trans.__("Size"), trans.__("Value")];
  const rows = variables.map(({ name, type, shape, size, text }) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, name),
      h("td", { title: type }, type.split(".").at(-1) ?? type),
      h("td", {}, shape?.join(" × ") ?? ""),
      h("td", { class: "aj-look-size" }, size === null ? "" : sizeText(size)),
      h("td", { class: "aj-look-value", title: text }, text),
    ),
  );
  const head = h("tr", {}, ...heads.map((name) => h("th", { scope: "col" }, name)));
  return h("table", {}, h("thead", {}, head), h("tbody", {}, ...rows));
}
