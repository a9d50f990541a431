// Built by "npm run build" from src/commands/dashboard_data.ts: change it there.

import { OpenAPI, ResourceService, JobService, ScheduleService, VariableService } from "windmill-client@1.818.0";
import * as z from "zod@4.6.7";

/**
 * What the dashboard shows, read with the rights of who deployed it: states of the bundle, the schedule, and when the resource was
 * last changed. Changes nothing and returns nothing that a member of the workspace may not know.
 */
export async function main() {
  return answer((windmill) => readDashboard(windmill, process.env.WM_END_USER_EMAIL ?? ""));
}

/** Windmill's rules for paths and the paths that this product uses. */
/** Windmill's own rule (`proper_id`): u/, f/ or g/, then at least two segments of letters, digits, `_` and `-`. */
const PATH = /^[ufg](\/[A-Za-z0-9_-]+){2,}$/;

/** Characters; Windmill's columns hold no more. */
const PATH_LIMIT = 255;

/** Whether Windmill would accept the path for a variable or resource. */
const isPath = (path) => path.length <= PATH_LIMIT && PATH.test(path);

/** Reads `script/<path>` or `flow/<path>`; null for anything else. */
function readRunnable(text) {
  const [, kind, path = ""] = /^(script|flow)\/(.+)$/.exec(text) ?? [];
  return (kind === "script" || kind === "flow") && isPath(path) ? { kind, path } : null;
}

/** Folder of the bundle in the workspace. */
const FOLDER = "f/codex_pooler";

/** The scheduled flow, and its schedule, which Windmill keeps apart although they share a path. */
const HEALTH_FLOW = `${FOLDER}/health`;

const HEALTH_SCHEDULE = `${FOLDER}/health`;

/**
 * Where the flow keeps its memory: a moving state, each version at a path below this one (windmill/moving.ts). Explicit, because
 * Windmill's default differs between manual and scheduled runs. Release 0.1.0 kept its state at this very path.
 */
const HEALTH_STATE = `${FOLDER}/health_state`;

/** Where release 0.1.0 kept its history, and what it held while it wrote. */
const HEALTH_HISTORY = `${FOLDER}/health_history`;

/** The last look that somebody asked for from the dashboard, and what is held while one goes on. */
const CHECK_NOW = `${FOLDER}/check_now`;

/** Plain JSON documents: comparing them, and finding where they differ. */
/** A JSON object as a record; anything else as an empty one. */
const asRecord = (value) => (typeof value === "object" && value !== null && !Array.isArray(value) ? value : {});

/** Addresses as people may see them, and what must not be seen of them. Pure: texts that are no whole address are read too. */
function partsOf(text) {
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
const isKeyLike = (word) =>
  word.length >= KEY_LENGTH &&
  (word.match(/[A-Za-z](?=[0-9])|[0-9](?=[A-Za-z])|[a-z](?=[A-Z])/g)?.length ?? 0) >= KEY_TURNS;

/** Parameters of a query that say how something is asked, not who asks. */
const HARMLESS_PARAMETER = /^(?:api-?version|version|v|model|deployment|region|format|stream)$/i;

/** Every part of an address that could be a credential, as it stands and decoded. */
function credentialsInAddress(text) {
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

function decodedOf(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * What foreign text must go through before it may leave the job: gateway bodies, headers, URLs, model names, error messages.
 * It takes credentials out, removes what could disturb a terminal or a page, and keeps the text short. Every step is linear
 * in the kept window, so a body of 10 MB costs no more than one of 64 KiB.
 */
/** Characters that {@link redact} keeps unless told otherwise. */
const TEXT_LIMIT = 4_000;

/** Characters that {@link excerpt} keeps: enough for the longest of Windmill's own refusals. */
const EXCERPT_LIMIT = 300;

/** Characters of the text that are looked at. */
const WINDOW = 65_536;

/** Characters dropped at a cut window: a credential that begins there could be recognised only in part. */
const RAGGED_END = 512;

const ELLIPSIS = "…";

/** Terminal sequences: CSI (colours, cursor), OSC (titles, links) and the two-character ones. */
const ANSI = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]{0,512}(?:\u0007|\u001b\\)|[@-Z\\-_])/g;

/** White space in all its forms, among them the separators that end a line in JavaScript and JSON viewers. */
const BLANKS = /[\s\u0085]+/g;

/** Controls, zero-width characters, text direction overrides, tags and lone surrogates: invisible, and able to mislead. */
const INVISIBLE$1 = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]|\u034f|\u115f|\u1160|\u17b4|\u17b5|\u3164|\uffa0/gu;

/** JSON escapes of printable ASCII characters, which could hide a key from the patterns below. */
const ESCAPED_ASCII = /\\u00([2-7][0-9a-f])/gi;

/** The gateway's keys: `sk-cxp-` and 12 hex digits are the prefix that its pages and logs show, the rest is the secret. */
const POOL_KEY = /(sk-cxp-[0-9a-f]{12})-[A-Za-z0-9_-]+/gi;

/** Pattern and what stands in its place, in this order. Sources: docs/windmill.md, Codex Pooler; RFC 9110 for headers. */
const CREDENTIALS = [
  [POOL_KEY, `$1${ELLIPSIS}`],
  [/mcp-cxp-[A-Za-z0-9_-]*/gi, `mcp-cxp-${ELLIPSIS}`],
  [/(?<![A-Za-z0-9])sk-(?!cxp-[0-9a-f]{12}(?![A-Za-z0-9_-]))[A-Za-z0-9_*-]{8,}/gi, `sk-${ELLIPSIS}`],
  [/(?<![A-Za-z0-9])jwt_[A-Za-z0-9._-]{8,}/g, `jwt_${ELLIPSIS}`],
  [/(?<![A-Za-z0-9-])eyJ[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){0,4}/g, `eyJ${ELLIPSIS}`],
  [
    /\b((?:proxy-)?authorization)(["']?\s{0,4}[:=]\s{0,4}["']?)(?:(?:bearer|basic|digest|token)\s{1,4})?(?!sk-cxp-[0-9a-f]{12}…)[^\s"',;<>{}]{4,}/gi,
    `$1$2${ELLIPSIS}`,
  ],
  [
    /\b(bearer)\s{1,4}(?!sk-cxp-[0-9a-f]{12}…|(?:auth\w*|credentials?|tokens?)\b)[A-Za-z0-9._~+/=-]{8,}/gi,
    `$1 ${ELLIPSIS}`,
  ],
  [/\b(basic)\s{1,4}(?=[A-Za-z+/]{0,40}[0-9=])[A-Za-z0-9+/]{8,}={0,2}/gi, `$1 ${ELLIPSIS}`],
  [/([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/?#"'<>@]{1,512}@/gi, `$1${ELLIPSIS}@`],
  [/([?&](?:api[-_]?key|key|token|access_token|sig|signature|code)=)[^\s&"'<>#]+/gi, `$1${ELLIPSIS}`],
  [
    /\b((?:x-)?api[-_]key|apikey|access[-_]token|refresh[-_]token|client[-_]secret|password|(?:set-)?cookie)(["']?\s{0,4}[:=]\s{0,4}["']?)(?!\$(?:var|res):|sk-cxp-[0-9a-f]{12}…)[^\s"',;<>{}]{8,}/gi,
    `$1$2${ELLIPSIS}`,
  ],
];

/**
 * A text without credentials, controls and line breaks, cut to a length. The 19-character prefix of a Pool API key stays: it is
 * what the gateway's operator searches for.
 */
function redact(text, options = {}) {
  const { clean: withoutKnown = (known) => known, limit = TEXT_LIMIT } = options;
  const window = text.slice(0, WINDOW);
  const seen = window
    .replace(ANSI, "")
    .replace(BLANKS, " ")
    .replace(INVISIBLE$1, "")
    .replace(ESCAPED_ASCII, (_escape, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  let clean = withoutKnown(seen);
  for (const [pattern, instead] of CREDENTIALS) clean = clean.replace(pattern, instead);
  // The cut may have gone through a credential: what is left of it stands at the very end.
  if (window.length < text.length) clean = clean.slice(0, Math.max(0, clean.length - RAGGED_END));
  clean = clean.replace(/ {2,}/g, " ").trim();
  return clean.length > limit || window.length < text.length ? `${cut(clean, limit - 1)}${ELLIPSIS}` : clean;
}

/** One line of at most {@link EXCERPT_LIMIT} characters: the form in which evidence is shown. */
const excerpt = (text, options = {}) => redact(text, { limit: EXCERPT_LIMIT, ...options });

/** Cuts between characters: half of a surrogate pair is no text. */
function cut(text, length) {
  const head = text.slice(0, Math.max(0, length));
  return /[\ud800-\udbff]$/.test(head) ? head.slice(0, -1) : head;
}

/** What may be shown of a credential: the gateway's own prefix for a Pool API key, nothing of any other. */
function safePrefix(secret) {
  const prefix = /^sk-cxp-[0-9a-f]{12}(?=-)/.exec(secret)?.[0];
  return prefix ? `${prefix}${ELLIPSIS}` : `(secret)`;
}

/** Whether {@link redact} would take something out of the text: a header with such a value carries a credential. */
function looksLikeCredential(text) {
  return CREDENTIALS.some(([pattern]) => new RegExp(pattern.source, pattern.flags.replace("g", "")).test(text));
}

/** Which names say that a credential stands under them, and what the credentials in a value are. Pure. */
/** Parts of a name, as they stand between its hyphens, underscores, dots and capitals. */
const PARTS =
  /^(?:.*keys?|.*tokens?|.*secrets?|.*auth|authorization|authentication|.*password|passwd|pwd|pass|passphrase|.*credentials?|signature|sig|subscription|.*cookies?|jwt|bearer|otp|pin|cert|certificate|sso|assertion)$/;

/** Pairs of parts that name a credential only together. */
const PAIRS = /(?:^|-)(?:access-client|client-id|account-id)(?:-|$)/;

/** The parts of a name, lower case, joined by hyphens: `apiKey` and `API_KEY` read the same. */
const parted = (name) =>
  name
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-");

/** Whether what stands under this name, of a header or of a field, may be a credential. */
function mayCarryCredential(name) {
  const parts = parted(name);
  return parts.split("-").some((part) => PARTS.test(part)) || PAIRS.test(parts);
}

/** Headers whose values are routing metadata and nothing else: only these are shown and kept. */
const HARMLESS =
  /^(?:x-)?(?:forwarded-(?:proto|port|prefix)|team|tenant(?:-id)?|org(?:anization)?(?:-id)?|project(?:-id)?|env(?:ironment)?|stage|region|zone|cluster|namespace|route|routing|service|source|app(?:lication)?(?:-name)?|client(?:-name)?|department|cost-center|workspace|title|priority)$|^(?:user-agent|accept-language|(?:openai|anthropic)-(?:beta|version)|api-version)$/i;

/** Whether a header's value may be shown and kept: by its name, and because nothing in it is made like a key. */
const isHarmlessHeader = (name, value) =>
  HARMLESS.test(name) && !value.split(/[\s,;=/]+/).some(isKeyLike) && !looksLikeCredential(value);

/** What Windmill fills in where a value is used: it names a secret and is none. */
const isReference = (text) => /^\$(?:var|res|jsonvar|encrypted):/.test(text);

/** Every credential in a value of a resource or in a run's arguments: by names of fields and headers, and in addresses. */
function credentialsIn(value, name = "") {
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
function credentialsInHeaders(headers) {
  if (typeof headers !== "object" || headers === null) return [];
  return Object.entries(headers).flatMap(([name, value]) => {
    if (typeof value !== "string" || isReference(value) || isHarmlessHeader(name, value)) return [];
    const words = value.split(/[\s,;=]+/);
    if (!mayCarryCredential(name) && !words.some(isKeyLike)) return [];
    return [...words, ...words.flatMap(userAndPassword)];
  });
}

/** The user name and the password behind the base64 text of HTTP's `Basic`. */
function userAndPassword(word) {
  if (!/^[A-Za-z0-9+/]{8,}={0,2}$/.test(word)) return [];
  try {
    const said = atob(word);
    return /^[\x20-\x7e]+$/.test(said) && said.includes(":") ? [said, said.slice(said.indexOf(":") + 1)] : [];
  } catch {
    return [];
  }
}

/**
 * Texts behind texts: what a text says once its escapes are resolved, with the place of each character in the original. A secret
 * can then be found and cut out wherever somebody has put it into JSON, an address or a page.
 */
const NAMED = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

const SHORT = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

const codePoint = (code) => (code <= 0x10ffff ? String.fromCodePoint(code) : null);

/** In the order in which they are tried. The escapes of a sequence of UTF-8 bytes belong together. */
const WAYS = [
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
function readings(text) {
  const all = [{ text, places: null }];
  const known = new Set([text]);
  let latest = all;
  for (let depth = 0; depth < DEEPEST && latest.length > 0; depth++) {
    const found = [];
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

function resolved({ text, places }, { escapes, resolve }) {
  const parts = [];
  const starts = new Int32Array(text.length);
  const ends = new Int32Array(text.length);
  let length = 0;
  const put = (said, start, end) => {
    parts.push(said);
    for (let index = 0; index < said.length; index++, length++) {
      starts[length] = places ? places.starts[start] : start;
      ends[length] = places ? places.ends[end - 1] : end;
    }
  };
  let next = 0;
  for (const match of text.matchAll(escapes)) {
    const said = resolve(match[0]);
    if (said === null) continue;
    for (let index = next; index < match.index; index++) put(text[index], index, index + 1);
    next = match.index + match[0].length;
    put(said, match.index, next);
  }
  for (let index = next; index < text.length; index++) put(text[index], index, index + 1);
  return { text: parts.join(""), places: { starts: starts.subarray(0, length), ends: ends.subarray(0, length) } };
}

/**
 * A credential that cannot be printed by accident: string conversion, JSON and the console see its safe prefix. The value is
 * taken out by {@link Secret.unwrap} at the one place that sends it to Windmill.
 */
class Secret {
  #value;
  /** Blanks and line breaks around the value are dropped: Windmill's form stores a newline after Ctrl+Enter. */
  constructor(value) {
    this.#value = value.trim();
  }
  /** What may be shown: `sk-cxp-0123456789ab…` for a Pool API key, `(secret)` for anything else. */
  get prefix() {
    return safePrefix(this.#value);
  }
  /** The credential itself. */
  unwrap() {
    return this.#value;
  }
  /** Whether both hold the same credential. */
  equals(other) {
    return this.#value === other.#value;
  }
  toString() {
    return this.prefix;
  }
  toJSON() {
    return this.prefix;
  }
  [Symbol.for("nodejs.util.inspect.custom")]() {
    return this.prefix;
  }
  /** What may be shown of a credential that is still a plain text. */
  static safePrefix(value) {
    return safePrefix(value.trim());
  }
}

/** What a secret looks like when somebody repeats it: whole, encoded, cut or shortened. Pure. */
/** Characters of a secret that are hidden where they stand together; a shorter text is too common to be told from others. */
const PIECE = 8;

/** Characters of a secret that are looked for: the longest JWTs are shorter. */
const LONGEST = 8_192;

/** Letters of ordinary words from which on they count as a passphrase. */
const PASSPHRASE = 20;

/** Words as they stand in every text, e.g. `windmill` or `codex-pooler`: hiding them would tear texts apart. */
const ORDINARY = /^[A-Z]?[a-z]*(?:[ _-][A-Z]?[a-z]*)*$/;

/** References and paths of Windmill's items, which are shown everywhere. */
const ITEM = /^(?:\$(?:var|res|jsonvar|encrypted):|[ufg](?:\/[A-Za-z0-9_-]+){2,}$)/;

/** Whether a text can be told from others, so that it can be hidden wherever it stands. */
const isTellable = (text) =>
  text.length >= PIECE && !ITEM.test(text) && (text.length >= PASSPHRASE || !ORDINARY.test(text));

/** Whether a piece of a secret is unlike anything that stands in ordinary texts: alone it shows that a secret stands there. */
function isTelling(piece) {
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
function formsOf(secret, hidden) {
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
const casesOf = (text) =>
  text.length >= PASSPHRASE || /[0-9]/.test(text) ? [text.toLowerCase(), text.toUpperCase()] : [];

/** The characters of the base64 text that depend on the secret alone when `offset` other bytes stand before it. */
function base64At(bytes, offset) {
  const padded = new Uint8Array(offset + bytes.length);
  padded.set(bytes, offset);
  let binary = "";
  for (const byte of padded) binary += String.fromCharCode(byte);
  const first = Math.ceil((offset * 8) / 6);
  return btoa(binary).slice(first, Math.floor((padded.length * 8) / 6));
}

/** What people and programs put in the place of the characters that they leave out. */
const GAPS = /\.{2,}|…+|\*{2,}|•{2,}|·{2,}|#{3,}|_{4,}|[xX]{4,}|<[^<>]{0,20}>|\[[^[\]]{0,20}\]|\([^()]{0,20}\)/g;

/** Characters on both sides of a gap, and on one side of it, that are too many to be chance; and how many are looked at. */
const BOTH_SIDES = 6;

const ONE_SIDE = 4;

const SHOWN$1 = 32;

/**
 * The stretches of a text that are a shortened secret (`3f9a…f4b6`) around a gap: with the gap where both ends are shown.
 *
 * @param from where the gap begins, `to` where it ends.
 */
function shortenedAround(text, from, to, secret) {
  const left = text[from - 1] === " " ? from - 1 : from;
  const right = text[to] === " " ? to + 1 : to;
  const head = longest(Math.min(left, SHOWN$1, secret.length - 1), (length) => ({
    likely: text[left - 1] === secret[length - 1],
    sure: () => text.startsWith(secret.slice(0, length), left - length),
  }));
  const tail = longest(Math.min(text.length - right, SHOWN$1, secret.length - 1), (length) => ({
    likely: text[right] === secret[secret.length - length],
    sure: () => text.startsWith(secret.slice(-length), right),
  }));
  if (head >= 2 && tail >= 2 && head + tail >= BOTH_SIDES) return [[left - head, right + tail]];
  const sides = [
    [left - head, left, secret.slice(0, head)],
    [right, right + tail, tail === 0 ? "" : secret.slice(-tail)],
  ];
  return sides.flatMap(([start, end, piece]) => (piece.length >= ONE_SIDE && isTelling(piece) ? [[start, end]] : []));
}

/** The greatest length from `most` down that is right; 0 when none is. What is unlikely is not looked at closely. */
function longest(most, at) {
  for (let length = most; length > 0; length--) {
    const { likely, sure } = at(length);
    if (likely && sure()) return length;
  }
  return 0;
}

/** A rolling hash over {@link PIECE} characters: the next character comes in, and the one before the first goes out. */
const BASE = 0x01000193;

const BASE_OUT = Array.from({ length: PIECE }).reduce((power) => Math.imul(power, BASE), 1);

const slot = (hash) => Math.imul(hash, 0x9e3779b1) >>> 16;

function hashOf(piece) {
  let hash = 0;
  for (let index = 0; index < piece.length; index++) hash = (Math.imul(hash, BASE) + piece.charCodeAt(index)) | 0;
  return hash;
}

/** Where pieces with one of these hashes may stand. This is the loop in which a text's time goes. */
function likelyPlaces(text, hashes) {
  const places = [];
  let hash = 0;
  for (let end = 1; end <= text.length; end++) {
    hash = (Math.imul(hash, BASE) + text.charCodeAt(end - 1)) | 0;
    if (end > PIECE) hash = (hash - Math.imul(text.charCodeAt(end - PIECE - 1), BASE_OUT)) | 0;
    if (end >= PIECE && hashes[slot(hash)] === 1) places.push(end - PIECE);
  }
  return places;
}

/** An address, which is no secret as a whole: others of the same host would be hidden too. */
const isAddress = (text) => /^[a-z][a-z0-9+.-]*:\/\//i.test(text);

/**
 * The secrets that a run has in its hands. Whatever leaves the run (results, errors, logs, states, alerts) goes through it, and
 * none of them is in it afterwards, in whatever form the world has repeated it. One register per run, opened with
 * {@link file://../windmill/windmill.ts}: it grows and ends with the run.
 */
class KnownSecrets {
  #known = new Map();
  /** Where each piece of {@link PIECE} characters stands in a form. */
  #pieces = new Map();
  /** Which hashes pieces have, so that a text is looked through in one go. */
  #hashes = new Uint8Array(1 << 16);
  /** Paths of the variables whose values are known. */
  #paths = new Set();
  /** Takes up a secret, with each word of one that holds several, and the credentials in it when it is an address. */
  learn(secret, path) {
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
  learnFrom(value) {
    for (const one of credentialsIn(value)) this.#add(one);
  }
  /** Whether the value of the variable is known: then nobody needs to read it, which Windmill would audit. */
  knows(path) {
    return this.#paths.has(path);
  }
  /** The same value without secrets: texts and names of fields are cleaned, everything else stays. */
  clean(value) {
    return this.#known.size === 0 ? value : this.#walk(value);
  }
  /** The same error without secrets in its message, its stack and what hangs on it; what is no error becomes one. */
  cleanError(error) {
    if (!(error instanceof Error)) return new Error(this.clean(String(error)));
    for (const name of Object.getOwnPropertyNames(error)) {
      const held = Reflect.get(error, name);
      const value = held instanceof Error ? this.cleanError(held) : this.clean(held);
      if (value === held) continue;
      // Libraries lock properties of their errors: what cannot be cleaned does not leave.
      if (!Reflect.defineProperty(error, name, { value, configurable: true, writable: true }))
        return this.#words(error);
    }
    return error;
  }
  /** An error of the same name that says the same and holds nothing else. */
  #words({ name, message, stack }) {
    const words = new Error(this.clean(message));
    words.name = name;
    words.stack = this.clean(stack ?? "");
    return words;
  }
  #walk(value) {
    if (typeof value === "string") return this.#cleanText(value);
    if (Array.isArray(value)) return value.map((item) => this.#walk(item));
    if (value instanceof Secret) return value.prefix;
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [this.#cleanText(name), this.#walk(inner)]));
  }
  #add(secret) {
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
  #cleanText(text) {
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
  #repeated({ text, places }) {
    const found = [];
    for (const at of likelyPlaces(text, this.#hashes)) {
      const stretch = this.#matchAt(text, at);
      if (stretch === null) continue;
      const [from, to] = stretch;
      found.push(places ? [places.starts[from], places.ends[to - 1]] : stretch);
    }
    return found;
  }
  /** The longest stretch around a place that a form has too; null when it tells nothing. */
  #matchAt(text, at) {
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
  #shortened(text) {
    return [...text.matchAll(GAPS)].flatMap((gap) =>
      [...this.#known].flatMap(([secret, { prefix }]) =>
        shortenedAround(text, gap.index, gap.index + gap[0].length, secret)
          .map(([from, to]) => [text.startsWith(prefix, from) ? from + prefix.length : from, to])
          .filter(([from, to]) => from < to),
      ),
    );
  }
}

/** Stretches in order, those that touch as one. */
function merged(stretches) {
  const all = [];
  for (const [from, to] of [...stretches].sort((a, b) => a[0] - b[0])) {
    const last = all.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else all.push([from, to]);
  }
  return all;
}

/**
 * The one door to Windmill's API. It owns time-outs, redirects and error conversion, so that nothing else has to: every
 * call of `windmill-client` goes through {@link Windmill.call}, and every error that leaves it is a {@link WindmillError}
 * that holds no request. (An `ApiError` carries the request body, so an uncaught one would put a key into the job's
 * stored result.)
 */
/** Milliseconds for one call of Windmill's API. They answer in a few ms; a server that needs longer is in trouble. */
const API_TIMEOUT_MS = 15_000;

/** What to do about a call that failed, by the status of the answer. */
function remedyFor(status) {
  if (status === 401 || status === 403) {
    return "Run it again as an admin of the workspace; if you are one, the job's token has ended: run it again.";
  }
  if (status === null || status >= 500)
    return "Run it again; if it keeps failing, look at the log of Windmill's server.";
  return "Run it again: it starts from what is there now.";
}

/** Windmill refused or did not answer. `message` is fit for people; `said` is Windmill's own text, redacted and short. */
class WindmillError extends Error {
  name = "WindmillError";
  /** HTTP status, or null when there was no answer. */
  status;
  said;
  constructor(what, status, said) {
    const happened =
      status === null
        ? `Windmill did not answer (${said || "no reason given"})`
        : `Windmill answered ${status}${said ? ` "${said}"` : ""}`;
    super(`${what}: ${happened}. ${remedyFor(status)}`);
    this.status = status;
    this.said = said;
  }
}

/** True when Windmill says that the item is not there. Hidden items of others answer 401 or 404, depending on the endpoint. */
const isNotFound = (error) => error instanceof WindmillError && error.status === 404;

/** Answers null for what is not there; every other error stays one. */
async function orNull(promise) {
  try {
    return await promise;
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

/** True when the caller has no right to it: 401 and 403, and the row-level-security text of servers before 1.788. */
const isForbidden = (error) =>
  error instanceof WindmillError &&
  (error.status === 401 ||
    error.status === 403 ||
    (error.status === 400 && error.said.includes("row-level security policy")));

/**
 * Opens Windmill's API for the running job.
 *
 * @param serverUrl where this job reaches the server that people's browsers use; blank = the instance's own base URL
 *   (WM_BASE_URL), which is not reachable from every worker.
 * @param secrets the register of the run, where it has one already.
 * @throws Error when it does not run as a Windmill job.
 */
function openWindmill(environment = process.env, serverUrl = "", secrets = new KnownSecrets()) {
  const { WM_WORKSPACE: workspace, WM_TOKEN: token } = environment;
  if (!workspace || !token) {
    throw new Error(
      "This script runs as a Windmill job only: WM_WORKSPACE and WM_TOKEN are missing. Run it from Windmill's UI or with `wmill script run`.",
    );
  }
  const worker = trimSlashes(environment.BASE_INTERNAL_URL || environment.BASE_URL || "http://localhost:8000");
  const server = trimSlashes(serverUrl || environment.WM_BASE_URL || "http://localhost");
  const routes = { server, worker };
  const opened = performance.now();
  limitRequests();
  secrets.learn(token);
  return {
    workspace,
    permissionedAs: environment.WM_PERMISSIONED_AS || `u/${environment.WM_USERNAME ?? ""}`,
    jobId: environment.WM_JOB_ID ?? "",
    pages_url: trimSlashes(environment.WM_BASE_URL ?? ""),
    runUrl: `${trimSlashes(environment.WM_BASE_URL || server)}/run/${environment.WM_ROOT_FLOW_JOB_ID || environment.WM_JOB_ID || ""}?workspace=${encodeURIComponent(workspace)}`,
    routes,
    elapsedMs: () => performance.now() - opened,
    secrets,
    authorization: () => ({ authorization: `Bearer ${token}` }),
    async call(what, run, schema, via = "worker") {
      // The client keeps its base URL in one global. It is read before the call's first await, so two calls that run at
      // the same time over different routes do not disturb each other.
      OpenAPI.BASE = `${routes[via]}/api`;
      OpenAPI.TOKEN = token;
      let answer;
      try {
        answer = await run();
      } catch (error) {
        throw toWindmillError(what, error, (text) => secrets.clean(text));
      }
      const parsed = schema.safeParse(answer);
      if (parsed.success) return parsed.data;
      const where = parsed.error.issues.map((issue) => issue.path.join(".") || "answer").slice(0, 3);
      throw new WindmillError(what, 200, `an answer of an unexpected shape (${where.join(", ")})`);
    },
  };
}

const trimSlashes = (url) => url.replace(/\/+$/, "");

const addLimits = (request) => ({
  ...request,
  redirect: "manual",
  signal: AbortSignal.timeout(API_TIMEOUT_MS),
});

/** Gives every request of the client a time-out and forbids redirects, which would carry the job's token along. */
function limitRequests() {
  OpenAPI.interceptors.request.eject(addLimits);
  OpenAPI.interceptors.request.use(addLimits);
}

/** Keeps status and text of whatever the client threw, and drops the rest: it holds the request with its body. */
function toWindmillError(what, error, clean) {
  if (error instanceof WindmillError) return error;
  if (error instanceof Error && "status" in error && typeof error.status === "number") {
    const body = "body" in error ? error.body : "";
    const said = typeof body === "string" ? body : JSON.stringify(body ?? "");
    return new WindmillError(what, error.status, excerpt(said, { clean }));
  }
  const name = error instanceof Error ? error.name : "";
  if (name === "TimeoutError" || name === "AbortError") {
    return new WindmillError(what, null, `no answer within ${API_TIMEOUT_MS / 1000} s`);
  }
  return new WindmillError(what, null, excerpt(error instanceof Error ? error.message : String(error), { clean }));
}

/** Resources, resource types and states: one function per call, each answer parsed at this border. */
/** A resource with its raw value: `$var:` references are not resolved. */
const ResourceInfo = z.looseObject({
  path: z.string(),
  value: z.unknown(),
  resource_type: z.string(),
  description: z.string().nullish(),
  extra_perms: z.record(z.string(), z.unknown()).nullish(),
});

/** A resource with its raw value; null when there is none. Credentials that stand in it are known from then on. */
async function findResource(windmill, path) {
  const found = await orNull(
    windmill.call(
      `Looking up the resource ${path}`,
      () => ResourceService.getResource({ workspace: windmill.workspace, path }),
      ResourceInfo,
    ),
  );
  windmill.secrets.learnFrom(found?.value);
  return found;
}

/** Reads a state kept at a path; null when there is none yet. */
const readState = (windmill, path) =>
  orNull(
    windmill.call(
      `Reading the state ${path}`,
      () => ResourceService.getResourceValue({ workspace: windmill.workspace, path }),
      z.unknown(),
    ),
  );

/** What the admin asked for, kept in the workspace: what a check compares with, and what a disconnect may remove. */
const INTENT = `${FOLDER}/intent`;

/** Version of the stored intent. */
const INTENT_VERSION = 2;

/** What this product has made, and may therefore remove: nothing else. */
const Made = z.object({
  resource_type: z.boolean(),
  schedule: z.boolean(),
  /** Paths. */
  secrets: z.array(z.string()),
  resources: z.array(z.string()),
  /** Keys of `max_tokens_per_model` (`customai:<model>`). */
  limits: z.array(z.string()),
});

const Intent = z.object({
  version: z.literal(INTENT_VERSION),
  /** ISO 8601. */
  at: z.string(),
  by: z.string(),
  /** False once the connection was undone: nothing is asked for then, but what was made is still known. */
  active: z.boolean(),
  resource_path: z.string(),
  secret_path: z.string(),
  base_url: z.string(),
  models: z.array(z.string()),
  /** Null when the admin left the setting to another provider. */
  default_model: z.string().nullable(),
  metadata_model: z.string().nullable(),
  /** Ids that the gateway listed when the models were chosen, and that were not chosen: no repair enables them unasked. */
  left_out: z.array(z.string()).default([]),
  /** Whether the admin asked for the health check not to run. */
  schedule_off: z.boolean().default(false),
  /**
   * What a connect overwrites of the settings, as it was before the first one: whether there was any `providers`, and the models,
   * null where there was none or one of customai.
   */
  before: z.object({ providers: z.boolean(), default_model: z.unknown(), metadata_model: z.unknown() }),
  made: Made,
});

/** The first version told of one secret and one resource whether they were made, and nothing of before. */
const FirstVersion$1 = z.looseObject({
  version: z.literal(1),
  resource_path: z.string(),
  secret_path: z.string(),
  made: z.object({ resource_type: z.boolean(), secret: z.boolean(), resource: z.boolean(), schedule: z.boolean() }),
});

/** Brings an intent of the first version up to date; everything else stays as it is. */
function upgraded$1(stored) {
  const first = FirstVersion$1.safeParse(stored);
  if (!first.success) return stored;
  const { made, ...intent } = first.data;
  return {
    ...intent,
    version: INTENT_VERSION,
    active: true,
    before: { providers: false, default_model: null, metadata_model: null },
    made: {
      resource_type: made.resource_type,
      schedule: made.schedule,
      secrets: made.secret ? [intent.secret_path] : [],
      resources: made.resource ? [intent.resource_path] : [],
      limits: [],
    },
  };
}

/** Parses a stored intent; null for one that is damaged or of an unknown version. */
function parseIntent(stored) {
  const parsed = Intent.safeParse(upgraded$1(stored));
  return parsed.success ? parsed.data : null;
}

/** The intent; null when nobody has connected yet, or when it is damaged or of another version. */
const readIntent = async (windmill) => parseIntent(await readState(windmill, INTENT));

/** How often a reader looks where it has moved to while it reads. */
const READS = 20;

/** The present version; null when there is none that the caller may see. */
async function readVersion(windmill, base) {
  for (let attempt = 1; ; attempt++) {
    const [number] = await versionsOf(windmill, base);
    if (number === undefined) return null;
    const found = await orNull(
      windmill.call(
        `Reading the state ${at(base, number)}`,
        () => ResourceService.getResourceValue({ workspace: windmill.workspace, path: at(base, number) }),
        z.unknown().transform((value) => ({ value })),
      ),
    );
    if (found !== null) return { number, ...found };
    if (attempt === READS) throw new WindmillError(`Reading the state ${base}`, null, "it is changed all the time");
  }
}

const at = (base, number) => `${base}/${number}`;

/** The numbers of the versions that there are, the highest first; one as a rule. */
async function versionsOf(windmill, base) {
  const listed = await windmill.call(
    `Looking for the state ${base}`,
    () => ResourceService.listResource({ workspace: windmill.workspace, resourceType: "state", pathStart: base }),
    z.array(z.looseObject({ path: z.string() })),
  );
  const numbers = listed.flatMap(({ path }) => {
    const [, number] = path.startsWith(`${base}/`) ? (/^(\d{1,15})$/.exec(path.slice(base.length + 1)) ?? []) : [];
    return number === undefined ? [] : [Number(number)];
  });
  return numbers.sort((a, b) => b - a);
}

/** A change as the report shows it: nothing secret, values short enough to read. */
const ChangeView = z.object({
  action: z.enum(["create", "change", "delete"]),
  target: z.string(),
  /** What differs, place by place. `before` is null for something new, `after` for something deleted. */
  differences: z.array(z.object({ path: z.string(), before: z.unknown(), after: z.unknown() })),
  /** What it takes to make the change. */
  needs: z.string(),
  /** How a person undoes it by hand. */
  undo: z.string(),
});

/** What people know of Windmill AI. */
const Feature = z.enum([
  "chat",
  "AI sessions",
  "fix",
  "summaries and metadata",
  "form filling",
  "flow chat with optional inputs",
  "agent steps",
  "agent steps with tools",
  "agent steps with an output schema",
  "agent steps that set a temperature",
  "agent steps that limit their output",
  "code completion",
]);

/** For whom something works that depends on a person's rights. */
const Audience = z.object({
  scope: z.enum(["everybody", "readers", "admins", "nobody"]),
  /** With `readers`: those beside admins, as `u/<user>`, `g/<group>` or `f/<folder>` (who may read it), as far as they can be named. */
  who: z.array(z.string()),
  /** The same for people. */
  says: z.string(),
});

/** Whether a feature works for the workspace's users, in a report. */
const FeatureRow = z.object({
  feature: Feature,
  state: z.enum(["works", "not-tested", "broken"]),
  /** One or two sentences for an admin. */
  why: z.string(),
  /** `code` of the finding that says more; only when `state` is `broken`. */
  code: z.string().optional(),
  /** For whom, where it works; absent where it is not this connection's, or not known. */
  for_whom: Audience.optional(),
});

/**
 * How bad it is that a feature is broken: as bad as the finding that it names. One of which nothing is known is as bad as can be; one
 * that is for information only is a limit that people know of, and no reason to call anything broken.
 */
const severityOf = ({ code }, findings) => findings.find((one) => one.code === code)?.severity ?? "critical";

/** Addresses of Windmill's own pages, and what a page of ours leads to. The one place that composes them. Pure. */
/** What can be done next, as a link to a form that is filled in. */
const Link = z.object({
  does: z.enum(["apply", "undo", "repair"]),
  /** What stands on it. */
  label: z.string(),
  url: z.string(),
});

/**
 * The shapes of the data that walks through the product (see docs/architecture.md): outcome -> probe -> finding -> report.
 * All of it is plain JSON: what a job returns, what a stand-in test compares and what the state keeps.
 */
/** The way a probe takes. `server` = WM_BASE_URL, what browsers use; `worker` = BASE_URL, the worker's own embedded API. */
const Route = z.enum(["server", "worker"]);

/** How much a check may cost: `free` uses no tokens, `chat` one completion per model, `features` the shapes of Windmill's features. */
const Depth = z.enum(["free", "chat", "features"]);

/** `healthy`; `degraded` = works, with a finding that will hurt; `down` = users are refused; `unknown` = could not be measured. */
const Status = z.enum(["healthy", "degraded", "down", "unknown"]);

/** `critical` makes the status `down`, `warning` makes it `degraded`, `info` leaves it. */
const Severity = z.enum(["critical", "warning", "info"]);

/** Who can fix it. `wait` = it heals by itself, or nobody can hurry it. */
const Owner = z.enum(["workspace-admin", "windmill-operator", "gateway-operator", "wait"]);

/** Where on the way from Windmill to the model it broke. */
const Layer = z.enum([
  "token",
  "workspace-settings",
  "resource",
  "secret",
  "url-guard",
  "name-resolution",
  "connection",
  "tls",
  "redirect",
  "gateway-path",
  "key",
  "key-policy",
  "quota",
  "model",
  "upstream",
  "protocol",
  "latency",
  "schedule",
  "unrecognised",
]);

/**
 * What came back from one request, before anybody judges it. Bodies are cut to {@link BODY_LIMIT} characters when they are
 * read; nothing here is redacted yet, so an outcome never leaves the job: probes and findings carry a redacted excerpt.
 */
z.object({
  /** HTTP status, or null when no HTTP answer arrived (see `failure`). */
  status: z.number().int().nullable(),
  /** Lower-case media type without parameters, "" when absent. */
  content_type: z.string(),
  /** The `Location` header of a redirect. Redirects are never followed. */
  location: z.string().optional(),
  /** The gateway's `x-request-id`, which its operator can search for. Windmill passes it on for 2xx and 3xx answers only. */
  request_id: z.string().optional(),
  /** What the headers tell of who sent it (as src/probe/sender.ts reads them); "" where they tell nothing. Absent when no answer came. */
  sender: z.string().optional(),
  /** The body as text, cut. For a stream: the raw server-sent events. */
  body: z.string(),
  /** True when the body was longer than what `body` holds. */
  truncated: z.boolean(),
  /** Why there is no (complete) answer: our own time-out, a connection that failed, or a body that broke off. */
  failure: z.object({ kind: z.enum(["timeout", "network", "aborted"]), message: z.string() }).optional(),
  /** Milliseconds from sending the request to the last byte read. */
  ms: z.number(),
  /** Milliseconds to the first byte of the body; streams only. */
  first_byte_ms: z.number().optional(),
});

/** What a probe asked for. `models` = GET /models, `usage` = GET /usage, `chat` = one plain completion; the rest are feature probes. */
const ProbeKind = z.enum([
  "models",
  "usage",
  "chat",
  "metadata",
  "summary",
  "stream",
  "tools",
  "large",
  "strict-tools",
  "agent",
  "agent-tools",
  "agent-schema",
  "agent-temperature",
  "agent-max-tokens",
  "connection-check",
]);

/** The smallest depth at which each kind is sent. */
const PROBE_DEPTH = {
  models: "free",
  usage: "free",
  chat: "chat",
  metadata: "features",
  summary: "features",
  stream: "features",
  tools: "features",
  large: "features",
  "strict-tools": "features",
  agent: "features",
  "agent-tools": "features",
  "agent-schema": "features",
  "agent-temperature": "features",
  "agent-max-tokens": "features",
  "connection-check": "features",
};

/** One request as the report shows it: what was asked over which route, how it went, and which diagnosis it got. */
const Probe = z.object({
  /** Stable within a report, e.g. `server:chat:gpt-5.5`. */
  id: z.string(),
  kind: ProbeKind,
  route: Route,
  model: z.string().nullable(),
  /** True when the request named the resource (X-Resource-Path), so that it says nothing about what users get. */
  candidate: z.boolean(),
  /** True when Windmill sent it with the key or to the address of before: it says nothing about what is there now. */
  stale: z.boolean().optional(),
  ok: z.boolean(),
  status: z.number().int().nullable(),
  ms: z.number(),
  first_byte_ms: z.number().optional(),
  request_id: z.string().optional(),
  /** `code` of the diagnosis when `ok` is false. */
  code: z.string().nullable(),
  /** Redacted, single-line, short. Empty when `ok`. */
  excerpt: z.string(),
  /** Tokens the gateway said it used; absent when it did not say. */
  tokens: z.number().int().optional(),
});

/** A diagnosis with its evidence: one per cause, not one per failed probe. */
const Finding = z.object({
  /** Stable, kebab-case; a row of the diagnosis table. */
  code: z.string(),
  layer: Layer,
  severity: Severity,
  owner: Owner,
  /** One line for a list or an alert. */
  title: z.string(),
  /** What happened and why, in plain words. */
  cause: z.string(),
  /** What to do: exact steps, in order. */
  remedy: z.array(z.string()),
  /** Whether the repair script can do it. */
  repairable: z.boolean(),
  /** Whether it never heals by itself, so that there is nothing to wait for before people are told. */
  lasting: z.boolean().optional(),
  evidence: z.array(
    z.object({
      route: Route.nullable(),
      model: z.string().nullable(),
      status: z.number().int().nullable(),
      excerpt: z.string(),
      request_id: z.string().optional(),
    }),
  ),
  /** Ids of the probes that this cause explains. */
  probes: z.array(z.string()),
});

/** What is known of one model id: what the settings use it for, what the gateway lists, and how it answered per route. */
const ModelRow = z.object({
  id: z.string(),
  /** Enabled in the workspace AI settings (`providers.customai.models`). */
  configured: z.boolean(),
  is_default: z.boolean(),
  is_metadata: z.boolean(),
  /** Listed by the gateway; null when the list could not be read. */
  served: z.boolean().nullable(),
  server: z.enum(["ok", "failed", "not-tested"]),
  worker: z.enum(["ok", "failed", "not-tested"]),
  /** Milliseconds of the slowest completion over the server route; null when none was measured. */
  ms: z.number().nullable(),
});

/** What the connection is made of, as far as everybody who sees the run may know. Paths come without `$var:` in front. */
const ConnectionFacts = z.object({
  /** Whose AI settings users get. */
  settings: z.enum(["workspace", "instance", "none"]),
  resource_path: z.string().nullable(),
  base_url: z.string().nullable(),
  secret_path: z.string().nullable(),
  default_model: z.string().nullable(),
  metadata_model: z.string().nullable(),
  /** The default model where it is another provider's, e.g. `openai:gpt-4o`: then chats do not go through the gateway. */
  default_elsewhere: z.string().nullable().optional(),
  schedule: z.object({ cron: z.string(), enabled: z.boolean(), timezone: z.string().optional() }).nullable(),
});

/** What a run answers: one JSON object with a stable shape, which Windmill shows by the HTML it carries. */
/** Raised when a field changes its meaning or goes; new fields do not raise it. */
const REPORT_VERSION = 1;

/** How telling people went. */
z.object({
  /** Whether at least one target took it; else it is tried again with the next tick. */
  delivered: z.boolean(),
  targets: z.array(
    z.object({
      /** What people know it by, e.g. `webhook at hooks.slack.com (slack)`. Never an address. */
      target: z.string(),
      delivered: z.boolean(),
      /** Why not, and what to do; "" when delivered. */
      problem: z.string(),
      /** True where it may have arrived although nobody said so; absent where it is certain. */
      unsure: z.boolean().optional(),
    }),
  ),
});

/** What a member got who was asked for, see `member_token_path` of `check`. */
const AsMember = z.object({
  who: z.string(),
  /** Whether their chat reaches the gateway. */
  chat: z.boolean(),
  /** Whether an AI agent step of theirs can use this connection's resource and key. */
  agent_steps: z.boolean(),
  /** Why not; "" where both do. */
  why: z.string(),
});

/** What `check` returns, and what the health flow hands from step to step. */
z.object({
  version: z.literal(REPORT_VERSION),
  status: Status,
  /** One line: the status and its first cause. */
  summary: z.string(),
  workspace: z.string(),
  /** ISO 8601. */
  checked_at: z.string(),
  server_version: z.string(),
  depth: Depth,
  /** Only where the depth was chosen by the memory of the health flow: why, and a mark of the settings that it saw. */
  chosen: z.object({ why: z.string(), fingerprint: z.string() }).optional(),
  /** A mark of settings, resource and intent as this check saw them, whatever its depth; absent when they could not be read. */
  fingerprint: z.string().optional(),
  /** Why this check could not even read what there is, so that it measured nothing; absent as a rule. */
  could_not_look: z.string().optional(),
  connection: ConnectionFacts,
  findings: z.array(Finding),
  probes: z.array(Probe),
  /** Ids of probes that this check had no time left for, so that they say nothing; absent when all were asked. */
  not_asked: z.array(z.string()).optional(),
  models: z.array(ModelRow),
  features: z.array(FeatureRow),
  /** Milliseconds. `probe` is the time of all probes together, which run side by side. */
  timings_ms: z.object({ observe: z.number(), probe: z.number(), slowest_probe: z.number(), total: z.number() }),
  /** Tokens that the gateway said this check used. */
  tokens: z.number().int(),
  /** What can be done next, as links to forms that are filled in. */
  links: z.array(Link).optional(),
  /** Only where a member's token was given. */
  as_member: AsMember.optional(),
  /** What the answers cannot vouch for, where address or key had just changed; absent when there is nothing of the kind. */
  proof: z.string().optional(),
});

/** What a command that changes something returns. */
z.object({
  version: z.literal(REPORT_VERSION),
  command: z.string(),
  mode: z.enum(["plan", "apply"]),
  /** The connection's status after applying; null for a plan, which changes and proves nothing. */
  status: Status.nullable(),
  applied: z.boolean(),
  summary: z.string(),
  /** Give it to mode "apply" to have exactly this plan or none; "" where there is nothing to hold on to. */
  plan_id: z.string(),
  workspace: z.string(),
  changes: z.array(ChangeView),
  /** What people should know beside the changes. */
  notes: z.array(z.string()),
  findings: z.array(Finding),
  probes: z.array(Probe),
  models: z.array(ModelRow),
  /** What can be done next, as links to forms that are filled in; none where a link would not work. */
  links: z.array(Link).optional(),
  /** What a repair mends, and the findings that called for it; only `repair` says it. */
  repairs: z.array(z.object({ codes: z.array(z.string()), does: z.string() })).optional(),
  /** What can be undone, the newest first; only `undo` says it. */
  snapshots: z
    .array(
      z.object({
        id: z.string(),
        /** ISO 8601. */
        at: z.string(),
        by: z.string(),
        command: z.string(),
        touches: z.array(z.string()),
        undone: z.boolean(),
      }),
    )
    .optional(),
});

/** Controls but for line ends, signs without a shape such as text direction overrides, and halves of signs, which no database
 * takes: model ids may hold anything. */
const INVISIBLE = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}]/gu;

/**
 * A JSON value in which no text can be taken for a reference. Windmill resolves every text that starts with `$var:`, `$res:`
 * and the like when a flow hands it to the next step, so a gateway's error text could otherwise fetch a secret into a job's
 * arguments. Such texts get a leading blank, and what nobody can see is taken out of all of them.
 */
function inert(value) {
  const walk = (one) => {
    if (typeof one === "string") {
      const visible = one.replace(INVISIBLE, "");
      return visible.startsWith("$") ? ` ${visible}` : visible;
    }
    if (Array.isArray(one)) return one.map(walk);
    if (typeof one !== "object" || one === null) return one;
    return Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, walk(inner)]));
  };
  return walk(value);
}

/**
 * What the health flow measured in the last 30 days, at {@link file://./paths.ts} HEALTH_HISTORY, in bounded space: the last ticks one
 * by one (two days of them at one each 5 minutes), and a bucket per hour. history_keep.ts writes it, history_view.ts reads it.
 */
const HISTORY_VERSION = 1;

const STATUSES = Status.options;

/**
 * A tick: when (milliseconds since 1970), status and depth as places in {@link STATUSES} and {@link DEPTHS}, milliseconds of the
 * model list over the server route (-1: none came), tokens.
 */
const TickRow = z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()]);

/** An hour of UTC. */
const HourRow = z.object({
  /** Hours since 1970. */
  h: z.number().int(),
  /** Ticks per status, in the order of {@link STATUSES}. */
  n: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  /** Seconds per status, in the same order, see spans.ts; absent in hours that release 0.1.0 wrote. */
  s: z.tuple([z.number(), z.number(), z.number(), z.number()]).optional(),
  /** Tokens. */
  t: z.number(),
  /** By place in `models`: how long answers took, one sign per answer, see {@link encodeMs}. Absent when none was asked. */
  l: z.record(z.string(), z.string()).optional(),
});

const History = z.object({
  version: z.literal(HISTORY_VERSION),
  /** Ids of the models whose answer times are kept. A place is reused only when its model has no answer left in any hour. */
  models: z.array(z.string()),
  /** Oldest first, see {@link BOUNDS}. */
  ticks: z.array(TickRow),
  /** Oldest first, see {@link BOUNDS}. */
  hours: z.array(HourRow),
});

/** What is kept at most. With 3 models asked hourly that is about 70 kB, with 20 models asked every 5 minutes about 300 kB. */
const BOUNDS = { ticks: 600 };

const emptyHistory = () => ({ version: HISTORY_VERSION, models: [], ticks: [], hours: [] });

/** Milliseconds of the first sign, and how much longer each next one is: 88 signs reach from 10 ms to 97 s, 11 % apart. */
const FIRST_MS = 10;

const STEP = 1.11;

/** Printable ASCII without the two signs that JSON would have to escape. */
const SIGNS = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index))
  .filter((sign) => sign !== '"' && sign !== "\\")
  .join("");

const TIMES = new Map([...SIGNS].map((sign, place) => [sign, Math.round(FIRST_MS * STEP ** place)]));

/** The time that a sign stands for, in ms; null for a sign that stands for none. */
const decodeMs = (sign) => TIMES.get(sign) ?? null;

/** What there is to tell people, as the memory of the health flow knows it. */
const News = z.object({
  /** The same for each attempt, so that who gets it twice can tell: incident, occasion and number. */
  id: z.string(),
  /** Why people are told: an incident began, its status or cause changed, it still lasts, or it is over. */
  kind: z.enum(["opening", "cause", "reminder", "recovery"]),
  /** Id of the incident. */
  incident: z.string(),
  /** Of the cause that it is about; "" for a recovery. */
  code: z.string(),
  status: Status,
  /** What people were told before; null when nothing was. */
  previous: Status.nullable(),
  /** When the incident began. */
  since: z.iso.datetime(),
  /** The tick that gives the occasion. */
  at: z.iso.datetime(),
  /** How often it was sent before without anybody saying that it arrived. */
  repeated: z.number().int().optional(),
});

/**
 * What the health flow remembers from tick to tick. The rule behind its shape: **what is known is what was measured, when, and how
 * deep**. A check never says "nothing is wrong"; it says what it measured. So the memory holds
 *
 * - `open`: what was found wrong and has not been measured as well since. Each finding knows how deep a look it takes to see it and
 *   by which probes it was seen (its subjects: requests of one route, kind and model; none when the settings show it). A tick
 *   closes it only by measuring those subjects on their own merits: a shallower check, an edit, an outage in front of them, a
 *   blind moment or a check that ran out of time leave it open, with its age.
 * - `looks`: per depth, when it was measured last, under which settings; and `tried`, when it was asked for last, whatever came of it.
 * - `models`, `features`: the last answer per subject that people know, each with the time at which it was asked.
 * - `streaks`: ticks in a row that were at least so bad, at most so bad, blind, or had the same cause. They decide when a status
 *   counts; which causes made it does not matter for that.
 * - the incident, the closed ones, and what people were told of each.
 *
 * Times are ISO 8601 by the clock of Windmill's database, see {@link Tick}. It holds no secret: findings and facts are redacted
 * where they are made.
 */
const STATE_VERSION = 3;

/** Bounds that keep the state small whatever happens: about 60 kB at worst, a few kB as a rule. */
const LIMITS = {
  incidents: 50,
  open: 30,
  subjects: 130,
  models: 60,
  incident_findings: 20,
  turns: 12,
  ticks: 20,
};

/** ISO 8601 in UTC, as `toISOString` writes it. */
const Time = z.iso.datetime();

/** What makes the status what it is: the first finding of the severity that counts. */
const Cause = z.object({ status: Status, code: z.string(), title: z.string() });

/** What people were told of an incident. */
const Told = z.object({
  /** When the last alert was taken; null before the first. */
  at: Time.nullable(),
  opening: z.boolean(),
  recovery: z.boolean(),
  /** The status that the last alert named; null before the first. */
  status: Status.nullable(),
  /** `status/code` of the causes that were told, so that a cause that comes and goes is told once. */
  causes: z.array(z.string()),
  /** How many alerts people were sent of it. */
  count: z.number().int(),
});

/** A time in which the status was not `healthy`. */
const Incident = z.object({
  /** Its start as `20261124T100000Z`. */
  id: z.string(),
  /** The first bad tick. */
  start: Time,
  /** The tick at which it counted: after `failures_before_alert` bad ones, or at once. */
  opened: Time,
  /** The first good tick of those that ended it; null while it lasts. */
  end: Time.nullable(),
  /** The status before it; null when it was there from the start. */
  before: Status.nullable(),
  /** The worst status in it: down > degraded > unknown. */
  worst: Status,
  /** What it began with. */
  cause: Cause,
  /** What it is now, or was at its end, and since when. */
  current: Cause.extend({ since: Time }),
  /** Findings that came and went: when each was seen first and last. */
  findings: z.array(z.object({ code: z.string(), title: z.string(), severity: Severity, first: Time, last: Time })),
  told: Told,
});

/** A finding that was made and not yet measured away. */
const OpenFinding = z.object({
  /** As it was seen last; `probes` are the subjects that have not been measured as well since. */
  finding: Finding,
  /** How deep a look has to be to see it. */
  depth: Depth,
  /** When it was seen first and last. */
  first: Time,
  last: Time,
});

/** The last time a depth was measured. */
const Look$1 = z.object({
  at: Time,
  /** Tokens that the check used which looked. */
  tokens: z.number().int(),
  /** Of the settings under which it looked; "" when not known. */
  fingerprint: z.string(),
});

/** A model with its last answers, and when it was asked for them; null when it never was under the present settings. */
const KnownModel = ModelRow.extend({ asked_at: Time.nullable() });

/** A feature with its last result, and when it was tried; null when it never was. */
const KnownFeature = FeatureRow.extend({ tried_at: Time.nullable() });

/** Consecutive ticks of a kind. A blind tick (`unknown`) neither ends nor lengthens any but `blind`. */
const Run = z.object({ count: z.number().int(), since: Time });

const Streaks = z.object({
  /** All is well. */
  well: Run.nullable(),
  /** At most `degraded`: people are served. */
  served: Run.nullable(),
  /** At least `degraded`. */
  ill: Run.nullable(),
  /** `down`. */
  down: Run.nullable(),
  /** Nothing could be measured. */
  blind: Run.nullable(),
  /** Something could. */
  seen: Run.nullable(),
  /** The same cause was the reason. */
  cause: Run.extend({ key: z.string() }).nullable(),
});

/** The last tick. */
const LastTick = z.object({
  at: Time,
  /** What it measured, together with what is still open, which is not yet the status that people go by. */
  status: Status,
  depth: Depth,
  /** Of settings, resource and intent, see observe/fingerprint.ts; "" when none was ever known. */
  fingerprint: z.string(),
  /** Where people see the run. */
  run_url: z.string(),
  /** The command and who ran it, for a check that a change made; "" for the flow's own. */
  by: z.string(),
  connection: ConnectionFacts.nullable(),
  server_version: z.string(),
});

/** Telling people without certainty that they got it. */
const Attempt = z.object({
  news: News,
  /** How often it was sent. */
  count: z.number().int(),
  /** When it may be sent again. */
  next: Time,
  /** Whether it may have arrived: then people count as told. */
  maybe: z.boolean(),
});

const HealthState = z.object({
  version: z.literal(STATE_VERSION),
  /** The status that people go by. */
  status: Status,
  /** When it began. */
  since: Time,
  /** Null when only the status is known, e.g. after an upgrade. */
  last: LastTick.nullable(),
  /** Ids of the last ticks, newest first, so that one that comes again is known. */
  ticks: z.array(z.string()),
  streaks: Streaks,
  open: z.array(OpenFinding),
  looks: z.object({ free: Look$1.nullable(), chat: Look$1.nullable(), features: Look$1.nullable() }),
  tried: z.object({ chat: Time.nullable(), features: Time.nullable() }),
  /** The last answers per model and per feature, whichever tick asked for them. */
  models: z.array(KnownModel),
  features: z.array(KnownFeature),
  /** Features as they were tried last while models answered: they are that again when models answer again. */
  features_tried: z.array(KnownFeature),
  /** Models that answered when they were asked last although the gateway did not list them. */
  unlisted: z.array(z.string()),
  /** The open incident. */
  incident: Incident.nullable(),
  /** The closed ones, newest first, at most {@link LIMITS}. */
  incidents: z.array(Incident),
  /** When the status turned for the better last after it had turned for the worse, newest first: what comes and goes is waited for. */
  turns: z.array(Time),
  /** Which way it turned last. */
  heading: z.enum(["better", "worse"]),
  /** The tick that is telling people right now, and its time: nobody else tells until it is over. */
  claim: z.object({ by: z.string(), at: Time }).nullable(),
  /** What was sent last and no target took for certain; null when one did. */
  attempt: Attempt.nullable(),
});

/** A state in which only the status is known. */
const newState = (status, since) => ({
  version: STATE_VERSION,
  status,
  since,
  last: null,
  ticks: [],
  streaks: { well: null, served: null, ill: null, down: null, blind: null, seen: null, cause: null },
  open: [],
  looks: { free: null, chat: null, features: null },
  tried: { chat: null, features: null },
  models: [],
  features: [],
  features_tried: [],
  unlisted: [],
  incident: null,
  incidents: [],
  turns: [],
  heading: "better",
  claim: null,
  attempt: null,
});

const SEVERITIES = Severity.options;

/** What is wrong now, as far as it is known: one finding per code, the most severe first. */
function currentFindings(open) {
  const all = open
    .map(({ finding }) => finding)
    .sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  return all.filter(({ code }, index) => all.findIndex((one) => one.code === code) === index);
}

const DEPTHS = Depth.options;

const level = (depth) => DEPTHS.indexOf(depth);

/** The depth at which a probe is sent, by its id (`route:kind:model`). What is no probe needs none. */
function depthOfId(id) {
  const kind = ProbeKind.safeParse(id.split(":")[1]);
  return kind.success ? PROBE_DEPTH[kind.data] : "free";
}

/** The depth that a finding needs: that of the cheapest probe that shows it. What is read from settings needs none. */
function depthOf({ probes }) {
  const levels = probes.map((id) => level(depthOfId(id)));
  return DEPTHS[levels.length === 0 ? 0 : Math.min(...levels)] ?? "free";
}

/** The probes that show a finding by themselves: deeper ones fail as its consequence and say nothing of their own. */
function subjectsOf(finding) {
  const depth = depthOf(finding);
  return finding.probes.filter((id) => depthOfId(id) === depth);
}

/** Whether a finding is more than information. */
const hurts = ({ severity }) => severity !== "info";

/** Since when a depth has been finding something worse than information; null when nothing of it is open. */
function failingSince(open, depth) {
  const firsts = open.filter((one) => one.depth === depth && hurts(one.finding)).map(({ first }) => first);
  return firsts.sort()[0] ?? null;
}

/** `status/code`: what makes a cause another one. */
/** Turns for the better in 24 h up to which none needs extra time, and how that time grows after that. */
const FLAPPING = { window_ms: 86_400_000, free: 2, first_ms: 900_000, longest_ms: 14_400_000 };

/**
 * Milliseconds for which a better status must hold before it counts: none as a rule. A connection that comes and goes has to hold
 * for 15 min, then 30, and so on up to 4 h, so that it makes one long incident instead of a storm of alerts.
 *
 * @param turns when the status turned for the better before.
 */
function calmMs(turns, at) {
  const recent = turns.filter((turn) => Math.abs(Date.parse(at) - Date.parse(turn)) < FLAPPING.window_ms);
  const excess = recent.length - FLAPPING.free;
  return excess < 0 ? 0 : Math.min(FLAPPING.longest_ms, FLAPPING.first_ms * 2 ** excess);
}

/** An incident's id from its start. */
const incidentId = (start) => `${start.slice(0, 19).replace(/[-:]/g, "")}Z`;

/** Memories that earlier versions stored, brought up to date. Pure. */
/** The state up to version 1. */
const FirstVersion = z.object({
  version: z.literal(1),
  status: Status,
  since: Time,
  announced: Status.nullable(),
  checked_at: Time,
});

function fromFirst({ status, since, announced, checked_at }) {
  const state = newState(status, since);
  const cause = { status, code: "", title: "Found by an older version" };
  const known = announced !== null && announced !== "healthy";
  const incident = {
    id: incidentId(since),
    start: since,
    opened: since,
    end: status === "healthy" ? since : null,
    before: null,
    worst: known ? announced : status,
    cause,
    current: { ...cause, since },
    findings: [],
    told: { at: checked_at, opening: true, recovery: false, status: announced, causes: [`${announced}/`], count: 1 },
  };
  if (!known) return state;
  return status === "healthy" ? { ...state, incidents: [incident] } : { ...state, incident, heading: "worse" };
}

const SecondIncident = z
  .looseObject({ told: z.looseObject({ causes: z.array(z.string()) }) })
  .transform(({ told, ...rest }) => ({
    ...rest,
    told: { status: lastTold(told.causes), count: told.causes.length, ...told },
  }))
  .pipe(Incident);

/** The status of the last cause that people were told of. */
function lastTold(causes) {
  return Status.safeParse(causes.at(-1)?.split("/")[0]).data ?? null;
}

const SecondResult = z.object({
  at: Time,
  tokens: z.number().int(),
  findings: z.array(Finding),
  failing_since: Time.nullable(),
});

/** The state of version 2, that of release 0.1.0: the last result of each depth, and streaks of good and bad ticks. */
const SecondVersion = z.object({
  version: z.literal(2),
  status: Status,
  since: Time,
  last: z
    .object({
      at: Time,
      status: Status,
      depth: Depth,
      fingerprint: z.string(),
      run_url: z.string(),
      connection: ConnectionFacts.nullable(),
      server_version: z.string(),
    })
    .nullable()
    .catch(null),
  streaks: z
    .object({
      good: Run.nullable(),
      bad: Run.nullable(),
      blind: Run.nullable(),
      cause: Run.extend({ key: z.string() }).nullable(),
    })
    .catch({ good: null, bad: null, blind: null, cause: null }),
  results: z
    .object({ free: SecondResult.nullable(), chat: SecondResult.nullable(), features: SecondResult.nullable() })
    .catch({ free: null, chat: null, features: null }),
  models: z.array(ModelRow).catch([]),
  features: z.array(FeatureRow).catch([]),
  features_tried: z.array(FeatureRow).catch([]),
  unlisted: z.array(z.string()).catch([]),
  incident: SecondIncident.nullable().catch(null),
  incidents: z.array(SecondIncident).catch([]),
});

function fromSecond(old) {
  const { status, since, last, streaks, results, incident, incidents } = old;
  const { good, bad, blind, cause } = streaks;
  const fingerprint = last?.fingerprint ?? "";
  const look = ({ at, tokens }) => ({ at, tokens, fingerprint });
  const tried_at = results.features?.at ?? null;
  const rows = (all) => all.map((row) => ({ ...row, tried_at: row.state === "not-tested" ? null : tried_at }));
  const asked_at = results.chat?.at ?? null;
  const asked = ({ server, worker }) => server !== "not-tested" || worker !== "not-tested";
  return {
    ...newState(status, since),
    last: last && { ...last, by: "" },
    streaks: {
      ...{ well: good, ill: bad, blind, cause, seen: null },
      served: good ?? runOf("degraded", cause),
      down: runOf("down", cause),
    },
    open: Object.values(results).flatMap((result) => (result === null ? [] : result.findings.map(openOf(result)))),
    looks: {
      free: results.free && look(results.free),
      chat: results.chat && look(results.chat),
      features: results.features && look(results.features),
    },
    tried: { chat: results.chat?.at ?? null, features: results.features?.at ?? null },
    models: old.models.map((row) => ({ ...row, asked_at: asked(row) ? asked_at : null })),
    features: rows(old.features),
    features_tried: rows(old.features_tried),
    unlisted: old.unlisted,
    incident,
    incidents,
    turns: incidents.flatMap(({ end }) => end ?? []).slice(0, LIMITS.turns),
    heading: incident === null ? "better" : "worse",
  };
}

/** How long a status has lasted at least, by its cause. */
const runOf = (status, cause) =>
  cause?.key.startsWith(`${status}/`) ? { count: cause.count, since: cause.since } : null;

const openOf =
  ({ at, failing_since }) =>
  (finding) => ({
    finding: { ...finding, probes: subjectsOf(finding).slice(0, LIMITS.subjects) },
    depth: depthOf(finding),
    first: failing_since ?? at,
    last: at,
  });

/** A memory of an earlier version as this one has it; null for anything else. */
function upgraded(stored) {
  const second = SecondVersion.safeParse(stored);
  if (second.success) return fromSecond(second.data);
  const first = FirstVersion.safeParse(stored);
  return first.success ? fromFirst(first.data) : null;
}

/** Characters of a state as JSON; {@link LIMITS} keep it far below. */
const SIZE_LIMIT = 262_144;

/**
 * Reads a stored state; null when there is none, or nothing of it can be used.
 *
 * @param at ISO 8601; the present, for what has lost its time.
 */
function readHealthState(stored, at) {
  if (stored === null || stored === undefined) return { value: null, repairs: [] };
  const size = JSON.stringify(stored).length;
  const whole = HealthState.safeParse(stored);
  if (whole.success && size <= SIZE_LIMIT) return { value: bounded(whole.data), repairs: [] };
  const older = size <= SIZE_LIMIT ? upgraded(stored) : null;
  if (older) return { value: bounded(older), repairs: [] };
  return repair(asRecord(stored), size, at);
}

/** Keeps what can be read, field by field. */
function repair(stored, size, at) {
  const status = Status.safeParse(stored.status);
  if (!status.success) return { value: null, repairs: ["The memory could not be read; it begins anew."] };
  const since = HealthState.shape.since.safeParse(stored.since);
  const fresh = newState(status.data, since.success ? since.data : at);
  const lost = [];
  const fields = Object.entries(HealthState.shape).map(([key, schema]) => {
    const kept = schema.safeParse(stored[key]);
    if (kept.success) return [key, kept.data];
    if (key === "version") return [key, STATE_VERSION];
    lost.push(key);
    const list = Array.isArray(stored[key]) ? stored[key] : [];
    if (key === "incidents") return [key, readable(Incident, list)];
    if (key === "open") return [key, readable(OpenFinding, list)];
    return [key, fresh[key]];
  });
  const value = bounded({ ...fresh, ...Object.fromEntries(fields) });
  const repairs = [
    ...(stored.version === STATE_VERSION ? [] : ["The memory was written by another version."]),
    ...(lost.length > 0 ? [`The memory was damaged and lost: ${lost.join(", ")}.`] : []),
    ...(size > SIZE_LIMIT ? [`The memory was too big (${Math.round(size / 1024)} kB) and was cut.`] : []),
  ];
  // Too big in spite of the limits: something in it is not what it should be.
  return JSON.stringify(value).length > SIZE_LIMIT ? { value: fresh, repairs } : { value, repairs };
}

/** The items of a list that can be read. */
function readable(schema, list) {
  return list
    .flatMap((one) => {
      const parsed = schema.safeParse(one);
      return parsed.success ? [{ item: parsed.data }] : [];
    })
    .map(({ item }) => item);
}

/** Cuts every list to its limit. */
function bounded(state) {
  return {
    ...state,
    ticks: state.ticks.slice(0, LIMITS.ticks),
    open: state.open.slice(0, LIMITS.open),
    models: state.models.slice(0, LIMITS.models),
    turns: state.turns.slice(0, LIMITS.turns),
    unlisted: state.unlisted.slice(0, LIMITS.models),
    incident: state.incident && boundedIncident(state.incident),
    incidents: state.incidents.slice(0, LIMITS.incidents).map(boundedIncident),
  };
}

const boundedIncident = (incident) => ({
  ...incident,
  findings: incident.findings.slice(0, LIMITS.incident_findings),
});

/**
 * How long each status was so. A tick is a moment; it speaks for the time around it: half of the way to the tick before and half of
 * the way to the next one, but for no more than {@link REACH_MS} on either side. Before the first tick nothing is known; the latest
 * one speaks until now, as long as it reaches. Pure.
 */
/** Milliseconds that a tick speaks for on either side at most: the time between hourly checks is known, a night without any is not. */
const REACH_MS = 45 * 60_000;

const HOUR_MS$1 = 3_600_000;

/**
 * The spans of ticks that stand in order.
 *
 * @param now until when the last one may speak; milliseconds since 1970.
 */
function spansOf(ticks, now) {
  return ticks.flatMap(([at, status], index) => {
    const before = ticks[index - 1]?.[0];
    const after = ticks[index + 1]?.[0];
    const from = before === undefined ? at : Math.max((before + at) / 2, at - REACH_MS);
    const to =
      after === undefined ? Math.min(Math.max(now, at), at + REACH_MS) : Math.min((at + after) / 2, at + REACH_MS);
    return to > from ? [[from, to, status]] : [];
  });
}

/** What spans add up to between two times, in seconds. */
function secondsIn(spans, from, to) {
  const sum = [0, 0, 0, 0];
  for (const [start, end, status] of spans) {
    const ms = Math.min(end, to) - Math.max(start, from);
    if (ms > 0) sum[status] = (sum[status] ?? 0) + ms / 1000;
  }
  return sum;
}

/** Seconds per status of an hour; of one that an earlier version wrote, its ticks weigh the same. */
function secondsOf({ s, n }) {
  if (s !== undefined) return s;
  const ticks = n.reduce((sum, count) => sum + count, 0);
  return n.map((count) => (ticks === 0 ? 0 : (count / ticks) * 3600));
}

/**
 * The hours with their seconds reckoned anew from the ticks that are known one by one. The time after the last one is the next tick's
 * business. Where earlier ticks are no longer known, the hour in which the known ones begin keeps what it has.
 *
 * @param from milliseconds since 1970; hours that are over by then stay as they are.
 */
function withSeconds(history, from = Number.NEGATIVE_INFINITY) {
  const first = history.ticks[0]?.[0] ?? 0;
  const last = history.ticks.at(-1)?.[0] ?? 0;
  const isWhole = history.ticks.length < BOUNDS.ticks;
  const spans = spansOf(history.ticks, last);
  const touched = new Set(history.ticks.map(([at]) => Math.floor(at / HOUR_MS$1)));
  for (const [start, end] of spans) {
    for (let h = Math.floor(start / HOUR_MS$1); h * HOUR_MS$1 < end; h++) touched.add(h);
  }
  const rows = new Map(history.hours.map((hour) => [hour.h, hour]));
  for (const h of touched) {
    if ((h + 1) * HOUR_MS$1 <= from || !(isWhole || h * HOUR_MS$1 > first)) continue;
    const s = secondsIn(spans, h * HOUR_MS$1, (h + 1) * HOUR_MS$1).map(Math.round);
    rows.set(h, { ...(rows.get(h) ?? { h, n: [0, 0, 0, 0], t: 0 }), s });
  }
  return { ...history, hours: [...rows.values()].sort((a, b) => a.h - b.h).slice(-720) };
}

/** Reads a stored history; what cannot be read of it is left out. */
function readHistory(stored) {
  if (stored === null || stored === undefined) return { value: emptyHistory(), repairs: [] };
  const whole = History.safeParse(stored);
  if (whole.success) {
    const isOld = whole.data.hours.some(({ s }) => s === undefined);
    return { value: isOld ? withSeconds(whole.data) : whole.data, repairs: [] };
  }
  const { version, models, ticks, hours } = asRecord(stored);
  const list = (value) => (Array.isArray(value) ? value : []);
  const named = list(models).every((model) => typeof model === "string") ? list(models) : [];
  if (version !== HISTORY_VERSION) return { value: emptyHistory(), repairs: [ANEW] };
  const value = {
    version: HISTORY_VERSION,
    models: named,
    ticks: readable(TickRow, list(ticks)),
    hours: readable(HourRow, list(hours)),
  };
  return { value, repairs: ["The history was damaged; what could not be read of it is lost."] };
}

const ANEW = "The history was damaged or of another version; it begins anew.";

/** A memory out of what is stored. @param at ISO 8601; the present, for what has lost its time. */
function readMemory(value, at) {
  if (value === null || value === undefined) return { state: null, history: emptyHistory(), repairs: [] };
  const { history: ticks = null, ...rest } = asRecord(value);
  const state = Object.keys(rest).length === 0 && isRecord(value) ? null : rest;
  const [first, second] = [readHealthState(isRecord(value) ? state : value, at), readHistory(ticks)];
  return { state: first.value, history: second.value, repairs: [...first.repairs, ...second.repairs] };
}

/** What release 0.1.0 stored apart, as it is stored now; null where there was neither. */
const storedPair = (state, history) => (state === null && history === null ? null : { ...asRecord(state), history });

const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

async function readBefore(windmill) {
  const [state, history] = await Promise.all([readState(windmill, HEALTH_STATE), readState(windmill, HEALTH_HISTORY)]);
  return storedPair(state, history);
}

/**
 * The memory as it is stored; null when there is none. @throws WindmillError when Windmill refuses, e.g. who may not read the folder
 * of the product, or does not answer.
 */
async function storedNow(windmill) {
  const found = (await readVersion(windmill, HEALTH_STATE))?.value ?? (await readBefore(windmill));
  // Who may not read the folder is not shown what is in it, and is refused only at a path that he knows.
  if (found === null) await readIntent(windmill);
  return found;
}

/** Runs of the workspace: one function per call, each answer parsed at this border. */
/** A run, as far as this product looks at it. */
z.looseObject({
  type: z.string().optional(),
  success: z.boolean().optional(),
  started_at: z.string().nullish(),
  running: z.boolean().optional(),
});

/** Runs in one answer; Windmill gives no more. */
const RUNS_SHOWN = 100;

/**
 * The last runs of a script or flow that are over, newest first, at most {@link RUNS_SHOWN}; steps of flows are among them.
 *
 * @param wish `after`: of these, only those queued after that time (ISO 8601). `succeeded`: only those that did, or did not.
 *   `count`: how many to look at.
 */
async function pastRuns(windmill, path, wish = {}) {
  const runs = await windmill.call(
    `Looking at the last runs of ${path}`,
    () =>
      JobService.listCompletedJobs({
        workspace: windmill.workspace,
        scriptPathExact: path,
        orderDesc: true,
        perPage: wish.count ?? RUNS_SHOWN,
        ...(wish.succeeded === undefined ? {} : { success: wish.succeeded }),
      }),
    z.array(z.looseObject({ id: z.string(), created_at: z.string(), success: z.boolean() })),
  );
  const after = Date.parse(wish.after ?? "1970-01-01T00:00:00Z");
  return runs
    .map(({ id, created_at, success }) => ({ id, at: created_at, succeeded: success }))
    .filter(({ at }) => Date.parse(at) > after);
}

/** Schedules: one function per call, each answer parsed at this border. */
const ScheduleInfo = z.looseObject({
  path: z.string(),
  schedule: z.string(),
  timezone: z.string(),
  enabled: z.boolean(),
  script_path: z.string(),
  is_flow: z.boolean(),
  args: z.record(z.string(), z.unknown()).nullish(),
  no_flow_overlap: z.boolean().nullish(),
  summary: z.string().nullish(),
  /** Whose rights its runs have, e.g. `u/admin`; absent where the server does not say it. */
  permissioned_as: z.string().nullish(),
  /** Who wrote it last, as a user name. */
  edited_by: z.string().nullish(),
  /** Set by Windmill when it could not queue the next run and switched the schedule off. */
  error: z.string().nullish(),
});

const findSchedule = (windmill, path) =>
  orNull(
    windmill.call(
      `Looking up the schedule ${path}`,
      () => ScheduleService.getSchedule({ workspace: windmill.workspace, path }),
      ScheduleInfo,
    ),
  );

/** When the run begins that Windmill has queued for a schedule (ISO 8601); null when none is. */
async function nextScheduledRun(windmill, path) {
  const queued = await windmill.call(
    `Looking for the next run of the schedule ${path}`,
    () => JobService.listQueue({ workspace: windmill.workspace, schedulePath: path, perPage: 5 }),
    z.array(z.looseObject({ scheduled_for: z.string().nullish(), running: z.boolean().nullish() })),
  );
  return queued.find(({ running }) => running !== true)?.scheduled_for ?? null;
}

/** What can be said of a credential by its form alone, before anybody sends it. */
const POOL_KEY_FIX = "Create a Pool API key in Codex Pooler's admin pages and use the whole text, sk-cxp- and all.";

/**
 * Credentials that can never work on `/v1`: the gateway answers 401 `api_key_missing` to each of them. Forms from the
 * gateway's source (docs/windmill.md, Codex Pooler).
 */
const NEVER_WORKS = [
  {
    form: /^bearer\s/i,
    says: 'starts with "Bearer "',
    fix: "Leave that word out: Windmill adds it, and the gateway refuses it twice.",
  },
  {
    form: /\s/,
    says: "has blanks or line breaks inside",
    fix: "Copy the key again, in one piece.",
  },
  {
    form: /^\$(var|res|jsonvar|encrypted):/,
    says: "is a reference that was not resolved",
    fix: "Give the key itself, or name its variable in secret_path.",
  },
  {
    form: /^mcp-cxp-/,
    says: "is an operator MCP token, which /v1 refuses",
    fix: POOL_KEY_FIX,
  },
  {
    form: /^eyJ[A-Za-z0-9_-]*\./,
    says: "is a JWT (a browser session or an upstream account token), which /v1 refuses",
    fix: POOL_KEY_FIX,
  },
  {
    form: /^sk-cxp-[0-9a-f]{12}-?$/,
    says: "is only the prefix of a Pool API key, the part that is shown in lists",
    fix: "Use the whole key. It is shown once, when it is made; if it is lost, make a new one.",
  },
  {
    form: /[^\x21-\x7e]/,
    says: "has characters that cannot stand in an HTTP header",
    fix: "Copy the key again, without the text around it.",
  },
];

/**
 * What a key that was typed into a form is replaced by once it is stored where it belongs: "Run again" submits a reference to the
 * same short-lived variable. It means what a blank field means.
 */
const STORED_MARK = "(stored)";

/** Why a (trimmed) credential cannot be a working Pool API key, or null when it may be one. */
function keySlip(key) {
  const slip = NEVER_WORKS.find(({ form }) => form.test(key));
  return slip ? { says: slip.says, fix: slip.fix } : null;
}

/** Secret variables: one function per call, each answer parsed at this border. The only place that unwraps a key. */
/** A variable as far as this product looks at it. The value of a secret is never part of it. */
const VariableInfo = z.looseObject({
  path: z.string(),
  is_secret: z.boolean(),
  description: z.string().nullish(),
  extra_perms: z.record(z.string(), z.unknown()).nullish(),
  /** ISO 8601: when Windmill deletes it by itself. */
  expires_at: z.string().nullish(),
});

/** Metadata of a variable without decrypting it; null when there is none that the caller may see. */
const findVariable = (windmill, path) =>
  orNull(
    windmill.call(
      `Looking up the variable ${path}`,
      () => VariableService.getVariable({ workspace: windmill.workspace, path, decryptSecret: false }),
      VariableInfo,
    ),
  );

/** When the schedule runs next. Pure. */
// Every n minutes, or once an hour: what connect makes.
const MINUTES = /^0 (?:\*\/(\d{1,2})|(\d{1,2})) \* \* \* \*$/;

const MINUTE_MS = 60_000;

/**
 * The next run of a schedule as ISO 8601; null when it is off, or when its cron expression is none that connect makes: people may
 * write any, and only Windmill knows all their forms.
 *
 * @param now milliseconds since 1970.
 */
function nextCheck(schedule, now) {
  const [, every, at] = (schedule?.enabled && MINUTES.exec(schedule.cron)) || [];
  if (!schedule || (every === undefined && at === undefined)) return null;
  const matches = (minute) =>
    every === undefined ? minute === Number(at) : Number(every) > 0 && minute % Number(every) === 0;
  const first = Math.floor(now / MINUTE_MS) + 1;
  for (let minute = first; minute < first + 60; minute++) {
    if (matches(minuteOfHour(minute * MINUTE_MS, schedule.timezone))) return new Date(minute * MINUTE_MS).toISOString();
  }
  return null;
}

/** Milliseconds that a schedule waits from one run to the next; null where {@link nextCheck} does not know the next one. */
function intervalOf(schedule, now) {
  const next = nextCheck(schedule, now);
  const after = next === null ? null : nextCheck(schedule, Date.parse(next));
  return next === null || after === null ? null : Date.parse(after) - Date.parse(next);
}

/** Time zones differ in their minutes too, e.g. by 5 h 30 min. */
function minuteOfHour(ms, timeZone = "Etc/UTC") {
  try {
    return Number(new Intl.DateTimeFormat("en", { timeZone, minute: "numeric" }).format(ms));
  } catch {
    return new Date(ms).getUTCMinutes();
  }
}

/** What the history says, for reports and for the dashboard. Pure: `now` is in milliseconds since 1970. */
/** The ranges that people look at, and the cells that a timeline of each has. */
const RANGES = {
  h24: { hours: 24, cell_s: 1800 },
  d7: { hours: 168, cell_s: 3 * 3600 },
  d30: { hours: 720, cell_s: 12 * 3600 },
};

const HOUR_MS = 3_600_000;

/** The hours of a range, the current one included. */
const hoursOf = (history, now, range) => {
  const last = Math.floor(now / HOUR_MS);
  return history.hours.filter(({ h }) => h <= last && h > last - RANGES[range].hours);
};

/** What the latest tick says of the time since then. */
const latest = ({ ticks }, now) => spansOf(ticks.slice(-1), now);

const added = (rows) => rows.reduce((sum, row) => sum.map((value, place) => value + (row[place] ?? 0)), [0, 0, 0, 0]);

/** Uptime over a range of whole hours, the current one included. */
function uptime(history, now, range) {
  const from = (Math.floor(now / HOUR_MS) - RANGES[range].hours + 1) * HOUR_MS;
  const all = added([...hoursOf(history, now, range).map(secondsOf), secondsIn(latest(history, now), from, now)]);
  const [healthy, degraded, down, unknown] = all;
  const measured = healthy + degraded + down;
  const silent = Math.max(0, (now - from) / 1000 - measured - unknown);
  const inHours = (seconds) => Math.round(seconds / 3600);
  return {
    percent: measured === 0 ? null : Math.floor(((healthy + degraded) / measured) * 10_000) / 100,
    measured_hours: inHours(measured),
    unknown_hours: inHours(unknown),
    silent_hours: inHours(silent),
  };
}

/** By nearest rank; null without a value. */
function percentiles(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return sorted.length === 0 ? null : { p50: at(0.5), p95: at(0.95), count: sorted.length };
}

/** Answer times by the place of their model in the list, of the hours that `within` takes. */
function answers(history, within) {
  const found = new Map();
  for (const { h, l } of history.hours) {
    if (l === undefined || !within(h)) continue;
    for (const [place, signs] of Object.entries(l)) {
      const times = found.get(place) ?? [];
      for (const sign of signs) {
        const ms = decodeMs(sign);
        if (ms !== null) times.push(ms);
      }
      found.set(place, times);
    }
  }
  return found;
}

/** Answer times over the server route per model; models without an answer in the range are left out. */
function latencies(history, now, range) {
  const last = Math.floor(now / HOUR_MS);
  const found = answers(history, (hour) => hour <= last && hour > last - RANGES[range].hours);
  return history.models.flatMap((model, place) => {
    const times = percentiles(found.get(String(place)) ?? []);
    return times ? [{ model, ...times }] : [];
  });
}

/** Signs of a timeline's cells. */
const CELL_SIGNS = { healthy: "h", degraded: "g", down: "d", unknown: "u" };

/** The worst first: what nobody could measure says less than what was. */
const WORST = ["down", "degraded", "unknown", "healthy"];

const cellsOf = (now, range) => {
  const { hours, cell_s } = RANGES[range];
  const size = cell_s * 1000;
  const count = Math.round((hours * HOUR_MS) / size);
  return { first: (Math.floor(now / size) - count + 1) * size, size, count };
};

/** The statuses over a range: by the ticks where they are known one by one, before that by the hours. */
function timeline(history, now, range) {
  const { first, size, count } = cellsOf(now, range);
  // Longer ranges go by whole hours, so that what a month adds up to and what it shows are the same.
  const known = range === "h24" ? (history.ticks[0]?.[0] ?? now) : Number.POSITIVE_INFINITY;
  const spans = range === "h24" ? spansOf(history.ticks, now) : latest(history, now);
  const hours = history.hours.filter(({ h }) => (h + 1) * HOUR_MS > first);
  const inCell = (from, to) => {
    if (from >= known) return secondsIn(spans, from, to);
    const rows = hours.filter(({ h }) => h * HOUR_MS < to && (h + 1) * HOUR_MS > from);
    const share = ({ h }) => (Math.min(to, (h + 1) * HOUR_MS) - Math.max(from, h * HOUR_MS)) / HOUR_MS;
    const parts = rows.map((row) => secondsOf(row).map((seconds) => seconds * share(row)));
    return added([...parts, secondsIn(known === Number.POSITIVE_INFINITY ? spans : [], from, to)]);
  };
  const cells = Array.from({ length: count }, (_, index) => {
    const from = first + index * size;
    const to = Math.min(from + size, Math.max(now, from + 1));
    return { seconds: inCell(from, to), length_s: (to - from) / 1000 };
  });
  const sign = ({ seconds }) => {
    const worst = WORST.find((status) => (seconds[STATUSES.indexOf(status)] ?? 0) > 0);
    return worst === undefined ? "." : CELL_SIGNS[worst];
  };
  return {
    from: new Date(first).toISOString(),
    cell_s: size / 1000,
    cells: cells.map(sign).join(""),
    parts: cells.map(({ seconds, length_s }) => shares(seconds, length_s)),
  };
}

/** Seconds as whole per cent; what was at all is one at least. */
const shares = (seconds, length_s) =>
  seconds.map((one) => (one > 0 ? Math.min(100, Math.max(1, Math.round((one / length_s) * 100))) : 0));

/** Answer times per cell of a range, of one model or of all (null); null for a cell without an answer. Cells are at least an hour. */
function latencyTimeline(history, model, now, range) {
  const size = Math.max(1, RANGES[range].cell_s / 3600);
  const count = RANGES[range].hours / size;
  const first = (Math.floor(now / HOUR_MS / size) - count + 1) * size;
  const place = model === null ? null : String(history.models.indexOf(model));
  const cells = Array.from({ length: count }, () => []);
  for (const hour of history.hours) {
    const cell = cells[Math.floor((hour.h - first) / size)];
    if (cell === undefined) continue;
    const found = answers({ hours: [hour] }, () => true);
    for (const [key, times] of found) if (place === null || key === place) cell.push(...times);
  }
  return { from: new Date(first * HOUR_MS).toISOString(), cell_s: size * 3600, cells: cells.map(percentiles) };
}

/** Tokens per day of UTC, oldest first, for the days that have hours in the history. */
function tokensPerDay(history, now) {
  const days = new Map();
  for (const { h, t } of hoursOf(history, now, "d30")) {
    const day = new Date(h * HOUR_MS).toISOString().slice(0, 10);
    days.set(day, (days.get(day) ?? 0) + t);
  }
  return [...days].map(([day, tokens]) => ({ day, tokens })).sort((a, b) => (a.day < b.day ? -1 : 1));
}

/** The words and colours that pages, alerts and the dashboard share. */
/** Colours that keep a contrast of at least 3:1 on white and on Windmill's dark background. */
const COLOURS = { good: "#16a34a", warn: "#d97706", bad: "#dc2626", none: "#8a8f98" };

/** A status as people read it. */
const STATUS = {
  healthy: { colour: COLOURS.good, words: "Windmill AI works" },
  degraded: { colour: COLOURS.warn, words: "Windmill AI works, with a problem" },
  down: { colour: COLOURS.bad, words: "Windmill AI does not work" },
  unknown: { colour: COLOURS.none, words: "Windmill AI could not be checked" },
};

/** The same where the default model is another provider's: then only the gateway's own models are spoken of. */
const GATEWAY = {
  healthy: "The gateway's models work",
  degraded: "The gateway's models have a problem",
  down: "Windmill AI does not work",
  unknown: "The gateway's models could not be checked",
};

/**
 * A status as a sentence.
 *
 * @param elsewhere the default model where it is another provider's, which goes another way and was not checked.
 */
const statusWords = (status, elsewhere) => (elsewhere ? GATEWAY[status] : STATUS[status].words);

/** Beside a status that is not `healthy`: what goes on all the same. */
const spares = (status, elsewhere) =>
  elsewhere && status !== "healthy" && status !== "down"
    ? `The default model, ${elsewhere}, does not go through the gateway and was not checked.`
    : "";

/**
 * The one headline that every page shows. What is measured now and what counts are two facts: the first is the colour and the title,
 * the second is said beside it. What is green has been measured and has nothing broken below it. Pure.
 */
const Headline = z.object({
  /** The colour of what was measured last. */
  tone: z.enum(["good", "warn", "bad", "none"]),
  /** What was measured last. */
  title: z.string(),
  /** The same of a time that is past, for a check that is too old to be relied on; how long ago comes after it. */
  was: z.string(),
  /** Since when, and what counts beside it. Times stand in braces: `{2026-11-24T15:55:00.000Z}`. */
  says: z.array(z.string()),
});

const TONES = {
  healthy: "good",
  degraded: "warn",
  down: "bad",
  unknown: "none",
};

const PAST = {
  healthy: "worked",
  degraded: "worked, with a problem,",
  down: "did not work",
  unknown: "could not be checked",
};

const PAST_ELSEWHERE = { ...PAST, degraded: "had a problem" };

/** What it takes until the measured status counts; null when it does. */
function pendingOf(state, rules) {
  const { last, status, streaks, incident } = state;
  if (last === null || (last.status === status && (incident !== null || status === "healthy"))) return null;
  const { failures_before_alert: bad, successes_before_recovery: good } = rules;
  const better = status === "down" && last.status === "degraded";
  const [run, need] = {
    healthy: [streaks.well, good],
    degraded: better ? [streaks.served, good] : [streaks.ill, bad],
    down: [streaks.down, bad],
    unknown: [streaks.blind, bad],
  }[last.status];
  const waits = last.status === "healthy" || better || (last.status === "unknown" && incident !== null);
  const held = Date.parse(last.at) - Date.parse(run?.since ?? last.at);
  const minutes =
    incident !== null && waits ? Math.max(0, Math.ceil((calmMs(state.turns, last.at) - held) / 60_000)) : 0;
  const checks = Math.max(need - (run?.count ?? 0), 0);
  return { since: run?.since ?? last.at, checks: checks === 0 && minutes === 0 ? 1 : checks, minutes };
}

const until = ({ checks, minutes }) =>
  [
    checks > 0 ? `after ${checks} more ${checks === 1 ? "check" : "checks"} like this` : "",
    minutes > 0 ? `when it has held for ${minutes} more min` : "",
  ]
    .filter(Boolean)
    .join(" and ");

/** What is said of a status that is measured and does not count yet. */
function saysOf(state, measured, pending, elsewhere) {
  const { status, since, incident } = state;
  if (incident === null && status === measured) return [`Since {${pending.since}}. People are told ${until(pending)}.`];
  if (status === "healthy") return [`Since {${pending.since}}. It counts, and people are told, ${until(pending)}.`];
  if (measured === "healthy" && incident !== null)
    return [`Since {${pending.since}}. The incident that began {${incident.start}} is over ${until(pending)}.`];
  return [
    `Since {${pending.since}}. What counts until then: ${statusWords(status, elsewhere)}, since {${since}}. That changes ${until(pending)}.`,
  ];
}

/** The headline of a memory; of one without a tick it says that nothing is known. */
function headlineOf(state, rules) {
  const { last, status, since, features } = state;
  const elsewhere = last?.connection?.default_elsewhere ?? null;
  const measured = last?.status ?? "unknown";
  const known = currentFindings(state.open);
  const broken = features
    .filter((row) => row.state === "broken" && severityOf(row, known) !== "info")
    .map(({ feature }) => feature);
  // A feature that is known to be broken is a problem, whatever else was measured.
  const shown = measured === "healthy" && broken.length > 0 ? "degraded" : measured;
  const pending = pendingOf(state, rules);
  const again = shown === "healthy" && status !== "healthy" && status !== "unknown" ? " again" : "";
  const subject = elsewhere && shown !== "down" ? "The gateway's models" : "Windmill AI";
  return {
    tone: TONES[shown],
    title: `${statusWords(shown, elsewhere)}${again}`,
    was: `${subject} ${(elsewhere ? PAST_ELSEWHERE : PAST)[shown]}`,
    says: [
      ...(pending ? saysOf(state, measured, pending, elsewhere) : [`Since {${since}}.`]),
      ...(shown !== measured ? [`Does not work: ${broken.join(", ")}.`] : []),
      spares(shown, elsewhere),
    ].filter(Boolean),
  };
}

/** What the memory and the history add up to, for the flow's result and for the dashboard. Pure. */
const Percentiles = z.object({ p50: z.number(), p95: z.number(), count: z.number().int() });

/** A schema for each range. */
function byRange(one) {
  return z.object({ h24: one, d7: one, d30: one });
}

const IncidentView = z.object({
  id: z.string(),
  start: Time,
  /** Null while it lasts. */
  end: Time.nullable(),
  /** Seconds, until now while it lasts. */
  duration_s: z.number().int(),
  worst: Status,
  /** What it began with, and what it is or was last. */
  cause: Cause,
  current: Cause,
  findings: z.array(z.object({ code: z.string(), title: z.string(), severity: Severity, first: Time, last: Time })),
  /** Whether any target took an alert of it. */
  told: z.boolean(),
});

const ResultAge = z.object({ at: Time, age_s: z.number().int(), tokens: z.number().int(), ok: z.boolean() });

const HealthView = z.object({
  /** What people read first; the same on every page. */
  headline: Headline,
  /** The status that people go by, and when it began. */
  status: Status,
  since: Time,
  /** What the last tick measured, and when; null before the first. */
  measured: Status.nullable(),
  checked_at: Time.nullable(),
  incident: IncidentView.nullable(),
  /** The last closed ones, newest first. */
  incidents: z.array(IncidentView),
  uptime: byRange(
    z.object({
      percent: z.number().nullable(),
      measured_hours: z.number().int(),
      unknown_hours: z.number().int(),
      silent_hours: z.number().int(),
    }),
  ),
  /** Answer times over the server route, in ms. */
  latency: z.array(z.object({ model: z.string(), ...byRange(Percentiles.nullable()).shape })),
  /** When each depth was measured last, and whether nothing that it saw is open. */
  results: z.object({ free: ResultAge.nullable(), chat: ResultAge.nullable(), features: ResultAge.nullable() }),
  tokens_per_day: z.array(z.object({ day: z.string(), tokens: z.number().int() })),
  timeline: byRange(
    z.object({
      from: Time,
      cell_s: z.number(),
      cells: z.string(),
      parts: z.array(z.tuple([z.number(), z.number(), z.number(), z.number()])),
    }),
  ),
  /** Answer times of all models over 7 days. */
  latency_timeline: z.object({ from: Time, cell_s: z.number(), cells: z.array(Percentiles.nullable()) }),
  /** Null when the schedule is off, or when only Windmill can tell. */
  next_check: Time.nullable(),
});

/** Incidents in a view unless asked for more. */
const SHOWN = 10;

/** As the flow's form has them. */
const DEFAULT_RULES = { failures_before_alert: 2, successes_before_recovery: 2 };

/**
 * The view of a memory and a history.
 *
 * @param now milliseconds since 1970.
 * @param wish `shown`: closed incidents to show at most. `rules`: those by which a status counts.
 */
function viewHealth(state, history, now, { shown = SHOWN, rules = DEFAULT_RULES } = {}) {
  const perModel = each((range) => latencies(history, now, range));
  const of = (range, model) => {
    const found = perModel[range].find((one) => one.model === model);
    return found ? { p50: found.p50, p95: found.p95, count: found.count } : null;
  };
  return {
    headline: headlineOf(state, rules),
    status: state.status,
    since: state.since,
    measured: state.last?.status ?? null,
    checked_at: state.last?.at ?? null,
    incident: state.incident && viewIncident(state.incident, now),
    incidents: state.incidents.slice(0, shown).map((one) => viewIncident(one, now)),
    uptime: each((range) => uptime(history, now, range)),
    latency: perModel.d30.map(({ model }) => ({ model, ...each((range) => of(range, model)) })),
    results: {
      free: ageOf(state, "free", now),
      chat: ageOf(state, "chat", now),
      features: ageOf(state, "features", now),
    },
    tokens_per_day: tokensPerDay(history, now),
    timeline: each((range) => timeline(history, now, range)),
    latency_timeline: latencyTimeline(history, null, now, "d7"),
    next_check: nextCheck(state.last?.connection?.schedule ?? null, now),
  };
}

/** The same for each range. */
function each(one) {
  return { h24: one("h24"), d7: one("d7"), d30: one("d30") };
}

const seconds$1 = (from, to) => Math.max(0, Math.round((to - Date.parse(from)) / 1000));

function ageOf({ looks, open }, depth, now) {
  const look = looks[depth];
  if (look === null) return null;
  const { at, tokens } = look;
  return { at, age_s: seconds$1(at, now), tokens, ok: failingSince(open, depth) === null };
}

/** An incident as people see it. */
function viewIncident(incident, now) {
  const { id, start, end, worst, cause, current, findings, told } = incident;
  const { since: _, ...last } = current;
  return {
    id,
    start,
    end,
    duration_s: seconds$1(start, end === null ? now : Date.parse(end)),
    worst,
    cause,
    current: last,
    findings,
    told: told.opening,
  };
}

/** From which status on the run of the health flow fails by itself, for those who watch runs. */
const FAIL_WHEN = ["never", "down", "degraded"];

/** Effects per name from the gateway's source (docs/windmill.md, Codex Pooler) and from Windmill's proxy. */
const RULES$1 = [
  {
    code: "credential-header",
    says: "carries a credential that is sent instead of the pool key, or that belongs to one person",
    names: /^(authorization|proxy-authorization|cookie|set-cookie)$/,
  },
  {
    code: "session-header",
    says: "pins the requests of all users to one session or upstream account",
    names:
      /^(x-codex-.+|(x-)?session[-_]id|x-session-affinity|idempotency-key|x-request-id|x-client-request-id|conversation[-_]id)$/,
  },
  {
    code: "forbidden-header",
    says: "belongs to the request itself and breaks it when it is set by hand",
    names:
      /^(host|content-type|content-length|content-encoding|transfer-encoding|connection|upgrade|te|trailer|accept|accept-encoding|expect|x-forwarded-(for|host)|x-real-ip|forwarded)$/,
  },
];

/** Header names and values that HTTP allows; anything else makes Windmill fail with `builder error`. */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** What is wrong with one static header, or null when it may stay. */
function headerSlip(name, value) {
  if (!NAME.test(name) || !VALUE.test(value)) {
    return { code: "malformed-header", says: "is not a valid HTTP header" };
  }
  const rule = RULES$1.find(({ names }) => names.test(name.toLowerCase()));
  if (rule) return { code: rule.code, says: rule.says };
  // Under a name that is there for a credential it is meant; the gateway's own keys are meant nowhere.
  if (looksLikeCredential(value) && (!mayCarryCredential(name) || /[a-z]{2,3}-cxp-/i.test(value))) {
    return { code: "credential-header", says: "has a value that looks like a key" };
  }
  return null;
}

/** Texts that could be a key of any form, where nobody knows the key itself. */
/** Runs of 16 and more characters with digits and letters: what keys are made of, and hardly anything else. */
const RANDOM_RUN = /(?<![A-Za-z0-9_-])(?=[A-Za-z_-]*[0-9])(?=[0-9_-]*[A-Za-z])[A-Za-z0-9_-]{16,}/g;

/** The text without anything that could be a key. Costs names their ends, so it is for texts of others only. */
const maskRandom = (text, open) =>
  text.replace(RANDOM_RUN, (run) => (open.some((known) => known.includes(run)) ? run : "(hidden)"));

/** What is wrong with a gateway's base URL before anybody calls it. One row per slip; the code is a row of the diagnosis table. */
const path = (url) => url?.pathname.replace(/\/+$/, "") ?? "";

/** In the order in which a person would notice them; the first that applies is the one to report. */
const RULES = [
  {
    code: "base-url-unresolved",
    says: "is a reference to a variable or resource",
    fix: "Write the address itself: Windmill resolves references in api_key only, not in base_url.",
    applies: (text) => /^\$(var|res|jsonvar|encrypted):/.test(text),
  },
  {
    code: "base-url-blanks",
    says: "has blanks or line breaks in it",
    fix: "Remove them.",
    applies: (text) => /\s/.test(text),
  },
  {
    code: "base-url-not-http",
    says: "is not an http or https address",
    fix: "Write the whole address, e.g. https://codex-pooler.example.com/v1.",
    applies: (_text, url) => url === null || !/^https?:$/.test(url.protocol),
  },
  {
    code: "base-url-credentials",
    says: "has a user name or password in it",
    fix: "Remove the part before the @. The key belongs into api_key.",
    applies: (_text, url) => url !== null && (url.username !== "" || url.password !== ""),
  },
  {
    code: "base-url-query",
    says: "has a query or a fragment",
    fix: "Remove everything from the ? or # on: Windmill appends the request's path to the text as it stands.",
    applies: (text) => /[?#]/.test(text),
  },
  {
    code: "base-url-endpoint",
    says: "names one endpoint instead of the gateway's base",
    fix: "End it at /v1: Windmill appends /chat/completions and /models itself.",
    applies: (_text, url) => /\/(chat(\/completions)?|completions|models|responses|embeddings)$/.test(path(url)),
  },
  {
    code: "base-url-no-v1",
    says: "does not end in /v1",
    fix: "Append /v1: that is where Codex Pooler serves its OpenAI-compatible API.",
    applies: (_text, url) => !path(url).endsWith("/v1"),
  },
];

/** The first slip of a base URL, or null when it is well-formed. A trailing slash is no slip: Windmill trims it. */
function baseUrlSlip(text) {
  const url = parseUrl(text);
  const rule = RULES.find((candidate) => candidate.applies(text, url));
  return rule ? { code: rule.code, says: rule.says, fix: rule.fix } : null;
}

/** `URL.parse` for Node 20. */
function parseUrl(text) {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** A base URL without the blanks around it and the slashes at its end. */
const tidyBaseUrl = (text) => text.trim().replace(/\/+$/, "");

/** Fields that many forms have. */
/** Text fields arrive as "", null or undefined when a person leaves them alone. */
const blankable = z
  .string()
  .nullish()
  .transform((text) => text?.trim() ?? "");

/** One of some words; null for a blank. */
const choice = (values) =>
  blankable.transform((text, context) => {
    if (text === "") return null;
    const found = values.find((value) => value === text);
    if (found === undefined) {
      context.addIssue({
        code: "custom",
        message: `is "${excerpt(maskRandom(text, []), { limit: 40 })}". Choose one of: ${values.join(", ")}.`,
      });
    }
    return found ?? null;
  });

/** A whole number within bounds; null when it is not given. Forms send numbers, the CLI may send texts. */
const whole = (least, most) =>
  z
    .union([z.number(), z.string()])
    .nullish()
    .transform((given, context) => {
      if (given === null || given === undefined || given === "") return null;
      const number = Number(given);
      if (!Number.isInteger(number) || number < least || number > most) {
        context.addIssue({ code: "custom", message: `must be a whole number from ${least} to ${most}.` });
      }
      return number;
    });

/** A field with a rule: `rule` returns what is wrong and what to do, or null. */
const checked = (rule) =>
  blankable.superRefine((text, context) => {
    const slip = rule(text);
    if (slip !== null) context.addIssue({ code: "custom", message: slip });
  });

/** A path of the workspace, or blank. */
checked((text) =>
  text === "" || isPath(text)
    ? null
    : text.startsWith("$")
      ? "Write the path alone, without $var: or $res: in front."
      : "is not a path that Windmill accepts. Use u/<user>/<name> or f/<folder>/<name>, with letters, digits, _ and - only.",
);

/** The gateway's address, tidied, or blank. */
blankable.transform(tidyBaseUrl).superRefine((text, context) => {
  const slip = text === "" ? null : baseUrlSlip(text);
  if (slip) context.addIssue({ code: "custom", message: `${slip.says}. ${slip.fix}` });
});

/** A key; null for a blank; `stored` where a run before this one has stored what was typed. */
checked((text) => {
  const slip = text === "" || text === STORED_MARK ? null : keySlip(text);
  return slip && `${slip.says}. ${slip.fix}`;
}).transform((text) => (text === "" ? null : text === STORED_MARK ? "stored" : new Secret(text)));

/** An address of a Windmill server, or blank. */
checked((text) =>
  text === "" || /^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/.test(text)
    ? null
    : "is not an http(s) address without query. Write e.g. http://windmill_server:8000, or leave it blank.",
).transform(tidyBaseUrl);

/** Model ids: trimmed, without blanks and repetitions, in the given order. */
z.array(z.string())
  .nullish()
  .transform((ids) => [...new Set((ids ?? []).map((id) => id.trim()).filter((id) => id !== ""))]);

/** The name that stands for no headers at all: an empty field is one that nobody has filled in. */
const NO_HEADERS = "-";

/** Headers for a proxy in front of the gateway; null for a blank. */
z.record(z.string(), z.unknown())
  .nullish()
  .transform((given, context) => {
    const names = Object.keys(given ?? {});
    if (names.length === 0) return null;
    if (names.includes(NO_HEADERS)) {
      const message = `"${NO_HEADERS}" stands for no headers, so it stands alone. Remove it or the others.`;
      if (names.length > 1) context.addIssue({ code: "custom", message });
      return {};
    }
    const kept = {};
    for (const [name, value] of Object.entries(given ?? {})) {
      if (typeof value !== "string") {
        context.addIssue({ code: "custom", message: `${name} has a value that is not a text. Put it in quotes.` });
        continue;
      }
      const slip = headerSlip(name, value);
      if (slip) context.addIssue({ code: "custom", message: `${name} ${slip.says}. Remove it.` });
      kept[name] = value;
    }
    return kept;
  });

/** A script or a flow of the workspace, or blank. */
checked((text) =>
  text === "" || readRunnable(text)
    ? null
    : "is neither a script nor a flow. Write script/ or flow/ and its path, e.g. script/f/team/page_oncall.",
);

/** Inputs of every command that changes something. */
({
  mode: choice(["plan", "apply"]).transform((mode) => mode ?? "plan"),
});

/** A switch; off when it is left alone. */
z.boolean()
  .nullish()
  .transform((value) => value ?? false);

/** How the health flow watches: what its own form asks for, and `connect` puts into the schedule. Null where nothing was given. */
const Watching = {
  /** Bad checks in a row. */
  failures_before_alert: whole(1, 100),
  /** Good checks in a row. */
  successes_before_recovery: whole(1, 100),
  /** Hours; 0 for no reminders. */
  remind_every: whole(0, 720),
  /** Minutes. */
  chat_every: whole(5, 1440),
  fail_job_when: choice(FAIL_WHEN),
};

/** The input `watch` of `connect`; names that nobody knows are slips. */
z.object(Watching)
  .partial()
  .catchall(
    z.unknown().superRefine((_, context) => {
      const message = `is not known. Known are: ${Object.keys(Watching).join(", ")}.`;
      context.addIssue({ code: "custom", message });
    }),
  )
  .nullish()
  .transform((given) => given ?? {});

/** Inputs of the step of the health flow that remembers, with the defaults of the flow's form. */
const RememberInput = z.object({
  failures_before_alert: Watching.failures_before_alert.transform((given) => given ?? 2),
  successes_before_recovery: Watching.successes_before_recovery.transform((given) => given ?? 2),
  remind_every: Watching.remind_every.transform((given) => given ?? 24),
  fail_job_when: Watching.fail_job_when.transform((given) => given ?? "never"),
  has_targets: z
    .boolean()
    .nullish()
    .transform((given) => given ?? false),
});

/**
 * What the dashboard shows: the border between the script that reads and the page. Everything in it may be known to every member
 * of the workspace: the script runs with the rights of who deployed the app, whoever opens it. Pure.
 */
/** Raised when a field changes its meaning or goes; the page refuses a version that it does not know. */
const DASHBOARD_VERSION = 1;

/** Median and 95th percentile of answer times per cell, in ms; null for a cell without an answer. */
const Series = z.object({
  from: Time,
  /** Seconds per cell. */
  cell_s: z.number(),
  models: z.array(
    z.object({ model: z.string(), p50: z.array(z.number().nullable()), p95: z.array(z.number().nullable()) }),
  ),
});

/** A look at the gateway that somebody asked for from the page. */
const Look = z.object({
  /** ISO 8601; when it began. */
  at: Time,
  status: Status,
  summary: z.string(),
  findings: z.array(Finding),
  /** The first characters of the key that was in use then; null when it is none of Codex Pooler's, or may not be read. */
  key_prefix: z.string().nullable(),
});

z.object({
  version: z.literal(DASHBOARD_VERSION),
  /** When it was read, by the worker's clock. */
  at: Time,
  workspace: z.string(),
  /** Windmill's own address, for links where the page does not know it. */
  windmill_url: z.string(),
  /** E-mail of who looks; "" when nobody is signed in. */
  viewer: z.string(),
  /** `hidden`: who deployed the app may no longer read it. `damaged`: only a part of it, or nothing, can be read. */
  memory: z.enum(["ok", "none", "damaged", "hidden"]),
  /** Whether anybody has connected the workspace with this bundle; null when it may not be read. */
  connected: z.boolean().nullable(),
  health: HealthView.nullable(),
  /** The last tick. */
  last: z.object({ depth: Depth, job: z.string().nullable(), server_version: z.string() }).nullable(),
  /** The most severe first. */
  findings: z.array(Finding),
  features: z.array(KnownFeature),
  models: z.array(KnownModel),
  latency: z.object({ h24: Series, d7: Series, d30: Series }).nullable(),
  connection: z
    .object({
      /** Whose AI settings people get; null when no check has read them yet. */
      settings: z.enum(["workspace", "instance", "none"]).nullable(),
      /** Host and port of the gateway; null when unknown. */
      gateway: z.string().nullable(),
      resource_path: z.string().nullable(),
      /** The first characters of the key, which the gateway's own pages show; null when nobody has looked at the present key. */
      key_prefix: z.string().nullable(),
      default_model: z.string().nullable(),
      metadata_model: z.string().nullable(),
      /** When the resource was last changed: for a minute after that, Windmill may go on using what it had cached. */
      changed_at: Time.nullable(),
    })
    .nullable(),
  /** Whether anybody still watches. */
  watch: z.object({
    /** Seconds from one check to the next, as the schedule or the last checks have it; null when nobody knows. */
    interval_s: z.number().nullable(),
    /** Runs that failed after the last check that is remembered, ten at most, and the latest of them; null when there is none. */
    failed: z.object({ count: z.number().int(), at: Time, job: z.string() }).nullable(),
  }),
  /** Null when there is none, or when it may not be read. */
  schedule: z
    .object({
      cron: z.string(),
      timezone: z.string(),
      enabled: z.boolean(),
      /** Why Windmill switched it off; "" otherwise. */
      error: z.string(),
      /** The next run that Windmill has queued, or that the expression names. */
      next: Time.nullable(),
    })
    .nullable(),
  /** The last look that anybody asked for, whoever it was. */
  look: Look.nullable(),
});

/** Closed incidents that are shown, and findings per incident. */
const INCIDENTS = { count: 50, findings: 6 };

/** Puts together what the page shows. Never fails for what is stored: what cannot be read is left out, and said. */
function dashboardData(sources) {
  const { now, intent } = sources;
  const at = new Date(now).toISOString();
  const read = readMemory(sources.memory === "hidden" ? null : sources.memory.value, at);
  const { state, history } = read;
  const memory = sources.memory === "hidden" ? "hidden" : memoryOf(read);
  const rules = rulesOf(sources.schedule?.args);
  const health = state ? viewHealth(state, history, now, { shown: INCIDENTS.count, rules }) : null;
  const look = Look.safeParse(sources.look).data ?? null;
  return {
    version: DASHBOARD_VERSION,
    at,
    workspace: sources.workspace,
    windmill_url: sources.windmill_url,
    viewer: sources.viewer,
    memory,
    connected: intent === "hidden" ? null : intent?.active === true,
    health: health && { ...health, incidents: health.incidents.map(shortened) },
    last: lastOf(state),
    findings: state ? currentFindings(state.open) : [],
    features: state?.features ?? [],
    models: state?.models ?? [],
    latency: health && {
      h24: seriesOf(history, now, "h24"),
      d7: seriesOf(history, now, "d7"),
      d30: seriesOf(history, now, "d30"),
    },
    connection: connectionOf(sources, state, look),
    watch: watchOf(sources, history),
    schedule: scheduleOf(sources, health),
    look,
  };
}

function memoryOf({ state, repairs }) {
  if (repairs.length > 0) return "damaged";
  return state ? "ok" : "none";
}

/** The rules by which a status counts, as the schedule gives them to the flow. */
function rulesOf(args = {}) {
  const { failures_before_alert, successes_before_recovery } = RememberInput.partial().catch({}).parse(args);
  return {
    failures_before_alert: failures_before_alert ?? 2,
    successes_before_recovery: successes_before_recovery ?? 2,
  };
}

function watchOf({ schedule, failed, now }, history) {
  const [latest] = failed;
  return {
    interval_s: seconds(intervalOf(schedule, now) ?? usualInterval(history)),
    failed: latest ? { count: failed.length, at: new Date(latest.at).toISOString(), job: latest.id } : null,
  };
}

const seconds = (ms) => ms && ms / 1000;

function usualInterval({ ticks }) {
  const times = ticks.slice(-12).map(([at]) => at);
  const gaps = times
    .slice(1)
    .map((at, index) => at - (times[index] ?? at))
    .sort((a, b) => a - b);
  const middle = gaps[Math.floor(gaps.length / 2)];
  return middle ?? null;
}

/** An incident without the long tail of its findings: fifty of them would make the data too big to show. */
const shortened = (incident) => ({
  ...incident,
  findings: incident.findings.slice(0, INCIDENTS.findings),
});

/** The id of a job at the end of a run's address. */
const RUN = /\/run\/([0-9a-f-]{36})(?:\?|$)/;

const lastOf = (state) =>
  state?.last
    ? {
        depth: state.last.depth,
        job: RUN.exec(state.last.run_url)?.[1] ?? null,
        server_version: state.last.server_version,
      }
    : null;

function seriesOf(history, now, range) {
  const all = history.models.map((model) => ({ model, ...latencyTimeline(history, model, now, range) }));
  const shown = all.filter(({ cells }) => cells.some((cell) => cell !== null));
  const { from, cell_s } = latencyTimeline(history, null, now, range);
  return {
    from,
    cell_s,
    models: shown.map(({ model, cells }) => ({
      model,
      p50: cells.map((cell) => cell?.p50 ?? null),
      p95: cells.map((cell) => cell?.p95 ?? null),
    })),
  };
}

function connectionOf({ intent, resource_changed_at, secret_changed_at }, state, look) {
  const facts = state?.last?.connection ?? null;
  const wanted = intent !== "hidden" && intent?.active ? intent : null;
  if (facts === null && wanted === null) return null;
  // A key that was put there after the look is another one.
  const seen = look && !(Date.parse(secret_changed_at ?? "") > Date.parse(look.at)) ? look.key_prefix : null;
  return {
    settings: facts?.settings ?? null,
    gateway: hostOf(facts?.base_url ?? wanted?.base_url ?? ""),
    resource_path: facts?.resource_path ?? wanted?.resource_path ?? null,
    key_prefix: seen,
    default_model: facts ? facts.default_model : (wanted?.default_model ?? null),
    metadata_model: facts ? facts.metadata_model : (wanted?.metadata_model ?? null),
    changed_at: Time.safeParse(resource_changed_at).data ?? null,
  };
}

/** Host and port of an address, and nothing else of it; null when it is none. */
function hostOf(url) {
  try {
    return excerpt(new URL(url.trim()).host) || null;
  } catch {
    return null;
  }
}

function scheduleOf({ schedule }, health) {
  if (schedule === null) return null;
  const { queued, error, args: _, ...rest } = schedule;
  const next = Time.safeParse(queued).data ?? (schedule.enabled ? (health?.next_check ?? null) : null);
  return { ...rest, error: excerpt(error), next };
}

/** Reads what the dashboard shows. Only reads: a test holds it to that. */
/**
 * @param viewer e-mail of who looks; "" when nobody is signed in.
 * @throws WindmillError when Windmill does not answer.
 */
async function readDashboard(windmill, viewer) {
  const [memory, intent, schedule, queued, look] = await Promise.all([
    orHidden(storedNow(windmill).then((value) => ({ value }))),
    orHidden(readIntent(windmill)),
    orHidden(findSchedule(windmill, HEALTH_SCHEDULE)),
    orHidden(nextScheduledRun(windmill, HEALTH_SCHEDULE)),
    sight(windmill, CHECK_NOW),
  ]);
  const paths = intent === "hidden" ? null : intent;
  const [resource, secret, failed] = await Promise.all([
    paths && orHidden(findResource(windmill, paths.resource_path)),
    paths && orHidden(findVariable(windmill, paths.secret_path)),
    orHidden(pastRuns(windmill, HEALTH_FLOW, { after: lastCheck(memory), succeeded: false, count: FAILED })),
  ]);
  return dashboardData({
    now: Date.now(),
    workspace: windmill.workspace,
    windmill_url: windmill.routes.server,
    viewer,
    memory,
    intent,
    resource_changed_at: editedAt(resource),
    secret_changed_at: editedAt(secret),
    schedule:
      schedule === "hidden" || schedule === null
        ? null
        : {
            cron: schedule.schedule,
            timezone: schedule.timezone,
            enabled: schedule.enabled,
            error: schedule.error ?? "",
            queued: queued === "hidden" ? null : queued,
            args: schedule.args ?? {},
          },
    failed: failed === "hidden" ? [] : failed,
    look: look === "hidden" ? null : look.value,
  });
}

/** Failed runs that are looked for. */
const FAILED = 10;

/** When the last check was made that is remembered. */
function lastCheck(memory) {
  if (memory === "hidden") return undefined;
  return readMemory(memory.value, new Date().toISOString()).state?.last?.at;
}

const sight = async (windmill, path) => orHidden(readState(windmill, path).then((value) => ({ value })));

/** When an item was last changed, as far as this Windmill says it. */
function editedAt(item) {
  return item !== null && item !== "hidden" && typeof item.edited_at === "string" ? item.edited_at : null;
}

/** Answers "hidden" for what may not be read. */
async function orHidden(promise) {
  try {
    return await promise;
  } catch (error) {
    if (isForbidden(error) || isNotFound(error)) return "hidden";
    throw error;
  }
}

/**
 * Lets something of a run out: its answer, or the error that it ends with, without what the run knows to be secret. Every door leads
 * through here, and so does whoever runs a walk without one.
 */
async function leave({ secrets }, work) {
  try {
    return secrets.clean(await work());
  } catch (error) {
    throw secrets.cleanError(error);
  }
}

/**
 * Runs a script that is no command of a person's, such as a step of a flow, or what a form asks for.
 *
 * @param inputs its arguments, where they may hold a key.
 * @param serverUrl as for {@link openWindmill}.
 */
async function answer(work, inputs = {}, serverUrl = "") {
  const windmill = openWindmill(process.env, serverUrl);
  windmill.secrets.learnFrom(inputs);
  return leave(windmill, async () => inert(await work(windmill)));
}
