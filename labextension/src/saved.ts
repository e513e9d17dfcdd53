// A chat as a notebook file holds it: the traits of the widget that showed it, without a kernel behind them.
import type { AnyModel } from "@anywidget/types";
import { Chat, type ChatTraits } from "./chat";
import { DEFAULTS, type Entry, type Status } from "./protocol";
import { joined } from "./store";

export const CHAT_MIME = "application/vnd.autogen-jupyter.chat.v1+json";
export const VIEW_MIME = "application/vnd.jupyter.widget-view+json";
/** Since 2, what equals its default is left out, and text that is there twice may be in the entries once. */
export const VERSION = 2;

export interface SavedChat {
  readonly version: number;
  readonly entries: Entry[];
  readonly status: Partial<Status>;
  /** The widget that showed it, by which a page knows that it shows this chat already. */
  readonly chat_id: string;
  /** Whether it holds less than was shown while the chat ran. */
  readonly is_excerpt: boolean;
}

/** Read what a file holds, or say with null that this is not a chat this page can draw. */
export function savedChatOf(data: Readonly<Record<string, unknown>>): SavedChat | null {
  const made = data[CHAT_MIME];
  if (!isRecord(made) || (made.version !== 1 && made.version !== VERSION) || !Array.isArray(made.entries)) {
    return null;
  }
  const entries = withCode(made.entries.map(whole)).map(withOutput).filter(isEntry);
  return {
    version: made.version,
    entries: withImages(entries, joined(data["text/html"])),
    status: isRecord(made.status) ? (made.status as Partial<Status>) : {},
    chat_id: typeof made.chat_id === "string" ? made.chat_id : "",
    is_excerpt: made.is_excerpt === true,
  };
}

/** A chat that only says what was saved. One that had not ended is cut off from its kernel. */
export function chatOf(saved: SavedChat, signal: AbortSignal): Chat {
  const traits: ChatTraits = {
    entries: saved.entries,
    status: { ...saved.status, kernel: "" }, // what it was when the file was written is not what it is now
    request: null,
    number: 0,
    identity: saved.chat_id,
  };
  const chat = new Chat(silent(traits), signal);
  chat.isConnected = saved.status.state === "ended";
  return chat;
}

function silent(traits: ChatTraits): AnyModel<ChatTraits> {
  const model = {
    get: (key: keyof ChatTraits) => traits[key],
    set: () => undefined,
    on: () => undefined,
    off: () => undefined,
    send: () => undefined,
    save_changes: () => undefined,
  };
  return model as unknown as AnyModel<ChatTraits>;
}

/** Large images are in the page alone, which the entries point to. */
function withImages(entries: Entry[], html: string): Entry[] {
  const has = entries.some((entry) => entry.kind === "run" && entry.outputs.some(({ data }) => refersTo(data)));
  if (!has) {
    return entries;
  }
  // Such a document loads nothing and runs nothing.
  const sources = [...new DOMParser().parseFromString(html, "text/html").images].map(
    (image) => image.getAttribute("src") ?? "",
  );
  return entries.map((entry) =>
    entry.kind === "run" ? { ...entry, outputs: entry.outputs.map((output) => withImage(output, sources)) } : entry,
  );
}

function refersTo(data: unknown): boolean {
  return isRecord(data) && Object.values(data).some((payload) => isRecord(payload) && payload.$ref === "text/html");
}

function withImage<T extends Record<string, unknown>>(output: T, sources: readonly string[]): T {
  if (!refersTo(output.data)) {
    return output;
  }
  const data: Record<string, unknown> = {};
  for (const [mime, payload] of Object.entries(output.data as Record<string, unknown>)) {
    const found =
      isRecord(payload) && payload.$ref === "text/html" ? payloadIn(sources[Number(payload.image)], mime) : payload;
    if (found !== undefined) {
      data[mime] = found;
    }
  }
  return { ...output, data };
}

function payloadIn(source: string | undefined, mime: string): string | undefined {
  const base64 = /^data:image\/[a-z+]+;base64,(.+)$/s.exec(source ?? "")?.[1];
  if (base64 === undefined || mime !== "image/svg+xml") {
    return base64;
  }
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

/** Put back what was left out. */
function whole(value: unknown): unknown {
  if (!isRecord(value)) {
    return value;
  }
  switch (value.kind) {
    case "message": {
      const uses = Array.isArray(value.tool_calls) ? value.tool_calls.filter(isRecord) : [];
      return { ...DEFAULTS.message, ...value, tool_calls: uses.map((use) => ({ ...DEFAULTS.tool, ...use })) };
    }
    case "run":
      return { ...DEFAULTS.run, ...value };
    case "notice":
      return { ...DEFAULTS.notice, ...value };
    default:
      return value;
  }
}

/** Long code is in the message that proposed it, which the run points to by numbers of lines. */
function withCode(values: readonly unknown[]): unknown[] {
  const texts = new Map(
    values.filter(isRecord).flatMap(({ kind, id, text }) => (kind === "message" ? [[id, joined(text)] as const] : [])),
  );
  return values.map((value) => {
    if (!isRecord(value) || value.kind !== "run" || !Array.isArray(value.blocks)) {
      return value;
    }
    const lines = texts.get(value.message_id)?.split("\n") ?? [];
    return { ...value, blocks: value.blocks.filter(isRecord).flatMap((block) => withLines(block, lines)) };
  });
}

/** The block with its code, or nothing when its message is gone. */
function withLines(block: Record<string, unknown>, lines: readonly string[]): Record<string, unknown>[] {
  if (!isRecord(block.code)) {
    return [block];
  }
  const [first = 0, last = 0] = joined(block.code.lines).split("-").map(Number);
  const isThere = first > 0 && first <= last && last <= lines.length;
  return isThere ? [{ ...block, code: lines.slice(first - 1, last).join("\n") }] : [];
}

/** What the model reads may say only what follows on what the code printed. Outputs that are none are dropped after that. */
function withOutput(value: unknown): unknown {
  if (!isRecord(value) || value.kind !== "run" || !Array.isArray(value.outputs)) {
    return value;
  }
  const made = { ...value, outputs: value.outputs.filter(isRecord) };
  if (!isRecord(value.output)) {
    return made;
  }
  const { $ref, rest } = value.output;
  const printed = $ref === "outputs" ? printedIn(value.outputs) : "";
  return { ...made, output: typeof rest === "string" ? printed + rest : printed };
}

/** What was printed before anything else was shown, without spaces, tabs and line breaks at the end. */
function printedIn(outputs: readonly unknown[]): string {
  let text = "";
  for (const output of outputs) {
    if (!isRecord(output) || output.output_type !== "stream") {
      break;
    }
    text += joined(output.text);
  }
  let end = text.length;
  while (end > 0 && " \t\n".includes(text.charAt(end - 1))) {
    end -= 1;
  }
  return text.slice(0, end);
}

function isEntry(value: unknown): value is Entry {
  if (!isRecord(value) || typeof value.id !== "string") {
    return false;
  }
  switch (value.kind) {
    case "message":
      return typeof value.text === "string" && typeof value.sender === "string" && Array.isArray(value.tool_calls);
    case "run":
      return Array.isArray(value.blocks) && Array.isArray(value.outputs);
    case "notice":
      return typeof value.text === "string";
    default:
      return false;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
