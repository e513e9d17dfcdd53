// The chats of each notebook's kernel, over a comm that this page opens. Nothing is opened before a notebook shows a chat: kernels
// that have none hear nothing from us.
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import { type Kernel, KernelMessage } from "@jupyterlab/services";
import { Signal } from "@lumino/signaling";
import {
  type ChatsListed,
  type FromPanel,
  type KernelShown,
  type PanelChat,
  type PanelTeam,
  SHIPPED_TEAMS,
} from "../protocol";
import { CHAT_MIME } from "../saved";

const TARGET = "autogen_jupyter.panel";
const SUBSHELL_PATIENCE = 3000;

interface Connection {
  readonly kernel: Kernel.IKernelConnection;
  /** There once it is open. */
  comm?: Kernel.IComm;
  chats: readonly PanelChat[];
  teams: readonly PanelTeam[];
  /** Seconds by which the kernel's clock is ahead of this page's. */
  skew: number;
}

export class Agents {
  /** The chats of a notebook changed, or another notebook came to the front. */
  readonly changed = new Signal<Agents, void>(this);
  /** A kernel told what is in the agent kernel of one of its chats. */
  readonly kernelShown = new Signal<Agents, KernelShown>(this);
  private readonly connections = new Map<NotebookPanel, Connection>();

  constructor(readonly tracker: INotebookTracker) {
    tracker.forEach((panel) => {
      this.watch(panel);
    });
    tracker.widgetAdded.connect((_, panel) => this.watch(panel));
    tracker.currentChanged.connect(() => this.changed.emit());
    window.addEventListener("pagehide", () => {
      for (const panel of [...this.connections.keys()]) {
        this.leave(panel);
      }
    });
  }

  /** The chats of the notebook in front. */
  get current(): readonly PanelChat[] {
    const panel = this.tracker.currentWidget;
    return panel ? this.of(panel) : [];
  }

  of(panel: NotebookPanel): readonly PanelChat[] {
    return this.connections.get(panel)?.chats ?? [];
  }

  /** The teams that a message to the notebook in front can be for. */
  get teams(): readonly PanelTeam[] {
    const panel = this.tracker.currentWidget;
    return (panel && this.connections.get(panel)?.teams) ?? SHIPPED_TEAMS;
  }

  /** What time it is for the kernel of the notebook in front, in seconds since the epoch. */
  get now(): number {
    const panel = this.tracker.currentWidget;
    return Date.now() / 1000 + ((panel && this.connections.get(panel)?.skew) ?? 0);
  }

  /** Every notebook with its chats. */
  get all(): readonly (readonly [NotebookPanel, readonly PanelChat[]])[] {
    return [...this.connections].map(([panel, { chats }]) => [panel, chats] as const);
  }

  stop(panel: NotebookPanel, chatId: string): void {
    this.send(panel, { kind: "chat_stop_requested", chat_id: chatId });
  }

  /** Stop the chat that a line about all of the notebook in front speaks of. */
  stopForemost(): void {
    const panel = this.tracker.currentWidget;
    const chat = foremost(this.current);
    if (panel && chat && chat.status.state !== "ended") {
      this.stop(panel, chat.id);
    }
  }

  /** Ask what is in the agent kernel of a chat; `kernelShown` brings the answer. */
  lookInto(panel: NotebookPanel, chatId: string): void {
    this.send(panel, { kind: "kernel_requested", chat_id: chatId });
  }

  /** A notebook's kernel has chats: listen to it. */
  async bind(panel: NotebookPanel): Promise<void> {
    const kernel = panel.sessionContext.session?.kernel;
    if (!kernel || this.connections.get(panel)?.kernel.id === kernel.id) {
      return;
    }
    const connection: Connection = { kernel, chats: [], teams: SHIPPED_TEAMS, skew: 0 };
    this.connections.set(panel, connection);
    try {
      await this.open(panel, connection);
    } catch (error) {
      if (this.connections.get(panel) === connection) {
        this.forget(panel);
        throw error;
      } // else the kernel went away meanwhile, and what was asked of it with it
    }
  }

  private async open(panel: NotebookPanel, connection: Connection): Promise<void> {
    const { kernel } = connection;
    await kernel.info;
    const comm = kernel.createComm(TARGET);
    // Or the opening itself would queue behind the cell that runs. A kernel without subshells never says that one has started.
    const { subshellStarted } = comm as { subshellStarted?: Promise<unknown> };
    if (kernel.supportsSubshells && subshellStarted) {
      await Promise.race([subshellStarted, new Promise((resolve) => setTimeout(resolve, SUBSHELL_PATIENCE))]);
    }
    if (this.connections.get(panel) !== connection) {
      if (!comm.isDisposed) {
        comm.dispose();
      }
      return; // nobody wants it any more: the kernel was restarted, or the notebook closed
    }
    comm.onMsg = ({ content }) => {
      if (isList(content.data)) {
        connection.chats = content.data.chats;
        connection.teams = content.data.teams;
        connection.skew = content.data.now - Date.now() / 1000;
        this.changed.emit();
      } else if (isKernel(content.data)) {
        this.kernelShown.emit(content.data);
      }
    };
    comm.onClose = () => this.forget(panel, connection);
    comm.open({});
    connection.comm = comm;
  }

  private send(panel: NotebookPanel, message: FromPanel): void {
    this.connections.get(panel)?.comm?.send({ ...message });
  }

  /** Let the kernel know that nobody listens any more; it cannot find out. */
  private leave(panel: NotebookPanel): void {
    const { kernel, comm } = this.connections.get(panel) ?? {};
    this.forget(panel);
    if (kernel && comm && !kernel.isDisposed && !comm.isDisposed) {
      kernel.sendShellMessage(closing(kernel, comm.commId)).done.then(
        () => comm.dispose(),
        () => undefined, // the kernel went away, and the comm with it
      );
    }
  }

  private forget(panel: NotebookPanel, connection?: Connection): void {
    if (!connection || this.connections.get(panel) === connection) {
      this.connections.delete(panel);
      this.changed.emit();
    }
  }

  /** Another view of a notebook whose kernel is listened to: that kernel says nothing again just because somebody looks. */
  private join(panel: NotebookPanel, kernel?: Kernel.IKernelConnection | null): void {
    if (kernel && [...this.connections.values()].some((other) => other.kernel.id === kernel.id)) {
      void this.bind(panel);
    }
  }

  private watch(panel: NotebookPanel): void {
    const { sessionContext } = panel;
    sessionContext.iopubMessage.connect((_, { header, content }) => {
      const { data } = content as { data?: Record<string, unknown> };
      if (header.msg_type === "display_data" && data && CHAT_MIME in data) {
        void this.bind(panel);
      }
    });
    sessionContext.kernelChanged.connect((_, { newValue }) => {
      this.forget(panel);
      this.join(panel, newValue);
    });
    this.join(panel, sessionContext.session?.kernel);
    sessionContext.statusChanged.connect((_, status) => {
      if (["restarting", "autorestarting", "terminating", "dead"].includes(status)) {
        this.forget(panel);
      }
    });
    panel.content.disposed.connect(() => this.leave(panel)); // before the connection to the kernel is cut
  }
}

/** What `comm.close` sends. But that ends the comm's subshell at once, often before it has read it. */
function closing(kernel: Kernel.IKernelConnection, commId: string): KernelMessage.IShellMessage {
  return KernelMessage.createMessage<KernelMessage.ICommCloseMsg<"shell">>({
    msgType: "comm_close",
    channel: "shell",
    username: kernel.username,
    session: kernel.clientId,
    content: { comm_id: commId, data: {} },
  });
}

/** The chat that a line about all of them speaks of: one that waits, else one that runs, else the last. */
export function foremost(chats: readonly PanelChat[]): PanelChat | undefined {
  return (
    chats.findLast(({ status }) => status.state === "waiting") ??
    chats.findLast(({ status }) => status.state === "running" || status.state === "starting") ??
    chats.at(-1)
  );
}

function isKernel(data: unknown): data is KernelShown {
  return (
    typeof data === "object" &&
    data !== null &&
    (data as { kind?: unknown }).kind === "kernel_shown" &&
    Array.isArray((data as { variables?: unknown }).variables)
  );
}

function isList(data: unknown): data is ChatsListed {
  return (
    typeof data === "object" &&
    data !== null &&
    (data as { kind?: unknown }).kind === "chats_listed" &&
    Array.isArray((data as { chats?: unknown }).chats) &&
    Array.isArray((data as { teams?: unknown }).teams) &&
    typeof (data as { now?: unknown }).now === "number"
  );
}
