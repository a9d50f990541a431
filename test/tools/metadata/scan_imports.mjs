// Runs in bun. Reads {<path>: <TypeScript source>} from standard input and prints {<path>: [<specifier>, ...]}: the imports
// that are left when bun has dropped type-only and unused ones, in source order. Windmill's worker decides with the same
// scanner which packages a script needs, so this is asked of bun and not guessed.
const sources = JSON.parse(await new Response(process.stdin).text());
const transpiler = new Bun.Transpiler({ loader: "ts" });
const scanned = Object.entries(sources).map(([path, source]) => [
  path,
  transpiler.scanImports(source).map((found) => found.path),
]);
console.log(JSON.stringify(Object.fromEntries(scanned)));
