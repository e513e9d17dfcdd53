// When the notebook kernel is gone for good, nothing will write the chat's last output any more: the page does, so that the saved
// notebook can be read. What the kernel has saved itself is better than any page, and stays. Only where the widget manager knows
// its notebook (JupyterLab, Notebook 7).
import { overwritten } from "./ansi";
import type { Chat } from "./chat";
import { h } from "./dom";
import { markdownToHtml } from "./markdown";
import { type MimeBundle, outputOf } from "./mime";
import type { Entry, RunEntry } from "./protocol";
import { sanitize } from "./sanitize";
import { CHAT_MIME, VIEW_MIME } from "./saved";
import { joined } from "./store";
import { fenced } from "./view/code";
import { trans } from "./words";

const GONE = new Set(["restarting", "autorestarting", "terminating", "dead"]);
/** A notebook is not the place for a book: JupyterLab reads the whole page at once when it opens it. */
const MOST = 300;

interface Output {
  output_type: string;
  data?: Record<string, unknown>;
}
interface Cell {
  getOutputs?(): Output[];
  updateOutputs?(start: number, end: number, outputs: unknown[]): void;
}
interface Signal {
  connect(slot: () => void): void;
  disconnect(slot: () => void): void;
}
/** The part of JupyterLab's document context that is used here. */
interface Context {
  readonly model?: { readonly sharedModel?: { readonly cells?: readonly Cell[] } };
  readonly sessionContext?: {
    readonly statusChanged: Signal;
    readonly session?: { readonly kernel?: { readonly status: string } | null } | null;
  };
}

/** Keep the chat readable in its notebook when the kernel ends before the chat does. */
export function keepWhenGone(manager: unknown, modelId: () => string, chat: Chat, signal: AbortSignal): void {
  const context = (manager as { context?: Context } | null)?.context;
  const session = context?.sessionContext;
  if (!context || typeof session?.statusChanged?.connect !== "function") {
    return;
  }
  const onStatus = () => {
    if (GONE.has(session.session?.kernel?.status ?? "") && chat.state.status.state !== "ended") {
      session.statusChanged.disconnect(onStatus);
      chat.lose();
      write(context, modelId(), chat);
    }
  };
  session.statusChanged.connect(onStatus);
  signal.addEventListener("abort", () => session.statusChanged.disconnect(onStatus));
}

function write(context: Context, modelId: string, chat: Chat): void {
  for (const cell of context.model?.sharedModel?.cells ?? []) {
    const outputs = cell.getOutputs?.() ?? [];
    const at = outputs.findIndex(({ data }) => viewOf(data) === modelId);
    const output = outputs[at];
    if (output) {
      const data = settledIn(output.data) ?? bundleOf(chat);
      cell.updateOutputs?.(at, at + 1, [{ metadata: {}, ...output, data }]);
    }
  }
}

function viewOf(data: Record<string, unknown> | undefined): unknown {
  const view = data?.[VIEW_MIME];
  return typeof view === "object" && view !== null ? (view as { model_id?: unknown }).model_id : undefined;
}

/** What the kernel saved of the chat, without the view that nothing can show any more; undefined if it has saved nothing yet. */
function settledIn(data: Record<string, unknown> = {}): Record<string, unknown> | undefined {
  const { [VIEW_MIME]: _view, ...settled } = data;
  const { entries } = (settled[CHAT_MIME] ?? {}) as { entries?: unknown };
  return Array.isArray(entries) && entries.length > 0 ? settled : undefined;
}

function bundleOf(chat: Chat): Record<string, string> {
  const page = pageOf(chat.state.entries);
  return { "text/html": oneBlock(page.outerHTML), "text/plain": page.textContent ?? "" };
}

/** A page without blank lines: exported as Markdown, what stands behind one would be read as Markdown. */
export function oneBlock(page: string): string {
  return page.replace(/\n(?=[^\S\n]*\n)/g, "&#10;");
}

/** The entries as a page without scripts. */
export function pageOf(entries: readonly Entry[]): HTMLElement {
  const end = h(
    "p",
    {},
    h(
      "em",
      {},
      trans.__("Disconnected: the notebook kernel was restarted or is gone. This is what was said until then."),
    ),
  );
  const cut = Math.max(0, entries.length - MOST);
  const start =
    cut > 0
      ? [h("p", {}, trans._n("%1 earlier message is not shown.", "%1 earlier messages are not shown.", cut))]
      : [];
  return h("div", {}, end, ...start, ...entries.slice(cut).map(entryOf));
}

function entryOf(entry: Entry): HTMLElement {
  switch (entry.kind) {
    case "message": {
      const calls = entry.tool_calls.map(({ name, arguments: given, result }) => pre(`${name}(${given})\n${result}`));
      const who = entry.recipient ? trans.__("%1 to %2", entry.sender, entry.recipient) : entry.sender;
      return h("div", {}, h("p", {}, h("strong", {}, who)), rich(entry.text), ...calls);
    }
    case "run":
      return h(
        "div",
        {},
        ...(entry.is_edited ? [rich(entry.blocks.map(fenced).join("\n"))] : []),
        ...entry.outputs.map(shown),
      );
    case "notice":
      return h("p", {}, entry.text);
    default:
      return unknown(entry);
  }
}

function unknown(_entry: never): HTMLElement {
  return h("div", {});
}

function shown(output: RunEntry["outputs"][number]): HTMLElement {
  switch (output.output_type) {
    case "stream":
      return pre(overwritten(joined(output.text)));
    case "error":
      return pre(`${joined(output.ename)}: ${joined(output.evalue)}`);
    default:
      return h("div", {}, outputOf((output.data ?? {}) as MimeBundle));
  }
}

function rich(markdown: string): HTMLElement {
  const element = h("div", { dir: "auto" });
  element.innerHTML = sanitize(markdownToHtml(markdown));
  return element;
}

function pre(text: string): HTMLElement {
  return h("pre", { style: "white-space: pre-wrap", dir: "auto" }, text);
}
