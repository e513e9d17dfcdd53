// The state of a chat and how each wire message changes it: pure functions, no browser. Untouched entries keep their identity,
// so that views see by `===` what has to be drawn again.
import type {
  Entry,
  MessageEntry,
  OutputChanged,
  Request,
  RunEntry,
  Status,
  TextAppended,
  ToFrontend,
} from "./protocol";

export interface ChatState {
  readonly entries: readonly Entry[];
  readonly status: Status;
  readonly request: Request | null;
  /** Whether the kernel said that it hears the answer to `request`. */
  readonly isAcknowledged: boolean;
  /** Whether `request` was answered on this page. */
  readonly isAnswered: boolean;
  /** How the last question was closed, when not on this page. */
  readonly note: string;
}

export const NO_STATUS: Status = {
  state: "starting",
  reason: "",
  activity: "",
  kernel: "",
  kernel_detail: "",
  kernel_place: "",
  model: "",
  prompt_tokens: 0,
  completion_tokens: 0,
  usd: 0,
  since: 0,
  permissions: [],
};

export function stateOf(entries: readonly Entry[], status: Partial<Status>, request: Request | null): ChatState {
  return { entries, status: { ...NO_STATUS, ...status }, request, isAcknowledged: false, isAnswered: false, note: "" };
}

export function reduce(state: ChatState, message: ToFrontend): ChatState {
  switch (message.kind) {
    case "entry_put":
      return { ...state, entries: put(state.entries, message.entry) };
    case "text_appended":
      return { ...state, entries: change(state.entries, message.entry_id, (entry) => grown(entry, message)) };
    case "output_changed":
      return { ...state, entries: change(state.entries, message.entry_id, (entry) => withOutput(entry, message)) };
    case "status_changed":
      return { ...state, status: message.status };
    case "input_asked":
      return { ...state, request: message.request, isAcknowledged: false, isAnswered: false, note: "" };
    case "input_closed":
      return closed(state, message.request_id, message.note);
    case "acknowledged":
      return state.request?.id === message.request_id ? { ...state, isAcknowledged: true } : state;
    default:
      return unknownKind(message, state);
  }
}

/** A kernel that is newer than this page may say things it does not know; they change nothing. */
function unknownKind(_message: never, state: ChatState): ChatState {
  return state;
}

function closed(state: ChatState, id: string, note: string): ChatState {
  if (state.request?.id !== id) {
    return state;
  }
  return { ...state, request: null, isAcknowledged: false, isAnswered: false, note: state.isAnswered ? "" : note };
}

function put(entries: readonly Entry[], entry: Entry): readonly Entry[] {
  const at = indexOf(entries, entry.id);
  return after(entries, at < 0 ? [...entries, entry] : entries.with(at, entry));
}

function change(entries: readonly Entry[], id: string, edit: (entry: Entry) => Entry): readonly Entry[] {
  const at = indexOf(entries, id);
  const before = entries[at];
  return before === undefined ? entries : after(entries, entries.with(at, edit(before)));
}

/** What changes is nearly always near the end. */
const NEAR = 64;
/** Where entries are, by id. They are only ever added, so that the states of one chat share it. */
const places = new WeakMap<readonly Entry[], Map<string, number>>();

function indexOf(entries: readonly Entry[], id: string): number {
  for (let at = entries.length - 1; at >= Math.max(0, entries.length - NEAR); at--) {
    if (entries[at]?.id === id) {
      return at;
    }
  }
  return entries.length <= NEAR ? -1 : (placesIn(entries).get(id) ?? -1);
}

function placesIn(entries: readonly Entry[]): Map<string, number> {
  const known = places.get(entries) ?? new Map(entries.map(({ id }, at) => [id, at]));
  places.set(entries, known);
  return known;
}

/** Hand the places on to the entries as they are after a change. */
function after(before: readonly Entry[], entries: readonly Entry[]): readonly Entry[] {
  const known = places.get(before);
  if (known) {
    const last = entries.at(-1);
    if (last && entries.length > before.length) {
      known.set(last.id, entries.length - 1);
    }
    places.delete(before);
    places.set(entries, known);
  }
  return entries;
}

function grown(entry: Entry, { text, reasoning }: TextAppended): Entry {
  if (entry.kind !== "message") {
    return entry;
  }
  const key: keyof MessageEntry = reasoning ? "reasoning" : "text";
  return { ...entry, [key]: entry[key] + text };
}

function withOutput(entry: Entry, message: OutputChanged): Entry {
  return entry.kind === "run" ? { ...entry, outputs: outputsAfter(entry.outputs, message) } : entry;
}

function outputsAfter(outputs: RunEntry["outputs"], message: OutputChanged): RunEntry["outputs"] {
  const { op, index, output, text } = message;
  switch (op) {
    case "add":
      return output ? [...outputs, output] : outputs;
    case "append": {
      const before = outputs[index];
      return before ? outputs.with(index, { ...before, text: `${joined(before.text)}${text}` }) : outputs;
    }
    case "replace":
      return output && index < outputs.length ? outputs.with(index, output) : outputs;
    case "clear":
      return [];
    default:
      return unknownOp(op, outputs);
  }
}

function unknownOp(_op: never, outputs: RunEntry["outputs"]): RunEntry["outputs"] {
  return outputs;
}

/** nbformat lets a text be a list of lines. */
export function joined(text: unknown): string {
  return Array.isArray(text) ? text.map(String).join("") : text === undefined || text === null ? "" : String(text);
}
