// One line in the status bar: what the agents of the notebook in front do, what they cost, and Stop. Notebook 7 has no status bar, and
// shows what the kernel does at the end of the menu bar; the line stands before that.
import type { JupyterFrontEnd } from "@jupyterlab/application";
import type { IStatusBar } from "@jupyterlab/statusbar";
import type { TranslationBundle } from "@jupyterlab/translation";
import { Widget } from "@lumino/widgets";
import { h, setText } from "../dom";
import { kernelPlace, kernelState } from "../kernel_state";
import type { Status } from "../protocol";
import { usageOf } from "../usage";
import { type Agents, foremost } from "./agents";
import { elapsedText } from "./units";

/** Between the free space of Notebook 7's menu bar and the kernel's state. */
const MENU_RANK = 950;

export function placeStatus(status: AgentStatus, statusBar: IStatusBar | null, shell: JupyterFrontEnd.IShell): void {
  if (statusBar) {
    statusBar.registerStatusItem("autogen-jupyter:status", { item: status, align: "left", rank: 90 });
  } else {
    status.addClass("aj-in-menu-bar");
    shell.add(status, "menu", { rank: MENU_RANK });
  }
}

export class AgentStatus extends Widget {
  private readonly text = h("span", { class: "aj-status-text" });
  private readonly line: HTMLButtonElement;
  private readonly stopButton: HTMLButtonElement;
  private readonly clock: ReturnType<typeof setInterval>;

  constructor(
    private readonly agents: Agents,
    private readonly trans: TranslationBundle,
    onClick: () => void,
  ) {
    const show = h("button", { type: "button", class: "aj-status-show" });
    const end = h("button", { type: "button", class: "aj-status-stop" }, trans.__("Stop"));
    super({ node: h("div", { class: "aj-status" }, show, end) });
    this.id = "autogen-jupyter-status";
    this.line = show;
    this.stopButton = end;
    show.append(h("span", { class: "aj-status-dot", "aria-hidden": "true" }), this.text);
    show.addEventListener("click", onClick);
    end.addEventListener("click", () => agents.stopForemost());
    end.setAttribute("aria-label", trans.__("Stop the agents"));
    agents.changed.connect(() => this.draw());
    this.clock = setInterval(() => this.draw(), 1000);
    this.draw();
  }

  override dispose(): void {
    clearInterval(this.clock);
    super.dispose();
  }

  private draw(): void {
    const chats = this.agents.current;
    const chat = foremost(chats);
    this.node.hidden = chat === undefined;
    if (!chat) {
      return;
    }
    this.node.dataset.state = chat.status.state;
    setText(
      this.text,
      [this.activity(chat.status), ...this.kernel(chat.status), ...usage(chats.map((one) => one.status))].join(" · "),
    );
    this.line.title = [chat.question, chat.status.kernel_detail, this.offer(chat.status)].filter(Boolean).join("\n");
    this.line.setAttribute("aria-haspopup", "dialog");
    this.stopButton.hidden = chat.status.state === "ended";
  }

  private activity({ state, activity, since }: Status): string {
    const { trans } = this;
    switch (state) {
      case "waiting":
        return trans.__("Agents wait for you");
      case "ended":
        return trans.__("Agents: idle");
      default: {
        const seconds = Math.floor(this.agents.now - since);
        const elapsed = since > 0 && seconds >= 1 ? ` ${elapsedText(seconds)}` : "";
        return trans.__("Agents: %1", activity || trans.__("starting")) + elapsed;
      }
    }
  }

  private offer({ kernel_place }: Status): string {
    return kernel_place === "remote"
      ? this.trans.__("Show its variables")
      : this.trans.__("Show its variables and open a console");
  }

  private kernel({ kernel, kernel_place }: Status): string[] {
    const shown = [this.trans.__("agent kernel %1", kernelState(kernel)), kernelPlace(kernel_place)]
      .filter(Boolean)
      .join(", ");
    return kernel && kernel !== "closed" ? [shown] : [];
  }
}

/** What all chats of the notebook took. */
function usage(all: readonly Status[]): string[] {
  const isKnown = all.every(({ usd }) => usd !== null);
  const sum = (of: (status: Status) => number) => all.reduce((total, status) => total + of(status), 0);
  const text = usageOf({
    prompt_tokens: sum(({ prompt_tokens }) => prompt_tokens),
    completion_tokens: sum(({ completion_tokens }) => completion_tokens),
    usd: isKnown ? sum(({ usd }) => usd ?? 0) : null,
  });
  return text ? [text] : [];
}
