// A dialog that shows what would change in a cell, and changes it only when that is accepted.
import { Dialog, showDialog } from "@jupyterlab/apputils";
import type { TranslationBundle } from "@jupyterlab/translation";
import { Widget } from "@lumino/widgets";
import { visible } from "../direction_marks";
import { h } from "../dom";
import { type DiffLine, diffLines } from "./diff";
import { addPluginStyle } from "./style";

const SIGN = { same: " ", removed: "−", added: "+" } as const;

/** Ask whether `after` may stand in place of `before`. */
export async function isAccepted(before: string, after: string, trans: TranslationBundle): Promise<boolean> {
  addPluginStyle();
  const node = h(
    "div",
    { class: "aj-diff", role: "region", "aria-label": trans.__("Changes"), tabindex: "0" },
    ...diffLines(before, after).map((line) => lineOf(line, trans)),
  );
  const answer = await showDialog({
    title: trans.__("Replace the cell?"),
    body: new Widget({ node }),
    buttons: [Dialog.cancelButton({ label: trans.__("Reject") }), Dialog.okButton({ label: trans.__("Accept") })],
  });
  return answer.button.accept;
}

function lineOf({ op, text }: DiffLine, trans: TranslationBundle): HTMLElement {
  const said = { same: "", removed: trans.__("removed: "), added: trans.__("added: ") }[op];
  return h(
    "div",
    { "data-op": op },
    h("span", { class: "aj-diff-sign", "aria-hidden": "true" }, SIGN[op]),
    h("span", { class: "aj-unseen" }, said),
    h("code", {}, visible(text)),
  );
}
