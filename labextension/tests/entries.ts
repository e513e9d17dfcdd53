// Entries of a chat as the kernel sends them.
import type { MessageEntry, RunEntry } from "../src/protocol";

export const said = (text: string, more: Partial<MessageEntry> = {}): MessageEntry => ({
  id: text,
  sender: "assistant",
  recipient: "user",
  role: "assistant",
  text,
  state: "done",
  reasoning: "",
  model: "",
  is_language_model: true,
  tool_calls: [],
  kind: "message",
  ...more,
});

export const running = (more: Partial<RunEntry> = {}): RunEntry => ({
  id: "r",
  agent: "user",
  message_id: "",
  blocks: [],
  state: "running",
  is_edited: false,
  block: 0,
  outputs: [],
  exit_code: null,
  seconds: null,
  output: "",
  kind: "run",
  ...more,
});
