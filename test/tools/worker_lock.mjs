// Runs in bun. Decides which packages a script needs in the way of Windmill's worker (loader_builder.bun.js and
// loader.bun.js of the 1.788 sources): bundle the script with every package left outside, imported modules without their
// pins, then list the imports of the bundle. Reads {root, scripts} from standard input, prints {<script>: {<package>:
// <version or "latest">}} with the packages in the worker's order.
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parsePackage, stripPins } from "../standins/windmill/jobs/imports.ts";

const { root, scripts } = JSON.parse(await new Response(process.stdin).text());
const printed = {};
for (const script of scripts) {
  const entry = join(root, `${script}.ts`);
  const loader = {
    name: "modules of the workspace",
    setup(build) {
      build.onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ path, importer }) => ({
        path: resolve(dirname(importer), path),
      }));
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const source = readFileSync(path, "utf8");
        // The worker reads imported modules as tsx, where `<T>(x: T) => x` is no function.
        return path === entry ? { contents: source, loader: "ts" } : { contents: stripPins(source), loader: "tsx" };
      });
    },
  };
  const built = await Bun.build({ entrypoints: [entry], plugins: [loader], external: ["*"] });
  const bundle = await built.outputs[0].text();
  const dependencies = {};
  for (const { path } of new Bun.Transpiler().scanImports(bundle)) {
    const found = parsePackage(path);
    if (found === undefined) continue;
    if (found.version !== undefined || !(found.name in dependencies))
      dependencies[found.name] = found.version ?? "latest";
  }
  printed[script] = dependencies;
}
console.log(JSON.stringify(printed));
