import { credentialsInAddress, isKeyLike } from "./address.ts";
import { looksLikeCredential } from "./redact.ts";

/** Which names say that a credential stands under them, and what the credentials in a value are. Pure. */

/** Parts of a name, as they stand between its hyphens, underscores, dots and capitals. */
const PARTS =
  /^(?:.*keys?|.*tokens?|.*secrets?|.*auth|authorization|authentication|.*password|passwd|pwd|pass|passphrase|.*credentials?|signature|sig|subscription|.*cookies?|jwt|bearer|otp|pin|cert|certificate|sso|assertion)$/;
/** Pairs of parts that name a credential only together. */
const PAIRS = /(?:^|-)(?:access-client|client-id|account-id)(?:-|$)/;

/** The parts of a name, lower case, joined by hyphens: `apiKey` and `API_KEY` read the same. */
const parted = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-");

/** Whether what stands under this name, of a header or of a field, may be a credential. */
export function mayCarryCredential(name: string): boolean {
  const parts = parted(name);
  return parts.split("-").some((part) => PARTS.test(part)) || PAIRS.test(parts);
}

/** Headers whose values are routing metadata and nothing else: only these are shown and kept. */
const HARMLESS =
  /^(?:x-)?(?:forwarded-(?:proto|port|prefix)|team|tenant(?:-id)?|org(?:anization)?(?:-id)?|project(?:-id)?|env(?:ironment)?|stage|region|zone|cluster|namespace|route|routing|service|source|app(?:lication)?(?:-name)?|client(?:-name)?|department|cost-center|workspace|title|priority)$|^(?:user-agent|accept-language|(?:openai|anthropic)-(?:beta|version)|api-version)$/i;

/** Whether a header's value may be shown and kept: by its name, and because nothing in it is made like a key. */
export const isHarmlessHeader = (name: string, value: string): boolean =>
  HARMLESS.test(name) && !value.split(/[\s,;=/]+/).some(isKeyLike) && !looksLikeCredential(value);

/** What Windmill fills in where a value is used: it names a secret and is none. */
export const isReference = (text: string): boolean => /^\$(?:var|res|jsonvar|encrypted):/.test(text);

/** Every credential in a value of a resource or in a run's arguments: by names of fields and headers, and in addresses. */
export function credentialsIn(value: unknown, name = ""): string[] {
  if (typeof value === "string") {
    if (isReference(value)) return [];
    const own = mayCarryCredential(name) ? [value.trim()] : [];
    return [...own, ...(value.includes("://") || /url$/i.test(name) ? credentialsInAddress(value) : [])];
  }
  if (Array.isArray(value)) return value.flatMap((item) => credentialsIn(item, name));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "headers" ? credentialsInHeaders(inner) : credentialsIn(inner, key),
  );
}

/** What of the headers' values could be a credential: its words, and what a `Basic` one encodes. */
function credentialsInHeaders(headers: unknown): string[] {
  if (typeof headers !== "object" || headers === null) return [];
  return Object.entries(headers).flatMap(([name, value]) => {
    if (typeof value !== "string" || isReference(value) || isHarmlessHeader(name, value)) return [];
    const words = value.split(/[\s,;=]+/);
    if (!mayCarryCredential(name) && !words.some(isKeyLike)) return [];
    return [...words, ...words.flatMap(userAndPassword)];
  });
}

/** The user name and the password behind the base64 text of HTTP's `Basic`. */
function userAndPassword(word: string): string[] {
  if (!/^[A-Za-z0-9+/]{8,}={0,2}$/.test(word)) return [];
  try {
    const said = atob(word);
    return /^[\x20-\x7e]+$/.test(said) && said.includes(":") ? [said, said.slice(said.indexOf(":") + 1)] : [];
  } catch {
    return [];
  }
}
