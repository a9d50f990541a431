// Runs in bun. Reads {<path>: <TypeScript source>} from standard input and prints {<path>: [<specifier>, ...]}: the imports
// that are left when bun has dropped those that are used for types only, in source order; null for what is no TypeScript.
// Windmill's worker lets bun decide which packages a script needs, so bun is asked here and not imitated. It reads imported
// modules as tsx, so that is what they have to be.
const sources = JSON.parse(await new Response(process.stdin).text());
const transpiler = new Bun.Transpiler({ loader: "tsx", trimUnusedImports: true });
const scanner = new Bun.Transpiler({ loader: "js" });
const scan = (source) => {
  try {
    return scanner.scanImports(transpiler.transformSync(source)).map((found) => found.path);
  } catch {
    return null;
  }
};
console.log(JSON.stringify(Object.fromEntries(Object.entries(sources).map(([path, source]) => [path, scan(source)]))));
