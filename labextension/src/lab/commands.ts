// The commands on cells and on the code of chats. Each is an ordinary edit of the notebook.
import type { JupyterFrontEnd } from "@jupyterlab/application";
import { Notification } from "@jupyterlab/apputils";
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import type { TranslationBundle } from "@jupyterlab/translation";
import { Menu } from "@lumino/widgets";
import { CODE_ASKED, type CodeAsked, setPluginHook } from "../hook";
import type { Code } from "../protocol";
import type { Agents } from "./agents";
import {
  activePlace,
  canBeFixed,
  cellAt,
  goTo,
  idAt,
  indexBelow,
  insertCells,
  isBlank,
  isLocked,
  linkAt,
  linkedTo,
  type Place,
  placeOf,
  placeOfId,
  subjectOf,
} from "./cells";
import { chatPlaceOf } from "./chat_cell";
import { chatIcon, fixIcon } from "./icons";
import { insertChat } from "./loading";
import { type CellContent, promptFor, type Wishes } from "./prompts";
import { pythonKernel, refusalOf, watchLanguage } from "./python";
import type { Preferences } from "./settings";

export const COMMANDS = {
  ask: "autogen-jupyter:ask-cell",
  fix: "autogen-jupyter:fix-cell",
  newChat: "autogen-jupyter:new-chat",
  panel: "autogen-jupyter:toggle-panel",
  linked: "autogen-jupyter:go-to-linked-cell",
  below: "autogen-jupyter:insert-below",
  above: "autogen-jupyter:insert-above",
  replace: "autogen-jupyter:replace-cell",
  all: "autogen-jupyter:insert-all",
  addCell: "autogen-jupyter:add-cell",
  addOutput: "autogen-jupyter:add-output",
  kernel: "autogen-jupyter:show-kernel",
  stop: "autogen-jupyter:stop",
} as const;

/** What the commands on code are about: the block last clicked on. */
interface Picked {
  readonly code: Code;
  readonly from: Element;
}

const PYTHON = new Set(["", "python", "py", "python3", "ipython"]);

export class CellCommands {
  private picked: Picked | null = null;
  private readonly tracker: INotebookTracker;

  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly agents: Agents,
    private readonly trans: TranslationBundle,
    private readonly preferences: () => Preferences,
  ) {
    this.tracker = agents.tracker;
  }

  register(): void {
    this.registerOnCells();
    this.registerOnCode();
    setPluginHook({
      trans: this.trans,
      insertCell: (code, from) => {
        this.picked = { code, from };
        void this.app.commands.execute(COMMANDS.below);
      },
      openMenu: (code, from) => {
        this.picked = { code, from };
        this.openMenu(from);
      },
    });
    this.watchErrors();
    watchLanguage(this.tracker, () => {
      for (const command of [COMMANDS.ask, COMMANDS.fix, COMMANDS.newChat]) {
        this.app.commands.notifyCommandChanged(command);
      }
    });
  }

  private registerOnCells(): void {
    const { commands } = this.app;
    const { trans } = this;
    commands.addCommand(COMMANDS.ask, {
      label: trans.__("Ask agents"),
      caption: () => this.refusal() || trans.__("Ask the agents about this cell, in a new cell below"),
      icon: chatIcon,
      isEnabled: () => activePlace(this.tracker) !== null && this.refusal() === "",
      execute: () => this.ask(activePlace(this.tracker)),
    });
    commands.addCommand(COMMANDS.fix, {
      label: trans.__("Fix with agents"),
      caption: trans.__("Let the agents find out why this cell failed, in a new cell below"),
      icon: fixIcon,
      isEnabled: () => this.isFixable(),
      isVisible: () => this.isFixable(),
      execute: () => this.ask(activePlace(this.tracker)),
    });
    commands.addCommand(COMMANDS.newChat, {
      label: trans.__("New agent chat"),
      caption: () => (this.front() && this.refusal()) || trans.__("Write to the agents in a new cell"),
      icon: chatIcon,
      isEnabled: () => this.front() === null || this.refusal() === "",
      execute: ({ cwd }) => this.newChat(typeof cwd === "string" ? cwd : undefined),
    });
    commands.addCommand(COMMANDS.linked, {
      label: () => {
        const place = activePlace(this.tracker);
        const { about, from } = place ? linkAt(place) : {};
        return about !== undefined
          ? trans.__("Go to the cell this chat is about")
          : from !== undefined
            ? trans.__("Go to the chat this cell came from")
            : trans.__("Go to the chat about this cell");
      },
      caption: trans.__("From a chat to its cell, and back"),
      isEnabled: () => this.linked() !== null,
      isVisible: () => this.linked() !== null,
      execute: async () => {
        const place = this.linked();
        if (place) {
          await this.show(place);
        }
      },
    });
  }

  private registerOnCode(): void {
    const { commands } = this.app;
    const { trans } = this;
    const isEnabled = () => this.target() !== null;
    commands.addCommand(COMMANDS.below, {
      label: trans.__("Insert cell below"),
      isEnabled,
      execute: () => this.insert("below", this.pickedBlocks()),
    });
    commands.addCommand(COMMANDS.above, {
      label: trans.__("Insert cell above"),
      isEnabled,
      execute: () => this.insert("above", this.pickedBlocks()),
    });
    commands.addCommand(COMMANDS.replace, {
      label: trans.__("Replace cell…"),
      caption: trans.__("Show what would change in the cell that the chat is about, to accept or reject"),
      isEnabled: () => isEnabled() && this.replaced() !== null,
      execute: () => this.replace(),
    });
    commands.addCommand(COMMANDS.all, {
      label: trans.__("Insert all code as cells"),
      caption: trans.__("Everything that ran without an error, in its order"),
      isEnabled: () => isEnabled() && this.everyBlock().length > 0,
      execute: () => this.insert("below", this.everyBlock()),
    });
  }

  /** Whether a cell can be fixed changes when another is active and when its outputs do. */
  private watchErrors(): void {
    const tell = () => this.app.commands.notifyCommandChanged(COMMANDS.fix);
    this.tracker.activeCellChanged.connect((_, cell) => {
      tell();
      const outputs = (cell?.model as { outputs?: { changed: { connect(slot: () => void): unknown } } } | undefined)
        ?.outputs;
      outputs?.changed.connect(tell);
    });
  }

  // --- asking

  private front(): NotebookPanel | null {
    const { currentWidget } = this.tracker;
    return currentWidget === this.app.shell.currentWidget ? currentWidget : null;
  }

  /** Why the agents cannot be asked in the notebook; empty where they can. */
  private refusal(): string {
    const { currentWidget } = this.tracker;
    return currentWidget ? refusalOf(currentWidget, this.trans) : "";
  }

  private isFixable(): boolean {
    const { activeCell } = this.tracker;
    return activeCell !== null && canBeFixed(activeCell) && this.refusal() === "";
  }

  /** Let the agents look at the cell that `element` is a part of. */
  askAbout(element: Element): void {
    void this.ask(placeOf(this.tracker, element));
  }

  private async ask(place: Place | null): Promise<void> {
    const cell = place && cellAt(place);
    if (!place || !cell) {
      return;
    }
    const content = cell.model.sharedModel.toJSON() as CellContent;
    const { source, line } = promptFor(content, this.wishes(), this.preferences().sendOutputs);
    await this.write(place, source, line, "about");
  }

  /** In the notebook in front; where another thing is in front, such as the launcher, which then gives way, in a new one. */
  private async newChat(cwd?: string): Promise<NotebookPanel | null> {
    const front = this.front() && activePlace(this.tracker);
    const place = front ?? (await this.newNotebook(cwd));
    if (place) {
      const source = `%%agentchat\n${this.trans.__("What would you like to know?")}`;
      await this.write(place, source, 1, front ? "below" : "first");
    }
    return place?.panel ?? null;
  }

  /** Write a chat below a cell, which it may be about; as the first of a new notebook, in place of the empty cell there. */
  private async write(at: Place, source: string, line: number, how: "about" | "below" | "first"): Promise<void> {
    const { panel } = at;
    const id = idAt(at);
    const cell = { source, ...(how === "about" ? { link: { about: id } } : {}) };
    const spot = () => {
      const place = placeOfId(panel, id) ?? { panel, index: panel.content.widgets.length - 1 };
      return how === "first" && isBlank(place) ? { index: place.index, instead: 1 } : { index: place.index + 1 };
    };
    await this.show(await insertChat(this.agents, panel, cell, spot), line);
  }

  private async show(place: Place, line?: number): Promise<void> {
    this.app.shell.activateById(place.panel.id);
    await goTo(place, line);
  }

  private async newNotebook(cwd?: string): Promise<Place | null> {
    const { commands, serviceManager } = this.app;
    const kernelName = pythonKernel(serviceManager.kernelspecs.specs);
    const panel: NotebookPanel | undefined = await commands.execute("notebook:create-new", { cwd, kernelName });
    await panel?.context.ready;
    return panel && !panel.isDisposed ? { panel, index: panel.content.activeCellIndex } : null; // Notebook 7 shows it on a page of its own
  }

  private wishes(): Wishes {
    const { trans } = this;
    return {
      ask: trans.__("Explain what this cell does."),
      fix: trans.__("Find out why this cell fails, and write the whole cell anew so that it works."),
      cell: trans.__("The cell:"),
      shown: trans.__("What it showed:"),
      failed: trans.__("How it failed:"),
    };
  }

  // --- code of a chat

  /** The cell of the chat whose code was picked. */
  private chatPlace(): Place | null {
    return this.picked && chatPlaceOf(this.tracker, this.picked.from);
  }

  /** Where its code goes: to that cell, or if the notebook has it no more, to the active one. */
  private target(): Place | null {
    return this.picked && (this.chatPlace() ?? activePlace(this.tracker));
  }

  private replaced(): Place | null {
    const chat = this.chatPlace();
    return chat && subjectOf(chat);
  }

  private linked(): Place | null {
    const place = activePlace(this.tracker);
    return place && linkedTo(place);
  }

  private async insert(where: "above" | "below", blocks: readonly Code[]): Promise<void> {
    const target = this.target();
    if (target && blocks.length > 0) {
      const chat = this.chatPlace();
      const link = chat ? { link: { from: idAt(chat) } } : {};
      const index = where === "below" ? indexBelow(target) : target.index;
      insertCells(
        target.panel,
        index,
        blocks.map((code) => ({ ...asCell(code), ...link })),
      );
      await this.show({ panel: target.panel, index });
    }
  }

  private async replace(): Promise<void> {
    const place = this.replaced();
    const cell = place && cellAt(place);
    if (!place || !cell || !this.picked) {
      return;
    }
    const { trans } = this;
    const { isAccepted } = await import("./replace");
    const before = cell.model.sharedModel.getSource();
    const after = asCell(this.picked.code).source;
    const id = idAt(place);
    if (isLocked(cell)) {
      Notification.warning(trans.__("The cell is locked against editing, and was left as it is."));
    } else if (before === after) {
      Notification.info(trans.__("The cell holds this code already."), { autoClose: 3000 });
    } else if (await isAccepted(before, after, trans)) {
      const now = placeOfId(place.panel, id);
      if (now && cellAt(now)?.model.sharedModel.getSource() === before && !isLocked(cell)) {
        cell.model.sharedModel.setSource(after);
        await this.show(now);
      } else {
        Notification.warning(
          trans.__("The cell was changed meanwhile, and was left as it is. Look at the changes again."),
        );
      }
    }
  }

  private pickedBlocks(): Code[] {
    return this.picked ? [this.picked.code] : [];
  }

  private everyBlock(): Code[] {
    const asked: CodeAsked = { blocks: [] };
    this.picked?.from.closest(".aj-chat")?.dispatchEvent(new CustomEvent(CODE_ASKED, { detail: asked }));
    return asked.blocks;
  }

  private openMenu(at: Element): void {
    const menu = new Menu({ commands: this.app.commands });
    for (const command of [COMMANDS.above, COMMANDS.below, COMMANDS.replace, COMMANDS.all]) {
      menu.addItem({ command });
    }
    const { left, bottom } = at.getBoundingClientRect();
    menu.aboutToClose.connect(() => setTimeout(() => menu.dispose()));
    menu.open(left, bottom);
  }
}

/** Python as it is; a shell's lines by its cell magic; anything else as text. */
function asCell({ language, code }: Code): { source: string; type: "code" | "raw" } {
  if (PYTHON.has(language.toLowerCase())) {
    return { source: code, type: "code" };
  }
  const isShell = /^(?:ba|z)?sh$|^shell$/.test(language.toLowerCase());
  return isShell ? { source: `%%bash\n${code}`, type: "code" } : { source: code, type: "raw" };
}
