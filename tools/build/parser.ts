import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { initSync, parse_deno, parse_ts_imports } from "windmill-parser-wasm-ts";
import { z } from "zod";

/** Windmill's own TypeScript parser, the one that its CLI, server and editor use. */

initSync({
  module: readFileSync(createRequire(import.meta.url).resolve("windmill-parser-wasm-ts/windmill_parser_wasm_bg.wasm")),
});

/** A parameter's type as the parser names it: a word such as "float", or an object with one key such as {"str": [...]}. */
export type ParsedType = string | { readonly [kind: string]: unknown };

const Signature = z.object({
  type: z.string().optional(),
  args: z
    .array(
      z.object({
        name: z.string(),
        typ: z.union([z.string(), z.record(z.string(), z.unknown())]),
        default: z.unknown(),
        has_default: z.boolean(),
      }),
    )
    .default([]),
  auto_kind: z.string().nullish(),
});

/** A parameter of a function. */
export interface Parameter {
  name: string;
  type: ParsedType;
  /** The literal default; undefined when there is none, or one that is computed. */
  default: unknown;
  optional: boolean;
}

/**
 * A function's parameters in order, or "library" for a module that has no such function. Null when the source does not parse.
 *
 * @param name `main` unless another exported function is meant.
 */
export function parseSignature(source: string, name = "main"): Parameter[] | "library" | null {
  const parsed = Signature.parse(JSON.parse(parse_deno(source, name)));
  if (parsed.type === "Invalid") return null;
  if (parsed.auto_kind === "lib") return "library";
  return parsed.args.map((arg) => ({
    name: arg.name,
    type: arg.typ,
    default: arg.default ?? undefined,
    optional: arg.has_default,
  }));
}

const Imports = z.object({ imports: z.array(z.string()).optional(), error: z.string().optional() });

/** Every specifier that a source imports from, type-only ones too, sorted. Null when the source does not parse. */
export function parseImports(source: string): string[] | null {
  return Imports.parse(JSON.parse(parse_ts_imports(source))).imports ?? null;
}
