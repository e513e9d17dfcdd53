// Shows what is in the agent kernel, and opens a console on it in a terminal of the server.
import type { JupyterFrontEnd } from "@jupyterlab/application";
import { Dialog, Notification } from "@jupyterlab/apputils";
import { type Popup, showPopup } from "@jupyterlab/statusbar";
import type { TranslationBundle } from "@jupyterlab/translation";
import type { Widget } from "@lumino/widgets";
import type { Agents } from "./agents";
import type { KernelView } from "./kernel_view";

export class KernelLook {
  private popup: Popup | null = null;

  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly agents: Agents,
    private readonly trans: TranslationBundle,
    private readonly showChats: () => void,
  ) {}

  /** Show the agent kernel above `anchor`; without one, or where it is on no page, in a dialog. */
  async show(anchor: Widget | null): Promise<void> {
    const isOpen = this.popup !== null && !this.popup.isDisposed;
    this.popup?.dispose();
    this.popup = null;
    if (isOpen) {
      return; // a second click closes it
    }
    const { KernelView: View } = await import("./kernel_view");
    const close: (() => void)[] = [];
    const done = (action: () => void) => {
      for (const one of close) {
        one();
      }
      action();
    };
    const body: KernelView = new View(this.agents, this.trans, {
      hasTerminals: () => this.app.serviceManager.terminals.isAvailable(),
      openConsole: (command) => done(() => void this.open(command)),
      showChats: () => done(this.showChats),
    });
    if (anchor?.isVisible && anchor.isAttached) {
      const popup = showPopup({ body, anchor, align: "left", hasDynamicSize: true });
      popup?.addClass("aj-look-popup");
      close.push(() => popup?.dispose());
      this.popup = popup;
      return;
    }
    const buttons = [Dialog.okButton({ label: this.trans.__("Close") })];
    const dialog = new Dialog({ body, buttons, hasClose: true });
    close.push(() => dialog.reject());
    void dialog.launch().then(() => body.dispose());
  }

  /** Type the command into a new terminal. */
  private async open(command: string): Promise<void> {
    try {
      const session = await this.app.serviceManager.terminals.startNew();
      session.send({ type: "stdin", content: [`${command}\r`] });
      const { name } = session.model;
      if (this.app.commands.hasCommand("terminal:open")) {
        await this.app.commands.execute("terminal:open", { name });
      } else {
        const { baseUrl } = this.app.serviceManager.serverSettings;
        window.open(new URL(`terminals/${encodeURIComponent(name)}`, baseUrl), "_blank");
      }
    } catch (error) {
      Notification.error(this.trans.__("No terminal could be opened: %1", String(error)));
    }
  }
}
