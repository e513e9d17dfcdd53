// Draws the chats that notebook files hold. While the widget of a chat lives, its own view is shown in the same place.
import type { ISessionContext } from "@jupyterlab/apputils";
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import type { IRenderMime, IRenderMimeRegistry } from "@jupyterlab/rendermime";
import { Panel, Widget } from "@lumino/widgets";
import { CHAT_MIME, VIEW_MIME } from "../saved";
import { Search } from "./search";

/** Before the widget manager's own renderer, which stands at about -10, and before HTML. */
const RANK = -20;
/** How long a view may still be there after its chat is over. */
const PATIENCE = 15_000;
const LOOK_EVERY = 250;

type Data = IRenderMime.IMimeModel["data"];

/** The notebook that an output is in. */
interface Home {
  readonly context: ISessionContext;
  /** Its kernel has a chat. */
  onLive(): void;
}

export function addRenderer(
  registry: IRenderMimeRegistry,
  tracker: INotebookTracker,
  onLive: (panel: NotebookPanel) => void,
): void {
  add(registry, null);
  const inPanel = (panel: NotebookPanel) =>
    add(panel.content.rendermime, { context: panel.sessionContext, onLive: () => onLive(panel) });
  tracker.forEach(inPanel);
  tracker.widgetAdded.connect((_, panel) => inPanel(panel));
}

function add(registry: IRenderMimeRegistry, home: Home | null): void {
  const createRenderer = () => new ChatOutput(registry, home);
  registry.addFactory({ safe: true, mimeTypes: [CHAT_MIME], createRenderer }, RANK);
}

class ChatOutput extends Panel implements IRenderMime.IRenderer {
  private live = "";
  private timer = 0;
  private search: Search | undefined;
  private ending = new AbortController();

  constructor(
    private readonly registry: IRenderMimeRegistry,
    private readonly home: Home | null,
  ) {
    super();
    this.addClass("aj-output-area");
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.lookNoMore();
    const { data } = model;
    const id = modelIdIn(data);
    if (id !== "" && this.isAlive(id)) {
      await this.showLive(id, model);
    } else if (this.live === "" || this.live !== chatIdIn(data)) {
      // Once a chat has ended its output names no widget any more, and the view that shows it already stays as it is.
      const lost = new AbortController();
      const context = id === "" ? undefined : this.home?.context;
      if (context === undefined) {
        lost.abort();
      }
      await this.showSaved(data, lost.signal);
      if (context !== undefined && !this.isDisposed) {
        this.search?.end();
        this.search = new Search(
          context,
          id,
          () => this.takeUp(id, model),
          () => lost.abort(),
        );
      }
    } else {
      this.outlive(data);
    }
  }

  override dispose(): void {
    this.lookNoMore();
    this.ending.abort();
    super.dispose();
  }

  /** Whether the kernel knows a widget. */
  private isAlive(id: string): boolean {
    const isAlive = this.home?.context.session?.kernel?.hasComm(id) ?? false;
    if (isAlive) {
      this.home?.onLive();
    }
    return isAlive;
  }

  private lookNoMore(): void {
    clearInterval(this.timer);
    this.search?.end();
  }

  private async showLive(id: string, model: IRenderMime.IMimeModel): Promise<void> {
    if (this.live === id) {
      return;
    }
    this.live = id;
    const renderer = this.registry.createRenderer(VIEW_MIME);
    await renderer.renderModel(model);
    this.present(renderer, new AbortController());
  }

  /** A chat may be over, and its widget gone, before the page has drawn it: what was saved is shown then. */
  private outlive(data: Data): void {
    this.lookUntil(() => {
      const isGone = !this.isAlive(this.live);
      if (isGone) {
        void this.showSaved(data, AbortSignal.abort());
      }
      return isGone;
    });
  }

  /** Show what the file holds. Its kernel may have the chat still, until it is lost. */
  private async showSaved(data: Data, lost: AbortSignal): Promise<void> {
    const { drawSaved } = await import("./saved_view");
    if (this.isDisposed) {
      return;
    }
    const ending = new AbortController();
    this.live = "";
    this.present(new Widget({ node: drawSaved(data, this.registry, ending.signal, lost) }), ending);
  }

  private present(widget: Widget, ending: AbortController): void {
    this.ending.abort();
    this.ending = ending;
    for (const former of [...this.widgets]) {
      former.dispose();
    }
    this.addWidget(widget);
  }

  /** Show a chat by its widget, if that is there. */
  private takeUp(id: string, model: IRenderMime.IMimeModel): boolean {
    const isHere = this.isAlive(id);
    if (isHere) {
      void this.showLive(id, model);
    }
    return isHere;
  }

  private lookUntil(isDone: () => boolean): void {
    clearInterval(this.timer);
    const until = Date.now() + PATIENCE;
    this.timer = setInterval(() => {
      if (this.isDisposed || Date.now() > until || isDone()) {
        clearInterval(this.timer);
      }
    }, LOOK_EVERY);
  }
}

export function modelIdIn(data: Readonly<Record<string, unknown>>): string {
  return textIn(data[VIEW_MIME], "model_id");
}

/** The widget that a saved chat was shown by, unless the file holds less of it than was shown. */
function chatIdIn(data: Readonly<Record<string, unknown>>): string {
  const saved = data[CHAT_MIME];
  const isExcerpt =
    typeof saved === "object" && saved !== null && (saved as { is_excerpt?: unknown }).is_excerpt === true;
  return isExcerpt ? "" : textIn(saved, "chat_id");
}

function textIn(value: unknown, key: string): string {
  const found = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  return typeof found === "string" ? found : "";
}
