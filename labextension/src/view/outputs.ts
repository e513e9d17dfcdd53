// The outputs of a run, each drawn again only when it changed.
import { ansi, overwritten } from "../ansi";
import { h } from "../dom";
import { type MimeBundle, onlyText } from "../mime";
import type { RunEntry } from "../protocol";
import type { Renderer } from "../render";
import { joined } from "../store";
import { trans } from "../words";
import { LongText } from "./long_text";

type Output = RunEntry["outputs"][number];

interface Shown {
  output: Output;
  readonly element: HTMLElement;
  readonly text: LongText | undefined;
}

export class OutputsView {
  readonly element = h("div", { class: "aj-outputs" });
  private shown: Shown[] = [];

  constructor(private readonly renderer: Renderer) {}

  async update({ outputs, state }: RunEntry): Promise<void> {
    for (const { element } of this.shown.splice(outputs.length)) {
      element.remove();
    }
    for (const [index, output] of outputs.entries()) {
      const before = this.shown[index];
      if (before?.output === output) {
        before.text?.settle(state !== "running");
        continue;
      }
      const after = this.grown(before, output, state !== "running") ?? (await this.made(output, state !== "running"));
      if (after.element !== before?.element) {
        before?.element.replaceWith(after.element);
        if (!before) {
          this.element.append(after.element);
        }
      }
      this.shown[index] = after;
      if (!after.text) {
        this.renderer.typeset(after.element);
      }
    }
  }

  /** A stream that grew keeps its element, so that nothing flickers and "Show all" stays pressed. */
  private grown(before: Shown | undefined, output: Output, isSettled: boolean): Shown | undefined {
    const isSame =
      before?.text && before.output.output_type === output.output_type && before.output.name === output.name;
    if (!isSame || output.output_type !== "stream") {
      return undefined;
    }
    before.text?.update(joined(output.text), isSettled);
    return { ...before, output };
  }

  private async made(output: Output, isSettled: boolean): Promise<Shown> {
    const element = h("div", { class: "aj-output", "data-type": String(output.output_type) });
    const text = textOf(output);
    if (text === null) {
      const { data, metadata } = output as { data?: MimeBundle; metadata?: MimeBundle };
      element.append(await this.rendered(data ?? {}, metadata ?? {}));
      return { output, element, text: undefined };
    }
    element.dataset.name = String(output.name ?? "");
    const long = new LongText(output.output_type === "error" ? "end" : "start");
    long.update(text, isSettled);
    element.append(long.element);
    return { output, element, text: long };
  }

  private async rendered(data: MimeBundle, metadata: MimeBundle): Promise<HTMLElement> {
    try {
      return await this.renderer.output(data, metadata);
    } catch (error) {
      return h(
        "pre",
        { class: "aj-plain" },
        ansi(trans.__("This output cannot be shown: %1", error instanceof Error ? error.message : String(error))),
      );
    }
  }
}

/** The text of an output that is nothing but text. */
function textOf(output: Output): string | null {
  switch (output.output_type) {
    case "stream":
      return overwritten(joined(output.text));
    case "error": {
      const traceback = Array.isArray(output.traceback) ? output.traceback.map(String).join("\n") : "";
      return traceback || `${joined(output.ename)}: ${joined(output.evalue)}`;
    }
    default:
      return onlyText((output.data ?? {}) as MimeBundle);
  }
}
