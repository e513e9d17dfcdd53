// The line on top: what is going on, what the agent kernel does, which model answers, what it cost, and Stop.
import type { Chat } from "../chat";
import { button, h, setText } from "../dom";
import { kernelState } from "../kernel_state";
import type { Status } from "../protocol";
import type { ChatState } from "../store";
import { usageOf } from "../usage";
import { trans } from "../words";

const STOP_PATIENCE = 5000;

export class HeaderView {
  readonly element: HTMLElement;
  private readonly activity = h("span", { class: "aj-activity", role: "status" });
  private readonly elapsed = h("span", { class: "aj-elapsed", "aria-hidden": "true" });
  private readonly kernel = h("span", { class: "aj-kernel" });
  private readonly model = h("span", { class: "aj-model", dir: "auto" });
  private readonly badge = h("span", { class: "aj-badge" }, trans.__("not a language model"));
  private readonly usage = h("span", { class: "aj-usage" });
  private readonly stop: HTMLButtonElement;

  constructor(
    private readonly chat: Chat,
    signal: AbortSignal,
  ) {
    this.stop = button(trans.__("Stop"), () => this.onStop(), "quiet");
    this.stop.classList.add("aj-stop");
    const now = h(
      "div",
      { class: "aj-now" },
      h("span", { class: "aj-dot", "aria-hidden": "true" }),
      this.activity,
      this.elapsed,
    );
    const facts = h("div", { class: "aj-facts" }, this.kernel, this.model, this.badge, this.usage);
    this.element = h("div", { class: "aj-header" }, now, facts, this.stop);
    const clock = setInterval(() => this.tick(), 1000);
    signal.addEventListener("abort", () => clearInterval(clock));
  }

  update(): void {
    const { state, isConnected, isAwaited } = this.chat;
    const { status } = state;
    const isEnded = status.state === "ended" || !isConnected;
    setText(this.activity, isConnected ? activityOf(status) : cutOff(isAwaited));
    setText(
      this.kernel,
      status.kernel && status.kernel !== "closed" ? trans.__("Agent kernel %1", kernelState(status.kernel)) : "",
    );
    this.kernel.dataset.kernel = status.kernel;
    this.kernel.title = status.kernel_detail;
    setText(this.model, status.model);
    this.badge.hidden = !isNotLanguageModel(state);
    setText(this.usage, usageOf(status));
    this.stop.hidden = isEnded;
    this.tick();
  }

  private tick(): void {
    const { status } = this.chat.state;
    const seconds = Math.floor(Date.now() / 1000 + this.chat.skew - status.since);
    const isTimed = status.state === "running" && status.activity !== "" && status.since > 0 && this.chat.isConnected;
    setText(this.elapsed, isTimed && seconds >= 1 ? duration(seconds) : "");
  }

  private onStop(): void {
    this.chat.stop();
    this.stop.disabled = true;
    setTimeout(() => {
      this.stop.disabled = false;
    }, STOP_PATIENCE);
  }
}

/** `0.02 s`, `8 s`, `2 min 5 s`. */
export function duration(seconds: number): string {
  if (seconds > 0 && seconds < 0.095) {
    return seconds < 0.005 ? trans.__("< 0.01 s") : trans.__("%1 s", seconds.toFixed(2));
  }
  if (seconds < 10 && !Number.isInteger(seconds)) {
    return trans.__("%1 s", seconds.toFixed(1));
  }
  const whole = Math.round(seconds);
  return whole < 60 ? trans.__("%1 s", whole) : trans.__("%1 min %2 s", Math.floor(whole / 60), whole % 60);
}

function cutOff(isAwaited: boolean): string {
  return isAwaited
    ? trans.__("Shown as it was saved: the notebook kernel is busy, or has not answered yet")
    : trans.__("Disconnected: the notebook kernel was restarted or is gone");
}

function activityOf(status: Status): string {
  switch (status.state) {
    case "starting":
      return trans.__("Starting");
    case "running":
      return capitalized(status.activity) || trans.__("Running");
    case "waiting":
      return trans.__("Waiting for you");
    case "ended":
      return status.reason ? trans.__("Ended: %1", status.reason) : trans.__("Ended");
    default:
      return unknown(status.state);
  }
}

function unknown(state: never): string {
  return String(state);
}

function capitalized(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}

function isNotLanguageModel({ entries, status }: ChatState): boolean {
  const last = entries.findLast(
    (entry) => entry.kind === "message" && entry.model !== "" && entry.model === status.model,
  );
  return last?.kind === "message" && !last.is_language_model;
}
