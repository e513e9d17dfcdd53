// Everything a model or a run wrote is untrusted: what passes here can neither act nor tell anybody that it was read.
import DOMPurify from "dompurify";
import { trans } from "./words";

const FORBIDDEN_TAGS = [
  "style",
  "form",
  "input",
  "button",
  "select",
  "textarea",
  "option",
  "iframe",
  "frame",
  "object",
  "embed",
  "video",
  "audio",
  "source",
  "track",
  "picture",
  "link",
  "meta",
  "base",
  "dialog",
  "template",
  "foreignobject",
]; // prettier-ignore
const FORBIDDEN_ATTRIBUTES = [
  "srcset",
  "background",
  "poster",
  "ping",
  "formaction",
  "autofocus",
  "tabindex",
  "contenteditable",
  "popover",
];
const LINK = /^(?:https?:|mailto:)/i;
const INLINE_IMAGE = /^data:image\/(?:png|jpeg|gif|webp|svg\+xml)[;,]/i;
/** Declarations that give a table its looks. Anything that places, covers or fetches is not among them. */
const STYLE =
  /^(?:text-align|vertical-align|font-weight|font-style|white-space|color|background-color|width|min-width|max-width)$/;

const purify = DOMPurify(window);
purify.addHook("uponSanitizeElement", (node, { tagName }) => {
  if (tagName === "img" && node instanceof Element && !isInline(node)) {
    node.replaceWith(linkInstead(node));
  }
});
purify.addHook("afterSanitizeAttributes", (node) => {
  keepSafeLink(node);
  keepPlainStyle(node);
  keepForeignClasses(node);
});

/** Return `html` without scripts, forms, remote images and anything else that acts by itself. */
export function sanitize(html: string): string {
  return purify.sanitize(html, {
    USE_PROFILES: { html: true, mathMl: true },
    FORBID_TAGS: FORBIDDEN_TAGS,
    FORBID_ATTR: FORBIDDEN_ATTRIBUTES,
    ADD_ATTR: ["target"],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    SANITIZE_NAMED_PROPS: true,
  });
}

/** Take the teeth out of links that something (a formula) put in after sanitizing. */
export function disarmLinks(root: Element): void {
  for (const link of root.querySelectorAll("a")) {
    keepSafeLink(link);
  }
}

function isInline(image: Element): boolean {
  return INLINE_IMAGE.test(image.getAttribute("src") ?? "");
}

/** A remote image is fetched as soon as it is in a document, and its address can carry a secret: the reader may follow a link instead. */
function linkInstead(image: Element): HTMLElement {
  const source = image.getAttribute("src") ?? "";
  const label = trans.__("Image: %1", image.getAttribute("alt") || source || trans.__("without address"));
  const made = document.createElement(LINK.test(source) ? "a" : "span");
  made.textContent = label;
  if (made instanceof HTMLAnchorElement) {
    made.href = source;
    made.title = trans.__("Open %1", source);
    keepSafeLink(made);
  }
  return made;
}

function keepSafeLink(node: Element): void {
  if (node.tagName.toLowerCase() !== "a") {
    return;
  }
  for (const name of ["href", "xlink:href"]) {
    if (node.hasAttribute(name) && !LINK.test(node.getAttribute(name)?.trim() ?? "")) {
      node.removeAttribute(name);
    }
  }
  node.setAttribute("target", "_blank");
  node.setAttribute("rel", "noopener noreferrer");
}

function keepPlainStyle(node: Element): void {
  const style = node.getAttribute("style");
  if (style === null) {
    return;
  }
  const kept = style.split(";").filter((declaration) => {
    const [name = "", value = ""] = declaration.split(":", 2);
    return (
      STYLE.test(name.trim().toLowerCase()) && /^[\w\s#%.,()-]+$/.test(value) && !/url|image|var|attr/i.test(value)
    );
  });
  if (kept.length > 0) {
    node.setAttribute("style", kept.join(";"));
  } else {
    node.removeAttribute("style");
  }
}

/** Our own class names and the application's dialogs belong to us and to it. */
function keepForeignClasses(node: Element): void {
  const names = [...node.classList];
  const kept = names.filter((name) => !/^(?:aj-|jp-Dialog|lm-|jp-mod-)/.test(name));
  if (kept.length < names.length) {
    node.setAttribute("class", kept.join(" "));
  }
}
