/**
 * Texts behind texts: what a text says once its escapes are resolved, with the place of each character in the original. A secret
 * can then be found and cut out wherever somebody has put it into JSON, an address or a page.
 */

/** A text with the places, in the original text, at which each of its characters begins and ends. */
export interface Seen {
  text: string;
  /** `null` for the original itself, where every character stands for itself. */
  places: { starts: Int32Array; ends: Int32Array } | null;
}

/** One way to escape: what its escapes look like, and the characters that a match stands for; null for a match that is none. */
interface Way {
  hint: RegExp;
  escapes: RegExp;
  resolve(escaped: string): string | null;
}

const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const SHORT: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

const codePoint = (code: number): string | null => (code <= 0x10ffff ? String.fromCodePoint(code) : null);

/** In the order in which they are tried. The escapes of a sequence of UTF-8 bytes belong together. */
const WAYS: readonly Way[] = [
  {
    hint: /\\/,
    escapes: /\\(?:u[0-9a-f]{4}|x[0-9a-f]{2}|[^ux])/giu,
    resolve: (escaped) =>
      /^\\[ux]./iu.test(escaped)
        ? String.fromCharCode(Number.parseInt(escaped.slice(2), 16))
        : (SHORT[escaped.slice(1)] ?? escaped.slice(1)),
  },
  {
    hint: /%[0-9a-f]{2}/i,
    escapes:
      /%(?:[0-7][0-9a-f]|[cd][0-9a-f]%[89ab][0-9a-f]|e[0-9a-f](?:%[89ab][0-9a-f]){2}|f[0-7](?:%[89ab][0-9a-f]){3})/gi,
    resolve(escaped) {
      try {
        return decodeURIComponent(escaped);
      } catch {
        return null;
      }
    },
  },
  {
    hint: /&[a-z#]/i,
    escapes: /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos));/gi,
    resolve(escaped) {
      const name = escaped.slice(1, -1).toLowerCase();
      if (name.startsWith("#x")) return codePoint(Number.parseInt(name.slice(2), 16));
      return name.startsWith("#") ? codePoint(Number(name.slice(1))) : (NAMED[name] ?? null);
    },
  },
];

/** How often escapes are resolved one after another: JSON in JSON in a page is seen, and a text costs no more than this often. */
const DEEPEST = 3;

/** The text itself, and everything that it says behind its escapes. */
export function readings(text: string): Seen[] {
  const all: Seen[] = [{ text, places: null }];
  const known = new Set([text]);
  let latest: readonly Seen[] = all;
  for (let depth = 0; depth < DEEPEST && latest.length > 0; depth++) {
    const found: Seen[] = [];
    for (const one of latest) {
      for (const way of WAYS) {
        const next = way.hint.test(one.text) ? resolved(one, way) : null;
        if (next === null || known.has(next.text)) continue;
        known.add(next.text);
        found.push(next);
      }
    }
    all.push(...found);
    latest = found;
  }
  return all;
}

function resolved({ text, places }: Seen, { escapes, resolve }: Way): Seen {
  const parts: string[] = [];
  const starts = new Int32Array(text.length);
  const ends = new Int32Array(text.length);
  let length = 0;
  const put = (said: string, start: number, end: number): void => {
    parts.push(said);
    for (let index = 0; index < said.length; index++, length++) {
      starts[length] = places ? (places.starts[start] as number) : start;
      ends[length] = places ? (places.ends[end - 1] as number) : end;
    }
  };
  let next = 0;
  for (const match of text.matchAll(escapes)) {
    const said = resolve(match[0]);
    if (said === null) continue;
    for (let index = next; index < match.index; index++) put(text[index] as string, index, index + 1);
    next = match.index + match[0].length;
    put(said, match.index, next);
  }
  for (let index = next; index < text.length; index++) put(text[index] as string, index, index + 1);
  return { text: parts.join(""), places: { starts: starts.subarray(0, length), ends: ends.subarray(0, length) } };
}
