// Looks for the widget of a chat that a notebook's file holds: a page that was loaded again finds widgets a little later than outputs,
// and not before a busy kernel answers.
import type { ISessionContext } from "@jupyterlab/apputils";
import type { Kernel } from "@jupyterlab/services";

/** How long a kernel that does nothing else is given to tell of its widgets. */
const PATIENCE = 15_000;
/** How long the page then takes to make its widgets anew. */
const ANSWERED = 3000;
const LOOK_EVERY = 250;

/** Goes on until the widget is found. After the patience with an idle kernel is over, at its signs of life only. */
export class Search {
  private timer = 0;
  private until = 0;
  /** Whether the kernel has answered: what a debugger asks of a kernel that runs a cell makes it look idle. */
  private isFree = false;
  private isOver = false;

  /**
   * @param find - Whether the widget is there, and taken care of.
   * @param onLost - The kernel seems not to know it.
   */
  constructor(
    private readonly context: ISessionContext,
    private readonly modelId: string,
    private readonly find: () => boolean,
    private readonly onLost: () => void,
  ) {
    context.statusChanged.connect(this.begin, this);
    context.iopubMessage.connect(this.hear, this);
    this.begin();
  }

  end(): void {
    this.isOver = true;
    this.pause();
    this.context.statusChanged.disconnect(this.begin, this);
    this.context.iopubMessage.disconnect(this.hear, this);
  }

  private hear(_: unknown, { content }: { content: unknown }): void {
    if ((content as { comm_id?: unknown }).comm_id === this.modelId) {
      this.begin();
    }
  }

  private begin(): void {
    this.isFree = false;
    this.look(PATIENCE);
  }

  private look(patience: number): void {
    this.until = Date.now() + patience;
    this.timer ||= setInterval(() => this.step(), LOOK_EVERY);
  }

  private step(): void {
    const kernel = this.context.session?.kernel;
    if (this.find()) {
      this.end();
    } else if (kernel?.status === "dead") {
      this.pause(); // until it says that it lives again
      this.onLost();
    } else if (kernel && kernel.status !== "idle") {
      this.begin();
    } else if (Date.now() > this.until) {
      this.pause();
      void this.lose(kernel);
    }
  }

  private async lose(kernel?: Kernel.IKernelConnection | null): Promise<void> {
    if (!kernel || this.isFree) {
      this.onLost();
      return;
    }
    await kernel.requestCommInfo({ target_name: this.modelId }).catch(() => undefined); // is answered when no cell runs
    if (!this.isOver) {
      this.isFree = true;
      this.look(ANSWERED);
    }
  }

  private pause(): void {
    clearInterval(this.timer);
    this.timer = 0;
  }
}
