// Entries of a chat as the kernel sends them.
import type { MessageEntry } from "../src/protocol";

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
