import { asRecord, sameJson } from "../core/json.ts";

/**
 * What a server makes of AI settings that are saved. It has a type for them and drops every key that it does not know, such as
 * one that a newer version of Windmill has written. Pure.
 */

/** The keys that every supported server knows (1.743 to 1.788, recorded), by where they stand. */
const KNOWN = {
  settings: [
    "providers",
    "default_model",
    "metadata_model",
    "code_completion_model",
    "custom_prompts",
    "max_tokens_per_model",
  ],
  provider: ["resource_path", "models", "web_search_enabled"],
  model: ["provider", "model"],
} as const;

type Plain = Record<string, unknown>;

/** The parts of settings in which a server drops keys, by their dotted path, with the keys that it certainly keeps. */
const partsOf = (settings: Plain): { place: string; part: Plain; known: readonly string[] }[] => [
  { place: "", part: settings, known: KNOWN.settings },
  ...Object.entries(asRecord(settings.providers)).map(([name, one]) => ({
    place: `providers.${name}.`,
    part: asRecord(one),
    known: KNOWN.provider,
  })),
  ...(["default_model", "metadata_model", "code_completion_model"] as const).map((name) => ({
    place: `${name}.`,
    part: asRecord(settings[name]),
    known: KNOWN.model,
  })),
];

/** Names of the keys that a server may drop when the settings are saved. */
export const keysAtRisk = (settings: Plain): string[] =>
  partsOf(settings).flatMap(({ place, part, known }) =>
    Object.keys(part)
      .filter((key) => (part[key] ?? null) !== null && !(known as readonly string[]).includes(key))
      .map((key) => `${place}${key}`),
  );

/** Names of the keys of `wanted` that a server did not keep in `stored`. */
export function keysLost(stored: Plain, wanted: Plain): string[] {
  const kept = new Set(keysAtRisk(stored));
  return keysAtRisk(wanted).filter((name) => !kept.has(name));
}

/** Whether settings are the wanted ones, as far as the server keeps them. */
export function isKept(stored: Plain, wanted: Plain): boolean {
  const lost = keysLost(stored, wanted);
  return sameJson(stored, lost.length === 0 ? wanted : without(wanted, new Set(lost)));
}

function without(settings: Plain, names: ReadonlySet<string>): Plain {
  const prune = (part: Plain, place: string): Plain =>
    Object.fromEntries(Object.entries(part).filter(([key]) => !names.has(`${place}${key}`)));
  const next = prune(settings, "");
  for (const { place } of partsOf(settings)) {
    const [name = "", provider = ""] = place.split(".");
    if (name === "providers") {
      const providers = asRecord(next.providers);
      next.providers = { ...providers, [provider]: prune(asRecord(providers[provider]), place) };
    } else if (name !== "" && next[name] !== undefined && next[name] !== null) {
      next[name] = prune(asRecord(next[name]), place);
    }
  }
  return next;
}
