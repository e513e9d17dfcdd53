import { describe, expect, it } from "vitest";
import { addressIn, chartIn } from "../src/chart";
import { audioOf, outputOf } from "../src/mime";

const PLOTLY = "application/vnd.plotly.v1+json";
const V5 = "application/vnd.vegalite.v5+json";
const V6 = "application/vnd.vegalite.v6.json";
const inLab = (type: string) => type === PLOTLY || type === V5;

describe("a chart", () => {
  it("is drawn with the version of Vega-Lite that the application has", () => {
    const chart = chartIn({ [V6]: { mark: "bar" }, "text/plain": "alt.Chart(...)" }, inLab);
    expect(chart).toEqual({ type: V5, data: { [V5]: { mark: "bar" } }, loads: "" });
  });

  it("is none where the application cannot draw it", () => {
    expect(chartIn({ [PLOTLY]: { data: [] } }, () => false)).toBeNull();
    expect(chartIn({ [PLOTLY]: "text" }, inLab)).toBeNull();
    expect(chartIn({ "text/html": "<b>x</b>" }, inLab)).toBeNull();
  });

  it("brings no settings of its own", () => {
    const config = { plotlyServerURL: "https://evil.example", responsive: true, sendData: true, scrollZoom: "x" };
    expect(chartIn({ [PLOTLY]: { data: [1], layout: {}, config } }, inLab)?.data[PLOTLY]).toEqual({
      data: [1],
      layout: {},
      config: { responsive: true },
    });
    const meta = { usermeta: { embedOptions: { patch: "https://evil.example" } }, mark: "bar" };
    expect(chartIn({ [V5]: meta }, inLab)).toMatchObject({ data: { [V5]: { mark: "bar" } }, loads: "" });
  });
});

describe("what a chart would load", () => {
  it.each([
    { data: { url: "https://evil.example/x.json" } },
    { data: { url: "api/contents" } },
    { layout: { images: [{ source: "//evil.example/x.png" }] } },
    { encoding: { url: { value: "https://evil.example/x.png" } } },
    { data: [{ type: "scattergeo" }] },
    { data: [{ type: "choropleth" }] },
    { layout: { title: { text: "<span style='background:u\\72l(x)'>x</span>" } } },
    { layout: { font: { color: "url(https://evil.example)" } } },
    { a: [[[["wss://evil.example"]]]] },
  ])("is found: %j", (spec) => expect(addressIn(spec)).not.toBe(""));

  it.each([
    { $schema: "https://vega.github.io/schema/vega-lite/v6.json", mark: "bar" },
    { data: [{ type: "bar", x: ["a", "b"], y: { dtype: "f8", bdata: "//8AAA==" } }] },
    { layout: { images: [{ source: "data:image/png;base64,AA//" }] } },
    { data: { values: [{ a: 1, b: null }] } },
  ])("is nothing: %j", (spec) => expect(addressIn(spec)).toBe(""));
});

describe("a sound", () => {
  const wav = "data:audio/wav;base64,UklGRg==";

  it("is heard when the reader says so", () => {
    const html = `<audio controls="controls" autoplay><source src="${wav}" type="audio/wav" /></audio>`;
    const made = audioOf({ "text/html": html, "text/plain": "<Audio>" });
    expect(made?.getAttribute("src")).toBe(wav);
    expect(made?.hasAttribute("autoplay")).toBe(false);
    expect(audioOf({ "audio/ogg": "T2dn" })?.getAttribute("src")).toBe("data:audio/ogg;base64,T2dn");
  });

  it("is never fetched", () => {
    expect(audioOf({ "text/html": "<audio src='https://evil.example/x.wav'>" })).toBeNull();
    expect(audioOf({ "text/html": "<audio><source src='/api/shutdown'></audio>" })).toBeNull();
  });
});

it("says so when nothing is left of a page", () => {
  const frame = { "text/html": "<iframe src='https://a.example'></iframe>", "text/plain": "<IFrame at 0x7f>" };
  expect(outputOf(frame).textContent).toBe("A page or script that is not run here. As text:<IFrame at 0x7f>");
});

it("says what a widget of the agent kernel is, and shows its text", () => {
  const view = { "application/vnd.jupyter.widget-view+json": { model_id: "x" }, "text/plain": "IntSlider(value=0)" };
  expect(outputOf(view).textContent).toMatch(/widget of the agent kernel.*IntSlider\(value=0\)/);
});
