// The code that a conversation came to: what ran without an error, in the order in which it ran.
import type { Code, Entry } from "./protocol";

export function codeOf(entries: readonly Entry[]): Code[] {
  return entries.flatMap((entry) => (entry.kind === "run" && entry.state === "ok" ? entry.blocks : []));
}
