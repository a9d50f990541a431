import { strFromU8, unzipSync } from "fflate";

/** What differs from one run of a Windmill server to the next, and what a comparison puts in its place. */
interface Volatile {
  what: string;
  pattern: RegExp;
  instead: string | ((found: string) => string);
}

/** The only table of volatile text. It is applied to every string of both sides, top to bottom. */
const VOLATILE: readonly Volatile[] = [
  { what: "times", pattern: /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)/g, instead: "<time>" },
  { what: "ids", pattern: /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, instead: "<uuid>" },
  { what: "script hashes", pattern: /^[0-9a-f]{16}$/g, instead: "<hash>" },
  { what: "places in Windmill's source", pattern: / @[a-z_]+\.rs:\d+:\d+/g, instead: " @<line>" },
  { what: "places in Windmill's source", pattern: / \([a-z_]+\.rs:\d+\)/g, instead: " (<line>)" },
  { what: "worker names", pattern: /\bwk-[a-z]+-[\w-]+/g, instead: "<worker>" },
  { what: "beginnings of tokens", pattern: /token_prefix: Some\("[^"]*"\)/g, instead: 'token_prefix: Some("<token>")' },
  { what: "secrets under a workspace's key", pattern: /^[A-Za-z0-9+/]+={1,2}$/g, instead: ciphertext },
];

/** Keys whose numbers say how long something took, or how many there were before: the number counts as such. */
const VOLATILE_NUMBERS = /^(duration_ms|mem_peak|id|last_ping|jobs_executed|occupancy_rate.*|memory.*|log_offset)$/;

/** Ciphertexts come in blocks of 16 bytes; how many there are follows from the plain text. */
function ciphertext(base64: string): string {
  const bytes = Buffer.from(base64, "base64").length;
  return bytes % 16 === 0 ? `<ciphertext of ${bytes} bytes>` : base64;
}

/** The value with everything volatile replaced, so that two runs can be compared for equality. */
export function normalise(value: unknown, key = ""): unknown {
  if (typeof value === "string") return VOLATILE.reduce(replaced, value);
  if (typeof value === "number") return VOLATILE_NUMBERS.test(key) ? "<number>" : value;
  if (Array.isArray(value)) return value.map((item) => normalise(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, normalise(inner, name)]));
}

function replaced(text: string, { pattern, instead }: Volatile): string {
  return typeof instead === "string" ? text.replace(pattern, instead) : text.replace(pattern, instead);
}

/** The entries of a zip archive by name, JSON parsed: archives are compared by what is in them. */
export function archiveEntries(base64: string): Record<string, unknown> {
  const entries = unzipSync(Buffer.from(base64, "base64"));
  return Object.fromEntries(
    Object.entries(entries).map(([name, bytes]) => [
      name,
      name.endsWith(".json") ? JSON.parse(strFromU8(bytes)) : strFromU8(bytes),
    ]),
  );
}
