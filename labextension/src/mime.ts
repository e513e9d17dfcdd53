// Output bundles where the application brings no renderer, and the types that we show ourselves everywhere.
import { ansi } from "./ansi";
import { h } from "./dom";
import { markdownToHtml } from "./markdown";
import { sanitize } from "./sanitize";
import { joined } from "./store";
import { trans } from "./words";

export type MimeBundle = Readonly<Record<string, unknown>>;

const SOUND = /^audio\/(?:wav|x-wav|mpeg|mp3|ogg|flac|webm|aac|mp4)$/;
const RASTER = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/** Return an element for the best type that can be shown safely. */
export function outputOf(data: MimeBundle): HTMLElement {
  const special = audioOf(data) ?? widgetOf(data);
  if (special !== null) {
    return special;
  }
  const raster = RASTER.find((type) => type in data);
  if (raster !== undefined) {
    return image(`data:${raster};base64,${joined(data[raster]).replace(/\s/g, "")}`);
  }
  if ("image/svg+xml" in data) {
    // As an image, SVG can neither run scripts nor fetch anything.
    return image(`data:image/svg+xml;charset=utf-8,${encodeURIComponent(joined(data["image/svg+xml"]))}`);
  }
  if ("text/html" in data) {
    const made = rich(joined(data["text/html"]));
    return isBlank(made) ? insteadOfHtml(data) : made;
  }
  if ("text/markdown" in data) {
    return rich(markdownToHtml(joined(data["text/markdown"])));
  }
  const text = data["text/plain"] ?? data["text/latex"] ?? data["application/json"];
  return h(
    "pre",
    { class: "aj-plain", dir: "auto" },
    ansi(typeof text === "object" ? JSON.stringify(text, null, 2) : joined(text)),
  );
}

/** The text of a bundle that has nothing better to show, or null. */
export function onlyText(data: MimeBundle): string | null {
  const types = Object.keys(data);
  return types.length === 1 && types[0] === "text/plain" ? joined(data["text/plain"]) : null;
}

/** A sound that is in the output itself; nothing is fetched, and it plays when the reader says so. */
export function audioOf(data: MimeBundle): HTMLElement | null {
  const direct = Object.keys(data).find((type) => SOUND.test(type));
  if (direct !== undefined) {
    return sound(`data:${direct};base64,${joined(data[direct]).replace(/\s/g, "")}`);
  }
  const html = joined(data["text/html"]);
  if (!/^\s*<audio\b/i.test(html)) {
    return null;
  }
  const source = new DOMParser()
    .parseFromString(html, "text/html")
    .querySelector("audio [src], audio[src]")
    ?.getAttribute("src");
  return source && /^data:audio\//i.test(source) ? sound(source) : null;
}

function sound(source: string): HTMLElement {
  return h("audio", { src: source, controls: true, preload: "metadata", "aria-label": trans.__("Sound") });
}

/** A widget of the agent kernel has its model there, and this page talks to the notebook kernel. */
function widgetOf(data: MimeBundle): HTMLElement | null {
  if (!("application/vnd.jupyter.widget-view+json" in data)) {
    return null;
  }
  const { "application/vnd.jupyter.widget-view+json": _view, ...rest } = data;
  const note = trans.__(
    "An interactive widget of the agent kernel. It works only in that kernel's own front end; this is what it says as text:",
  );
  return h("div", {}, h("p", { class: "aj-instead" }, note), outputOf(rest));
}

/** HTML of which nothing is left once everything active is gone, such as a frame. */
export function isBlank(element: HTMLElement): boolean {
  return (
    element.textContent?.trim() === "" && element.querySelector("img, svg, table, canvas, audio, math, hr") === null
  );
}

/** Say that HTML is not shown, and show the text that stands for it. */
export function insteadOfHtml(data: MimeBundle): HTMLElement {
  const { "text/html": _html, ...rest } = data;
  const note = trans.__("A page or script that is not run here. As text:");
  return h("div", {}, h("p", { class: "aj-instead" }, note), outputOf(rest));
}

function image(source: string): HTMLElement {
  return h("img", { src: source, alt: trans.__("Output image") });
}

function rich(html: string): HTMLElement {
  const element = h("div", { class: "jp-RenderedHTMLCommon" });
  element.innerHTML = sanitize(html);
  return element;
}
