import { asRecord } from "../core/json.ts";
import { maskRandom, mayHoldKey } from "../core/random_runs.ts";
import { excerpt } from "../core/redact.ts";
import type { Finding } from "../core/shapes.ts";
import { seenOf } from "../probe/probed.ts";
import type { Sent } from "../probe/send.ts";
import { findResource } from "../windmill/resources.ts";
import { readSecret, type StoredKey } from "../windmill/variables.ts";
import type { Windmill } from "../windmill/windmill.ts";

/**
 * Answers that may repeat the key. A check has no key in its hands, because Windmill audits every look at one; a gateway that
 * refuses may repeat it all the same, and nobody knows a key of an unknown form without having it. So the key is read where an
 * answer could hold it, before anything is worded; where it may not be read, whatever could be one is masked.
 */

/** What is safe to word: the answers with excerpts that were made anew, and what to take out of every other text. */
export interface Worded {
  sent: Sent[];
  clean: (text: string) => string;
  /** The key, where it was read. */
  stored: StoredKey | null;
}

/**
 * Makes the answers of a run fit for words.
 *
 * @param findings what a first diagnosis says, in words that nobody has seen.
 * @param key_path tells the path of the key's variable; null where there is none, or nobody knows.
 * @param open texts that are no secret, whatever they look like: ids of models, paths, hosts.
 */
export async function withoutKey(
  windmill: Windmill,
  { sent, findings, open }: { sent: readonly Sent[]; findings: readonly Finding[]; open: readonly string[] },
  key_path: () => Promise<string | null>,
): Promise<Worded | null> {
  const refused = findings.some(({ layer }) => layer === "key");
  if (!refused && !sent.some(({ probe, outcome }) => !probe.ok && mayHoldKey(saidIn(outcome), open))) return null;
  const path = await key_path().catch(() => null);
  const stored = path === null ? null : await readSecret(windmill, path).catch(() => null);
  const known = stored !== null || (path !== null && windmill.secrets.knows(path));
  const clean = (text: string): string => {
    const rest = windmill.secrets.clean(text);
    return known ? rest : maskRandom(rest, open);
  };
  return { sent: sent.map((one) => reworded(one, clean)), clean, stored };
}

/** Everything that an answer says in words. Its request id is random by nature and leads nowhere. */
const saidIn = ({ body, location, failure }: Sent["outcome"]): string =>
  [body, location, failure?.message].filter(Boolean).join(" ");

/** The same answer with a clean excerpt. What it is diagnosed by stays as it came. */
function reworded(one: Sent, clean: (text: string) => string): Sent {
  const { probe } = one;
  return probe.ok ? one : { ...one, probe: { ...probe, excerpt: excerpt(seenOf(one), { clean }) } };
}

/** The variable that a resource's key names; null where it names none. */
export async function keyPathOf(windmill: Windmill, resource_path: string): Promise<string | null> {
  const { api_key, apiKey } = asRecord((await findResource(windmill, resource_path))?.value);
  const key = api_key || apiKey;
  return typeof key === "string" && key.startsWith("$var:") ? key.slice("$var:".length) : null;
}
