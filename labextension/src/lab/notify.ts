// Tells a person who works in another tab that a chat waits: by a dot in the title of the browser's tab, and by a notification
// where that was asked for in the settings.
import type { JupyterFrontEnd } from "@jupyterlab/application";
import { Notification } from "@jupyterlab/apputils";
import type { TranslationBundle } from "@jupyterlab/translation";
import { type Agents, waiting } from "./agents";
import type { Preferences } from "./settings";

export function notifyWhenWaiting(
  app: JupyterFrontEnd,
  agents: Agents,
  trans: TranslationBundle,
  preferences: () => Preferences,
): void {
  /** Of each question that somebody was told of, the notification, which goes when the question does. */
  const told = new Map<string, string>();
  let known = new Set<string>();
  agents.changed.connect(() => {
    const waits = agents.all.flatMap(([panel, chats]) =>
      chats.filter(({ status }) => status.state === "waiting").map((chat) => ({ panel, chat })),
    );
    for (const { panel, chat } of waits) {
      const isSeen = panel.isVisible && document.visibilityState === "visible";
      if (preferences().notify && !isSeen && !known.has(chat.question_id)) {
        const label = trans.__("Show");
        const callback = () => app.shell.activateById(panel.id);
        const text = trans.__("A chat in %1 waits for you: %2", panel.title.label, chat.question);
        told.set(chat.question_id, Notification.info(text, { actions: [{ label, callback }], autoClose: false }));
      }
    }
    known = new Set(waits.map(({ chat }) => chat.question_id));
    for (const [question, notification] of told) {
      if (!known.has(question)) {
        Notification.dismiss(notification);
        told.delete(question);
      }
    }
  });
}

const DOT = "● ";

/** While the browser shows another page, the title says whether a chat waits. */
export function markTitle(agents: Agents): void {
  const mark = () => {
    const waits = agents.all.some(([, chats]) => waiting(chats) > 0);
    const plain = document.title.startsWith(DOT) ? document.title.slice(DOT.length) : document.title;
    document.title = waits && document.visibilityState === "hidden" ? DOT + plain : plain;
  };
  agents.changed.connect(mark);
  document.addEventListener("visibilitychange", mark);
}
