import { canonical } from "../core/json.ts";
import type { Observation } from "./observe.ts";

/**
 * A short mark of everything that decides what users get, so that an edit is noticed. No secret goes into it in a way that could be
 * read back: 64 bits of a hash.
 */
export async function fingerprintOf(observation: Observation): Promise<string> {
  const { settings, resource, secret, intent } = observation;
  const seen = resource?.state === "ok" ? { ...unshared(resource), value: null } : (resource?.state ?? null);
  const key = secret && unshared(secret);
  const text = canonical({ ai: settings.effective, source: settings.source, resource: seen, secret: key, intent });
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest).slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** With whom an item is shared decides nothing about what the gateway answers. */
function unshared<T extends { shared_with?: unknown }>({ shared_with: _with, ...rest }: T): Omit<T, "shared_with"> {
  return rest;
}
