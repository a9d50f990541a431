import { canonical } from "../core/json.ts";
import type { Observation } from "./observe.ts";

/**
 * A short mark of everything that decides what users get, so that an edit is noticed. No secret goes into it in a way that could be
 * read back: 64 bits of a hash.
 */
export async function fingerprintOf(observation: Observation): Promise<string> {
  const { settings, resource, secret, intent } = observation;
  const seen = resource?.state === "ok" ? { ...resource, value: null } : (resource?.state ?? null);
  const text = canonical({ ai: settings.effective, source: settings.source, resource: seen, secret, intent });
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest).slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
