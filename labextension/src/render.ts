// Markdown and output bundles as detached elements: by the application's own renderers where there are any, else by ours.

import { type Chart, chartIn, isChart } from "./chart";
import { button, h } from "./dom";
import { markdownToHtml } from "./markdown";
import type { MimeBundle } from "./mime";
import { audioOf, insteadOfHtml, isBlank, outputOf } from "./mime";
import { disarmLinks, sanitize } from "./sanitize";
import { sentence, trans } from "./words";

export interface Renderer {
  /** Untrusted Markdown. */
  markdown(text: string): Promise<HTMLElement>;
  /** An untrusted output of a run. */
  output(data: MimeBundle, metadata: MimeBundle): Promise<HTMLElement>;
  /** Set the formulas of an element that is in the document. */
  typeset(element: HTMLElement): void;
}

/** The part of JupyterLab's `IRenderMimeRegistry` that is used here. */
interface AppRegistry {
  readonly mimeTypes: readonly string[];
  readonly sanitizer: AppSanitizer;
  readonly latexTypesetter?: { typeset(element: HTMLElement): void } | null;
  clone(options: { sanitizer: AppSanitizer }): AppRegistry;
  preferredMimeType(data: MimeBundle, safe: "ensure"): string | undefined;
  createModel(options: { data: MimeBundle; metadata?: MimeBundle; trusted: boolean }): unknown;
  createRenderer(mimeType: string): { readonly node: HTMLElement; renderModel(model: unknown): Promise<void> };
}

interface AppSanitizer {
  sanitize(html: string, options?: unknown): string;
  getAutolink?(): boolean;
  readonly allowNamedProperties?: boolean;
}

const fallback: Renderer = {
  async markdown(text) {
    const element = document.createElement("div");
    element.innerHTML = sanitize(markdownToHtml(text));
    return element;
  },
  async output(data) {
    return outputOf(data);
  },
  typeset() {},
};

/** Choose by what the widget manager carries: in JupyterLab and Notebook 7 it is more than its type says. */
export function rendererFor(manager: unknown): Renderer {
  const registry = (manager as { rendermime?: AppRegistry } | null)?.rendermime;
  const isUsable = registry && typeof registry.clone === "function" && typeof registry.createRenderer === "function";
  return isUsable ? new AppRenderer(registry) : fallback;
}

class AppRenderer implements Renderer {
  private readonly registry: AppRegistry;

  constructor(registry: AppRegistry) {
    this.registry = registry.clone({ sanitizer: doubled(registry.sanitizer) });
  }

  markdown(text: string): Promise<HTMLElement> {
    return this.render("text/markdown", { "text/markdown": text }, {});
  }

  async output(data: MimeBundle, metadata: MimeBundle): Promise<HTMLElement> {
    const chart = chartIn(data, (one) => this.registry.mimeTypes.includes(one));
    if (chart !== null) {
      return chart.loads === "" ? this.drawn(chart) : this.onceAgreed(chart);
    }
    const known = foreign(data);
    const type = this.registry.preferredMimeType(known, "ensure");
    if (
      audioOf(data) !== null ||
      type === undefined ||
      type === "text/plain" ||
      (type !== "text/html" && "image/svg+xml" in known)
    ) {
      return outputOf(data);
    }
    const element = await this.render(type, known, metadata);
    return type === "text/html" && isBlank(element) ? insteadOfHtml(data) : element;
  }

  typeset(element: HTMLElement): void {
    this.registry.latexTypesetter?.typeset(element);
    disarmLinks(element);
  }

  private drawn({ type, data }: Chart): Promise<HTMLElement> {
    return this.render(type, data, {});
  }

  /** What a chart loads tells its server that, and by whom, it was looked at. */
  private onceAgreed(chart: Chart): HTMLElement {
    const frame = h("div", {});
    const what = chart.loads.length > 80 ? `${chart.loads.slice(0, 79)}…` : chart.loads;
    const agree = button(trans.__("Draw the chart"), async () => frame.replaceChildren(await this.drawn(chart)));
    const warning = sentence((it) => trans.__("This chart loads something: %1", it), h("bdi", {}, what));
    frame.append(h("p", { class: "aj-instead" }, ...warning), agree);
    return frame;
  }

  private async render(type: string, data: MimeBundle, metadata: MimeBundle): Promise<HTMLElement> {
    const renderer = this.registry.createRenderer(type);
    await renderer.renderModel(this.registry.createModel({ data, metadata, trusted: false }));
    for (const image of renderer.node.querySelectorAll("img:not([alt])")) {
      image.setAttribute("alt", trans.__("Output image"));
    }
    return renderer.node;
  }
}

/** Sanitize as the application does, and then as we do: its own lets remote images through. */
function doubled(inner: AppSanitizer): AppSanitizer {
  return {
    sanitize: (html, options) => sanitize(inner.sanitize(html, options)),
    getAutolink: () => inner.getAutolink?.() ?? false,
    allowNamedProperties: false,
  };
}

/** Types whose renderers run what they are given, or have nothing to talk to here. Charts have been looked at before. */
const NEVER = /javascript|exec|load\.v0|^application\/vnd\.jupyter\.widget-/;

function foreign(data: MimeBundle): MimeBundle {
  if ("application/vnd.jupyter.widget-view+json" in data) {
    return {};
  }
  return Object.fromEntries(Object.entries(data).filter(([type]) => !NEVER.test(type) && !isChart(type)));
}
