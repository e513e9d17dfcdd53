// Output bundles where the application brings no renderer, and the types that we show ourselves everywhere.
import { ansi } from "./ansi";
import { h } from "./dom";
import { markdownToHtml } from "./markdown";
import { sanitize } from "./sanitize";
import { joined } from "./store";

export type MimeBundle = Readonly<Record<string, unknown>>;

const RASTER = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/** Return an element for the best type that can be shown safely. */
export function outputOf(data: MimeBundle): HTMLElement {
  const raster = RASTER.find((type) => type in data);
  if (raster !== undefined) {
    return image(`data:${raster};base64,${joined(data[raster]).replace(/\s/g, "")}`);
  }
  if ("image/svg+xml" in data) {
    // As an image, SVG can neither run scripts nor fetch anything.
    return image(`data:image/svg+xml;charset=utf-8,${encodeURIComponent(joined(data["image/svg+xml"]))}`);
  }
  if ("text/html" in data) {
    return rich(joined(data["text/html"]));
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

function image(source: string): HTMLElement {
  return h("img", { src: source, alt: "Output image" });
}

function rich(html: string): HTMLElement {
  const element = h("div", { class: "jp-RenderedHTMLCommon" });
  element.innerHTML = sanitize(html);
  return element;
}
