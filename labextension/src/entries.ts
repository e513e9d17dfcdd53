// A list of entries while a batch of messages changes it: copied once for the whole batch, however long the chat is.
import type { Entry } from "./protocol";

/** What changes is nearly always near the end. */
const NEAR = 64;
/** Where entries are, by id. They are only ever added, so that the states of one chat share it. */
const places = new WeakMap<readonly Entry[], Map<string, number>>();

export class Entries {
  private copy: Entry[] | undefined;

  constructor(private readonly before: readonly Entry[]) {}

  /** The entries as they are now: those from before when nothing has changed. */
  get list(): readonly Entry[] {
    return this.copy ?? this.before;
  }

  /** Replace the entry of this id, or add it. */
  put(entry: Entry): void {
    const at = this.indexOf(entry.id);
    if (at < 0) {
      this.places()?.set(entry.id, this.list.length);
      this.writable().push(entry);
    } else {
      this.writable()[at] = entry;
    }
  }

  /** Edit the entry of this id, if there is one. */
  change(id: string, edit: (entry: Entry) => Entry): void {
    const at = this.indexOf(id);
    const entry = this.list[at];
    if (entry !== undefined) {
      this.writable()[at] = edit(entry);
    }
  }

  private writable(): Entry[] {
    if (this.copy === undefined) {
      const known = this.places();
      this.copy = [...this.before];
      if (known) {
        places.set(this.copy, known);
        places.delete(this.before);
      }
    }
    return this.copy;
  }

  private indexOf(id: string): number {
    const { list } = this;
    for (let at = list.length - 1; at >= Math.max(0, list.length - NEAR); at--) {
      if (list[at]?.id === id) {
        return at;
      }
    }
    if (list.length <= NEAR) {
      return -1;
    }
    const known = this.places() ?? new Map(list.map((entry, at) => [entry.id, at]));
    places.set(list, known);
    return known.get(id) ?? -1;
  }

  private places(): Map<string, number> | undefined {
    return places.get(this.list);
  }
}
