/** Addresses as people may see them, and what must not be seen of them. Pure: texts that are no whole address are read too. */

/** What an address says, taken apart as far as it goes: a password with a `?` in it makes every parser see something else. */
interface Parts {
  /** `https://`, or "" where none is. */
  scheme: string;
  /** What stands before the last `@`, wherever that is; null where there is none. */
  user: string | null;
  /** Host, port and path. */
  place: string;
  /** What follows the first `?` or `#`, without it; null where there is none. */
  query: string | null;
}

function partsOf(text: string): Parts {
  const [, scheme = "", rest = ""] = /^([a-z][a-z0-9+.-]*:\/\/)?([\s\S]*)$/i.exec(text.trim()) ?? [];
  const at = rest.lastIndexOf("@");
  const after = rest.slice(at + 1);
  const end = after.search(/[?#]/);
  return {
    scheme,
    user: at < 0 ? null : rest.slice(0, at),
    place: end < 0 ? after : after.slice(0, end),
    query: end < 0 ? null : after.slice(end + 1),
  };
}

/** Characters of a key, and changes between letters, digits and capitals inside its words: `gpt-4o-mini-2024-07-18` has one. */
const KEY_LENGTH = 16;
const KEY_TURNS = 4;

/** Whether a word is made like a key: long, and mixed as no name is. */
export const isKeyLike = (word: string): boolean =>
  word.length >= KEY_LENGTH &&
  (word.match(/[A-Za-z](?=[0-9])|[0-9](?=[A-Za-z])|[a-z](?=[A-Z])/g)?.length ?? 0) >= KEY_TURNS;

/**
 * An address that may be shown to everybody: scheme, host, port and path. A user name and a password are cut out, a query is only
 * named, and segments of the path that could be keys are left out. References (`$var:...`) stay as they are.
 */
export function showableAddress(text: string): string {
  if (/^\s*\$(?:var|res|jsonvar|encrypted):/.test(text)) return text;
  const { scheme, user, place, query } = partsOf(text);
  const [host = "", ...path] = place.split("/");
  const shown = [host, ...path.map((segment) => (isKeyLike(segment) ? "…" : segment))].join("/");
  const blanks = /^(\s*)[\s\S]*?(\s*)$/.exec(text);
  const tail = query === null ? (blanks?.[2] ?? "") : "?(a query)";
  return `${blanks?.[1] ?? ""}${scheme}${user === null ? "" : "…@"}${shown}${tail}`;
}

/** Parameters of a query that say how something is asked, not who asks. */
const HARMLESS_PARAMETER = /^(?:api-?version|version|v|model|deployment|region|format|stream)$/i;

/** Every part of an address that could be a credential, as it stands and decoded. */
export function credentialsInAddress(text: string): string[] {
  const { user, place, query } = partsOf(text);
  const password = user?.includes(":") ? user.slice(user.indexOf(":") + 1) : user;
  const parameters = (query ?? "").split(/[&#;]/).flatMap((parameter) => {
    const name = parameter.includes("=") ? parameter.slice(0, parameter.indexOf("=")) : "";
    return HARMLESS_PARAMETER.test(name) ? [] : [parameter.slice(name === "" ? 0 : name.length + 1)];
  });
  const [, ...path] = place.split("/");
  const found = [user, password, ...parameters, ...path.filter(isKeyLike)];
  return found.flatMap((one) => (one ? [one, decodedOf(one)] : []));
}

function decodedOf(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
