import { describe, expect, it } from "vitest";
import type { Entry, MessageEntry, Request } from "../src/protocol";
import { type ChatState, reduce, stateOf } from "../src/store";
import { running } from "./entries";

const message = (id: string, text = ""): MessageEntry => ({
  id,
  sender: "assistant",
  recipient: "user",
  role: "assistant",
  text,
  state: "writing",
  reasoning: "",
  model: "m",
  is_language_model: true,
  tool_calls: [],
  kind: "message",
});
const run = (id: string) => running({ id, message_id: "m1" });
const request: Request = {
  id: "q1",
  type: "reply",
  prompt: "",
  agent: "user",
  sender: "assistant",
  blocks: [],
  choices: [],
  is_last: false,
  offers: [],
};
const start = (...entries: Entry[]): ChatState => stateOf(entries, {}, null);
const only = (state: ChatState): Entry | undefined => state.entries[0];

describe("reduce", () => {
  it("puts a new entry at the end and a known one in its place", () => {
    let state = start(message("m1"), message("m2"));
    state = reduce(state, { kind: "entry_put", entry: message("m1", "changed") });
    state = reduce(state, { kind: "entry_put", entry: message("m3") });
    expect(state.entries.map(({ id }) => id)).toEqual(["m1", "m2", "m3"]);
    expect(only(state)).toMatchObject({ text: "changed" });
  });

  it("grows text and thinking apart from each other", () => {
    let state = start(message("m1", "a"));
    state = reduce(state, { kind: "text_appended", entry_id: "m1", text: "b", reasoning: false });
    state = reduce(state, { kind: "text_appended", entry_id: "m1", text: "?", reasoning: true });
    expect(only(state)).toMatchObject({ text: "ab", reasoning: "?" });
  });

  it("keeps the identity of entries that nothing happened to", () => {
    const state = start(message("m1"), message("m2"));
    const after = reduce(state, { kind: "text_appended", entry_id: "m2", text: "x", reasoning: false });
    expect(after.entries[0]).toBe(state.entries[0]);
    expect(after.entries[1]).not.toBe(state.entries[1]);
  });

  it("takes a whole batch, wherever in a long chat its entries are", () => {
    const before = start(...Array.from({ length: 500 }, (_, n) => message(`m${n}`)));
    const grow = (id: string) => ({ kind: "text_appended", entry_id: id, text: "!", reasoning: false }) as const;
    const put = (id: string) => ({ kind: "entry_put", entry: message(id) }) as const;
    let after = reduce(before, grow("m3"), put("new"), grow("new"), grow("m499"), put("newer"));
    after = reduce(after, grow("newer"), grow("m3"), put("m4"));
    const changed = after.entries.flatMap((entry) =>
      entry.kind === "message" && entry.text ? [entry.id, entry.text] : [],
    );
    expect(changed).toEqual(["m3", "!!", "m499", "!", "new", "!", "newer", "!"]);
    expect(after.entries.length).toBe(502);
    expect(before.entries.length).toBe(500);
  });

  it("ignores growth of an entry it does not know", () => {
    const state = start(message("m1"));
    const after = reduce(state, { kind: "text_appended", entry_id: "gone", text: "x", reasoning: false });
    expect(after.entries).toBe(state.entries);
  });

  it("adds, appends to, replaces and clears outputs", () => {
    const change = (op: "add" | "append" | "replace" | "clear", more: object) => ({
      kind: "output_changed" as const,
      entry_id: "r1",
      op,
      index: 0,
      output: null,
      text: "",
      ...more,
    });
    const stream = { output_type: "stream", name: "stdout", text: ["a\n"] };
    let state = reduce(start(run("r1")), change("add", { output: stream }));
    state = reduce(state, change("append", { text: "b" }));
    expect(only(state)).toMatchObject({ outputs: [{ text: "a\nb" }] });
    state = reduce(state, change("append", { index: 7, text: "lost" }));
    expect(only(state)).toMatchObject({ outputs: [{ text: "a\nb" }] });
    state = reduce(state, change("replace", { output: { output_type: "display_data" } }));
    expect(only(state)).toMatchObject({ outputs: [{ output_type: "display_data" }] });
    state = reduce(state, change("clear", {}));
    expect(only(state)).toMatchObject({ outputs: [] });
  });

  it("takes an acknowledgement and an end only for the question that is open", () => {
    let state = reduce(start(), { kind: "input_asked", request });
    state = reduce(state, { kind: "acknowledged", request_id: "other" });
    expect(state.isAcknowledged).toBe(false);
    state = reduce(state, { kind: "acknowledged", request_id: "q1" });
    expect(state.isAcknowledged).toBe(true);
    state = reduce(state, { kind: "input_closed", request_id: "other", note: "" });
    expect(state.request).toBe(request);
    state = reduce(state, { kind: "input_closed", request_id: "q1", note: "answered in the terminal" });
    expect(state).toMatchObject({ request: null, note: "answered in the terminal" });
  });

  it("is not stopped by a message of a newer kernel", () => {
    const state = start(message("m1"));
    expect(reduce(state, { kind: "from_the_future" } as never)).toBe(state);
  });
});
