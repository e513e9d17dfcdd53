// Code that ran, or asked to: its state, its outputs as a cell shows them, and what the assistant reads of them.
import { h, setText, Throttle } from "../dom";
import type { Entry, RunEntry } from "../protocol";
import type { Renderer } from "../render";
import { trans } from "../words";
import { fenced } from "./code";
import { duration } from "./header";
import type { EntryView } from "./log";
import { OutputsView } from "./outputs";
import { Patched } from "./patched";

export class RunView implements EntryView {
  private readonly chip = h("span", { class: "aj-chip" });
  private readonly took = h("span", { class: "aj-took" });
  private readonly edited = h("span", { class: "aj-badge" }, trans.__("edited by you"));
  private readonly code: Patched;
  private readonly read = h("pre", { class: "aj-plain", tabindex: "0", dir: "auto" });
  private readonly reads = h(
    "details",
    { class: "aj-reads", hidden: true },
    h("summary", {}, trans.__("What the assistant reads")),
    this.read,
  );
  private readonly outputs: OutputsView;
  private readonly throttle: Throttle;
  private entry: RunEntry | undefined;
  private codeShown = "";
  private startedAt = 0;
  private clock = 0;
  readonly element: HTMLElement;

  constructor(
    renderer: Renderer,
    private readonly hasMessage: boolean,
  ) {
    this.outputs = new OutputsView(renderer);
    this.code = new Patched(renderer);
    this.throttle = new Throttle(() => this.entry && this.outputs.update(this.entry));
    const head = h("div", { class: "aj-run-head" }, this.chip, this.took, this.edited);
    this.element = h(
      "article",
      { class: "aj-entry aj-run" },
      head,
      this.code.element,
      this.outputs.element,
      this.reads,
    );
  }

  update(entry: Entry): void {
    if (entry.kind !== "run") {
      return;
    }
    this.entry = entry;
    this.element.dataset.state = entry.state;
    const state = stateOf(entry);
    this.element.setAttribute("aria-label", trans.__("Code run by %1: %2", entry.agent, state));
    setText(this.chip, state);
    this.edited.hidden = !entry.is_edited;
    this.updateCode(entry);
    setText(this.read, entry.output);
    this.reads.hidden = entry.output === "" || entry.state === "running" || entry.state === "proposed";
    this.tick();
    this.throttle.request();
  }

  end(): void {
    clearTimeout(this.clock);
    this.throttle.stop();
  }

  /** The message above already shows code that nobody changed. */
  private updateCode({ blocks, is_edited }: RunEntry): void {
    const shown = is_edited || !this.hasMessage ? blocks.map(fenced).join("\n") : "";
    if (shown !== this.codeShown) {
      this.codeShown = shown;
      void this.code.update(shown);
    }
  }

  private tick(): void {
    clearTimeout(this.clock);
    const entry = this.entry;
    if (entry?.state !== "running") {
      setText(this.took, entry?.seconds === null || entry === undefined ? "" : duration(entry.seconds));
      return;
    }
    this.startedAt ||= Date.now();
    const seconds = Math.floor((Date.now() - this.startedAt) / 1000);
    setText(this.took, seconds >= 1 ? duration(seconds) : "");
    this.clock = setTimeout(() => this.tick(), 1000);
  }
}

function stateOf({ state, exit_code, block, blocks }: RunEntry): string {
  switch (state) {
    case "proposed":
      return trans.__("Not run yet");
    case "running":
      return blocks.length > 1 ? trans.__("Running block %1 of %2", block + 1, blocks.length) : trans.__("Running");
    case "ok":
      return trans.__("Done");
    case "error":
      return exit_code === null || exit_code === 1 ? trans.__("Error") : trans.__("Error, exit code %1", exit_code);
    case "timeout":
      return trans.__("Timed out");
    case "interrupted":
      return trans.__("Interrupted");
    case "died":
      return trans.__("The agent kernel died");
    case "refused":
      return trans.__("Not run");
    default:
      return unknown(state);
  }
}

function unknown(state: never): string {
  return String(state);
}
