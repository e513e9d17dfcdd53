// The questions that wait for a person, each once: several views of a notebook, or notebooks on one kernel, know of the same ones.
import type { PanelChat } from "../protocol";

export interface Waiting<View> {
  /** Tells it from other questions, also those of other kernels. */
  readonly id: string;
  readonly question: string;
  /** Where it can be seen. */
  readonly views: readonly View[];
}

export function waitingIn<View>(all: readonly (readonly [View, readonly PanelChat[]])[]): Waiting<View>[] {
  const found = new Map<string, Waiting<View>>();
  for (const [view, chats] of all) {
    for (const { id: chatId, question_id, question, status } of chats) {
      if (status.state === "waiting") {
        const id = `${chatId} ${question_id}`;
        found.set(id, { id, question, views: [...(found.get(id)?.views ?? []), view] });
      }
    }
  }
  return [...found.values()];
}

/** Notices of questions: each is shown once, when the question comes, and goes when the question does. */
export class Notices<View> {
  private readonly shown = new Map<string, string>();
  private known = new Set<string>();

  /** `show` returns the id by which `dismiss` takes a notice back. */
  constructor(
    private readonly show: (one: Waiting<View>) => string,
    private readonly dismiss: (notice: string) => void,
  ) {}

  /** These wait now; `isSeen` says of a new one that nobody needs to be told. */
  update(waits: readonly Waiting<View>[], isSeen: (one: Waiting<View>) => boolean): void {
    for (const one of waits) {
      if (!this.known.has(one.id) && !isSeen(one)) {
        this.shown.set(one.id, this.show(one));
      }
    }
    this.known = new Set(waits.map(({ id }) => id));
    for (const [id, notice] of this.shown) {
      if (!this.known.has(id)) {
        this.dismiss(notice);
        this.shown.delete(id);
      }
    }
  }
}
