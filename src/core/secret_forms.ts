/** What a secret looks like when somebody repeats it: whole, encoded, cut or shortened. Pure. */

/** Characters of a secret that are hidden where they stand together; a shorter text is too common to be told from others. */
export const PIECE = 8;
/** Characters of a secret that are looked for: the longest JWTs are shorter. */
const LONGEST = 8_192;
/** Letters of ordinary words from which on they count as a passphrase. */
const PASSPHRASE = 20;

/** Words as they stand in every text, e.g. `windmill` or `codex-pooler`: hiding them would tear texts apart. */
const ORDINARY = /^[A-Z]?[a-z]*(?:[ _-][A-Z]?[a-z]*)*$/;
/** References and paths of Windmill's items, which are shown everywhere. */
const ITEM = /^(?:\$(?:var|res|jsonvar|encrypted):|[ufg](?:\/[A-Za-z0-9_-]+){2,}$)/;

/** Whether a text can be told from others, so that it can be hidden wherever it stands. */
export const isTellable = (text: string): boolean =>
  text.length >= PIECE && !ITEM.test(text) && (text.length >= PASSPHRASE || !ORDINARY.test(text));

/** Whether a piece of a secret is unlike anything that stands in ordinary texts: alone it shows that a secret stands there. */
export function isTelling(piece: string): boolean {
  if (/[0-9]/.test(piece) && /[A-Za-z]/.test(piece)) return true;
  if (piece.length >= 2 * PIECE && !ORDINARY.test(piece)) return true;
  const turns = piece.match(/[a-z](?=[A-Z])|[A-Z](?=[a-z])/g)?.length ?? 0;
  return turns >= 3 || (piece.match(/[^A-Za-z0-9\s_./:-]/g)?.length ?? 0) >= 3;
}

/**
 * Every text that stands for the secret: itself, in one case (hex digits and host names lose theirs), in hex, and in base64 at
 * each of the three places at which it can begin, so that `Bearer <key>` and `user:password` are covered too. Escapes of JSON,
 * addresses and HTML need no form: they are resolved in the text.
 *
 * @param hidden the part that must not be seen; the rest of `secret` may be.
 */
export function formsOf(secret: string, hidden: string): string[] {
  const bytes = new TextEncoder().encode(secret.slice(0, LONGEST));
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const own = hidden.slice(0, LONGEST);
  const base64 = [0, 1, 2].map((offset) => base64At(bytes, offset));
  return [
    ...[own, ...casesOf(own), own.replaceAll(" ", "+"), hex, hex.toUpperCase()],
    ...[...base64, ...base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"))],
  ].filter((form, index, all) => form.length >= PIECE && all.indexOf(form) === index);
}

/** A short text without digits could be ordinary words in one case. */
const casesOf = (text: string): string[] =>
  text.length >= PASSPHRASE || /[0-9]/.test(text) ? [text.toLowerCase(), text.toUpperCase()] : [];

/** The characters of the base64 text that depend on the secret alone when `offset` other bytes stand before it. */
function base64At(bytes: Uint8Array, offset: number): string {
  const padded = new Uint8Array(offset + bytes.length);
  padded.set(bytes, offset);
  let binary = "";
  for (const byte of padded) binary += String.fromCharCode(byte);
  const first = Math.ceil((offset * 8) / 6);
  return btoa(binary).slice(first, Math.floor((padded.length * 8) / 6));
}

/** What people and programs put in the place of the characters that they leave out. */
export const GAPS = /\.{2,}|…+|\*{2,}|•{2,}|·{2,}|#{3,}|_{4,}|[xX]{4,}|<[^<>]{0,20}>|\[[^[\]]{0,20}\]|\([^()]{0,20}\)/g;

/** Characters on both sides of a gap, and on one side of it, that are too many to be chance; and how many are looked at. */
const BOTH_SIDES = 6;
const ONE_SIDE = 4;
const SHOWN = 32;

/**
 * The stretches of a text that are a shortened secret (`3f9a…f4b6`) around a gap: with the gap where both ends are shown.
 *
 * @param from where the gap begins, `to` where it ends.
 */
export function shortenedAround(text: string, from: number, to: number, secret: string): [number, number][] {
  const left = text[from - 1] === " " ? from - 1 : from;
  const right = text[to] === " " ? to + 1 : to;
  const head = longest(Math.min(left, SHOWN, secret.length - 1), (length) => ({
    likely: text[left - 1] === secret[length - 1],
    sure: () => text.startsWith(secret.slice(0, length), left - length),
  }));
  const tail = longest(Math.min(text.length - right, SHOWN, secret.length - 1), (length) => ({
    likely: text[right] === secret[secret.length - length],
    sure: () => text.startsWith(secret.slice(-length), right),
  }));
  if (head >= 2 && tail >= 2 && head + tail >= BOTH_SIDES) return [[left - head, right + tail]];
  const sides: [number, number, string][] = [
    [left - head, left, secret.slice(0, head)],
    [right, right + tail, tail === 0 ? "" : secret.slice(-tail)],
  ];
  return sides.flatMap(([start, end, piece]): [number, number][] =>
    piece.length >= ONE_SIDE && isTelling(piece) ? [[start, end]] : [],
  );
}

/** The greatest length from `most` down that is right; 0 when none is. What is unlikely is not looked at closely. */
function longest(most: number, at: (length: number) => { likely: boolean; sure(): boolean }): number {
  for (let length = most; length > 0; length--) {
    const { likely, sure } = at(length);
    if (likely && sure()) return length;
  }
  return 0;
}
