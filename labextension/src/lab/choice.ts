// Which chat of a notebook the person wants to see: the one that began last, until they choose another.

export class Choice {
  /** The earlier chat that was opened last. */
  opened = "";
  private chosen = "";
  private readonly known = new Set<string>();

  choose(id: string): void {
    this.chosen = id;
  }

  open(id: string): void {
    this.opened = id;
    this.choose(id);
  }

  /** The id of the one to show among these, in the order in which they began; nothing when there is none. */
  among(chats: readonly { readonly id: string }[]): string {
    const ids = chats.map(({ id }) => id);
    this.chosen = ids.findLast((id) => !this.known.has(id)) ?? this.chosen;
    for (const id of ids) {
      this.known.add(id);
    }
    return ids.includes(this.chosen) ? this.chosen : (ids.at(-1) ?? "");
  }
}
