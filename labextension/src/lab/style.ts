// The plugin's own style; the chat's comes with its view.
import css from "../../style/plugin.css";
import { h } from "../dom";

export function addPluginStyle(): void {
  const id = "autogen-jupyter-plugin-style";
  if (document.getElementById(id) === null) {
    document.head.append(h("style", { id }, css));
  }
}
