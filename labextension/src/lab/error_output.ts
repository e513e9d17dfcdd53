// An error that a cell ended with, as JupyterLab shows it, with a button below it that lets the agents look into it.
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import type { IRenderMime } from "@jupyterlab/rendermime";
import type { TranslationBundle } from "@jupyterlab/translation";
import type { Message } from "@lumino/messaging";
import { Panel, Widget } from "@lumino/widgets";
import { button, h } from "../dom";
import { cellAt, placeOf } from "./cells";
import { isChat } from "./magic";
import { isPython } from "./python";

const ERROR_MIME = "application/vnd.jupyter.error";
/** What JupyterLab draws errors as. */
const TEXT_MIME = "application/vnd.jupyter.stderr";
/** Before JupyterLab's own. */
const RANK = -20;

/** Offer `fix` below the errors of cells; it is called with an element inside the cell. */
export function addErrorRenderer(
  tracker: INotebookTracker,
  trans: TranslationBundle,
  fix: (element: Element) => void,
): void {
  const inPanel = ({ content: { rendermime } }: NotebookPanel) => {
    const former = rendermime.getFactory(ERROR_MIME);
    const createRenderer = (options: IRenderMime.IRendererOptions) => {
      const inner = former?.createRenderer(options) ?? rendermime.createRenderer(TEXT_MIME);
      return new ErrorOutput(inner, tracker, trans, fix);
    };
    rendermime.addFactory({ safe: true, mimeTypes: [ERROR_MIME], createRenderer }, RANK);
  };
  tracker.forEach(inPanel);
  tracker.widgetAdded.connect((_, panel) => inPanel(panel));
}

class ErrorOutput extends Panel implements IRenderMime.IRenderer {
  private readonly bar: HTMLElement;
  private isInterrupt = false;

  constructor(
    private readonly inner: IRenderMime.IRenderer,
    private readonly tracker: INotebookTracker,
    trans: TranslationBundle,
    fix: (element: Element) => void,
  ) {
    super();
    this.addClass("aj-error-output");
    const fixButton = button(trans.__("Fix with agents"), () => fix(this.node));
    fixButton.title = trans.__("Let the agents find out why this cell failed, in a new cell below");
    this.bar = h("div", { class: "aj-error-bar" }, fixButton);
    this.addWidget(inner);
    this.addWidget(new Widget({ node: this.bar }));
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const error = model.data[ERROR_MIME] as { ename?: unknown } | undefined;
    this.isInterrupt = error?.ename === "KeyboardInterrupt";
    this.draw();
    await this.inner.renderModel(model);
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.draw();
  }

  /** Nothing is offered where there is no cell to mend: a view of the output alone, a chat that failed, what a person stopped. */
  private draw(): void {
    const place = placeOf(this.tracker, this.node);
    const source = (place && cellAt(place)?.model.sharedModel.getSource()) ?? "";
    this.bar.hidden = this.isInterrupt || place === null || !isPython(place.panel) || isChat(source);
  }
}
