// Bundles the chat view into the Python package, and the JupyterLab plugin into dist/, which the wheel puts where Jupyter looks.
import { build, context } from "esbuild";
import { buildPlugin } from "./build_plugin.mjs";

const options = {
  entryPoints: { widget: "src/widget.ts" },
  outdir: "../autogen_jupyter/notebook/static",
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  logLevel: "info",
};
const styles = {
  entryPoints: { widget: "style/widget.css" },
  outdir: options.outdir,
  bundle: true,
  minify: true,
  logLevel: "info",
};

if (process.argv.includes("--watch")) {
  for (const one of [options, styles]) {
    await (await context(one)).watch();
  }
} else {
  await Promise.all([build(options), build(styles), buildPlugin()]);
}
