/**
 * What foreign text must go through before it may leave the job: gateway bodies, headers, URLs, model names, error messages.
 * It takes credentials out, removes what could disturb a terminal or a page, and keeps the text short. Every step is linear
 * in the kept window, so a body of 10 MB costs no more than one of 64 KiB.
 */

export interface RedactOptions {
  /** Takes out what is known to be secret, whatever it looks like. */
  clean?: (text: string) => string;
  /** Characters to keep; {@link TEXT_LIMIT} by default. */
  limit?: number;
}

/** Characters that {@link redact} keeps unless told otherwise. */
export const TEXT_LIMIT = 4_000;
/** Characters that {@link excerpt} keeps: enough for the longest of Windmill's own refusals. */
export const EXCERPT_LIMIT = 300;
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
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]|\u034f|\u115f|\u1160|\u17b4|\u17b5|\u3164|\uffa0/gu;
/** JSON escapes of printable ASCII characters, which could hide a key from the patterns below. */
const ESCAPED_ASCII = /\\u00([2-7][0-9a-f])/gi;

/** The gateway's keys: `sk-cxp-` and 12 hex digits are the prefix that its pages and logs show, the rest is the secret. */
const POOL_KEY = /(sk-cxp-[0-9a-f]{12})-[A-Za-z0-9_-]+/gi;

/** Pattern and what stands in its place, in this order. Sources: docs/windmill.md, Codex Pooler; RFC 9110 for headers. */
const CREDENTIALS: readonly (readonly [RegExp, string])[] = [
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
export function redact(text: string, options: RedactOptions = {}): string {
  const { clean: withoutKnown = (known: string): string => known, limit = TEXT_LIMIT } = options;
  const window = text.slice(0, WINDOW);
  const seen = window
    .replace(ANSI, "")
    .replace(BLANKS, " ")
    .replace(INVISIBLE, "")
    .replace(ESCAPED_ASCII, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  let clean = withoutKnown(seen);
  for (const [pattern, instead] of CREDENTIALS) clean = clean.replace(pattern, instead);
  // The cut may have gone through a credential: what is left of it stands at the very end.
  if (window.length < text.length) clean = clean.slice(0, Math.max(0, clean.length - RAGGED_END));
  clean = clean.replace(/ {2,}/g, " ").trim();
  return clean.length > limit || window.length < text.length ? `${cut(clean, limit - 1)}${ELLIPSIS}` : clean;
}

/** The same with its line breaks, so that it can be read and compared line by line; on one line where something was taken out of it. */
export function redactLines(text: string, options: RedactOptions = {}): string {
  const whole = redact(text, options);
  const lines = text
    .split(/\r?\n/)
    .map((line) => redact(line, options))
    .join("\n");
  return lines.replace(/\s+/g, " ").trim() === whole ? lines : whole;
}

/** One line of at most {@link EXCERPT_LIMIT} characters: the form in which evidence is shown. */
export const excerpt = (text: string, options: RedactOptions = {}): string =>
  redact(text, { limit: EXCERPT_LIMIT, ...options });

/** Cuts between characters: half of a surrogate pair is no text. */
function cut(text: string, length: number): string {
  const head = text.slice(0, Math.max(0, length));
  return /[\ud800-\udbff]$/.test(head) ? head.slice(0, -1) : head;
}

/** What may be shown of a credential: the gateway's own prefix for a Pool API key, nothing of any other. */
export function safePrefix(secret: string): string {
  const prefix = /^sk-cxp-[0-9a-f]{12}(?=-)/.exec(secret)?.[0];
  return prefix ? `${prefix}${ELLIPSIS}` : `(secret)`;
}

/** Whether {@link redact} would take something out of the text: a header with such a value carries a credential. */
export function looksLikeCredential(text: string): boolean {
  return CREDENTIALS.some(([pattern]) => new RegExp(pattern.source, pattern.flags.replace("g", "")).test(text));
}

const HTML_ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML text or attribute value. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => HTML_ESCAPES[sign] ?? sign);
