// The commands of the side bar and the status bar.
import type { JupyterFrontEnd } from "@jupyterlab/application";
import type { TranslationBundle } from "@jupyterlab/translation";
import { type Agents, foremost } from "./agents";
import { activePlace } from "./cells";
import { COMMANDS } from "./commands";
import { hasContent } from "./context";
import { chatIcon } from "./icons";
import type { ChatPanel } from "./panel";

export interface Shown {
  readonly panel: ChatPanel;
  /** Bring the side bar to the front. */
  readonly show: () => void;
  /** Show the agent kernel. */
  readonly look: () => Promise<void>;
}

export function addPanelCommands(
  { commands, shell }: JupyterFrontEnd,
  agents: Agents,
  trans: TranslationBundle,
  { panel, show, look }: Shown,
): void {
  const { tracker } = agents;
  commands.addCommand(COMMANDS.panel, {
    label: trans.__("Agent chats"),
    caption: trans.__("Show or hide the chats of the notebook in front, in the side bar"),
    icon: chatIcon,
    isToggled: () => panel.isVisible,
    execute: () => (panel.isVisible ? (shell as { collapseRight?(): void }).collapseRight?.() : show()),
  });
  const add = (part: "source" | "outputs") => () => {
    show();
    panel.addActive(part);
  };
  commands.addCommand(COMMANDS.addCell, {
    label: trans.__("Add cell to the message to agents"),
    caption: trans.__("Send this cell along with what you write to the agents in the side bar"),
    isEnabled: () => hasContent(activePlace(tracker), "source"),
    execute: add("source"),
  });
  commands.addCommand(COMMANDS.addOutput, {
    label: trans.__("Add output to the message to agents"),
    caption: trans.__("Send what this cell shows along with what you write to the agents in the side bar"),
    isEnabled: () => hasContent(activePlace(tracker), "outputs"),
    isVisible: () => hasContent(activePlace(tracker), "outputs"),
    execute: add("outputs"),
  });
  commands.addCommand(COMMANDS.kernel, {
    label: trans.__("Variables of the agent kernel"),
    caption: trans.__("Show what is in the agent kernel, and how to open a console on it"),
    execute: look,
  });
  commands.addCommand(COMMANDS.stop, {
    label: trans.__("Stop the agents"),
    caption: trans.__("Stop the chat of the notebook in front that waits or runs"),
    isEnabled: () => (foremost(agents.current)?.status.state ?? "ended") !== "ended",
    execute: () => agents.stopForemost(),
  });
  agents.changed.connect(() => commands.notifyCommandChanged(COMMANDS.stop));
}
