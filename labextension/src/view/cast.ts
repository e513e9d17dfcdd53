// Who takes part: each sender's colour, and who only passes on what the others say.
import type { Entry } from "../protocol";

const COLORS = 6;

export class Cast {
  private readonly colors = new Map<string, number>();
  /** Who spoke to whom. */
  private readonly audiences = new Map<string, Set<string>>();
  private known: readonly Entry[] = [];
  private managers: ReadonlySet<string> = new Set();

  /** Take in the entries as they are; say whether others than before are managers. */
  update(entries: readonly Entry[]): boolean {
    for (let at = this.startOf(entries); at < entries.length; at++) {
      const entry = entries[at];
      if (entry?.kind === "message") {
        this.colorOf(entry.sender);
        this.audiences.set(entry.recipient, (this.audiences.get(entry.recipient) ?? new Set()).add(entry.sender));
      }
    }
    this.known = entries;
    const found = [...this.audiences].filter(([name, senders]) => senders.size > 1 && !this.colors.has(name));
    const before = this.managers;
    this.managers = new Set(found.map(([name]) => name));
    return before.size !== this.managers.size || [...this.managers].some((name) => !before.has(name));
  }

  /** Entries before the first that is not the same object as last time are known: in a long chat, nearly all of them. */
  private startOf(entries: readonly Entry[]): number {
    let at = 0;
    while (at < entries.length && entries[at] === this.known[at]) {
      at++;
    }
    return at;
  }

  /** Agents get their colours in the order in which they first speak. */
  colorOf(sender: string): number {
    const known = this.colors.get(sender) ?? this.colors.size % COLORS;
    this.colors.set(sender, known);
    return known;
  }

  /** Several speak to a group's manager, who never says anything: that it is the recipient goes without saying. */
  isManager(name: string): boolean {
    return this.managers.has(name);
  }
}
