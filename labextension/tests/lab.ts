// What JupyterLab has around a notebook, as far as the plugin asks for it: its own signals and comms, without a kernel behind them.
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import { CommHandler } from "@jupyterlab/services/lib/kernel/comm";
import { Signal } from "@lumino/signaling";

interface Sent {
  readonly header: { readonly msg_type: string };
  readonly content: { readonly comm_id: string };
}

/** A kernel as its front end sees it. */
export class FakeKernel {
  private static count = 0;
  readonly id = `kernel-${FakeKernel.count++}`;
  readonly info = Promise.resolve();
  readonly statusChanged = new Signal<FakeKernel, string>(this);
  readonly sent: Sent[] = [];
  readonly comms = new Map<string, CommHandler | null>();
  readonly supportsSubshells = true;
  readonly isDisposed = false;
  runsCell = false;
  private readonly starting: (() => void)[] = [];

  constructor(public status: string) {}

  hasComm(id: string): boolean {
    return this.comms.has(id);
  }

  createComm(target: string): CommHandler {
    const id = `comm-${FakeKernel.count++}`;
    const comm = new CommHandler(target, id, this as never, () => this.comms.delete(id));
    this.comms.set(id, comm);
    return comm;
  }

  requestCreateSubshell(): { done: Promise<unknown> } {
    const done = new Promise((resolve) => {
      this.starting.push(() => resolve({ content: { subshell_id: "s" } }));
    });
    return { done };
  }

  /** The subshells that were asked for are there. */
  start(): void {
    for (const begin of this.starting.splice(0)) {
      begin();
    }
  }

  requestDeleteSubshell(): void {}

  /** Is answered as a kernel answers: not while a cell runs. */
  requestCommInfo(): Promise<void> {
    return this.runsCell ? new Promise(() => undefined) : Promise.resolve();
  }

  sendShellMessage(message: Sent): { done: Promise<void> } {
    this.sent.push(message);
    return { done: Promise.resolve() };
  }

  /** The comms that were told of, by what was told. */
  told(type: string): string[] {
    return this.sent.filter(({ header }) => header.msg_type === type).map(({ content }) => content.comm_id);
  }
}

export class FakePanel {
  readonly sessionContext;
  readonly content;

  constructor(
    readonly kernel: FakeKernel,
    rendermime: object = {},
  ) {
    this.sessionContext = {
      session: { kernel },
      statusChanged: new Signal<object, string>({}),
      iopubMessage: new Signal<object, object>({}),
      kernelChanged: new Signal<object, void>({}),
    };
    this.content = { rendermime, disposed: new Signal<object, void>({}) };
  }

  is(status: string): void {
    this.kernel.status = status;
    this.kernel.statusChanged.emit(status);
    this.sessionContext.statusChanged.emit(status);
  }

  restart(): void {
    this.is("restarting");
    for (const comm of [...this.kernel.comms.values()]) {
      comm?.dispose();
    }
    this.is("idle");
  }

  get panel(): NotebookPanel {
    return this as unknown as NotebookPanel;
  }

  /** A tracker that has this notebook alone, in front. */
  get tracker(): INotebookTracker {
    const never = { connect: () => true };
    const forEach = (look: (panel: NotebookPanel) => void) => look(this.panel);
    const made = { currentWidget: this.panel, forEach, widgetAdded: never, currentChanged: never };
    return made as unknown as INotebookTracker;
  }
}
