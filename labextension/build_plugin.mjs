// A prebuilt JupyterLab extension is a module federation container: a script that leaves `{ init, get }` under its name. This writes
// one by hand, so that esbuild alone is enough. What JupyterLab shares is taken from its share scope; the rest is one small module,
// which is loaded when JupyterLab starts, and chunks, which are loaded when they are first needed.
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { build } from "esbuild";

const OUT = "dist";
const SHARED = /^(@jupyterlab|@lumino)\//;

/** Replaces each import of a shared package by the host's module, which the container has put on `globalThis` before. */
function sharedModules(used) {
  return {
    name: "share-scope",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: SHARED }, ({ path }) => {
        used.add(path);
        return { path, namespace: "share" };
      });
      onLoad({ filter: /.*/, namespace: "share" }, ({ path }) => ({
        contents: `module.exports = globalThis.__autogenJupyterShared[${JSON.stringify(path)}]`,
      }));
    },
  };
}

const cssAsText = {
  name: "css-as-text",
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const made = await build({ entryPoints: [path], bundle: true, minify: true, write: false });
      return { contents: made.outputFiles[0].text, loader: "text" };
    });
  },
};

export async function buildPlugin() {
  const pkg = JSON.parse(readFileSync("package.json", "utf8"));
  const used = new Set();
  rmSync(OUT, { recursive: true, force: true });
  const { metafile } = await build({
    entryPoints: { plugin: "src/plugin.ts" },
    outdir: `${OUT}/static`,
    entryNames: "[name].[hash]",
    chunkNames: "chunk.[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    minify: true,
    metafile: true,
    legalComments: "none",
    logLevel: "info",
    plugins: [sharedModules(used), cssAsText],
  });
  const [entry] = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === "src/plugin.ts");
  const code = container(pkg.name, [...used].sort(), basename(entry));
  const load = `static/remoteEntry.${createHash("sha256").update(code).digest("hex").slice(0, 16)}.js`;
  writeFileSync(`${OUT}/${load}`, code);
  writeMetadata(pkg, load);
}

function container(name, needed, entry) {
  return `(() => {
  const base = document.currentScript.src;
  let scope;
  const shared = async (name) => {
    const versions = Object.values(scope[name] ?? {});
    if (versions.length === 0) throw new Error(${JSON.stringify(name)} + ": this JupyterLab does not share " + name);
    return (await (versions.find((one) => one.loaded) ?? versions[0]).get())();
  };
  const load = async () => {
    const modules = (globalThis.__autogenJupyterShared ??= {});
    await Promise.all(${JSON.stringify(needed)}.map(async (name) => { modules[name] ??= await shared(name); }));
    const made = await import(new URL(${JSON.stringify(entry)}, base));
    return () => ({ __esModule: true, ...made }); // JupyterLab writes on what it gets, and a module cannot be written on
  };
  (window._JUPYTERLAB ??= {})[${JSON.stringify(name)}] = {
    init: (given) => { scope = given; },
    get: (module) => module === "./extension" ? load() : Promise.reject(new Error("There is no " + module)),
  };
})();
`;
}

function writeMetadata(pkg, load) {
  const lab = {
    name: pkg.name,
    version: pkg.version,
    description: pkg.description,
    license: pkg.license,
    jupyterlab: { extension: true, schemaDir: "schema", _build: { load, extension: "./extension" } },
  };
  const schemas = `${OUT}/schemas/${pkg.name}`;
  mkdirSync(schemas, { recursive: true });
  cpSync("schema/plugin.json", `${schemas}/plugin.json`);
  writeFileSync(`${schemas}/package.json.orig`, JSON.stringify(lab, null, 2));
  writeFileSync(`${OUT}/package.json`, JSON.stringify(lab, null, 2));
}
