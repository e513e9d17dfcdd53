// Markdown and output bundles as detached elements: by the application's own renderers where there are any, else by ours.

import { markdownToHtml } from "./markdown";
import type { MimeBundle } from "./mime";
import { outputOf } from "./mime";
import { disarmLinks, sanitize } from "./sanitize";

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
    const known = foreign(data);
    const type = this.registry.preferredMimeType(known, "ensure");
    if (type === undefined || type === "text/plain" || (type !== "text/html" && "image/svg+xml" in known)) {
      return outputOf(data);
    }
    return this.render(type, known, metadata);
  }

  typeset(element: HTMLElement): void {
    this.registry.latexTypesetter?.typeset(element);
    disarmLinks(element);
  }

  private async render(type: string, data: MimeBundle, metadata: MimeBundle): Promise<HTMLElement> {
    const renderer = this.registry.createRenderer(type);
    await renderer.renderModel(this.registry.createModel({ data, metadata, trusted: false }));
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

/** Widgets of the agent kernel have no model in this page, and scripts are never run. */
function foreign(data: MimeBundle): MimeBundle {
  const { "application/vnd.jupyter.widget-view+json": _view, "application/javascript": _script, ...rest } = data;
  return rest;
}
