// The chat's own words, in the language of the page. The JupyterLab plugin lends its translations; where it is not there, they are
// English. What agents, people and the kernel say is not among them.
import { pluginHook, type Translations } from "./hook";

const english: Translations = {
  __: (text, ...values) => filled(text, values),
  _n: (one, many, count, ...values) => filled(count === 1 ? one : many, [count, ...values]),
};

/** Has the name that JupyterLab's tools look for when they collect what is to be translated. */
export const trans: Translations = {
  __: (text, ...values) => lent().__(text, ...values),
  _n: (one, many, count, ...values) => lent()._n(one, many, count, ...values),
};

/** Looked up anew each time: the plugin may come later than a module that has words. */
function lent(): Translations {
  return pluginHook()?.trans ?? english;
}

function filled(text: string, values: readonly (string | number)[]): string {
  return text.replace(/%(\d+)/g, (_, number) => String(values[number - 1]));
}

/** Private characters around the number of an element, where it stands in a sentence. */
const PLACE = /\u{E000}(\d+)\u{E001}/u;

/**
 * A sentence with elements in it, in the order that its language wants.
 *
 * `sentence((who) => trans.__("Run the code from %1?", who), nameOf(agent))`
 */
export function sentence(write: (...places: string[]) => string, ...elements: Node[]): (Node | string)[] {
  const parts = write(...elements.map((_, index) => `\u{E000}${index}\u{E001}`)).split(PLACE);
  return parts.map((part, index) => (index % 2 === 0 ? part : (elements[Number(part)] ?? "")));
}
