// The state of a chat and how each wire message changes it: pure functions, no browser. Untouched entries keep their identity,
// so that views see by `===` what has to be drawn again.
import { Entries } from "./entries";
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

/** The state after these messages, one after the other. */
export function reduce(state: ChatState, ...messages: readonly ToFrontend[]): ChatState {
  const entries = new Entries(state.entries);
  let after = state;
  for (const message of messages) {
    after = step(after, message, entries);
  }
  return entries.list === state.entries ? after : { ...after, entries: entries.list };
}

/** What a message changes: the entries in place, all else in the state that is returned. */
function step(state: ChatState, message: ToFrontend, entries: Entries): ChatState {
  switch (message.kind) {
    case "entry_put":
      entries.put(message.entry);
      return state;
    case "text_appended":
      entries.change(message.entry_id, (entry) => grown(entry, message));
      return state;
    case "output_changed":
      entries.change(message.entry_id, (entry) => withOutput(entry, message));
      return state;
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
