// Charts are drawn by the application from data that generated code wrote: what reaches it can neither configure the page nor load
// anything before the reader has agreed.
import type { MimeBundle } from "./mime";

const PLOTLY = "application/vnd.plotly.v1+json";
const VEGA_LITE = /^application\/vnd\.vegalite\.v\d+[.+]json$/;
const VEGA = /^application\/vnd\.vega\.v\d+[.+]json$/;
/** Keys whose text is an address, whatever it looks like. */
const ADDRESSES = new Set(["url", "source", "src", "topojsonURL"]);
/** Traces of Plotly that load their maps. */
const MAPS = /^(?:scattergeo|choropleth(?:map|mapbox)?|(?:scatter|density)(?:map|mapbox))$/;
const REMOTE = /:\/\/|^\s*\/\/|url\(|<[^>]*style/i;
const OPTIONS = ["responsive", "displayModeBar", "scrollZoom", "staticPlot"];

export interface Chart {
  readonly type: string;
  readonly data: MimeBundle;
  /** What it would load, or an empty text. */
  readonly loads: string;
}

/**
 * Find a chart in a bundle.
 *
 * @param isKnown - whether the application can draw a type. A chart of another version of Vega-Lite is drawn with the one it has.
 */
export function chartIn(bundle: MimeBundle, isKnown: (type: string) => boolean): Chart | null {
  for (const [type, value] of Object.entries(bundle)) {
    const drawn = typeDrawn(type, isKnown);
    if (drawn !== null && isRecord(value)) {
      const spec = type === PLOTLY ? plotly(value) : vega(value);
      return { type: drawn, data: { [drawn]: spec }, loads: addressIn(spec) };
    }
  }
  return null;
}

export function isChart(type: string): boolean {
  return type === PLOTLY || VEGA_LITE.test(type) || VEGA.test(type);
}

function typeDrawn(type: string, isKnown: (type: string) => boolean): string | null {
  if (!isChart(type)) {
    return null;
  }
  const versions = VEGA_LITE.test(type) ? [6, 5, 4].map((n) => `application/vnd.vegalite.v${n}+json`) : [];
  return [type, ...versions].find(isKnown) ?? null;
}

/** `config` could name servers of its own. */
function plotly({ data, layout, frames, config }: Record<string, unknown>): Record<string, unknown> {
  const given = isRecord(config) ? config : {};
  const kept = Object.entries(given).filter(([key, value]) => OPTIONS.includes(key) && typeof value === "boolean");
  return { data, layout, ...(frames === undefined ? {} : { frames }), config: Object.fromEntries(kept) };
}

/** `usermeta` could set options of the program that draws. */
function vega({ usermeta: _, ...spec }: Record<string, unknown>): Record<string, unknown> {
  return spec;
}

/** Return the first thing in `value` that would be loaded, or an empty text. */
export function addressIn(value: unknown): string {
  const waiting: [string, unknown][] = [["", value]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [key, one] = next;
    if (typeof one === "string") {
      if (key !== "$schema" && isAddress(key, one)) {
        return one;
      }
    } else if (Array.isArray(one)) {
      for (const item of one) {
        if (typeof item === "string" || (typeof item === "object" && item !== null)) {
          waiting.push([key, item]);
        }
      }
    } else if (isRecord(one)) {
      waiting.push(...Object.entries(one));
    }
  }
  return "";
}

function isAddress(key: string, text: string): boolean {
  if (text.startsWith("data:image/") || (key === "bdata" && /^[\w+/=]*$/.test(text))) {
    return false;
  }
  return ADDRESSES.has(key) || (key === "type" && MAPS.test(text)) || REMOTE.test(text);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
