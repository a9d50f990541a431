import { credentialsIn } from "./credentials.ts";
import { readings, type Seen } from "./decoded.ts";
import { Secret } from "./secret.ts";
import { formsOf, GAPS, isTellable, isTelling, PIECE, shortenedAround } from "./secret_forms.ts";

/** A part of a text: where it begins, and where it ends. */
type Stretch = readonly [from: number, to: number];
/** Where a piece stands in a form of a secret. */
interface Place {
  form: string;
  at: number;
}

/** A rolling hash over {@link PIECE} characters: the next character comes in, and the one before the first goes out. */
const BASE = 0x01000193;
const BASE_OUT = Array.from({ length: PIECE }).reduce<number>((power) => Math.imul(power, BASE), 1);
const slot = (hash: number): number => Math.imul(hash, 0x9e3779b1) >>> 16;

function hashOf(piece: string): number {
  let hash = 0;
  for (let index = 0; index < piece.length; index++) hash = (Math.imul(hash, BASE) + piece.charCodeAt(index)) | 0;
  return hash;
}

/** Where pieces with one of these hashes may stand. This is the loop in which a text's time goes. */
function likelyPlaces(text: string, hashes: Uint8Array): number[] {
  const places: number[] = [];
  let hash = 0;
  for (let end = 1; end <= text.length; end++) {
    hash = (Math.imul(hash, BASE) + text.charCodeAt(end - 1)) | 0;
    if (end > PIECE) hash = (hash - Math.imul(text.charCodeAt(end - PIECE - 1), BASE_OUT)) | 0;
    if (end >= PIECE && hashes[slot(hash)] === 1) places.push(end - PIECE);
  }
  return places;
}

/** An address, which is no secret as a whole: others of the same host would be hidden too. */
const isAddress = (text: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(text);

/**
 * The secrets that a run has in its hands. Whatever leaves the run (results, errors, logs, states, alerts) goes through it, and
 * none of them is in it afterwards, in whatever form the world has repeated it. One register per run, opened with
 * {@link file://../windmill/windmill.ts}: it grows and ends with the run.
 */
export class KnownSecrets {
  readonly #known = new Map<string, { hidden: string; prefix: string }>();
  /** Where each piece of {@link PIECE} characters stands in a form. */
  readonly #pieces = new Map<string, Place>();
  /** Which hashes pieces have, so that a text is looked through in one go. */
  readonly #hashes = new Uint8Array(1 << 16);
  /** Paths of the variables whose values are known. */
  readonly #paths = new Set<string>();

  /** Takes up a secret, with each word of one that holds several, and the credentials in it when it is an address. */
  learn(secret: string | Secret, path?: string): void {
    if (path !== undefined) this.#paths.add(path);
    const text = secret instanceof Secret ? secret.unwrap() : secret.trim();
    const words = text.split(/\s+/);
    const whole = words.some(isAddress) ? [] : [text];
    for (const one of new Set([...whole, ...words])) {
      if (!isAddress(one)) this.#add(one);
      else for (const credential of credentialsIn(one)) this.#add(credential);
    }
  }

  /** Takes up every credential in a value of a resource or in a run's arguments, by the names and forms of its fields. */
  learnFrom(value: unknown): void {
    for (const one of credentialsIn(value)) this.#add(one);
  }

  /** Whether the value of the variable is known: then nobody needs to read it, which Windmill would audit. */
  knows(path: string): boolean {
    return this.#paths.has(path);
  }

  /** The same value without secrets: texts and names of fields are cleaned, everything else stays. */
  clean<T>(value: T): T {
    return this.#known.size === 0 ? value : (this.#walk(value) as T);
  }

  /** The same error without secrets in its message, its stack and what hangs on it; what is no error becomes one. */
  cleanError(error: unknown): Error {
    if (!(error instanceof Error)) return new Error(this.clean(String(error)));
    for (const name of Object.getOwnPropertyNames(error)) {
      const held: unknown = Reflect.get(error, name);
      const value = held instanceof Error ? this.cleanError(held) : this.clean(held);
      if (value === held) continue;
      // Libraries lock properties of their errors: what cannot be cleaned does not leave.
      if (!Reflect.defineProperty(error, name, { value, configurable: true, writable: true }))
        return this.#words(error);
    }
    return error;
  }

  /** An error of the same name that says the same and holds nothing else. */
  #words({ name, message, stack }: Error): Error {
    const words = new Error(this.clean(message));
    words.name = name;
    words.stack = this.clean(stack ?? "");
    return words;
  }

  #walk(value: unknown): unknown {
    if (typeof value === "string") return this.#cleanText(value);
    if (Array.isArray(value)) return value.map((item) => this.#walk(item));
    if (value instanceof Secret) return value.prefix;
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [this.#cleanText(name), this.#walk(inner)]));
  }

  #add(secret: string): void {
    if (!isTellable(secret) || this.#known.has(secret)) return;
    const safe = Secret.safePrefix(secret);
    const prefix = safe.endsWith("…") ? safe.slice(0, -1) : "";
    const hidden = secret.slice(prefix.length);
    this.#known.set(secret, { hidden, prefix });
    for (const form of formsOf(secret, hidden)) {
      for (let at = 0; at + PIECE <= form.length; at++) {
        const piece = form.slice(at, at + PIECE);
        if (this.#pieces.has(piece)) continue;
        this.#pieces.set(piece, { form, at });
        this.#hashes[slot(hashOf(piece))] = 1;
      }
    }
  }

  #cleanText(text: string): string {
    const stretches = [...readings(text).flatMap((seen) => this.#repeated(seen)), ...this.#shortened(text)];
    if (stretches.length === 0) return text;
    let clean = "";
    let end = 0;
    for (const [from, to] of merged(stretches)) {
      clean += text.slice(end, from);
      const prefixed = [...this.#known.values()].some(({ prefix }) => prefix !== "" && clean.endsWith(prefix));
      clean += prefixed ? "…" : "(secret)";
      end = to;
    }
    return clean + text.slice(end);
  }

  /** The stretches of the original text in which a reading of it repeats a secret, or a telling piece of one. */
  #repeated({ text, places }: Seen): Stretch[] {
    const found: Stretch[] = [];
    for (const at of likelyPlaces(text, this.#hashes)) {
      const stretch = this.#matchAt(text, at);
      if (stretch === null) continue;
      const [from, to] = stretch;
      found.push(places ? [places.starts[from] as number, places.ends[to - 1] as number] : stretch);
    }
    return found;
  }

  /** The longest stretch around a place that a form has too; null when it tells nothing. */
  #matchAt(text: string, at: number): Stretch | null {
    const place = this.#pieces.get(text.slice(at, at + PIECE));
    if (place === undefined) return null;
    const { form } = place;
    let [from, to] = [at, at + PIECE];
    let [first, last] = [place.at, place.at + PIECE];
    while (from > 0 && first > 0 && text[from - 1] === form[first - 1]) {
      from--;
      first--;
    }
    while (to < text.length && last < form.length && text[to] === form[last]) {
      to++;
      last++;
    }
    return last - first === form.length || isTelling(text.slice(from, to)) ? [from, to] : null;
  }

  /** The stretches that show the ends of a secret. What may be shown of it stays. */
  #shortened(text: string): Stretch[] {
    return [...text.matchAll(GAPS)].flatMap((gap) =>
      [...this.#known].flatMap(([secret, { prefix }]) =>
        shortenedAround(text, gap.index, gap.index + gap[0].length, secret)
          .map(([from, to]): Stretch => [text.startsWith(prefix, from) ? from + prefix.length : from, to])
          .filter(([from, to]) => from < to),
      ),
    );
  }
}

/** Stretches in order, those that touch as one. */
function merged(stretches: readonly Stretch[]): Stretch[] {
  const all: [number, number][] = [];
  for (const [from, to] of [...stretches].sort((a, b) => a[0] - b[0])) {
    const last = all.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else all.push([from, to]);
  }
  return all;
}
