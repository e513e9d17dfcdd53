// Tells a person who works in another tab that a chat waits: by a dot in the title of the browser's tab, and by a notification
// where that was asked for in the settings.
import type { JupyterFrontEnd } from "@jupyterlab/application";
import { Notification } from "@jupyterlab/apputils";
import type { NotebookPanel } from "@jupyterlab/notebook";
import type { TranslationBundle } from "@jupyterlab/translation";
import type { Agents } from "./agents";
import type { Preferences } from "./settings";
import { Notices, waitingIn } from "./waiting";

export function notifyWhenWaiting(
  app: JupyterFrontEnd,
  agents: Agents,
  trans: TranslationBundle,
  preferences: () => Preferences,
): void {
  const notices = new Notices<NotebookPanel>(
    ({ question, views }) => {
      const label = trans.__("Show");
      const callback = () => app.shell.activateById(views.find(({ isDisposed }) => !isDisposed)?.id ?? "");
      const text = trans.__("A chat in %1 waits for you: %2", views[0]?.title.label ?? "", question);
      return Notification.info(text, { actions: [{ label, callback }], autoClose: false });
    },
    (notice) => Notification.dismiss(notice),
  );
  agents.changed.connect(() => {
    const visible = document.visibilityState === "visible" ? agents.tracker.filter(({ isVisible }) => isVisible) : [];
    const isSeen = (views: readonly NotebookPanel[]) =>
      visible.some((panel) => views.some((view) => isOfOneKernel(view, panel)));
    notices.update(waitingIn(agents.all), ({ views }) => !preferences().notify || isSeen(views));
  });
}

/** One view of a notebook hears of a question a little before the others. */
function isOfOneKernel(one: NotebookPanel, other: NotebookPanel): boolean {
  const [id, otherId] = [one, other].map(({ sessionContext }) => sessionContext.session?.kernel?.id);
  return one === other || (id !== undefined && id === otherId);
}

const DOT = "● ";

/** While the browser shows another page, the title says whether a chat waits. */
export function markTitle(agents: Agents): void {
  const mark = () => {
    const waits = waitingIn(agents.all).length > 0;
    const plain = document.title.startsWith(DOT) ? document.title.slice(DOT.length) : document.title;
    document.title = waits && document.visibilityState === "hidden" ? DOT + plain : plain;
  };
  agents.changed.connect(mark);
  document.addEventListener("visibilitychange", mark);
}
