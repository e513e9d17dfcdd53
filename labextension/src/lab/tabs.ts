// Tabs by the pattern of WAI-ARIA: one stop for the Tab key, arrow keys between them, and the one that they reach is shown. Tabs that
// stay keep their elements, and with them the focus, however often they are drawn.
import { button } from "../dom";
import { arrowKeys } from "../view/keys";

export interface Tab {
  readonly id: string;
  readonly label: string;
  readonly tooltip: string;
  readonly state: string;
}

export class Tabs {
  private readonly made = new Map<string, HTMLElement>();
  private chosen = "";

  /** The tabs in `list` show something in `content`; `choose` is told which. */
  constructor(
    private readonly list: HTMLElement,
    private readonly content: HTMLElement,
    private readonly choose: (id: string) => void,
  ) {
    list.setAttribute("role", "tablist");
    arrowKeys(list);
    list.addEventListener("keydown", ({ defaultPrevented }) => {
      const reached = [...this.made].find(([, element]) => element === document.activeElement);
      if (defaultPrevented && reached) {
        this.choose(reached[0]);
      }
    });
  }

  draw(tabs: readonly Tab[], chosen: string): void {
    const hadFocus = this.list.contains(document.activeElement);
    for (const [id, element] of this.made) {
      if (!tabs.some((tab) => tab.id === id)) {
        element.remove();
        this.made.delete(id);
      }
    }
    tabs.forEach((tab, index) => {
      const element = this.made.get(tab.id) ?? this.make(tab.id);
      update(element, tab, tab.id === chosen);
      const inPlace = this.list.children[index];
      if (inPlace !== element) {
        this.list.insertBefore(element, inPlace ?? null);
      }
    });
    this.nameContent(this.made.get(chosen));
    if (chosen !== this.chosen) {
      this.chosen = chosen;
      this.reveal();
    }
    if (hadFocus && !this.list.contains(document.activeElement)) {
      this.made.get(chosen)?.focus(); // the tab that had it is gone
    }
  }

  /** Scroll to the tab that is chosen. Whoever scrolls to the others is left alone until then. */
  reveal(): void {
    this.made.get(this.chosen)?.scrollIntoView?.({ block: "nearest", inline: "nearest" });
  }

  private make(id: string): HTMLElement {
    const element = button("", () => this.choose(id), "quiet");
    element.classList.add("aj-tab");
    element.id = `${this.content.id}-${id}`;
    element.setAttribute("role", "tab");
    element.setAttribute("aria-controls", this.content.id);
    this.made.set(id, element);
    return element;
  }

  private nameContent(tab: HTMLElement | undefined): void {
    for (const [name, value] of Object.entries({ role: tab && "tabpanel", "aria-labelledby": tab?.id })) {
      if (value === undefined) {
        this.content.removeAttribute(name);
      } else {
        this.content.setAttribute(name, value);
      }
    }
  }
}

function update(element: HTMLElement, { label, tooltip, state }: Tab, isChosen: boolean): void {
  if (element.textContent !== label) {
    element.textContent = label;
  }
  element.title = tooltip;
  element.dataset.state = state;
  element.tabIndex = isChosen ? 0 : -1;
  element.setAttribute("aria-selected", String(isChosen));
}
