// The conversation: one element for each entry, the latest ones first to be there, following the end as long as the reader does.
import { button, h } from "../dom";
import type { Entry } from "../protocol";
import type { Renderer } from "../render";
import { trans } from "../words";
import { drawing } from "../work";
import { Cast } from "./cast";
import { MessageView } from "./message";
import { NoticeView } from "./notice";
import { RunView } from "./run";

/** How many entries are drawn: a page with ten thousand would be slow, and nobody reads them all. */
const WINDOW = 150;
/** The most for a reader who stays above the end; what comes then waits below. */
const MOST = 3 * WINDOW;
/** How many entries are made at a time: the page answers in between. */
const SLICE = 15;
const NEAR_END = 32;

export interface EntryView {
  readonly element: HTMLElement;
  update(entry: Entry): void;
  /** It is off the page for good. */
  end(): void;
}

export class LogView {
  readonly element = h("div", { class: "aj-log", role: "log", "aria-label": trans.__("Agent chat"), tabindex: "0" });
  /** The log and what floats over it. */
  readonly frame: HTMLElement;
  private readonly list = h("div", { class: "aj-entries" });
  private readonly earlier: HTMLButtonElement;
  private readonly later: HTMLButtonElement;
  private readonly latest: HTMLButtonElement;
  private readonly views = new Map<string, { view: EntryView; entry: Entry }>();
  private readonly cast = new Cast();
  private entries: readonly Entry[] = [];
  private first = 0;
  private isFollowing = true;
  private isAway = false;
  private position = 0;
  private height = 0;
  /** The frame in which what was drawn is scrolled to. Until then the browser may move the log by itself. */
  private nextFrame = 0;
  private isMoved = false;

  constructor(
    private readonly renderer: Renderer,
    signal: AbortSignal,
  ) {
    this.earlier = button("", () => this.showEarlier(), "quiet");
    this.earlier.classList.add("aj-earlier");
    this.later = button("", () => this.showLater(), "quiet");
    this.later.classList.add("aj-earlier", "aj-later");
    this.latest = button(trans.__("Jump to latest"), () => this.follow(), "plain");
    this.latest.classList.add("aj-latest");
    this.latest.hidden = true;
    this.element.append(this.earlier, this.list, this.later);
    this.frame = h("div", { class: "aj-frame" }, this.element, this.latest);
    this.element.addEventListener("scroll", () => this.onScroll(), { signal, passive: true });
    for (const type of ["wheel", "touchmove", "keydown", "pointerdown"]) {
      this.element.addEventListener(type, () => this.onMove(), { signal, passive: true });
    }
    const observer = new ResizeObserver(() => this.onResize());
    observer.observe(this.list);
    observer.observe(this.element);
    signal.addEventListener("abort", () => {
      observer.disconnect();
      drawing.drop(this);
      cancelAnimationFrame(this.nextFrame);
      for (const { view } of this.views.values()) {
        view.end();
      }
    });
  }

  update(entries: readonly Entry[]): void {
    this.entries = entries;
    if (this.isFollowing || this.first > entries.length) {
      this.first = Math.max(0, entries.length - WINDOW);
    }
    const isRecast = this.cast.update(entries);
    this.draw();
    if (isRecast) {
      for (const { view, entry } of this.views.values()) {
        view.update(entry);
      }
    }
  }

  private draw(): void {
    const shown = this.entries.slice(this.first, this.first + MOST);
    const ids = new Set(shown.map((entry) => entry.id));
    for (const [id, { view }] of this.views) {
      if (!ids.has(id)) {
        removed(view);
        this.views.delete(id);
      }
    }
    this.place(shown, this.laterOnes(shown));
    this.earlier.hidden = this.first === 0;
    this.earlier.textContent = trans.__("Show %1 earlier of %2", Math.min(WINDOW, this.first), this.first);
    const rest = Math.max(0, this.entries.length - this.first - MOST);
    this.later.hidden = rest === 0;
    this.later.textContent = trans.__("Show %1 later of %2", Math.min(WINDOW, rest), rest);
    const isGrowing = shown.some(
      (entry) => entry.kind !== "notice" && (entry.state === "writing" || entry.state === "running"),
    );
    this.element.setAttribute("aria-busy", String(isGrowing));
    if (this.isFollowing && this.nextFrame === 0) {
      this.nextFrame = requestAnimationFrame(() => {
        this.nextFrame = 0;
        this.onResize();
      });
    }
  }

  /** Of the entries that have no view yet, all but the latest: they get theirs soon. */
  private laterOnes(shown: readonly Entry[]): ReadonlySet<Entry> {
    const missing = shown.filter((entry) => this.views.get(entry.id)?.entry.kind !== entry.kind);
    const later = new Set(missing.slice(0, -SLICE));
    if (later.size > 0) {
      drawing.addLater(this, () => this.draw());
    }
    return later;
  }

  private place(shown: readonly Entry[], later: ReadonlySet<Entry>): void {
    let before: Element | null = null;
    shown.forEach((entry, index) => {
      if (later.has(entry)) {
        return;
      }
      const element = this.drawEntry(entry);
      const previous = this.entries[this.first + index - 1];
      element.classList.toggle("aj-joined", entry.kind === "run" && previous?.id === entry.message_id);
      const next: ChildNode | null = before === null ? this.list.firstChild : before.nextSibling;
      if (next !== element) {
        this.list.insertBefore(element, next);
      }
      before = element;
    });
  }

  private drawEntry(entry: Entry): HTMLElement {
    const known = this.views.get(entry.id);
    if (known && known.entry.kind === entry.kind) {
      if (known.entry !== entry) {
        known.entry = entry;
        known.view.update(entry);
      }
      return known.view.element;
    }
    if (known) {
      removed(known.view);
    }
    const view = this.viewOf(entry);
    view.update(entry);
    this.views.set(entry.id, { view, entry });
    return view.element;
  }

  private viewOf(entry: Entry): EntryView {
    switch (entry.kind) {
      case "message":
        return new MessageView(this.renderer, this.cast);
      case "run":
        return new RunView(
          this.renderer,
          this.entries.some(({ id }) => id === entry.message_id),
        );
      case "notice":
        return new NoticeView();
      default:
        return unknownEntry(entry);
    }
  }

  private showEarlier(): void {
    this.isFollowing = false;
    this.first = Math.max(0, this.first - WINDOW);
    this.draw();
  }

  private showLater(): void {
    this.first += Math.min(WINDOW, this.entries.length - this.first - MOST);
    this.draw();
  }

  private follow(): void {
    this.isFollowing = true;
    this.latest.hidden = true;
    this.update(this.entries);
    this.toEnd();
  }

  /** The reader may be about to scroll. */
  private onMove(): void {
    this.isMoved = true;
  }

  private onScroll(): void {
    const isByItself = this.isFollowing && this.nextFrame !== 0 && !this.isMoved;
    if (isByItself || this.element.clientHeight === 0) {
      return;
    }
    this.isMoved = false;
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    // Content may have grown since the event was raised: only a step up says that the reader wants to stay somewhere, and
    // only one that was not made by content that went away.
    if (scrollHeight - scrollTop - clientHeight < NEAR_END && this.later.hidden) {
      this.isFollowing = true;
    } else if (scrollTop < this.position && scrollHeight >= this.height) {
      this.isFollowing = false;
    }
    this.position = scrollTop;
    this.height = scrollHeight;
    if (this.isFollowing) {
      this.latest.hidden = true;
    }
  }

  /** Besides growth: JupyterLab takes cells that are out of sight off the page, and they come back scrolled to the top. */
  private onResize(): void {
    if (this.element.clientHeight === 0) {
      this.isAway = true;
    } else if (this.isAway && !this.isFollowing) {
      this.isAway = false;
      this.element.scrollTop = this.position;
    } else if (this.isFollowing) {
      this.isAway = false;
      this.toEnd();
    } else {
      this.latest.hidden = false;
    }
  }

  private toEnd(): void {
    this.height = this.element.scrollHeight;
    this.element.scrollTop = this.height;
    this.position = this.element.scrollTop;
  }
}

function removed(view: EntryView): void {
  view.element.remove();
  view.end();
}

function unknownEntry(_entry: never): EntryView {
  return { element: h("div"), update() {}, end() {} };
}
