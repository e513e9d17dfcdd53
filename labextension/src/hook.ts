// What the JupyterLab plugin lends the chat view where it is installed. The two are bundled apart and meet on `globalThis`.
import type { Code } from "./protocol";

/** The part of JupyterLab's `TranslationBundle` that is used here. In a text, `%1` stands for the first value. */
export interface Translations {
  __(text: string, ...values: (string | number)[]): string;
  /** In the number that `count` asks for, which is `%1`; the values follow from `%2` on. */
  _n(one: string, many: string, count: number, ...values: (string | number)[]): string;
}

export interface PluginHook {
  /** The language of the page; a plugin that is older than the view has none to lend. */
  readonly trans?: Translations;
  /** Put code into a cell of its own below the chat that `from` is a part of. */
  insertCell(code: Code, from: Element): void;
  /** Offer everything that can be done with a block of code, in a menu at `from`. */
  openMenu(code: Code, from: Element): void;
}

/** The event by which the plugin asks a chat for the code that ran in it; the view fills `detail.blocks`. */
export const CODE_ASKED = "autogen-jupyter-code";

export interface CodeAsked {
  blocks: Code[];
}

const holder = globalThis as { autogenJupyter?: PluginHook };

export function pluginHook(): PluginHook | undefined {
  return holder.autogenJupyter;
}

export function setPluginHook(hook: PluginHook): void {
  holder.autogenJupyter = hook;
}
