import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { initSync, parse_deno } from "windmill-parser-wasm-ts";

/** What Windmill's own parser says of a script. */
export interface Signature {
  /** Names of the function's parameters, in their order. */
  parameters: string[];
  /** `lib` when there is no such function. */
  autoKind: string | null;
}

let ready = false;

/** Reads the signature of `main`, or of another function of a TypeScript script, with the parser that the server and the CLI use. */
export function signatureOf(source: string, entry?: string): Signature {
  if (!ready) {
    const wasm = createRequire(import.meta.url).resolve("windmill-parser-wasm-ts/windmill_parser_wasm_bg.wasm");
    initSync({ module: readFileSync(wasm) });
    ready = true;
  }
  const parsed = JSON.parse(parse_deno(source, entry)) as { args?: { name: string }[]; auto_kind?: string | null };
  return { parameters: (parsed.args ?? []).map(({ name }) => name), autoKind: parsed.auto_kind ?? null };
}
