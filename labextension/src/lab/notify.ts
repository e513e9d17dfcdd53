// Tells a person who works in another tab that a chat waits: only those who asked for it in the settings.
import type { JupyterFrontEnd } from "@jupyterlab/application";
import { Notification } from "@jupyterlab/apputils";
import type { TranslationBundle } from "@jupyterlab/translation";
import type { Agents } from "./agents";
import type { Preferences } from "./settings";

export function notifyWhenWaiting(
  app: JupyterFrontEnd,
  agents: Agents,
  trans: TranslationBundle,
  preferences: () => Preferences,
): void {
  let told = new Set<string>();
  agents.changed.connect(() => {
    const waits = agents.all.flatMap(([panel, chats]) =>
      chats.filter(({ status }) => status.state === "waiting").map((chat) => ({ panel, chat })),
    );
    for (const { panel, chat } of waits) {
      const isSeen = panel.isVisible && document.visibilityState === "visible";
      if (preferences().notify && !isSeen && !told.has(chat.id)) {
        const label = trans.__("Show");
        const callback = () => app.shell.activateById(panel.id);
        const file = panel.title.label;
        Notification.info(trans.__("A chat in %1 waits for you: %2", file, chat.question), {
          actions: [{ label, callback }],
        });
      }
    }
    told = new Set(waits.map(({ chat }) => chat.id));
  });
}
