import { isDeepStrictEqual } from "node:util";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { BUNDLE } from "./bundle.ts";
import type { Parameter } from "./parser.ts";
import { type Field, formSchema } from "./schema.ts";

/** What the repository keeps of a script beside its code. Other keys that Windmill knows are refused: see KEYS. */
const Kept = z.looseObject({
  summary: z.string().optional(),
  description: z.string().optional(),
  timeout: z.number().int().positive().optional(),
  schema: z.record(z.string(), z.unknown()).optional(),
});
type Kept = z.infer<typeof Kept>;

/** Keys a bundle needs. Not among them on purpose: on_behalf_of, which would let everybody who may run a script act as its deployer. */
const KEYS = ["summary", "description", "lock", "kind", "schema", "timeout"];

/** Seconds after which Windmill ends a new script's job when nobody has chosen a limit; Windmill's own default is seven days. */
const DEFAULT_TIMEOUT_S = 300;

export interface ScriptYaml {
  /** The text to keep; the text that is there when it says the same. */
  text: string;
  /** What differs from the text that is there, one line each. Empty when it is up to date. */
  stale: string[];
  /** What only a person can correct. */
  problems: string[];
}

/**
 * Brings a `.script.yaml` in line with its script.
 *
 * @param parameters of `main`, or "library".
 * @param text the file as it is; undefined when there is none.
 */
export function scriptYaml(
  path: string,
  source: string,
  parameters: readonly Parameter[] | "library",
  text: string | undefined,
): ScriptYaml {
  const parsed = Kept.safeParse(text === undefined ? {} : parse(text));
  if (!parsed.success) return { text: text ?? "", stale: [], problems: [z.prettifyError(parsed.error)] };
  const kept = parsed.data;
  const unknown = Object.keys(kept).filter((key) => !KEYS.includes(key));
  const problems = unknown.map((key) => `has "${key}", which this bundle does not use: remove it.`);
  const library = parameters === "library";
  const form = formSchema(library ? [] : parameters, kept.schema ?? {});
  const next = {
    ...words(path, source, kept, library),
    lock: `!inline ${path}.script.lock`,
    kind: "script",
    schema: form.schema,
    ...(library ? {} : { timeout: kept.timeout ?? DEFAULT_TIMEOUT_S }),
  };
  const stale = text === undefined ? ["there is none yet"] : differences(next, kept);
  return {
    text: stale.length === 0 && text !== undefined ? text : stringify(next, { singleQuote: true, lineWidth: 120 }),
    stale,
    problems: [...problems, ...form.problems],
  };
}

function words(path: string, source: string, kept: Kept, library: boolean): { summary: string; description: string } {
  const name = path.slice(BUNDLE.length + 1).replace(/^lib\//, "");
  return {
    summary: kept.summary || `Codex Pooler${library ? " library" : ""}: ${name}`,
    description: kept.description || firstSentence(source),
  };
}

/**
 * First sentence of the file's docblock: the one that stands alone, else the first on something exported. Empty without one.
 */
function firstSentence(source: string): string {
  const blocks = [...source.matchAll(/\/\*\*([\s\S]*?)\*\/[ \t]*\n(\s*\n|export\b)?/g)].filter(
    (match) => match[2] !== undefined,
  );
  const alone = blocks.find((match) => match[2] !== "export") ?? blocks[0];
  const text = (alone?.[1] ?? "")
    .replace(/^\s*\*? ?/gm, "")
    .replace(/\s+/g, " ")
    .trim();
  return /^.*?[.!?](?=\s+[A-Z`{]|$)/.exec(text)?.[0] ?? text;
}

const isObject = (value: unknown): value is Field =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Where two values differ, as lines that name the place; order of keys does not count. */
function differences(want: unknown, have: unknown, at = ""): string[] {
  if (isDeepStrictEqual(want, have)) return [];
  if (isObject(want) && isObject(have)) {
    const keys = [...new Set([...Object.keys(want), ...Object.keys(have)])];
    return keys.flatMap((key) => differences(want[key], have[key], at === "" ? key : `${at}.${key}`));
  }
  const show = (value: unknown): string => (value === undefined ? "absent" : JSON.stringify(value));
  return [`${at} is ${show(have)}, and must be ${show(want)}`];
}
