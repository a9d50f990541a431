// Built by "npm run build" from src/commands/rotate_key.ts: change it there.

import { createParser } from "eventsource-parser@3.1.1";
import {
  JobService,
  UserService,
  SettingsService,
  WorkspaceService,
  OpenAPI,
  ResourceService,
  VariableService,
  setProgress,
  ScheduleService,
  FolderService,
} from "windmill-client@1.818.0";
import * as z from "zod@4.6.7";

/** A secret variable. */
export type DynSelect_secretVariables = string;

/**
 * Replaces the pool key of the live connection by a new one, without a moment in which users are refused. With mode "plan" it
 * changes nothing and shows what it would change. Returns a {@link ChangeReport} with its rendering.
 *
 * @throws InputError for input that cannot be used, before anything is touched; Error when the new key does not work, with the
 *   old one in its place.
 *
 * @param more only the form uses it: whether it shows the fields that few people need.
 */
export async function main(
  new_key?: string,
  new_key_path?: DynSelect_secretVariables,
  mode: "plan" | "apply" = "plan",
  plan_id?: string,
  server_url?: string,
  more: boolean = false,
) {
  const inputs = { new_key, new_key_path, mode, plan_id, server_url, more };
  return run({ schema: RotateInput, inputs, render: renderChange }, leadingOn(form, rotate));
}

/** Variables that may hold the new key. Asked by the form. */
export async function secretVariables(server_url?: string): Promise<Choice[]> {
  return chooseOne(await offerToAdmins({ server_url }, secretVariables$1), "The key that is typed above");
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
const WINDOW$1 = 65_536;

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
  const window = text.slice(0, WINDOW$1);
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

/** The same with its line breaks, so that it can be read and compared line by line; on one line where something was taken out of it. */
function redactLines(text, options = {}) {
  const whole = redact(text, options);
  const lines = text
    .split(/\r?\n/)
    .map((line) => redact(line, options))
    .join("\n");
  return lines.replace(/\s+/g, " ").trim() === whole ? lines : whole;
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

const HTML_ESCAPES = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML text or attribute value. */
const escapeHtml = (text) => text.replace(/[&<>"']/g, (sign) => HTML_ESCAPES[sign] ?? sign);

/** Characters of a label. */
const LABEL = 160;

/** Characters of all choices: Windmill shows no result beyond about 90 kB, and then the drop-down is empty. */
const SIZE = 60_000;

/**
 * The choices of a field that takes one. The blank comes first, with the note in its place: Windmill shows it as long as nothing is
 * chosen.
 *
 * @param blank what leaving the field blank does.
 */
const chooseOne = ({ choices, note }, blank) => [{ label: label(note || blank), value: "" }, ...fitting$1(choices)];

/** An offer of nothing, with the reason. */
const nothing = (note) => ({ choices: [], note });

const label = (text) => excerpt(text, { limit: LABEL });

function fitting$1(choices) {
  let size = 0;
  const end = choices.findIndex((choice) => {
    size += JSON.stringify(choice).length;
    return size > SIZE;
  });
  if (end < 0) return [...choices];
  const rest = `and ${choices.length - end} more, which are too many to show`;
  return [...choices.slice(0, end), { label: rest, value: "", disabled: true }];
}

/** Addresses as people may see them, and what must not be seen of them. Pure: texts that are no whole address are read too. */
function partsOf$2(text) {
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

/**
 * An address that may be shown to everybody: scheme, host, port and path. A user name and a password are cut out, a query is only
 * named, and segments of the path that could be keys are left out. References (`$var:...`) stay as they are.
 */
function showableAddress(text) {
  if (/^\s*\$(?:var|res|jsonvar|encrypted):/.test(text)) return text;
  const { scheme, user, place, query } = partsOf$2(text);
  const [host = "", ...path] = place.split("/");
  const shown = [host, ...path.map((segment) => (isKeyLike(segment) ? "…" : segment))].join("/");
  const blanks = /^(\s*)[\s\S]*?(\s*)$/.exec(text);
  const tail = query === null ? (blanks?.[2] ?? "") : "?(a query)";
  return `${blanks?.[1] ?? ""}${scheme}${user === null ? "" : "…@"}${shown}${tail}`;
}

/** Parameters of a query that say how something is asked, not who asks. */
const HARMLESS_PARAMETER = /^(?:api-?version|version|v|model|deployment|region|format|stream)$/i;

/** Every part of an address that could be a credential, as it stands and decoded. */
function credentialsInAddress(text) {
  const { user, place, query } = partsOf$2(text);
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

/** Effects per name from the gateway's source (docs/windmill.md, Codex Pooler) and from Windmill's proxy. */
const RULES$3 = [
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

const VALUE$1 = /^[\t\x20-\x7e\x80-\xff]*$/;

/** What is wrong with one static header, or null when it may stay. */
function headerSlip(name, value) {
  if (!NAME.test(name) || !VALUE$1.test(value)) {
    return { code: "malformed-header", says: "is not a valid HTTP header" };
  }
  const rule = RULES$3.find(({ names }) => names.test(name.toLowerCase()));
  if (rule) return { code: rule.code, says: rule.says };
  // Under a name that is there for a credential it is meant; the gateway's own keys are meant nowhere.
  if (looksLikeCredential(value) && (!mayCarryCredential(name) || /[a-z]{2,3}-cxp-/i.test(value))) {
    return { code: "credential-header", says: "has a value that looks like a key" };
  }
  return null;
}

/** The headers that hold a credential which may stay: everybody who may read the resource sees it. */
const readableCredentials = (headers) =>
  Object.entries(headers).flatMap(([name, value]) =>
    mayCarryCredential(name) && headerSlip(name, value) === null ? [name] : [],
  );

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

/** A path with another last segment: what belongs to an item for a while stands beside it, where the same people may write. */
const besidePath = (path, name) => `${path.slice(0, path.lastIndexOf("/"))}/${name}`;

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

/** Texts that could be a key of any form, where nobody knows the key itself. */
/** Runs of 16 and more characters with digits and letters: what keys are made of, and hardly anything else. */
const RANDOM_RUN = /(?<![A-Za-z0-9_-])(?=[A-Za-z_-]*[0-9])(?=[0-9_-]*[A-Za-z])[A-Za-z0-9_-]{16,}/g;

/** Whether a text holds something that could be a key and is nothing that is known to be open. */
const mayHoldKey = (text, open) => maskRandom(text, open) !== text;

/** The text without anything that could be a key. Costs names their ends, so it is for texts of others only. */
const maskRandom = (text, open) =>
  text.replace(RANDOM_RUN, (run) => (open.some((known) => known.includes(run)) ? run : "(hidden)"));

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

/** What is wrong with a gateway's base URL before anybody calls it. One row per slip; the code is a row of the diagnosis table. */
const path$1 = (url) => url?.pathname.replace(/\/+$/, "") ?? "";

/** In the order in which a person would notice them; the first that applies is the one to report. */
const RULES$2 = [
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
    applies: (_text, url) => /\/(chat(\/completions)?|completions|models|responses|embeddings)$/.test(path$1(url)),
  },
  {
    code: "base-url-no-v1",
    says: "does not end in /v1",
    fix: "Append /v1: that is where Codex Pooler serves its OpenAI-compatible API.",
    applies: (_text, url) => !path$1(url).endsWith("/v1"),
  },
];

/** The first slip of a base URL, or null when it is well-formed. A trailing slash is no slip: Windmill trims it. */
function baseUrlSlip(text) {
  const url = parseUrl(text);
  const rule = RULES$2.find((candidate) => candidate.applies(text, url));
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

/** A field with a rule: `rule` returns what is wrong and what to do, or null. */
const checked = (rule) =>
  blankable.superRefine((text, context) => {
    const slip = rule(text);
    if (slip !== null) context.addIssue({ code: "custom", message: slip });
  });

/** A path of the workspace, or blank. */
const path = checked((text) =>
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
const apiKey = checked((text) => {
  const slip = text === "" || text === STORED_MARK ? null : keySlip(text);
  return slip && `${slip.says}. ${slip.fix}`;
}).transform((text) => (text === "" ? null : text === STORED_MARK ? "stored" : new Secret(text)));

/** An address of a Windmill server, or blank. */
const httpUrl = checked((text) =>
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
const ChangeInput = {
  mode: choice(["plan", "apply"]).transform((mode) => mode ?? "plan"),
  plan_id: blankable,
  server_url: httpUrl,
};

/** A switch; off when it is left alone. */
z.boolean()
  .nullish()
  .transform((value) => value ?? false);

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

/** Plain JSON documents: comparing them, and finding where they differ. */
/** A JSON object as a record; anything else as an empty one. */
const asRecord = (value) => (typeof value === "object" && value !== null && !Array.isArray(value) ? value : {});

/** Whether two JSON values are the same, whatever the order of their keys: Windmill stores objects in its own order. */
const sameJson = (a, b) => canonical(a) === canonical(b);

/** JSON text with sorted keys; absent and `undefined` values are the same. */
function canonical(value) {
  return JSON.stringify(value, (_key, inner) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** Where two JSON documents differ, deepest objects first-hand: arrays are compared as a whole. */
function differences$1(before, after, path = "") {
  if (sameJson(before, after)) return [];
  const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isObject(before) || !isObject(after)) return [{ path, before, after }];
  const a = asRecord(before);
  const b = asRecord(after);
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .sort()
    .flatMap((key) => differences$1(a[key], b[key], path ? `${path}.${key}` : key));
}

/**
 * How much space a result takes in Windmill's database. Windmill shows a result only while PostgreSQL's `pg_column_size` of it is
 * below 90,000 (backend/windmill-api/src/jobs.rs), and PostgreSQL compresses what is longer than 2 kB (pg_lzcompress.c: copies of at
 * least 3 bytes from the last 4,095). This is the same way of compressing with less effort, so that it never says less than
 * PostgreSQL would: it tries one earlier place per position, and takes the text of the JSON for its binary form.
 */
/** Bytes back that a copy can reach. */
const WINDOW = 4_095;

/** Bytes that a copy may have, and from which on one takes a byte more. */
const COPY = { least: 3, long: 18, most: 273 };

/** Bits of the table of earlier places. */
const BITS = 13;

/** Items per control byte. */
const GROUP = 8;

/** PostgreSQL stores what it cannot make a quarter smaller as it is. */
const WORTH = 0.75;

/** Bytes that a JSON text takes at most when it is stored. */
function storedSize(json) {
  const bytes = new TextEncoder().encode(json);
  const { length } = bytes;
  const at = (index) => bytes[index] ?? 0;
  const places = new Int32Array(1 << BITS).fill(-1);
  const place = (index) =>
    (Math.imul(at(index) | (at(index + 1) << 8) | (at(index + 2) << 16), 2_654_435_761) >>> (32 - BITS)) &
    ((1 << BITS) - 1);
  let size = 0;
  let items = 0;
  for (let index = 0; index < length; ) {
    const slot = place(index);
    const before = places[slot] ?? -1;
    let copied = 0;
    if (before >= 0 && index - before <= WINDOW) {
      while (copied < COPY.most && index + copied < length && at(before + copied) === at(index + copied)) copied += 1;
    }
    const isCopy = copied >= COPY.least;
    const taken = isCopy ? copied : 1;
    for (let step = 0; step < taken; step++) places[place(index + step)] = index + step;
    index += taken;
    size += isCopy ? (copied >= COPY.long ? 3 : 2) : 1;
    items += 1;
  }
  const packed = size + Math.ceil(items / GROUP);
  return packed <= length * WORTH ? packed : length;
}

/** Keeps results showable: the one home of what Windmill and a browser can show. */
/**
 * Bytes of a result as Windmill's database stores it, by {@link storedSize}: Windmill shows none from 90,000 on, and lists of numbers
 * take up to a fifth more than that says.
 */
const STORED_LIMIT = 74_000;

/** Characters of a result as JSON: a browser has to parse and draw it, however well it compresses. */
const SHOWN_LIMIT = 600_000;

/** Whether Windmill shows a result. */
function isShowable(result) {
  const json = JSON.stringify(result);
  return json.length <= SHOWN_LIMIT && (json.length <= STORED_LIMIT || storedSize(json) <= STORED_LIMIT);
}

const listOf$1 = (report, key) => (Array.isArray(report[key]) ? report[key] : null);

/** Shortens a list of a report where it has one. */
const shorter = (key, change) => (report) => {
  const list = listOf$1(report, key);
  return list === null ? report : { ...report, [key]: change(list) };
};

const first = (count) => (list) => list.slice(0, count);

const failing = (list) => list.filter((one) => asRecord(one).ok !== true);

const withEvidence = (count) => (list) =>
  list.map((one) => {
    const { evidence, ...rest } = asRecord(one);
    return { ...rest, evidence: Array.isArray(evidence) ? evidence.slice(0, count) : [] };
  });

/** What can be spared of any report, least missed first. */
const SPARED = [
  shorter("probes", failing),
  shorter("probes", first(60)),
  shorter("findings", withEvidence(2)),
  shorter("probes", first(10)),
  shorter("models", first(60)),
  shorter("not_asked", first(20)),
  shorter("findings", withEvidence(1)),
  shorter("models", first(20)),
  (report) => ({
    ...report,
    ...(report.health ? { health: shorter("incidents", first(3))(asRecord(report.health)) } : {}),
  }),
  (report) => shorter("probes", first(0))(shorter("findings", first(5))(report)),
];

const LEFT_OUT = "Parts of the report were left out: it was too big to be shown.";

/** The report with a note that it is not whole, where it has a place for one. */
function noted(report) {
  const notes = listOf$1(report, "notes");
  if (notes !== null) return { ...report, notes: [...notes, LEFT_OUT] };
  return typeof report.summary === "string" ? { ...report, summary: `${report.summary} ${LEFT_OUT}` } : report;
}

/**
 * A report without what makes its result too big to be shown, and with a note that says so.
 *
 * @param whole what the result is then, with its page.
 */
function fitting(report, whole) {
  let smaller = report;
  for (const spare of SPARED) {
    if (isShowable(whole(smaller))) break;
    smaller = spare(smaller);
  }
  return smaller === report ? report : noted(smaller);
}

/** Addresses of Windmill's own pages, and what a page of ours leads to. The one place that composes them. Pure. */
/** What can be done next, as a link to a form that is filled in. */
const Link = z.object({
  does: z.enum(["apply", "undo", "repair"]),
  /** What stands on it. */
  label: z.string(),
  url: z.string(),
});

/** Characters of an address that browsers and Windmill's pages take without trouble; a longer one is left out. */
const LONGEST$1 = 16_000;

const pageOf = ({ pages_url, workspace }, path) => `${pages_url}${path}?workspace=${encodeURIComponent(workspace)}`;

/**
 * A script's form with these fields filled in: Windmill's page of a script reads what follows the `#` as a query whose values are JSON.
 *
 * @returns null where there is no address that would work, and for values that may hold a credential.
 */
function formLink(pages, script, fields) {
  if (!hasAddress(pages)) return null;
  const filled = Object.entries(fields).map(([name, value]) => [name, JSON.stringify(value)]);
  if (filled.some(([, text]) => text === undefined || looksLikeCredential(text))) return null;
  const query = new URLSearchParams(filled).toString();
  const url = `${pageOf(pages, `/scripts/get/${FOLDER}/${script}`)}${query === "" ? "" : `#${query}`}`;
  return url.length > LONGEST$1 ? null : url;
}

const hasAddress = ({ pages_url }) => /^https?:\/\/[^\s/]/.test(pages_url);

/** The link to a plan of the repair, where a script can repair something. */
function repairLinks(pages, findings, fields = {}) {
  const url = findings.some(({ repairable }) => repairable) ? formLink(pages, "repair", fields) : null;
  return url === null ? [] : [{ does: "repair", label: "Plan the repair", url }];
}

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

/** Characters of a body that are kept for judging. Long enough for a model list of some hundred ids. */
const BODY_LIMIT = 262_144;

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

/** The finished result of an entry point: what may leave, small enough to be shown, and the page that is made of it. */
const finish = (report, render) => {
  const rendered = (one) => ({ ...one, wm_renderer: "html", html: render(one) });
  return rendered(fitting(inert(report), rendered));
};

/** Reads inputs against their schema. All slips are collected, so that nobody fixes a form field by field. */
/** The input cannot be used. The message names each field, what is wrong with it and the fix; nothing has been changed. */
class InputError extends Error {
  name = "InputError";
  constructor(slips) {
    super(["Nothing was changed, because of this input:", ...slips.map((slip) => `- ${slip}`)].join("\n"));
  }
}

/**
 * Parses a script's inputs.
 *
 * @throws InputError that names every field in trouble; values are not repeated, since one of them may be a key.
 */
function parseInputs(schema, inputs) {
  const parsed = schema.safeParse(inputs);
  if (parsed.success) return parsed.data;
  throw new InputError(
    parsed.error.issues.map((issue) => {
      const field = issue.path.join(".") || "input";
      return issue.code === "custom" ? `${field}: ${issue.message}` : `${field}: has a value of the wrong kind.`;
    }),
  );
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
function isTelling$1(piece) {
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
  return sides.flatMap(([start, end, piece]) => (piece.length >= ONE_SIDE && isTelling$1(piece) ? [[start, end]] : []));
}

/** The greatest length from `most` down that is right; 0 when none is. What is unlikely is not looked at closely. */
function longest(most, at) {
  for (let length = most; length > 0; length--) {
    const { likely, sure } = at(length);
    if (likely && sure()) return length;
  }
  return 0;
}

/** The caller, the server, and the AI settings: one function per call, each answer parsed at this border. */
const WhoAmI = z.looseObject({
  username: z.string(),
  is_admin: z.boolean(),
  is_super_admin: z.boolean().optional(),
  folders: z.array(z.string()).nullish(),
});

const callers = new WeakMap();

/** Who runs this job. It is asked once per job; a question that fails is asked again. */
function whoAmI(windmill) {
  const known = callers.get(windmill);
  if (known) return known;
  const asked = askWhoIAm(windmill);
  callers.set(windmill, asked);
  asked.catch(() => callers.delete(windmill));
  return asked;
}

async function askWhoIAm(windmill) {
  const me = await windmill.call(
    "Asking who runs this job",
    () => UserService.whoami({ workspace: windmill.workspace }),
    WhoAmI,
  );
  return { username: me.username, admin: me.is_admin || me.is_super_admin === true, folders: me.folders ?? [] };
}

/** The server's version as it says it, e.g. `CE v1.788.0`. */
const serverVersion = (windmill, via = "worker") =>
  windmill.call("Asking Windmill's version", () => SettingsService.backendVersion(), z.string(), via);

/**
 * The workspace's own AI settings exactly as stored, unknown keys included; `{}` when there are none. Only this endpoint
 * shows them: `get_copilot_info` falls back to the instance's. The rest of its answer holds other secrets and is dropped.
 */
async function readAiSettings(windmill) {
  const settings = await windmill.call(
    "Reading the workspace's AI settings",
    () => WorkspaceService.getSettings({ workspace: windmill.workspace }),
    z.looseObject({ ai_config: z.record(z.string(), z.unknown()).nullish() }),
  );
  return settings.ai_config ?? {};
}

/** The AI settings that users get: the workspace's own, else the instance's, else `{}`. Any member may read them. */
const readEffectiveAiSettings = (windmill) =>
  windmill.call(
    "Reading the AI settings that users get",
    () => WorkspaceService.getCopilotInfo({ workspace: windmill.workspace }),
    z.record(z.string(), z.unknown()),
  );

const SettingsState = z.looseObject({
  uses_instance_ai_config: z.boolean(),
  instance_ai_summary: z
    .looseObject({
      providers: z.array(z.looseObject({ provider: z.string(), models: z.array(z.string()).optional() })).optional(),
    })
    .nullish(),
});

/** Whether the instance has AI settings, and whether this workspace lives on them. Any member may read it. */
const readSettingsState = (windmill) =>
  windmill.call(
    "Asking whether the workspace uses the instance's AI settings",
    () => WorkspaceService.getCopilotSettingsState({ workspace: windmill.workspace }),
    SettingsState,
  );

/** Replaces the workspace's AI settings as a whole. The process that serves the call drops its cached credentials. */
const writeAiSettings = (windmill, settings, via) =>
  windmill.call(
    "Saving the workspace's AI settings",
    () => WorkspaceService.editCopilotConfig({ workspace: windmill.workspace, requestBody: settings }),
    z.unknown(),
    via,
  );

/** The running job's arguments as Windmill stored them: `$var:` references are not resolved, a raw key is raw. */
const readStoredArguments = (windmill) =>
  windmill.call(
    "Reading this job's stored arguments",
    () => JobService.getJobArgs({ workspace: windmill.workspace, id: windmill.jobId }),
    z.record(z.string(), z.unknown()),
  );

/**
 * Texts behind texts: what a text says once its escapes are resolved, with the place of each character in the original. A secret
 * can then be found and cut out wherever somebody has put it into JSON, an address or a page.
 */
const NAMED$2 = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

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
      return name.startsWith("#") ? codePoint(Number(name.slice(1))) : (NAMED$2[name] ?? null);
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
    return last - first === form.length || isTelling$1(text.slice(from, to)) ? [from, to] : null;
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

/** Creates a resource; fails when the path is taken, atomically. */
const createResource = (windmill, resource) =>
  windmill.call(
    `Creating the resource ${resource.path}`,
    () => ResourceService.createResource({ workspace: windmill.workspace, requestBody: resource }),
    z.unknown(),
  );

/** Replaces the value of a resource. Windmill keeps the old one in the resource's history. */
const replaceResourceValue = (windmill, path, value) =>
  windmill.call(
    `Changing the resource ${path}`,
    () => ResourceService.updateResourceValue({ workspace: windmill.workspace, path, requestBody: { value } }),
    z.unknown(),
  );

/**
 * Deletes a resource and nothing else. Windmill would also delete every variable that its value references by `$var:`,
 * whoever uses it, so the value is emptied first.
 */
async function deleteResourceOnly(windmill, path) {
  await replaceResourceValue(windmill, path, {});
  await windmill.call(
    `Deleting the resource ${path}`,
    () => ResourceService.deleteResource({ workspace: windmill.workspace, path }),
    z.unknown(),
  );
}

/** Whether a resource type exists in the workspace. */
const resourceTypeExists = (windmill, name) =>
  windmill.call(
    `Looking up the resource type ${name}`,
    () => ResourceService.existsResourceType({ workspace: windmill.workspace, path: name }),
    z.boolean(),
  );

/** Creates a resource type for the workspace. */
const createResourceType = (windmill, type) =>
  windmill.call(
    `Creating the resource type ${type.name}`,
    () => ResourceService.createResourceType({ workspace: windmill.workspace, requestBody: type }),
    z.unknown(),
  );

/** Deletes a resource type of the workspace. */
const deleteResourceType = (windmill, name) =>
  windmill.call(
    `Deleting the resource type ${name}`,
    () => ResourceService.deleteResourceType({ workspace: windmill.workspace, path: name }),
    z.unknown(),
  );

/** The resource type under which Windmill keeps states: no history, not exported by `wmill sync`. */
const STATE_TYPE = "state";

/** Reads a state kept at a path; null when there is none yet. */
const readState = (windmill, path) =>
  orNull(
    windmill.call(
      `Reading the state ${path}`,
      () => ResourceService.getResourceValue({ workspace: windmill.workspace, path }),
      z.unknown(),
    ),
  );

/** Makes a state at a path, without secrets; fails when the path is taken, atomically. */
const createState = (windmill, path, value) =>
  createResource(windmill, { path, value: windmill.secrets.clean(value), resource_type: STATE_TYPE });

/** Deletes a state whose value references no variable; {@link deleteResourceOnly} is for every other one. */
const deleteState = (windmill, path) =>
  windmill.call(
    `Deleting the state ${path}`,
    () => ResourceService.deleteResource({ workspace: windmill.workspace, path }),
    z.unknown(),
  );

/** Writes a state at a path, without secrets, creating it when needed. */
const writeState = (windmill, path, value) =>
  windmill.call(
    `Writing the state ${path}`,
    () =>
      ResourceService.createResource({
        workspace: windmill.workspace,
        updateIfExists: true,
        requestBody: { path, value: windmill.secrets.clean(value), resource_type: STATE_TYPE },
      }),
    z.unknown(),
  );

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

/** Secret variables that the caller may see, without their values, by path. */
const listSecrets = async (windmill) => {
  const listed = await windmill.call(
    "Listing the secret variables",
    () => VariableService.listVariable({ workspace: windmill.workspace }),
    z.array(VariableInfo),
  );
  return listed.filter(({ is_secret }) => is_secret).sort((a, b) => (a.path < b.path ? -1 : 1));
};

/** Decrypts a variable. Windmill writes an audit entry for it. */
async function readSecret(windmill, path) {
  const value = await windmill.call(
    `Reading the variable ${path}`,
    () => VariableService.getVariableValue({ workspace: windmill.workspace, path }),
    z.string(),
  );
  windmill.secrets.learn(value, path);
  return { secret: new Secret(value), padded: value !== value.trim(), slip: keySlip(value.trim()) };
}

/** Creates a secret variable; fails when the path is taken. `expiresAt` (ISO 8601) lets Windmill delete it by itself. */
const createSecret = (windmill, path, secret, description, expiresAt) => {
  windmill.secrets.learn(secret, path);
  return windmill.call(
    `Creating the secret variable ${path}`,
    () =>
      VariableService.createVariable({
        workspace: windmill.workspace,
        requestBody: {
          path,
          value: secret.unwrap(),
          is_secret: true,
          description,
          ...(expiresAt ? { expires_at: expiresAt } : {}),
        },
      }),
    z.unknown(),
  );
};

/** Replaces the value of a secret variable and nothing else of it. Windmill keeps no history of variables. */
const replaceSecret = (windmill, path, secret) => {
  windmill.secrets.learn(secret, path);
  return windmill.call(
    `Replacing the value of the secret variable ${path}`,
    () =>
      VariableService.updateVariable({
        workspace: windmill.workspace,
        path,
        requestBody: { value: secret.unwrap(), is_secret: true },
      }),
    z.unknown(),
  );
};

/**
 * Deletes a variable and nothing else. Windmill would also delete the resource at the same path, whosoever that is.
 *
 * @throws Error when a resource stands there; the variable stays then.
 */
async function deleteVariable(windmill, path) {
  if ((await findResource(windmill, path)) !== null) {
    throw new Error(
      `The variable ${path} was not deleted, because Windmill would delete the resource at the same path with it. Rename or delete that resource, and run this again.`,
    );
  }
  await windmill.call(
    `Deleting the variable ${path}`,
    () => VariableService.deleteVariable({ workspace: windmill.workspace, path }),
    z.unknown(),
  );
}

/** The stored key with what is known of its variable; null when there is none. */
async function readKey(windmill, path) {
  const info = await findVariable(windmill, path);
  return info && { ...(await readSecret(windmill, path)), is_secret: info.is_secret };
}

/** Inputs that hold a key, or the path of one: a key that lands in the wrong one of them is a key all the same. */
const KEY_FIELDS = /^(?:api_key|new_key)$/;

const KEY_PATH_FIELDS = /^(?:secret_path|new_key_path)$/;

const KEY_LIES_OPEN =
  "The key was sent in plain text with this run (through the API or the CLI), so Windmill keeps it in the run's history, where everybody who sees the run can read it. Make a new key, store it in a secret variable and run f/codex_pooler/rotate_key with that variable's path as new_key_path; then revoke this key.";

const liesOpen = (name) =>
  `The input ${name} holds a credential in plain text, and Windmill keeps it in this run's history, where everybody who sees the run can read it. Make it invalid where it came from. In headers, write $var: and the path of a secret variable instead: Windmill fills in its value for the run and keeps the reference.`;

/** What kind of credential stands in an argument, in clear; null when there is none. */
function openCredential(name, value) {
  if (typeof value === "string" && (value.startsWith("$") || value.trim() === "")) return null;
  if (KEY_FIELDS.test(name)) return typeof value === "string" ? "key" : null;
  const text = typeof value === "string" ? value : "";
  const isKey = !text.includes("://") && (looksLikeCredential(text) || isKeyLike(text.trim()));
  if (KEY_PATH_FIELDS.test(name)) {
    return !isPath(text) && (isKey || (isTellable(text) && !/[\s/]/.test(text))) ? "key" : null;
  }
  return isKey || credentialsIn({ [name]: value }).some(isTellable) ? "other" : null;
}

/**
 * Warns of what lies open among the run's arguments: only the API and the CLI send a key in clear, the form turns it into a
 * reference. The scripts get both resolved, so the arguments are looked at as Windmill has stored them.
 *
 * @param inputs the arguments as the script got them: Windmill is asked only where one of them can be a credential.
 */
async function warnOfOpenArguments(windmill, inputs) {
  const suspects = Object.entries(inputs).filter(([name, value]) => openCredential(name, value) !== null);
  if (suspects.length === 0) return [];
  const stored = await readStoredArguments(windmill).catch(() => ({}));
  const kinds = suspects.map(([name]) => ({ name, kind: openCredential(name, stored[name]) }));
  const others = kinds.filter(({ kind }) => kind === "other").map(({ name }) => liesOpen(name));
  return [...(kinds.some(({ kind }) => kind === "key") ? [KEY_LIES_OPEN] : []), ...others];
}

/** Where Windmill's forms put what people type into a password field (PasswordArgInput.svelte). */
const TYPED = /^\$var:(u\/[A-Za-z0-9_-]+\/secret_arg\/[A-Za-z0-9]+)$/;

/**
 * Takes typed keys out of the short-lived variables that the form made of them, once they are stored where they belong. The variables
 * stay until Windmill deletes them after a week, because "Run again" refers to them; what stands in them then means a blank field. A
 * failure is not told: the key is gone after that week all the same.
 */
async function forgetTypedKeys(windmill) {
  const stored = await readStoredArguments(windmill).catch(() => ({}));
  const paths = Object.values(stored).flatMap((value) => TYPED.exec(typeof value === "string" ? value : "")?.[1] ?? []);
  const mark = new Secret(STORED_MARK);
  await Promise.all(paths.map((path) => replaceSecret(windmill, path, mark).catch(() => undefined)));
}

/** Milliseconds after which a run moves Windmill's progress bar: people look at a job page after about two seconds. */
const SHOW_AFTER_MS = 1_500;

const UPDATE_EVERY_MS = 1_000;

/**
 * Starts to report. Short runs make no request for it; a request that fails is ignored, because a run must not fail for
 * its progress bar.
 *
 * @param log writes a line into the log of the run, through the door for it.
 */
function startProgress(log) {
  const started = performance.now();
  let share = 0;
  let shown = 0;
  const show = () => {
    const percent = Math.min(99, Math.floor(share * 100));
    if (percent <= shown) return;
    shown = percent;
    setProgress(percent).catch(() => undefined);
  };
  let timer = setTimeout(function tick() {
    show();
    timer = setTimeout(tick, UPDATE_EVERY_MS);
  }, SHOW_AFTER_MS);
  const reach = (next) => {
    share = Math.max(share, next);
  };
  return {
    step(text, next) {
      reach(next);
      log(`${((performance.now() - started) / 1000).toFixed(1)} s  ${text}`);
    },
    reach,
    end: () => clearTimeout(timer),
  };
}

/**
 * Runs a command as the present job: opens Windmill, reads the inputs, shows how far it is, and renders its report.
 *
 * @throws InputError for inputs that cannot be used; whatever the walk throws. Each names first what lies open in the arguments.
 */
async function run({ schema, inputs, render }, walk) {
  const windmill = openWindmill();
  const { secrets } = windmill;
  secrets.learnFrom(inputs);
  const progress = startProgress((line) => say(windmill, line));
  const work = async () => {
    try {
      const input = parseInputs(schema, inputs);
      return inert(await walk(openWindmill(process.env, input.server_url, secrets), input, progress));
    } catch (error) {
      const warning = await warnOfOpenArguments(windmill, inputs);
      throw warning.length > 0 ? saying(warning, error) : error;
    } finally {
      progress.end();
    }
  };
  return finish(await leave(windmill, work), render);
}

/** The same error with something said before its own words. */
function saying(first, error) {
  const told = error instanceof Error ? error : new Error(String(error));
  told.message = [...first, told.message].join("\n");
  return told;
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

/** Writes a line into the run's log. */
const say = ({ secrets }, line) => console.log(secrets.clean(line));

/**
 * How a form asks a script for choices: it runs another exported function of it, as whoever fills in the form, each time something
 * changes. So the answer comes soon, changes nothing, is for admins only, and is an empty list with its reason instead of an error.
 */
/** Milliseconds for an answer. Nobody waits longer for a drop-down. */
const PATIENCE_MS$2 = 10_000;

const ServerUrl = z.object({ server_url: httpUrl.catch("") });

/**
 * Looks for choices; whatever goes wrong or takes too long is the note of an empty offer.
 *
 * @param filled what the form holds so far.
 */
function offerToAdmins(filled, look) {
  const { server_url } = ServerUrl.parse(filled);
  const soon = async (windmill) => {
    try {
      return await Promise.race([forAdmins(windmill, look), tooLate()]);
    } catch (error) {
      return nothing(`This could not be read. ${excerpt(error instanceof Error ? error.message : String(error))}`);
    }
  };
  return answer(soon, filled, server_url);
}

const forAdmins = async (windmill, look) =>
  (await whoAmI(windmill)).admin
    ? look(windmill)
    : nothing("Only an admin of the workspace can do this, so nothing was looked up.");

const tooLate = () =>
  new Promise((resolve) => {
    const says = nothing(`There was no answer within ${PATIENCE_MS$2 / 1000} s.`);
    AbortSignal.timeout(PATIENCE_MS$2).addEventListener("abort", () => resolve(says), { once: true });
  });

/** The name of the resource type, and the schema that Windmill's hub gives it (recorded from a real server). */
const RESOURCE_TYPE = {
  name: "customai",
  description: "OpenAI-compatible AI provider",
  schema: {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    required: [],
    properties: {
      api_key: { type: "string", description: "", default: "", password: true },
      base_url: { type: "string", description: "", default: "" },
      headers: { type: "object", description: "", default: {} },
    },
  },
};

/** Description of every resource that this product creates; it is how the product knows its own. */
const RESOURCE_DESCRIPTION = "Codex Pooler API credentials for Windmill AI";

/** Description of every secret variable that this product creates; it is how the product knows its own. */
const SECRET_DESCRIPTION = "Pool API key for Windmill AI (made by f/codex_pooler/connect)";

/**
 * The workspace's AI settings as plain data, and the one change this product makes to them. They hold other people's
 * providers, prompts and limits, and keys of Windmill versions that this code does not know: all of that passes through.
 */
/** Windmill's name of the provider that this product owns. */
const PROVIDER = "customai";

const ModelRef = z.looseObject({ provider: z.string(), model: z.string() });

const Connection = z.looseObject({ resource_path: z.string(), models: z.array(z.string()) });

/** The parts of the AI settings that this product understands; everything else is only carried. */
const AiSettings = z.looseObject({
  providers: z.record(z.string(), z.unknown()).nullish(),
  default_model: ModelRef.nullish(),
  metadata_model: ModelRef.nullish(),
  code_completion_model: ModelRef.nullish(),
  max_tokens_per_model: z.record(z.string(), z.number()).nullish(),
  /** Newer servers: hides the AI features from the UI even when the proxy works. */
  copilot_disabled: z.boolean().nullish(),
});

/** Reads settings without ever failing: a part of an unknown shape counts as absent and is named in `unreadable`. */
function viewSettings(raw) {
  const unreadable = [];
  function read(key, schema, value) {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    unreadable.push(key);
    return null;
  }
  const shape = AiSettings.shape;
  const providers = read("providers", shape.providers, raw.providers) ?? {};
  const connection = read(`providers.${PROVIDER}`, Connection.optional(), providers[PROVIDER]);
  return {
    providers: Object.keys(providers),
    connection: connection ? { resource_path: connection.resource_path, models: connection.models } : null,
    default_model: read("default_model", shape.default_model, raw.default_model) ?? null,
    metadata_model: read("metadata_model", shape.metadata_model, raw.metadata_model) ?? null,
    code_completion_model:
      read("code_completion_model", shape.code_completion_model, raw.code_completion_model) ?? null,
    max_tokens_per_model: read("max_tokens_per_model", shape.max_tokens_per_model, raw.max_tokens_per_model) ?? {},
    ai_disabled: raw.copilot_disabled === true,
    unreadable,
  };
}

/** The model id of a reference when it points at this product's provider, else null. */
const ownModel = (ref) => (ref?.provider === PROVIDER ? ref.model : null);

/** Every distinct model id that users can reach through this provider: enabled ones, then default, then metadata. */
function configuredModels(view) {
  const ids = [...(view.connection?.models ?? []), ownModel(view.default_model), ownModel(view.metadata_model)];
  return [...new Set(ids.filter((id) => id !== null))];
}

/** The models that stand for the connection in a trial: default and metadata model, else the first that is enabled. */
function chosenModels(view) {
  const roles = [ownModel(view.default_model), ownModel(view.metadata_model)].filter((id) => id !== null);
  return roles.length > 0 ? [...new Set(roles)] : (view.connection?.models.slice(0, 1) ?? []);
}

/** Model ids of this provider that another one has too: Windmill's settings page tells models apart by id only. */
function sharedModels(raw) {
  const mine = viewSettings(raw).connection?.models ?? [];
  const others = Object.entries(asRecord(raw.providers))
    .filter(([name]) => name !== PROVIDER)
    .flatMap(([, one]) => {
      const { models } = asRecord(one);
      return Array.isArray(models) ? models : [];
    });
  return mine.filter((id) => others.includes(id));
}

/**
 * Items that stand in the workspace only while a change is tried or made, each beside what it is for. One of such a name without
 * the description is somebody else's, and is left alone. Pure.
 */
/** How each is known for what it is. */
const CANDIDATE_DESCRIPTION = "Temporary: f/codex_pooler tries a connection before it makes it live";

const COPY_DESCRIPTION = "Temporary: f/codex_pooler changes the connection, and people use this copy meanwhile";

const PREVIOUS_DESCRIPTION =
  "Temporary: f/codex_pooler/rotate_key keeps the old key until the new one has proven itself";

/** Where a connection is tried before it is live: resource and variable share this path. */
const candidatePath = (resourcePath) => besidePath(resourcePath, "codex_pooler_candidate");

/** Where the copy of a connection stands that people use during a change of several parts: resource and variable share this path. */
const copyPath = (resourcePath) => besidePath(resourcePath, "codex_pooler_in_change");

/** Where the old key is kept while it is rotated. */
const previousPath = (secretPath) => besidePath(secretPath, "codex_pooler_previous_key");

/** Whether a resource's path is that of a candidate or a copy. */
const isTemporaryPath = (path) => [copyPath(path), candidatePath(path)].includes(path);

/** Milliseconds after which Windmill itself deletes an old key that a rotation has left: long enough to be the way back. */
const PREVIOUS_LIFETIME_MS = 7 * 86_400_000;

/** Runs of the workspace: one function per call, each answer parsed at this border. */
/** A run, as far as this product looks at it. */
const JobInfo = z.looseObject({
  type: z.string().optional(),
  success: z.boolean().optional(),
  started_at: z.string().nullish(),
  running: z.boolean().optional(),
});

/** How far a run is; null when there is none that the caller may see. */
async function findJob(windmill, id) {
  const job = await orNull(
    windmill.call(
      `Looking at the job ${id}`,
      () => JobService.getJob({ workspace: windmill.workspace, id, noLogs: true }),
      JobInfo,
    ),
  );
  if (job === null) return null;
  const over = job.type === "CompletedJob";
  return { over, running: !over && job.running === true, succeeded: over && job.success === true };
}

/**
 * The present time by the clock of Windmill's database, as ISO 8601: when this job was started, and what has passed since. Workers'
 * clocks may differ by minutes, and what several of them did must be put in order. Where Windmill does not say, it is this worker's.
 */
async function serverTime(windmill) {
  const job = await orNull(
    windmill.call(
      "Looking at this job",
      () => JobService.getJob({ workspace: windmill.workspace, id: windmill.jobId, noLogs: true }),
      JobInfo,
    ),
  ).catch(() => null);
  const started = Date.parse(job?.started_at ?? "");
  return new Date(Number.isNaN(started) ? Date.now() : started + windmill.elapsedMs()).toISOString();
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

/** Creates a schedule that runs as the caller. */
const createSchedule = (windmill, spec) => create$1(windmill, spec);

const create$1 = (windmill, requestBody) =>
  windmill.call(
    `Creating the schedule ${requestBody.path}`,
    () => ScheduleService.createSchedule({ workspace: windmill.workspace, requestBody }),
    z.unknown(),
  );

const runsAs = ({ permissioned_as }) => (permissioned_as ? { permissioned_as, preserve_permissioned_as: true } : {});

/** What people may have set on a schedule beside what we set: Windmill forgets whatever an update leaves out. */
const KEPT$1 = [
  "description",
  "on_failure",
  "on_failure_times",
  "on_failure_exact",
  "on_failure_extra_args",
  "on_recovery",
  "on_recovery_times",
  "on_recovery_extra_args",
  "on_success",
  "on_success_extra_args",
  "ws_error_handler_muted",
  "retry",
  "tag",
  "paused_until",
  "cron_version",
  "dynamic_skip",
  "labels",
];

const keptOf = (schedule) =>
  Object.fromEntries(KEPT$1.filter((key) => (schedule[key] ?? null) !== null).map((key) => [key, schedule[key]]));

/** Replaces what a schedule runs and when. Leaves it switched on or off. */
function updateSchedule(windmill, current, { permissioned_as, ...change }) {
  const { path } = current;
  return windmill.call(
    `Changing the schedule ${path}`,
    () =>
      ScheduleService.updateSchedule({
        workspace: windmill.workspace,
        path,
        requestBody: { ...keptOf(current), ...change, ...runsAs({ permissioned_as }) },
      }),
    z.unknown(),
  );
}

/** Creates a schedule as it was, with what people had set on it, and running as who it ran as. */
const restoreSchedule = (windmill, was) =>
  create$1(windmill, {
    ...keptOf(was),
    ...runsAs(was),
    path: was.path,
    schedule: was.schedule,
    timezone: was.timezone,
    script_path: was.script_path,
    is_flow: was.is_flow,
    args: was.args ?? {},
    enabled: was.enabled,
    no_flow_overlap: was.no_flow_overlap ?? false,
    summary: was.summary ?? "",
  });

const switchSchedule = (windmill, path, enabled) =>
  windmill.call(
    `Switching the schedule ${path} ${enabled ? "on" : "off"}`,
    () => ScheduleService.setScheduleEnabled({ workspace: windmill.workspace, path, requestBody: { enabled } }),
    z.unknown(),
  );

const deleteSchedule = (windmill, path) =>
  windmill.call(
    `Deleting the schedule ${path}`,
    () => ScheduleService.deleteSchedule({ workspace: windmill.workspace, path }),
    z.unknown(),
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
const FirstVersion = z.looseObject({
  version: z.literal(1),
  resource_path: z.string(),
  secret_path: z.string(),
  made: z.object({ resource_type: z.boolean(), secret: z.boolean(), resource: z.boolean(), schedule: z.boolean() }),
});

/** Brings an intent of the first version up to date; everything else stays as it is. */
function upgraded(stored) {
  const first = FirstVersion.safeParse(stored);
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
  const parsed = Intent.safeParse(upgraded(stored));
  return parsed.success ? parsed.data : null;
}

/** The intent; null when nobody has connected yet, or when it is damaged or of another version. */
const readIntent = async (windmill) => parseIntent(await readState(windmill, INTENT));

/**
 * Reads the connection. Works for members too: what they may not read is `null` or `hidden`.
 *
 * @throws WindmillError when Windmill does not answer, or refuses the token, or refuses an admin anything.
 */
async function observe(windmill) {
  const refusals = [];
  const orUnseen = unseenIn(refusals);
  const [at, caller, version, state, effective, own, schedule, intent, has_resource_type] = await Promise.all([
    serverTime(windmill),
    whoAmI(windmill),
    serverVersion(windmill),
    readSettingsState(windmill),
    readEffectiveAiSettings(windmill),
    orUnseen(readAiSettings(windmill), null),
    orUnseen(findSchedule(windmill, HEALTH_SCHEDULE), null),
    orUnseen(readIntent(windmill), null),
    orUnseen(resourceTypeExists(windmill, PROVIDER), true),
  ]);
  const view = viewSettings(effective);
  const source = state.uses_instance_ai_config ? "instance" : view.providers.length > 0 ? "workspace" : "none";
  const resource =
    view.connection && view.connection.resource_path !== "" && source !== "instance"
      ? await seeResource(windmill, view.connection.resource_path, orUnseen)
      : null;
  const key_path = resource?.state === "ok" && resource.key.kind === "reference" ? resource.key.path : null;
  const [secret, old_key] =
    key_path === null
      ? [null, null]
      : await Promise.all([seeSecret(windmill, key_path, orUnseen), seeOldKey(windmill, key_path, orUnseen)]);
  // Nothing is hidden from an admin: taking it for missing would be the beginning of changes that leave things half done.
  if (caller.admin && refusals[0]) throw refusals[0];
  return {
    at,
    workspace: windmill.workspace,
    caller,
    server_version: version.trim(),
    settings: {
      own,
      effective,
      source,
      instance_providers: (state.instance_ai_summary?.providers ?? []).map(({ provider }) => provider),
      view,
    },
    resource,
    secret,
    old_key,
    schedule,
    intent,
    has_resource_type,
  };
}

const ResourceValue = z.looseObject({
  base_url: z.string().optional(),
  // Windmill accepts both spellings of these two.
  baseUrl: z.string().optional(),
  api_key: z.string().optional(),
  apiKey: z.string().optional(),
  headers: z.record(z.string(), z.string()).nullish(),
});

/** Looks at a resource without keeping a key that stands in it. */
async function seeResource(windmill, path, orUnseen = asSeen) {
  const found = await orUnseen(findResource(windmill, path), "hidden");
  if (found === "hidden") return { state: "hidden", path };
  if (found === null) return { state: "missing", path };
  const sight = sightOf({
    ...{ path, type: found.resource_type, description: found.description ?? "" },
    value: found.value,
  });
  return sight.state === "ok" ? { ...sight, shared_with: Object.keys(found.extra_perms ?? {}) } : sight;
}

/** What a resource's value says. Pure. */
function sightOf(about) {
  const parsed = ResourceValue.safeParse(about.value);
  if (!parsed.success) return { state: "malformed", ...about };
  const { base_url, baseUrl, api_key, apiKey, headers, ...rest } = parsed.data;
  return {
    state: "ok",
    ...about,
    base_url: base_url || baseUrl || "",
    headers: headers ?? {},
    key: seeKey(api_key || apiKey || ""),
    rest,
  };
}

function seeKey(value) {
  if (value === "") return { kind: "none" };
  return value.startsWith("$var:")
    ? { kind: "reference", path: value.slice("$var:".length) }
    : { kind: "literal", prefix: new Secret(value).prefix };
}

/** Looks at a variable without decrypting it. */
async function seeSecret(windmill, path, orUnseen = asSeen) {
  const found = await orUnseen(findVariable(windmill, path), "hidden");
  if (found === "hidden") return { path, state: "hidden", description: "", shared: false };
  if (found === null) return { path, state: "missing", description: "", shared: false };
  return {
    path,
    state: found.is_secret ? "ok" : "not-secret",
    description: found.description ?? "",
    // What lies in a folder is as readable as the folder; what lies at u/ is its owner's, unless it is shared.
    shared: Object.keys(found.extra_perms ?? {}).length > 0,
    shared_with: Object.keys(found.extra_perms ?? {}),
  };
}

/** Milliseconds for which a rotation may go on: no script of ours runs for longer. */
const ROTATION_MS = 15 * 60_000;

/** Looks for an old key that a rotation which died has left. That of a rotation which goes on is none. */
async function seeOldKey(windmill, key_path, orUnseen) {
  const path = previousPath(key_path);
  const found = await orUnseen(findVariable(windmill, path), null);
  if (found?.description !== PREVIOUS_DESCRIPTION) return null;
  const made = found.expires_at ? Date.parse(found.expires_at) - PREVIOUS_LIFETIME_MS : 0;
  return Date.now() - made < ROTATION_MS ? null : { path };
}

/** For commands that only admins run: nothing is hidden from them. */
const asSeen = (promise) => promise;

/**
 * Answers `unseen` for what the caller has no right to: with what is left, a member's check is still worth having.
 *
 * @param refusals gets the refusals.
 */
const unseenIn = (refusals) => async (promise, unseen) => {
  try {
    return await promise;
  } catch (error) {
    if (isNotFound(error)) return unseen;
    if (!isForbidden(error)) throw error;
    if (error instanceof WindmillError) refusals.push(error);
    return unseen;
  }
};

/** The secret variables that may hold a new key: all but the live one. Nobody looks at what is in them. */
async function secretVariables$1(windmill) {
  const [variables, { secret }] = await Promise.all([listSecrets(windmill), observe(windmill)]);
  const others = variables.filter(({ path }) => isLasting(path) && path !== secret?.path);
  if (others.length === 0) return nothing("There is no other secret variable. Type the key above.");
  const choices = others.map(({ path, description }) => ({
    label: description ? `${path} (${description})` : path,
    value: path,
  }));
  return { choices, note: "" };
}

/** Names under which changes keep items for a while (docs/changing.md, "Temporary items"). */
const isLasting = (path) => !/\/codex_pooler_(candidate|in_change|previous_key)$/.test(path);

/** What a person sees of a form: the words and hints of a script's inputs. Names, types and required come from its `main`. */
/** The toggle in front of the fields that few people need. */
const moreOptions = {
  title: "More options",
  description: "Shows what few people need. Nothing is done with it by itself.",
  default: false,
};

/** Fields of every form that changes something. */
const changeFields = {
  mode: {
    title: "Mode",
    description: "plan: change nothing, show what would change. apply: make the changes.",
    default: "plan",
  },
  plan_id: {
    title: "Plan",
    description:
      "The id of a plan that was shown, which its link fills in: exactly that plan is applied, or nothing because something has changed since. Blank: what is needed now.",
    default: "",
    more: true,
  },
  server_url: {
    title: "Server address",
    description:
      "Where a worker reaches the Windmill server, when the instance's own address does not work from there. Usually blank.",
    placeholder: "http://windmill_server:8000",
    default: "",
    more: true,
  },
};

/** Inputs of `rotate_key`: the new key, or the path of the variable that holds it. */
const RotateInput = z
  .object({ new_key: apiKey, new_key_path: path, ...ChangeInput })
  .superRefine(({ new_key, new_key_path }, context) => {
    if (new_key === "stored" || (new_key === null) !== (new_key_path === "")) return;
    const message =
      new_key === null ? "is missing. Type it, or give new_key_path." : "is given twice. Leave new_key_path blank.";
    context.addIssue({ code: "custom", path: ["new_key"], message });
  });

/** What `rotate_key` asks people for. */
const form = {
  fields: {
    new_key: {
      password: true,
      title: "New key",
      description: "A Pool API key made for Windmill alone (sk-cxp-...).",
      default: "",
    },
    new_key_path: {
      title: "Variable with the new key",
      description: "Instead of typing it: a secret variable that holds the new key. It stays as it is.",
      default: "",
    },
    mode: changeFields.mode,
    more: moreOptions,
    plan_id: changeFields.plan_id,
    server_url: changeFields.server_url,
  },
};

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

/** Owners as people call them. */
const OWNERS = {
  "workspace-admin": "a workspace admin",
  "windmill-operator": "the operator of Windmill",
  "gateway-operator": "the operator of the gateway",
  wait: "nobody",
};

/**
 * HTML for Windmill's result view. It goes through DOMPurify there: `<style>`, scripts and event handlers are dropped, inline
 * styles, tables, `<details>`, `<pre>` and `<svg>` stay. Text inherits the theme's colour, so nothing here sets one except for
 * status colours that read on light and dark.
 */
/** Markup that is safe to show: it can only be made by {@link html}, which escapes every text put into it. */
class Html {
  text;
  constructor(text) {
    this.text = text;
  }
}

/** A template whose texts are escaped; {@link Html} values and lists of them are taken as they are, null is left out. */
const html = (strings, ...parts) => new Html(strings.map((string, index) => string + render(parts[index])).join(""));

function render(part) {
  if (part === null || part === undefined) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "string" || typeof part === "number") return escapeHtml(String(part));
  return part.map(render).join("");
}

const CELL = "padding:4px 12px 4px 0;border-bottom:1px solid #8884;text-align:left;vertical-align:top";

/** A column is as wide as its longest word, so that none is cut in the middle on a small screen; the table scrolls instead. */
const TABLE$1 = "width:100%;border-collapse:collapse;margin:8px 0;font-size:inherit;overflow-wrap:break-word";

/** A table, which scrolls with the keyboard too; Windmill's Markdown has none, and its own object table sorts columns by itself. */
const table = (head, rows) =>
  rows.length === 0
    ? html``
    : html`<div style="overflow-x:auto" tabindex="0"><table style="${TABLE$1}"><thead><tr>${head.map((title) => html`<th style="${CELL};font-weight:600;white-space:nowrap">${title}</th>`)}</tr></thead><tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td style="${CELL}">${cell}</td>`)}</tr>`)}</tbody></table></div>`;

/** A sentence in which `code` between backticks is set as such. */
const prose = (text) =>
  html`${text.split(/`([^`]{1,400})`/).map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;

/** Steps in order; a step with line breaks has its lines after the first shown as code to copy. */
const steps = (texts) =>
  html`<ol style="margin:4px 0 4px 20px;list-style:decimal">${texts.map((text) => {
    const [first, ...code] = text.split("\n");
    return html`<li style="margin:2px 0">${prose(first ?? "")}${
      code.length > 0
        ? html`<pre style="background:#8882;padding:8px;border-radius:4px;white-space:pre-wrap;overflow-wrap:anywhere">${code.join("\n")}</pre>`
        : null
    }</li>`;
  })}</ol>`;

/**
 * Words of a status: a dot in its colour, the words in the theme's own. No colour of text has enough contrast on white and on Windmill's
 * dark background, and a colour alone says nothing to those who do not see it.
 */
const dotted = (colour, words) =>
  html`<span style="font-weight:600;white-space:nowrap"><span style="display:inline-block;width:.65em;height:.65em;border-radius:50%;margin-right:.4em;background:${colour}"></span>${words}</span>`;

/** Links that look like buttons: what to do next stands out from what is to be read. */
const doors = (links) =>
  links.length === 0
    ? html``
    : html`<p style="margin:12px 0;display:flex;flex-wrap:wrap;gap:8px">${links.map(({ label, url }) => html`<a href="${url}" style="display:inline-block;padding:6px 14px;border:1px solid currentColor;border-radius:6px;font-weight:600;text-decoration:none">${label}</a>`)}</p>`;

/** The frame of every result: the toggle "Pretty | JSON" sits tight above it. */
const page = (...parts) =>
  html`<div style="font-size:14px;line-height:1.5;margin-top:12px;overflow-wrap:anywhere">${parts}</div>`.text;

/** What a change changes, so that it can be read: lists as what comes and goes, texts line by line, objects place by place. Pure. */
/** Places of one change that are shown, items of a list, and lines of a text. */
const PLACES = 40;

const ITEMS = 12;

const LINES = 12;

/** Characters of a value. */
const VALUE = 300;

/** Renders the places in which something differs. */
function differences(all) {
  const places = all.flatMap(leaves);
  const rows = places.slice(0, PLACES).map(({ path, before, after }) => [placeOf$1(path), ...sides(before, after)]);
  const more = places.length - PLACES;
  return html`${table(["Place", "Before", "After"], rows)}${more > 0 ? html`<p>and ${more} more places</p>` : null}`;
}

/** A dotted path, which may break at its dots. */
const placeOf$1 = (path) =>
  html`<code>${(path || "value").split(".").map((part, index) => (index === 0 ? part : html`.<wbr>${part}`))}</code>`;

const isObject$3 = (value) => typeof value === "object" && value !== null;

const isList = (value) => Array.isArray(value) && !value.some(isObject$3);

const isNothing = (value) => value === null || value === undefined;

/** The places inside of a place: down to texts, numbers and lists of them. */
function leaves({ path, before, after }) {
  const inside = (value) => isObject$3(value) && !isList(value) && Object.keys(value).length > 0;
  const either = (inside(before) && (inside(after) || isEmpty(after))) || (inside(after) && isEmpty(before));
  if (!either) return [{ path, before, after }];
  return differences$1(opened(before), opened(after)).flatMap((one) =>
    leaves({ ...one, path: path === "" ? one.path : `${path}.${one.path}` }),
  );
}

const isEmpty = (value) => isNothing(value) || (isObject$3(value) && Object.keys(value).length === 0);

/** Lists of objects by the number of the entry. */
const opened = (value) =>
  Array.isArray(value) ? Object.fromEntries(value.map((one, index) => [String(index + 1), one])) : asRecord(value);

/** The two cells of a place. */
function sides(before, after) {
  if (
    (isList(before) || isNothing(before)) &&
    (isList(after) || isNothing(after)) &&
    (isList(before) || isList(after))
  ) {
    return listSides(before, after);
  }
  const texts = [before, after].filter((one) => typeof one === "string");
  if (texts.some((text) => text.includes("\n"))) return textSides(before, after);
  return [plain$2(before), plain$2(after)];
}

const plain$2 = (value) => {
  if (isNothing(value)) return html`<span style="opacity:.75">none</span>`;
  if (isObject$3(value))
    return html`<span style="opacity:.75">${Array.isArray(value) ? "an empty list" : "empty"}</span>`;
  return html`<code style="display:inline-block;min-width:9em;overflow-wrap:anywhere">${short(String(value))}</code>`;
};

const short = (text) => (text.length > VALUE ? `${text.slice(0, VALUE - 1)}…` : text);

const mark = (sign, text) =>
  html`<div style="border-left:3px solid ${sign === "+" ? COLOURS.good : COLOURS.bad};padding-left:6px;min-width:9em;overflow-wrap:anywhere"><b>${sign}</b> <code>${text}</code></div>`;

const aside = (words) => html`<div style="opacity:.7">${words}</div>`;

/** A list, by what goes and what comes. */
function listSides(before, after) {
  const [was, is] = [textsOf(before), textsOf(after)];
  const gone = was.filter((one) => !is.includes(one));
  const come = is.filter((one) => !was.includes(one));
  const stay = was.length - gone.length;
  if (gone.length === 0 && come.length === 0) return [inOrder(was), inOrder(is)];
  const side = (value, all, changed, sign) =>
    isNothing(value)
      ? plain$2(null)
      : html`${changed.slice(0, ITEMS).map((one) => mark(sign, short(one)))}${changed.length > ITEMS ? aside(`${sign} ${changed.length - ITEMS} more`) : null}${aside(counted(all.length, stay))}`;
  return [side(before, was, gone, "−"), side(after, is, come, "+")];
}

const textsOf = (list) => (Array.isArray(list) ? list.map(String) : []);

const counted = (all, stay) =>
  stay === 0 ? `${all} in all` : `${all} in all, ${stay} ${stay === 1 ? "stays" : "stay"}`;

/** Only the order differs. */
const inOrder = (all) =>
  html`${all.slice(0, ITEMS).map((one, index) => html`<div>${index + 1}. <code>${short(one)}</code></div>`)}${all.length > ITEMS ? aside(`and ${all.length - ITEMS} more`) : null}`;

/** A text of several lines, by the lines that go and come. */
function textSides(before, after) {
  const lines = (value) => (isNothing(value) ? [] : String(value).split("\n"));
  const [was, is] = [lines(before), lines(after)];
  const { gone, come } = changedLines(was, is);
  const side = (value, all, changed, sign) =>
    isNothing(value)
      ? plain$2(null)
      : html`${changed.slice(0, LINES).map((one) => mark(sign, short(one)))}${changed.length > LINES ? aside(`${sign} ${changed.length - LINES} more lines`) : null}${aside(linesCounted(all.length, was.length - gone.length))}`;
  return [side(before, was, gone, "−"), side(after, is, come, "+")];
}

const linesCounted = (all, stay) => `${all} line${all === 1 ? "" : "s"}${stay === 0 ? "" : `, ${stay} as before`}`;

/** Lines on each side beyond which they are compared without their order: the table of the longest common part grows with both. */
const COMPARED$1 = 400;

/** The lines that are in the one text and not in the other, in their order. */
function changedLines(was, is) {
  if (was.length > COMPARED$1 || is.length > COMPARED$1) {
    return { gone: was.filter((line) => !is.includes(line)), come: is.filter((line) => !was.includes(line)) };
  }
  // longest[i][j] = lines that the texts have in common from line i and line j on.
  const longest = Array.from({ length: was.length + 1 }, () => new Array(is.length + 1).fill(0));
  const at = (i, j) => longest[i]?.[j] ?? 0;
  for (let i = was.length - 1; i >= 0; i--) {
    for (let j = is.length - 1; j >= 0; j--) {
      const row = longest[i];
      row[j] = was[i] === is[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const gone = [];
  const come = [];
  let [i, j] = [0, 0];
  while (i < was.length || j < is.length) {
    if (i < was.length && j < is.length && was[i] === is[j]) {
      i += 1;
      j += 1;
    } else if (j >= is.length || (i < was.length && at(i + 1, j) >= at(i, j + 1))) gone.push(was[i++]);
    else come.push(is[j++]);
  }
  return { gone, come };
}

/** The page of a report: what is wrong and what to do first, the measurements below. */
const SEVERITY = {
  critical: { colour: COLOURS.bad, words: "people are affected" },
  warning: { colour: COLOURS.warn, words: "needs a look" },
  info: { colour: COLOURS.none, words: "for information" },
};

const toBeDone = (owner) =>
  owner === "wait" ? html`Nobody has to repair it. What helps:` : html`To be done by <b>${OWNERS[owner]}</b>:`;

const heading = (words) => html`<h3 style="font-size:15px;font-weight:600;margin:16px 0 4px">${words}</h3>`;

const folded = (title, content) =>
  html`<details style="margin:8px 0"><summary style="cursor:pointer">${title}</summary>${content}</details>`;

const code = (text) => html`<code>${text}</code>`;

/** Rows of a table that are shown: who wants more reads the JSON. */
const ROWS = 60;

/** Renders a plan or what became of it. */
const renderChange = (report) =>
  page(
    html`<h2 style="font-size:18px;font-weight:600">${report.mode === "plan" ? "Plan: nothing was changed" : report.applied ? "Done" : "Nothing was changed"}</h2>`,
    report.status ? html`<p>${dotted(STATUS[report.status].colour, STATUS[report.status].words)}</p>` : null,
    html`<p>${report.summary}${report.plan_id ? html` To have exactly this plan, give ${code(report.plan_id)} as plan_id.` : null}</p>`,
    doors(report.links ?? []),
    (report.repairs ?? []).map(
      ({ does, codes }) =>
        html`<p>${does}${codes.length > 0 ? html` <small style="opacity:.7">${codes.join(", ")}</small>` : null}</p>`,
    ),
    report.changes.map(
      (change, index) =>
        html`${heading(`${index + 1}. ${change.action} ${change.target}`)}${differences(change.differences)}<p style="opacity:.7">Needs: ${change.needs} To undo: ${change.undo}</p>`,
    ),
    report.notes.length > 0
      ? [
          heading("Good to know"),
          html`<ul style="margin:4px 0 4px 20px;list-style:disc">${report.notes.map((note) => html`<li>${note}</li>`)}</ul>`,
        ]
      : null,
    report.findings.map(finding$1),
    snapshots(report.snapshots ?? []),
    models(report.models),
    probes(report.probes),
  );

const snapshots = (rows) =>
  rows.length === 0
    ? null
    : html`${heading("Changes on record")}${table(
        ["Snapshot", "When", "What", "By", "Touches", ""],
        rows.map((row) => [
          code(row.id),
          row.at,
          row.command,
          row.by,
          row.touches.join(", "),
          row.undone ? "undone" : "",
        ]),
      )}`;

/** The page of a single finding, or of several that a text may mean. */
const finding$1 = (one) =>
  html`<div style="border-left:3px solid ${SEVERITY[one.severity].colour};padding:2px 0 2px 12px;margin:12px 0"><div style="font-weight:600">${prose(one.title)}</div><div>${prose(one.cause)}</div><div style="margin-top:4px">${toBeDone(one.owner)}</div>${steps(one.remedy)}${evidence(one)}</div>`;

function evidence(one) {
  const telling = one.evidence.filter(
    ({ route, model, excerpt }) => route !== null || model !== null || excerpt !== "",
  );
  const rows = telling.map((item) => [
    item.route ?? "",
    item.model ?? "",
    item.status ?? "",
    item.excerpt,
    item.request_id ?? "",
  ]);
  return rows.length === 0
    ? html``
    : folded(`Evidence (${one.code})`, table(["Route", "Model", "Status", "Answer", "Request id"], rows));
}

const SIDE = {
  ok: { colour: COLOURS.good, words: "ok" },
  failed: { colour: COLOURS.bad, words: "failed" },
  "not-tested": { colour: COLOURS.none, words: "not tested" },
};

/** @param times more columns, in the order of `heads`, by model. */
function models(rows, heads = [], times = () => []) {
  if (rows.length === 0) return html``;
  const uses = (row) =>
    [row.is_default ? "default" : "", row.is_metadata ? "metadata" : "", row.configured ? "" : "not enabled"]
      .filter(Boolean)
      .join(", ");
  return html`${heading("Models")}${table(
    ["Model", "Use", "Served", "Server route", "Worker route", "Time", ...heads],
    rows
      .slice(0, ROWS)
      .map((row) => [
        code(row.id),
        uses(row),
        row.served === null ? "unknown" : row.served ? "yes" : dotted(COLOURS.bad, "no"),
        dotted(SIDE[row.server].colour, SIDE[row.server].words),
        dotted(SIDE[row.worker].colour, SIDE[row.worker].words),
        row.ms === null ? "" : `${row.ms} ms`,
        ...times(row.id),
      ]),
  )}${rows.length > ROWS ? html`<p>and ${rows.length - ROWS} more</p>` : null}`;
}

function probes(rows) {
  if (rows.length === 0) return html``;
  return folded(
    `Probes (${rows.length})`,
    table(
      ["Probe", "Outcome", "Status", "Time", "Answer"],
      rows
        .slice(0, ROWS)
        .map((row) => [
          code(row.id),
          row.ok ? dotted(COLOURS.good, "ok") : dotted(COLOURS.bad, row.code ?? "failed"),
          row.status ?? "none",
          `${row.ms} ms`,
          row.excerpt,
        ]),
    ),
  );
}

/** What may be shown, and what may be kept, of a value in which people store credentials: one rule for both. */
/** What a text is, by its dotted path: the names at its end are those of fields or headers. */
function placeOf(path) {
  const header = /(?:^|\.)headers\.(.+)$/s.exec(path)?.[1];
  return header === undefined ? { field: path.slice(path.lastIndexOf(".") + 1) } : { header };
}

const isAddressField = (field) => /url$/i.test(field);

/** Whether a text holds nothing that could be a credential. A reference names one and is none. */
function isOpen(path, text) {
  if (isReference(text)) return true;
  const place = placeOf(path);
  if ("header" in place) return isHarmlessHeader(place.header, text);
  if (mayCarryCredential(place.field) || looksLikeCredential(text)) return false;
  return !isAddressField(place.field) || showableAddress(text) === text;
}

/**
 * A value for people's eyes: credentials shortened to their prefix, addresses without user and query, of headers only that they are
 * set, foreign texts redacted.
 *
 * @param path dotted, from the value that is shown as a whole.
 */
function showable(path, value) {
  if (typeof value === "string") return showableText(path, value);
  if (Array.isArray(value)) return value.map((item) => showable(path, item));
  if (typeof value !== "object" || value === null) return value ?? null;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, showable(below(path, key), inner)]));
}

function showableText(path, text) {
  const place = placeOf(path);
  if (isOpen(path, text)) return redactLines(text);
  if ("header" in place) return "(set)";
  if (mayCarryCredential(place.field)) return Secret.safePrefix(text);
  return redact(isAddressField(place.field) ? showableAddress(text) : text);
}

const below = (path, key) => (path === "" ? key : `${path}.${key}`);

/** A resource's value without anything in it that could be a credential; references stay. What is left is as it was. */
function keepable(value) {
  const left_out = [];
  const keep = (fields, at) =>
    Object.fromEntries(
      Object.entries(fields).flatMap(([key, inner]) => {
        const path = below(at, key);
        if (path === "headers" && typeof inner === "object" && inner !== null)
          return [[key, keep(asRecord(inner), path)]];
        if (isOpenThroughout(path, inner)) return [[key, inner]];
        left_out.push(path);
        return [];
      }),
    );
  return { value: keep(asRecord(value), ""), left_out };
}

function isOpenThroughout(path, value) {
  if (typeof value === "string") return isOpen(path, value);
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([key, inner]) =>
    isOpenThroughout(Array.isArray(value) ? path : below(path, key), inner),
  );
}

/** Whether users' requests meet the change at once. */
const isLive = (change, live) =>
  change.kind === "save-ai-settings" ||
  (change.kind === "replace-resource" && change.path === live.resource.path) ||
  (change.kind === "replace-secret" && change.path === live.secret_path);

/** The changes with the detour, if they need one. */
function withDetour(changes, live) {
  if (live === null || changes.filter((change) => isLive(change, live)).length < 2) return [...changes];
  const save = changes.find((change) => change.kind === "save-ai-settings");
  if (save && viewSettings(save.after).connection === null) return endingFirst(changes, save, live);
  const { path, value } = target(changes, save, live);
  const copy = copyPath(path);
  const key = keyOf(changes, value);
  const before = { ...(save?.before ?? live.settings) };
  const after = { ...(save?.after ?? live.settings) };
  const via = save?.via ?? "server";
  const meanwhile = withResourcePath(after, copy);
  const copied = key === null ? value : { ...value, api_key: `$var:${copy}` };
  const secret =
    key === null ? [] : [{ kind: "create-secret", path: copy, secret: key, description: COPY_DESCRIPTION }];
  const copies = [
    ...secret,
    {
      kind: "create-resource",
      path: copy,
      resource_type: RESOURCE_TYPE.name,
      value: copied,
      description: COPY_DESCRIPTION,
    },
  ];
  // What comes before the first live change stays in front: records, and what the copy itself may need.
  const first = changes.findIndex((change) => isLive(change, live));
  return [
    ...changes.slice(0, first),
    ...copies,
    { kind: "save-ai-settings", before, after: meanwhile, via },
    ...changes.slice(first).flatMap((change) => (change === save ? [] : [change])),
    { kind: "save-ai-settings", before: meanwhile, after, via, keeps_others: true },
    ...copies.toReversed().map(removal),
  ];
}

/** Where nobody is served afterwards, the settings go first: what comes then meets nobody. */
function endingFirst(changes, save, live) {
  const first = changes.findIndex((change) => isLive(change, live));
  return [...changes.slice(0, first), save, ...changes.slice(first).filter((change) => change !== save)];
}

/** The resource that users shall use in the end. */
function target(changes, save, live) {
  const path = viewSettings(save?.after ?? live.settings).connection?.resource_path ?? live.resource.path;
  for (const change of changes) {
    if (change.kind === "create-resource" && change.path === path) return change;
    if (change.kind === "replace-resource" && change.path === path) return { path, value: change.after };
  }
  return { path, value: asRecord(live.resource.value) };
}

/** The key that the resource shall use, where it is another one than is stored now. */
function keyOf(changes, value) {
  for (const change of changes) {
    const stored =
      change.kind === "replace-secret" ? change.after : change.kind === "create-secret" ? change.secret : null;
    if (stored !== null && "path" in change && value.api_key === `$var:${change.path}`) return stored;
  }
  return null;
}

/** The settings with the connection at another path; the rest as it is. */
function withResourcePath(settings, resource_path) {
  const providers = asRecord(settings.providers);
  return { ...settings, providers: { ...providers, [PROVIDER]: { ...asRecord(providers[PROVIDER]), resource_path } } };
}

function removal(change) {
  if (change.kind === "create-resource") return { ...change, kind: "delete-resource" };
  if (change.kind === "create-secret") return { ...change, kind: "delete-secret" };
  throw new Error(`${change.kind} is no part of a copy`);
}

/**
 * Puts back what a change did to a JSON document, and nothing else: places that the change did not touch stay as they are now.
 *
 * @param current the document now, `before` and `after` as the change found and left it.
 * @param overwrite whether places that somebody has changed since are put back too; else they stay and are conflicts.
 */
function putBack(current, before, after, overwrite) {
  const conflicts = [];
  const walk = (now, was, became, place) => {
    if (sameJson(was, became) || sameJson(now, was)) return now;
    if (sameJson(now, became)) return was;
    if (isObject$2(now) && isObject$2(was ?? {}) && isObject$2(became ?? {})) {
      return eachKey(now, asObject(was), asObject(became), place, walk);
    }
    conflicts.push(place || "everything");
    return now;
  };
  return { value: walk(current, before, after, ""), conflicts };
}

const isObject$2 = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

const asObject = (value) => (isObject$2(value) ? value : {});

function eachKey(now, was, became, place, walk) {
  const keys = [...new Set([...Object.keys(now), ...Object.keys(was)])];
  const entries = keys.map((key) => [key, walk(now[key], was[key], became[key], place ? `${place}.${key}` : key)]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/**
 * What a change overwrote, kept so that it can be put back later. A change and the run that completes it are one: what a run finds
 * that another one has left half done is not what was there before. Pure.
 */
const Json = z.record(z.string(), z.unknown());

/** A resource's value before and after, without credentials; null where there was none. */
const Touched = z.object({
  path: z.string(),
  before: Json.nullable(),
  after: Json.nullable(),
  /** Dotted places that the change took away and that may have held a credential: they are in no snapshot. */
  left_out: z.array(z.string()).optional(),
});

const Snapshot = z.object({
  /** The job that made the change: people find it in the runs. */
  id: z.string(),
  /** ISO 8601. */
  at: z.string(),
  by: z.string(),
  command: z.string(),
  /** The AI settings before and after; null when the change left them alone. */
  ai_settings: z.object({ before: Json, after: Json }).nullable(),
  /** The resource that people use; null when the change left it alone. */
  resource: Touched.nullable(),
  /** Further resources that the change touched. */
  more_resources: z.array(Touched).optional(),
  /** What was asked for before: null when nothing was, absent when the change left it alone. */
  intent: Json.nullable().optional(),
  /** Id of the snapshot whose change this one undid. */
  undoes: z.string().optional(),
  /** Whether the run that makes the change has not come to its end: it goes on, or it died. Absent in version 0.1.0. */
  open: z.boolean().optional(),
  /** Ids of runs that died on this change, before the one above brought it to its end. */
  continues: z.array(z.string()).optional(),
});

/** All resources that a change touched. */
const touchedBy = ({ resource, more_resources = [] }) => [...(resource ? [resource] : []), ...more_resources];

/** Whether an id is that of a change, or of a run that died on it. */
const isOf = ({ id, continues = [] }, wanted) => [id, ...continues].includes(wanted);

/**
 * What changes overwrite of the AI settings and the resources; null when they touch neither, unless they undo something. Temporary
 * items are no part of it.
 */
function snapshotOf(changes, about) {
  const saved = changes.find((change) => change.kind === "save-ai-settings");
  const record = changes.find((change) => change.kind === "write-record" && change.path === INTENT);
  const touched = changes.flatMap(touchedOf).filter(({ path }) => !isTemporaryPath(path));
  if (!saved && touched.length === 0 && about.undoes === undefined) return null;
  return {
    ...about,
    ...(record?.kind === "write-record" ? { intent: record.before === null ? null : asRecord(record.before) } : {}),
    ai_settings: saved ? { before: saved.before, after: saved.after } : null,
    ...split$1(touched, saved?.after ?? {}),
  };
}

/** The resource that the settings name first, then the others. */
function split$1(touched, settings) {
  const named = viewSettings(settings).connection?.resource_path;
  const resource = touched.find(({ path }) => path === named) ?? touched[0] ?? null;
  const more_resources = touched.filter((one) => one !== resource);
  return { resource, ...(more_resources.length > 0 ? { more_resources } : {}) };
}

/** What a change does to a resource; none for one that is about something else. */
function touchedOf(change) {
  const { path } = "path" in change ? change : { path: "" };
  if (change.kind === "create-resource") return [{ path, before: null, after: keepable(change.value).value }];
  if (change.kind === "delete-resource") return [withLeftOut(path, change.value, null)];
  if (change.kind !== "replace-resource") return [];
  return [withLeftOut(path, change.before, change.after)];
}

/** Before and after without credentials, and what of them the change takes away that nobody can put back from here. */
function withLeftOut(path, before, after) {
  const kept = keepable(before);
  const changed = new Set(differences$1(before, after ?? {}).map((one) => one.path));
  const left_out = kept.left_out.filter((place) => [...changed].some((one) => `${place}.`.startsWith(`${one}.`)));
  return {
    path,
    before: kept.value,
    after: after === null ? null : keepable(after).value,
    ...(left_out.length > 0 ? { left_out } : {}),
  };
}

/**
 * The snapshot of a run together with those of the runs before it that died: before them all was what is to be put back one day.
 * What other people have changed in between is theirs, and belongs to what was before.
 *
 * @param dead snapshots of the runs that died, the newest first.
 * @param own what this run changes; null when it touches nothing that a snapshot is about.
 * @returns null when nothing is different from before.
 */
function continued(dead, own, found) {
  const [first] = dead;
  if (first === undefined) return own;
  const homes = [...dead.flatMap(namedBy), ...(own ? namedBy(own) : [])];
  const settings = offTheCopy(own?.ai_settings?.before ?? found.settings, homes);
  const before = dead.reduce(
    (now, { ai_settings }) => (ai_settings ? undoneIn(now, ai_settings.before, ai_settings.after) : now),
    settings,
  );
  const after = own?.ai_settings?.after ?? found.settings;
  const intents = [own, ...dead].flatMap((one) => (one?.intent === undefined ? [] : [one.intent]));
  const ai_settings = sameJson(before, after) ? null : { before: { ...before }, after: { ...after } };
  const touched = resourcesOf(dead, own, found);
  const { undoes: _other, ...identity } = own ?? first;
  const undoes = own ? own.undoes : first.undoes;
  if (ai_settings === null && touched.length === 0 && own?.undoes === undefined) return null;
  const ids = dead.flatMap(({ id, continues = [] }) => [id, ...continues]).filter((id) => id !== identity.id);
  return {
    ...{ id: identity.id, at: identity.at, by: identity.by, command: identity.command },
    ai_settings,
    ...split$1(touched, after),
    ...(intents.length > 0 ? { intent: intents.at(-1) ?? null } : {}),
    ...(undoes === undefined ? {} : { undoes }),
    ...(ids.length > 0 ? { continues: [...new Set(ids)] } : {}),
  };
}

/** What a change did, undone in what is there now, but for what others have changed since. */
const undoneIn = (now, before, after) => asRecord(putBack(now, before, after).value);

function resourcesOf(dead, own, { resources }) {
  const mine = own ? touchedBy(own) : [];
  const paths = new Set([...mine, ...dead.flatMap(touchedBy)].map(({ path }) => path));
  const all = [...paths].map((path) => {
    const there = resources.get(path) ?? null;
    const now = there === null ? null : keepable(there).value;
    const start = mine.find((one) => one.path === path) ?? { path, before: now, after: now };
    const marks = dead.flatMap(touchedBy).filter((one) => one.path === path);
    const left_out = [...new Set([start, ...marks].flatMap((one) => one.left_out ?? []))];
    const before = marks.reduce(withoutMark, start.before);
    return { path, before, after: start.after, ...(left_out.length > 0 ? { left_out } : {}) };
  });
  return all.filter(({ path, before, after }) => mine.some((one) => one.path === path) || !sameJson(before, after));
}

/** A resource's value as it was before a change that died on the way. */
function withoutMark(now, { before, after }) {
  // Windmill's deletions begin with emptying.
  const emptied = now !== null && sameJson(now, {});
  if (before === null) return now === null || emptied || sameJson(now, after) ? null : now;
  if (after === null) return now === null || emptied ? before : now;
  return now === null ? null : undoneIn(now, before, after);
}

/** Paths of the resources that a change is about. */
const namedBy = (snapshot) => {
  const named = viewSettings(snapshot.ai_settings?.after ?? {}).connection?.resource_path;
  return [...touchedBy(snapshot).map(({ path }) => path), ...(named ? [named] : [])];
};

/**
 * The settings without the detour of a run that died on it: they lead to the resource that the copy stands beside.
 *
 * @param homes paths of the resources that it may be.
 */
function offTheCopy(settings, homes) {
  const path = viewSettings(settings).connection?.resource_path ?? "";
  if (path === "" || path !== copyPath(path)) return settings;
  const home = homes.find((one) => one !== path && copyPath(one) === path);
  return home === undefined ? settings : withResourcePath(settings, home);
}

/** The snapshots on record. No secret is in them: keys are never part of a snapshot. */
const SNAPSHOTS = `${FOLDER}/snapshots`;

const VERSION = 1;

/** Snapshots that are kept; the oldest go first. */
const KEPT = 20;

const Store = z.object({ version: z.literal(VERSION), snapshots: z.array(Snapshot) });

/** All snapshots, the newest first. A store that is damaged or of another version counts as empty. */
async function listSnapshots(windmill) {
  const parsed = Store.safeParse(await readState(windmill, SNAPSHOTS));
  return parsed.success ? parsed.data.snapshots.map(withoutTemporary).filter((one) => one !== null) : [];
}

/** Version 0.1.0 took the copy that a run which died had left for the resource; what is left of such a snapshot, if anything is. */
function withoutTemporary(snapshot) {
  if (snapshot.resource === null || !isTemporaryPath(snapshot.resource.path)) return snapshot;
  return snapshot.ai_settings === null && snapshot.undoes === undefined ? null : { ...snapshot, resource: null };
}

const writeSnapshots = (windmill, snapshots) =>
  writeState(windmill, SNAPSHOTS, { version: VERSION, snapshots: snapshots.slice(0, KEPT) });

/**
 * Puts on record what a plan overwrites, before it does.
 *
 * @throws WindmillError when that cannot be written; nothing is to be changed then.
 */
async function recordChange(windmill, plan, about) {
  const own = snapshotOf(plan.changes, about);
  const all = await listSnapshots(windmill);
  const dead = await cutShort(windmill, plan, all, about);
  if (own === null && dead.every(({ open }) => open === false)) return NOTHING$1;
  const others = all.slice(dead.length).filter(({ id }) => id !== about.id);
  const snapshot = continued(dead, own, await foundBy(windmill, plan, dead));
  const list = (open) => (snapshot === null ? others : [{ ...snapshot, open }, ...others]);
  await writeSnapshots(windmill, list(true));
  return {
    async close() {
      if (plan.changes.some((change) => change.kind === "delete-record" && change.path === SNAPSHOTS)) return;
      if (snapshot === null) return;
      const closed = () => writeSnapshots(windmill, list(false).map(over(about)));
      // Writing the same list again does no harm, and one that stays open does none while its job is known to have succeeded.
      await closed()
        .catch(closed)
        .catch(() => undefined);
    },
    async forget() {
      // A change that never was would only mislead. A failure here is not told: putting back nothing does no harm.
      await writeSnapshots(windmill, all).catch(() => undefined);
    },
  };
}

const NOTHING$1 = { close: async () => undefined, forget: async () => undefined };

/** A change that died on the way and is undone now is over. */
const over =
  ({ undoes }) =>
  (snapshot) =>
    snapshot.id === undoes ? { ...snapshot, open: false } : snapshot;

/**
 * The newest snapshots whose runs died on the way, so that this run goes on where they ended: also an earlier life of this very job,
 * which Windmill starts again under its id when its worker has died. The one that this run undoes is not gone on with.
 */
async function cutShort(windmill, { live }, newestFirst, { id, undoes }) {
  const dead = [];
  for (const snapshot of newestFirst) {
    if (snapshot.id === undoes) break;
    // The same undo once more: it goes on with the first one, even where nothing is left to put back.
    const sameUndo = undoes !== undefined && snapshot.undoes === undoes && dead.length === 0;
    // Who is on a copy is there because a run died; version 0.1.0 did not mark its snapshot.
    const onCopy = dead.length === 0 && live !== null && live.resource.path === copyPath(live.resource.path);
    const unfinished = onCopy || (snapshot.open === true && !(await hasSucceeded(windmill, snapshot.id)));
    if (snapshot.id !== id && !unfinished && !sameUndo) break;
    dead.push(snapshot);
  }
  return dead;
}

const hasSucceeded = async (windmill, job) => (await findJob(windmill, job))?.succeeded === true;

/** What there is now of all that the runs which died may have touched. */
async function foundBy(windmill, { settings }, dead) {
  const paths = [...new Set(dead.flatMap(touchedBy).map(({ path }) => path))];
  const values = await Promise.all(
    paths.map(async (path) => [path, (await findResource(windmill, path))?.value ?? null]),
  );
  return { settings, resources: new Map(values) };
}

/** From a report to what people do next: links to forms that are filled in. A report without them is as good as before. */
/** A walk whose report leads on: from a plan to exactly that change, from a change back to before it, from trouble to its repair. */
const leadingOn =
  (form, walk) =>
  async (windmill, ...rest) => {
    const report = await walk(windmill, ...rest);
    const link = report.mode === "plan" ? await applyLink(windmill, form, report) : await undoLink(windmill, report);
    const repair = report.command === "repair" ? [] : repairLinks(windmill, report.findings);
    return { ...report, links: [...(link ? [link] : []), ...repair] };
  };

/** The same form with mode apply and the plan's id; null where nothing is to be changed or the arguments cannot be handed on. */
async function applyLink(windmill, form, { command, plan_id, changes }) {
  if (changes.length === 0) return null;
  const stored = await readStoredArguments(windmill).catch(() => null);
  if (stored === null || (await warnOfOpenArguments(windmill, stored)).length > 0) return null;
  const fields = handedOn(form, stored);
  if (fields === null) return null;
  const url = formLink(windmill, command, { ...fields, mode: "apply", ...(plan_id === "" ? {} : { plan_id }) });
  // A plan without an id is one whose models are chosen when it is applied.
  return url === null
    ? null
    : { does: "apply", label: plan_id === "" ? "Apply this plan" : "Apply exactly this plan", url };
}

/**
 * The arguments of this run as its form takes them again, without those that say what the form says by itself.
 *
 * @param stored as Windmill keeps them: references to variables are not resolved.
 * @returns null where a key was given itself instead of a reference: it must not stand in a link, and without it the plan is another.
 */
function handedOn(form, stored) {
  const fields = {};
  for (const [name, { default: usual, password }] of Object.entries(form.fields)) {
    const value = stored[name];
    if (name === "more" || isBlank(value) || value === usual) continue;
    if (password && !(typeof value === "string" && value.startsWith("$var:"))) return null;
    fields[name] = value;
  }
  for (const [name, { of, besides }] of Object.entries(form.keeps ?? {})) {
    const values = [name, ...of].flatMap((one) => fields[one] ?? []).filter((one) => !besides.includes(String(one)));
    if (values.length > 0) fields[name] = [...new Set(values)];
  }
  return fields;
}

const isBlank = (value) =>
  value === undefined ||
  value === null ||
  value === "" ||
  value === false ||
  (typeof value === "object" && Object.keys(value).length === 0);

/** The form of `undo` for this very change; null where there is nothing that undo could put back. */
async function undoLink(windmill, { applied, changes }) {
  if (!applied || changes.length === 0) return null;
  const snapshots = await listSnapshots(windmill).catch(() => []);
  if (!snapshots.some((one) => isOf(one, windmill.jobId))) return null;
  const url = formLink(windmill, "undo", { mode: "apply", snapshot: windmill.jobId });
  return url === null ? null : { does: "undo", label: "Undo this", url };
}

/** Commands that change something are for workspace admins. */
const notAdmin = (windmill) =>
  new InputError([
    `You run this as ${windmill.permissionedAs}, who is not an admin of the workspace ${windmill.workspace}. AI settings can be changed by admins only: ask one to run it.`,
  ]);

/**
 * Lets admins pass.
 *
 * @throws InputError for everybody else, before anything is touched.
 */
async function requireAdmin(windmill) {
  const caller = await whoAmI(windmill);
  if (!caller.admin) throw notAdmin(windmill);
}

/**
 * The workspace's own AI settings, which nobody may replace without having read them.
 *
 * @throws InputError when the caller may not read them.
 */
function ownSettings(windmill, { settings }) {
  if (settings.own === null) throw notAdmin(windmill);
  return settings.own;
}

/**
 * A connection that is tried before it becomes the live one: a resource of its own, which only requests that name it
 * (X-Resource-Path) use. It is gone when the trial ends, whatever the outcome.
 */
/**
 * Milliseconds after which Windmill itself deletes a candidate's key, should the job die before it can. A day, because the
 * worker's clock and the server's need not agree.
 */
const CANDIDATE_LIFETIME_MS = 86_400_000;

/**
 * Makes the candidate, hands its resource path to `trial`, and removes it again.
 *
 * @param value the resource's value, as it would be live.
 * @param key a key that is not stored yet; null when the value's own reference is to be used.
 * @throws WindmillError when the candidate cannot be made or removed, and whatever `trial` throws.
 */
async function tryCandidate(windmill, resourcePath, value, key, trial) {
  const path = candidatePath(resourcePath);
  await removeCandidate(windmill, path);
  await requireFree(windmill, path);
  try {
    if (key !== null) {
      const expiresAt = new Date(Date.now() + CANDIDATE_LIFETIME_MS).toISOString();
      await createSecret(windmill, path, key, CANDIDATE_DESCRIPTION, expiresAt);
    }
    await createResource(windmill, {
      path,
      resource_type: RESOURCE_TYPE.name,
      description: CANDIDATE_DESCRIPTION,
      value: key === null ? value : { ...value, api_key: `$var:${path}` },
    });
    return await trial(path);
  } finally {
    await removeCandidate(windmill, path);
  }
}

/** @throws Error when something of somebody else's stands where the candidate is to be made; nothing has been made then. */
async function requireFree(windmill, path) {
  const [resource, variable] = await Promise.all([findResource(windmill, path), findVariable(windmill, path)]);
  if (resource === null && variable === null) return;
  throw new Error(
    `Nothing was changed, because the ${resource ? "resource" : "variable"} ${path} is somebody else's, and a connection is tried at that path before it is made live. Rename or delete it, and run this again.`,
  );
}

/**
 * Removes a candidate, also one that a job which died has left behind. What stands at its path without being a candidate is left
 * alone, also with a candidate's variable beside it, which Windmill deletes by itself after a day.
 */
async function removeCandidate(windmill, path) {
  const resource = await findResource(windmill, path);
  if (resource !== null && resource.description !== CANDIDATE_DESCRIPTION) return;
  if (resource !== null) await deleteResourceOnly(windmill, path);
  const variable = await findVariable(windmill, path);
  if (variable?.description === CANDIDATE_DESCRIPTION) await deleteVariable(windmill, path);
}

/** Somebody changed the workspace between reading it and writing to it. Nothing of theirs was overwritten. */
class StaleError extends Error {
  name = "StaleError";
  constructor(target) {
    super(
      `${target} was changed by somebody else while this ran, so it was left as it is. Run the script again: it starts from what is there now.`,
    );
  }
}

/** The places of a new value. */
const created = (value) => changed({}, value);

/** The places of a value that goes. */
const deleted = (value) => changed(value, {});

/** The places in which two values differ, fit for people. */
const changed = (before, after) =>
  differences$1(before, after).map((one) => ({
    path: one.path,
    before: showable(one.path, one.before),
    after: showable(one.path, one.after),
  }));

/**
 * Replaces something, provided it is still what the plan was made from. Windmill has no versions to compare, so it is read
 * again right before the write. What already is as wanted stays: a write whose answer got lost is not repeated.
 */
async function swap(target, read, same, [expected, next], write) {
  const current = await read();
  if (same(current, next)) return;
  if (!same(current, expected)) throw new StaleError(target);
  await write();
}

const writeAccess$1 = (path) => `Write access to ${path}.`;

/** Changes of resources and of the resource type. */
const RESOURCES = {
  "create-resource-type": {
    view: ({ name }) => ({
      action: "create",
      target: `resource type ${name}`,
      differences: [],
      needs: "A member of the workspace.",
      undo: `Delete the resource type ${name}.`,
    }),
    apply: async (windmill, type) => {
      await createResourceType(windmill, type);
    },
    revert: (windmill, { name }) => dropResourceType(windmill, name),
  },
  "delete-resource-type": {
    view: ({ name }) => ({
      action: "delete",
      target: `resource type ${name}`,
      differences: [],
      needs: "An admin of the workspace.",
      undo: `Add the resource type ${name} again (Resources, Resource types).`,
    }),
    apply: (windmill, { name }) => dropResourceType(windmill, name),
    revert: async (windmill, type) => {
      if (!(await resourceTypeExists(windmill, type.name))) await createResourceType(windmill, type);
    },
  },
  "create-resource": {
    view: ({ path, value, resource_type }) => ({
      action: "create",
      target: `resource ${path} (${resource_type})`,
      differences: created(value),
      needs: writeAccess$1(path),
      undo: `Delete the resource ${path}.`,
    }),
    apply: async (windmill, { path, value, resource_type, description }) => {
      await createResource(windmill, { path, value, resource_type, description });
    },
    revert: (windmill, { path, value }) => dropResource(windmill, path, value),
  },
  "replace-resource": {
    view: ({ path, before, after }) => ({
      action: "change",
      target: `resource ${path}`,
      differences: changed(before, after),
      needs: writeAccess$1(path),
      undo: `Restore the version before in the resource's history (Resources, ${path}, History).`,
    }),
    apply: (windmill, { path, before, after }) => swapResource(windmill, path, before, after),
    revert: (windmill, { path, before, after }) => swapResource(windmill, path, after, before),
  },
  "delete-resource": {
    view: ({ path, value, resource_type }) => ({
      action: "delete",
      target: `resource ${path} (${resource_type})`,
      differences: deleted(value),
      needs: writeAccess$1(path),
      undo: `Create the resource ${path} again with the values shown as before.`,
    }),
    apply: (windmill, { path, value }) => dropResource(windmill, path, value),
    revert: async (windmill, { path, value, resource_type, description }) => {
      const current = await findResource(windmill, path);
      if (current === null) await createResource(windmill, { path, value, resource_type, description });
      // Emptied, so that nothing goes with it, but not deleted any more.
      else if (sameJson(current.value, {})) await replaceResourceValue(windmill, path, value);
    },
  },
};

async function dropResourceType(windmill, name) {
  if (await resourceTypeExists(windmill, name)) await deleteResourceType(windmill, name);
}

/** Deletes a resource that still has the value, or that was emptied by a run that did not get further. */
async function dropResource(windmill, path, value) {
  const current = await findResource(windmill, path);
  if (current === null) return;
  if (!sameJson(current.value, value) && !sameJson(current.value, {})) throw new StaleError(`The resource ${path}`);
  await deleteResourceOnly(windmill, path);
}

const swapResource = (windmill, path, expected, next) =>
  swap(
    `The resource ${path}`,
    async () => (await findResource(windmill, path))?.value,
    sameJson,
    [expected, next],
    () => replaceResourceValue(windmill, path, next),
  );

const NEEDS = `The flow ${HEALTH_FLOW}, which is deployed with the bundle.`;

const settingsOf = ({ schedule, enabled, args }) => ({
  schedule,
  enabled,
  args: args ?? {},
});

/** The settings with whose rights the runs have, where a change lets them change hands. */
const withHands = (settings, runs_as) => (runs_as ? { ...settings, runs_as } : settings);

/** Changes of the health flow's schedule. */
const SCHEDULES = {
  "create-schedule": {
    view: ({ spec }) => ({
      action: "create",
      target: `schedule ${spec.path}`,
      differences: created(settingsOf(spec)),
      needs: NEEDS,
      undo: `Delete the schedule ${spec.path}.`,
    }),
    apply: async (windmill, { spec }) => {
      await createSchedule(windmill, spec);
    },
    revert: (windmill, { spec }) => dropSchedule(windmill, spec),
  },
  "replace-schedule": {
    view: ({ before, spec, for_caller }) => ({
      action: "change",
      target: `schedule ${spec.path}`,
      differences: changed(
        withHands(settingsOf(before), for_caller && before.permissioned_as),
        withHands(settingsOf(spec), for_caller),
      ),
      needs: NEEDS,
      undo: "Set the values shown as before (Schedules).",
    }),
    apply: async (windmill, { before, spec, for_caller }) => {
      const current = await findSchedule(windmill, before.path);
      if (current === null || !isOneOf(current, before, spec)) throw new StaleError(`The schedule ${before.path}`);
      const { schedule, timezone, args, no_flow_overlap, summary } = spec;
      const next = { schedule, timezone, args, no_flow_overlap, summary };
      const permissioned_as = for_caller === undefined ? before.permissioned_as : null;
      await updateSchedule(windmill, before, { ...next, permissioned_as });
      if (before.enabled !== spec.enabled) await switchSchedule(windmill, spec.path, spec.enabled);
    },
    revert: async (windmill, { before, spec }) => {
      await updateSchedule(windmill, before, {
        schedule: before.schedule,
        timezone: before.timezone,
        args: before.args ?? {},
        ...(before.no_flow_overlap ? { no_flow_overlap: true } : {}),
        ...(before.summary ? { summary: before.summary } : {}),
        permissioned_as: before.permissioned_as,
      });
      if (before.enabled !== spec.enabled) await switchSchedule(windmill, spec.path, before.enabled);
      await requireHands(windmill, before);
    },
  },
  "delete-schedule": {
    view: ({ before }) => ({
      action: "delete",
      target: `schedule ${before.path}`,
      differences: deleted(settingsOf(before)),
      needs: `Write access to ${before.path}.`,
      undo: "Run f/codex_pooler/connect and choose an interval.",
    }),
    apply: (windmill, { before }) => dropSchedule(windmill, before),
    revert: async (windmill, { before }) => {
      if ((await findSchedule(windmill, before.path)) === null) {
        await restoreSchedule(windmill, before);
        await requireHands(windmill, before);
      }
    },
  },
};

/** @throws Error when a schedule that was put back does not run as who it ran as: Windmill lets it run as whoever writes it. */
async function requireHands(windmill, before) {
  const now = await findSchedule(windmill, before.path);
  const former = before.permissioned_as ?? (before.edited_by ? `u/${before.edited_by}` : windmill.permissionedAs);
  const holder = now?.permissioned_as ?? (now?.edited_by ? `u/${now.edited_by}` : former);
  if (holder === former) return;
  throw new Error(
    `it runs as before, but as ${holder} and not as ${former} any more. Let ${former} save it again (Schedules), if that matters.`,
  );
}

const isOneOf = (current, ...wanted) => wanted.some((one) => sameJson(settingsOf(current), settingsOf(one)));

/** Deletes a schedule that still runs the same. */
async function dropSchedule(windmill, one) {
  const current = await findSchedule(windmill, one.path);
  if (current?.script_path === one.script_path) await deleteSchedule(windmill, one.path);
}

const writeAccess = (path) => `Write access to ${path}.`;

/** Changes of secret variables. */
const SECRETS = {
  "create-secret": {
    view: ({ path, secret }) => ({
      action: "create",
      target: `secret variable ${path}`,
      differences: [{ path: "value", before: null, after: secret.prefix }],
      needs: writeAccess(path),
      undo: `Delete the variable ${path}.`,
    }),
    apply: async (windmill, { path, secret, description, lifetime_ms }) => {
      if (await isMade(windmill, path, secret, description)) return;
      const end = lifetime_ms === undefined ? undefined : new Date(Date.now() + lifetime_ms).toISOString();
      await createSecret(windmill, path, secret, description, end);
    },
    revert: (windmill, { path, secret }) => deleteSecret(windmill, path, secret),
  },
  "replace-secret": {
    view: ({ path, before, after }) => ({
      action: "change",
      target: `secret variable ${path}`,
      differences: [{ path: "value", before: before.prefix, after: after.prefix }],
      needs: writeAccess(path),
      undo: "The old key is put back when a later step fails; afterwards Windmill does not keep it.",
    }),
    apply: (windmill, { path, before, after }) => swapSecret(windmill, path, before, after),
    revert: (windmill, { path, before, after }) => swapSecret(windmill, path, after, before),
  },
  "delete-secret": {
    view: ({ path, secret }) => ({
      action: "delete",
      target: `secret variable ${path}`,
      differences: [{ path: "value", before: secret.prefix, after: null }],
      needs: writeAccess(path),
      undo: `Create the variable again with the key; Windmill keeps a deleted one in the trash for three days.`,
    }),
    apply: (windmill, { path, secret }) => deleteSecret(windmill, path, secret),
    revert: async (windmill, { path, secret, description }) => {
      if ((await findVariable(windmill, path)) !== null) return;
      await createSecret(windmill, path, secret, description);
    },
  },
};

/** Whether a run that was cut short has made the variable already. */
async function isMade(windmill, path, secret, description) {
  const found = await findVariable(windmill, path);
  if (found === null || !found.is_secret || found.description !== description) return false;
  return (await readSecret(windmill, path)).secret.equals(secret);
}

const swapSecret = (windmill, path, expected, next) =>
  swap(
    `The secret variable ${path}`,
    () => readSecret(windmill, path),
    (current, wanted) => current.secret.equals(wanted.secret) && (!current.padded || wanted.padded),
    [
      { secret: expected, padded: true, slip: null },
      { secret: next, padded: false, slip: null },
    ],
    () => replaceSecret(windmill, path, next),
  );

/** Deletes a variable that still holds the key. */
async function deleteSecret(windmill, path, secret) {
  if ((await findVariable(windmill, path)) === null) return;
  const current = await readSecret(windmill, path);
  if (!current.secret.equals(secret)) throw new StaleError(`The secret variable ${path}`);
  await deleteVariable(windmill, path);
}

/**
 * What a server makes of AI settings that are saved. It has a type for them and drops every key that it does not know, such as
 * one that a newer version of Windmill has written. Pure.
 */
/** The keys that every supported server knows (1.743 to 1.788, recorded), by where they stand. */
const KNOWN = {
  settings: [
    "providers",
    "default_model",
    "metadata_model",
    "code_completion_model",
    "custom_prompts",
    "max_tokens_per_model",
  ],
  provider: ["resource_path", "models", "web_search_enabled"],
  model: ["provider", "model"],
};

/** The parts of settings in which a server drops keys, by their dotted path, with the keys that it certainly keeps. */
const partsOf$1 = (settings) => [
  { place: "", part: settings, known: KNOWN.settings },
  ...Object.entries(asRecord(settings.providers)).map(([name, one]) => ({
    place: `providers.${name}.`,
    part: asRecord(one),
    known: KNOWN.provider,
  })),
  ...["default_model", "metadata_model", "code_completion_model"].map((name) => ({
    place: `${name}.`,
    part: asRecord(settings[name]),
    known: KNOWN.model,
  })),
];

/** Names of the keys that a server may drop when the settings are saved. */
const keysAtRisk = (settings) =>
  partsOf$1(settings).flatMap(({ place, part, known }) =>
    Object.keys(part)
      .filter((key) => (part[key] ?? null) !== null && !known.includes(key))
      .map((key) => `${place}${key}`),
  );

/** Names of the keys of `wanted` that a server did not keep in `stored`. */
function keysLost(stored, wanted) {
  const kept = new Set(keysAtRisk(stored));
  return keysAtRisk(wanted).filter((name) => !kept.has(name));
}

/** Whether settings are the wanted ones, as far as the server keeps them. */
function isKept(stored, wanted) {
  const lost = keysLost(stored, wanted);
  return sameJson(stored, lost.length === 0 ? wanted : without$1(wanted, new Set(lost)));
}

function without$1(settings, names) {
  const prune = (part, place) =>
    Object.fromEntries(Object.entries(part).filter(([key]) => !names.has(`${place}${key}`)));
  const next = prune(settings, "");
  for (const { place } of partsOf$1(settings)) {
    const [name = "", provider = ""] = place.split(".");
    if (name === "providers") {
      const providers = asRecord(next.providers);
      next.providers = { ...providers, [provider]: prune(asRecord(providers[provider]), place) };
    } else if (name !== "" && next[name] !== undefined && next[name] !== null) {
      next[name] = prune(asRecord(next[name]), place);
    }
  }
  return next;
}

/** Changes of the workspace's AI settings. */
const SETTINGS = {
  "save-ai-settings": {
    view: ({ before, after }) => ({
      action: "change",
      target: "workspace AI settings",
      differences: changed(before, after),
      needs: "An admin of the workspace.",
      undo: "Run f/codex_pooler/undo while its snapshot is on record, or save the values shown as before (Workspace settings, Windmill AI).",
    }),
    apply: (windmill, { before, after, via, keeps_others }) =>
      (keeps_others ? patchSettings : swapSettings)(windmill, before, after, via),
    async revert(windmill, { before, after, via }) {
      await patchSettings(windmill, after, before, via);
      const lost = keysLost(await readAiSettings(windmill), before);
      if (lost.length > 0) throw new Error(`this server does not know these keys and dropped them: ${lost.join(", ")}`);
    },
  },
};

const TARGET = "The workspace's AI settings";

const swapSettings = (windmill, expected, next, via) =>
  swap(
    TARGET,
    () => readAiSettings(windmill),
    isKept,
    [expected, next],
    () => writeAiSettings(windmill, next, via),
  );

/**
 * Moves the settings on from one state to the next without touching what somebody else has changed in between: stopping there
 * would leave people on what is about to go.
 *
 * @throws StaleError when the places that differ are somebody else's now.
 */
async function patchSettings(windmill, from, to, via) {
  const current = await readAiSettings(windmill);
  const { value, conflicts } = putBack(current, to, from);
  if (conflicts.length > 0) throw new StaleError(TARGET);
  if (!sameJson(value, current)) await writeAiSettings(windmill, asRecord(value), via);
}

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

/**
 * Puts a value in the place of the version that was read; null for where there was none.
 *
 * @returns false when somebody else was faster: read again, and decide again. The very first change may have been taken although it
 *   says so, so it must be one that can be told when it comes again.
 * @throws WindmillError when Windmill refuses, or does not say whether it did it and did not.
 */
async function replaceVersion(windmill, base, before, value) {
  const number = 0;
  const path = at(base, number);
  try {
    if (before === null) await createState(windmill, path, value);
    return await isLatest(windmill, base, number);
  } catch (error) {
    if (!(error instanceof WindmillError)) throw error;
    if (error.status === 404 || (error.status === 400 && error.said.includes("already exists"))) return false;
    if (error.status !== null && error.status < 500) throw error;
    // The answer may have got lost on the way back.
    const now = await readVersion(windmill, base);
    if (now?.number === before?.number) throw error;
    return now !== null && now.number === number && sameJson(now.value, value);
  }
}

/**
 * Whether a version that was just written is the latest. Only the first place can be taken twice, by one who read before there was any
 * version and makes it after the first one has moved on: what he made goes again, and he reads again.
 */
async function isLatest(windmill, base, number) {
  const [latest = number, ...older] = await versionsOf(windmill, base);
  for (const one of older) await orNull(deleteState(windmill, at(base, one)));
  return latest <= number;
}

const move = (windmill, from, to, value) =>
  windmill.call(
    `Writing the state ${to}`,
    () =>
      ResourceService.updateResource({ workspace: windmill.workspace, path: from, requestBody: { path: to, value } }),
    z.unknown(),
  );

/** Deletes every version, also one that moves meanwhile. Its value must reference no variable: Windmill would delete that too. */
async function deleteVersions(windmill, base) {
  for (let attempt = 1; attempt <= READS; attempt++) {
    const numbers = await versionsOf(windmill, base);
    if (numbers.length === 0) return;
    for (const number of numbers) await orNull(deleteState(windmill, at(base, number)));
  }
}

const view = (action, path) => ({
  action,
  target: `record ${path}`,
  differences: [],
  needs: "Write access to the folder f/codex_pooler.",
  undo: "Not needed: it is this product's own record.",
});

/** Changes of what the product keeps for itself: states in its folder. */
const RECORDS = {
  "write-record": {
    view: ({ path, before }) => view(before === null ? "create" : "change", path),
    apply: async (windmill, { path, after }) => {
      await writeState(windmill, path, after);
    },
    revert: async (windmill, { path, before, after }) => {
      const current = await readState(windmill, path);
      if (current === null || sameJson(current, before)) return;
      if (!sameJson(current, after)) throw new StaleError(`The record ${path}`);
      if (before === null) await deleteState(windmill, path);
      else await writeState(windmill, path, before);
    },
  },
  "delete-record": {
    view: ({ path }) => view("delete", path),
    apply: async (windmill, { path }) => {
      if (path === HEALTH_STATE) await deleteVersions(windmill, path);
      // A record may hold references, and Windmill would delete the variables that they name.
      if ((await readState(windmill, path)) !== null) await deleteResourceOnly(windmill, path);
    },
    revert: (windmill, { path, before }) => restore(windmill, path, before),
  },
};

async function restore(windmill, path, before) {
  if (path === HEALTH_STATE) {
    // A tick may have begun a new one meanwhile.
    await replaceVersion(windmill, path, null, before);
    return;
  }
  const current = await readState(windmill, path);
  // Emptied, so that nothing goes with it, but not deleted any more.
  if (current === null || sameJson(current, {})) await writeState(windmill, path, before);
}

/** What there is to know of each kind of change: how it is shown, made and undone. */
const HANDLERS = { ...RESOURCES, ...SECRETS, ...SETTINGS, ...SCHEDULES, ...RECORDS };

/** How a change is made and undone. */
function handlerOf(change) {
  return HANDLERS[change.kind];
}

/** The change as people see it. */
const viewChange = (change) => handlerOf(change).view(change);

/** The changes that people are shown: all but those by which the product keeps its own records up to date. */
const shown = (changes) => changes.filter(({ kind }) => kind !== "write-record");

/**
 * Looks at the path of a temporary item. What stands there without the description of one is somebody else's.
 *
 * @param descriptions by which a temporary item is known.
 */
async function findLeftover(windmill, path, ...descriptions) {
  const [resource, variable] = await Promise.all([findResource(windmill, path), findVariable(windmill, path)]);
  const isOurs = (item) => descriptions.includes(item.description ?? "");
  const changes = [];
  if (resource !== null && isOurs(resource)) {
    const { resource_type, value, description } = resource;
    changes.push({ kind: "delete-resource", path, resource_type, value, description: description ?? "" });
  }
  if (variable !== null && isOurs(variable)) {
    const { secret } = await readSecret(windmill, path);
    changes.push({ kind: "delete-secret", path, secret, description: variable.description ?? "" });
  }
  return { path, changes, foreign: [resource, variable].some((item) => item !== null && !isOurs(item)) };
}

/** Everything that a plan makes, in order. */
const allChanges = ({ changes, in_the_end }) => [...changes, ...in_the_end];

/**
 * Makes a plan: adds what clears away the copy that a run which died on its detour has left.
 *
 * @throws InputError when the plan needs a copy and something of somebody else's stands in its place.
 */
async function planOf(windmill, observation, wanted) {
  const live = liveOf(observation);
  const places = [...new Set([...wanted.beside, ...(live ? [live.resource.path] : [])].map(copyPath))];
  // Version 0.1.0 could make such a copy anew, as if it were a connection.
  const left = await Promise.all(
    places.map((path) => findLeftover(windmill, path, COPY_DESCRIPTION, RESOURCE_DESCRIPTION)),
  );
  requireRoom(wanted.changes, live, left);
  const found = left.flatMap(({ changes }) => changes);
  // Users may be on that copy still: then it goes when they have been moved away from it, else before it is in the way.
  const [after, before] = [found.filter(isIn(live)), found.filter((one) => !isIn(live)(one))];
  return {
    changes: [...before, ...wanted.changes, ...after],
    in_the_end: wanted.in_the_end ?? [],
    settings: observation.settings.own ?? {},
    live,
  };
}

function requireRoom(changes, live, left) {
  const needed = withDetour(changes, live).flatMap((change) =>
    change.kind === "create-resource" ? [change.path] : [],
  );
  const taken = left.find(({ path, foreign }) => foreign && needed.includes(path));
  if (taken === undefined) return;
  throw new InputError([
    `${taken.path} is somebody else's, and this change needs that path for a temporary copy of the connection. Rename or delete it first.`,
  ]);
}

const isIn = (live) => (change) =>
  "path" in change && (change.path === live?.resource.path || change.path === live?.secret_path);

/** What users' requests go through; null where nothing readable serves them. */
function liveOf({ settings, resource, secret }) {
  if (settings.own === null || settings.source !== "workspace" || resource?.state !== "ok") return null;
  const { path, value } = resource;
  return { settings: settings.own, resource: { path, value }, secret_path: secret?.path ?? null };
}

/** Identifies a plan: the same changes from the same starting point. "" for a plan that changes nothing. */
async function planId(plan) {
  const views = shown(allChanges(plan)).map(viewChange);
  if (views.length === 0) return "";
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(views)));
  return [...new Uint8Array(digest)]
    .slice(0, 6)
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

/**
 * Refuses to apply another plan than the one that was shown.
 *
 * @param wanted the plan's id; "" accepts whatever the workspace needs now.
 */
async function requirePlan(plan, wanted) {
  if (wanted === "" || wanted === (await planId(plan))) return;
  throw new InputError([
    `plan_id: the workspace or the input has changed since the plan${/^[0-9a-f]{12}$/.test(wanted) ? ` ${wanted}` : " with that id"} was made, so it is not the same plan any more. Run mode "plan" again and look at the new one.`,
  ]);
}

/** What was asked for; null where nothing is, or where it was undone. */
const wishOf = ({ intent }) => (intent?.active === true ? intent : null);

/** What the workspace's own settings say: the instance's are nothing that anybody here asked for. */
const ownView = ({ settings }) => (settings.source === "workspace" ? settings.view : viewSettings(settings.own ?? {}));

/** Ids that are there in another case count as there: the gateway compares so. */
const lower = (ids) => new Set(ids.map((id) => id.trim().toLowerCase()));

/** The ids of `ids` that are in `others`, whatever their case. */
const among$1 = (ids, others) => {
  const known = lower(others);
  return ids.filter((id) => known.has(id.trim().toLowerCase()));
};

/** The ids of `ids` that are not in `others`, whatever their case. */
const without = (ids, others) => {
  const known = lower(others);
  return ids.filter((id) => !known.has(id.trim().toLowerCase()));
};

/**
 * All places that differ.
 *
 * @param served ids that the gateway lists; null when its list is not known. What it serves no more is missed by nobody.
 */
function driftOf(observation, served) {
  const wish = wishOf(observation);
  if (wish === null) return [];
  const view = ownView(observation);
  if (view.connection === null) {
    return [
      {
        place: "connection",
        says: `the provider customai with the resource ${wish.resource_path} was asked for and is gone from the AI settings`,
        said_by: ["provider-missing"],
      },
    ];
  }
  return [
    ...resourceDrift(wish, view.connection.resource_path),
    ...modelDrift(wish, view.connection.models, served),
    ...roleDrift("default_model", wish, view),
    ...roleDrift("metadata_model", wish, view),
    ...valueDrift(wish, observation),
  ];
}

const drift = (place, says, ...said_by) => ({ place, says, said_by });

function resourceDrift(wish, path) {
  if (path === wish.resource_path) return [];
  return [
    drift(
      "resource",
      `the resource ${wish.resource_path} was asked for, and the AI settings name ${path || "none"}`,
      "resource-path-empty",
      "resource-missing",
    ),
  ];
}

function modelDrift(wish, enabled, served) {
  const lost = missingModels(wish, enabled, served);
  const added = among$1(enabled, wish.left_out);
  return [
    ...(lost.length > 0 ? [drift("models", `${lost.join(", ")} was asked for and is not enabled`)] : []),
    ...(added.length > 0 ? [drift("models", `${added.join(", ")} was left out and is enabled`)] : []),
  ];
}

/** Models that were asked for, are served, and are not enabled. */
const missingModels = (wish, enabled, served) =>
  served === null ? [] : among$1(without(wish.models, enabled), served);

function roleDrift(place, wish, view) {
  const wanted = wish[place];
  const ref = view[place];
  if (wanted === null || ownModel(ref) === wanted) return [];
  const name = place === "default_model" ? "default model" : "metadata model";
  const now =
    ref === null ? "none is set" : `it is ${ref.provider === "customai" ? "" : `${ref.provider}:`}${ref.model}`;
  return [
    drift(
      place,
      `the ${name} ${wanted} was asked for, and ${now}`,
      ...(ref === null ? [place === "default_model" ? "no-default-model" : "no-metadata-model"] : []),
    ),
  ];
}

function valueDrift(wish, { resource }) {
  if (resource?.state !== "ok") return [];
  const { base_url, key } = resource;
  const sameUrl = tidyBaseUrl(base_url) === wish.base_url;
  const sameKey = key.kind === "reference" && key.path === wish.secret_path;
  const slips = ["unresolved", "blanks", "not-http", "credentials", "query", "endpoint", "no-v1"];
  return [
    ...(sameUrl
      ? []
      : [
          drift(
            "base_url",
            `the gateway ${showableAddress(wish.base_url)} was asked for, and the resource says ${showableAddress(base_url) || "nothing"}`,
            ...slips.map((slip) => `base-url-${slip}`),
          ),
        ]),
    ...(sameKey
      ? []
      : [
          drift(
            "key",
            `the key in ${wish.secret_path} was asked for, and the resource uses ${
              key.kind === "reference"
                ? `the one in ${key.path}`
                : key.kind === "none"
                  ? "none"
                  : "one that stands in it"
            }`,
            "literal-key-in-resource",
          ),
        ]),
  ];
}

/**
 * What is to be seen of a failed answer: what is wrong with a 200, in our words, then the gateway's error where one was found in it,
 * else the answer itself. Not redacted.
 */
function seenOf({ outcome, problem }) {
  const raw = [outcome.body, outcome.failure?.message].filter(Boolean).join(" ");
  if (!problem || problem.detail === "") return raw;
  const { error } = problem;
  const said = error ? [error.message, error.code || error.type].filter(Boolean).join(" / ") : raw;
  return said === "" ? problem.detail : `${problem.detail}: ${said}`;
}

/** Bodies that several rows show as examples, in the shapes that gateways send. */
/** An error in OpenAI's envelope, which Codex Pooler uses too. */
const openError = (message, code, type = "invalid_request_error", param = null) => ({
  error: { message, type, code, param },
});

/** Codex Pooler's envelope for 401, 403, 429 and 5xx on chat: only the code says what happened. */
const redacted = (code) => ({
  error: { message: "upstream request failed", type: "server_error", code },
});

/** What a person sees of a redacted error. */
const REDACTED_TOAST = /^upstream request failed$/i;

/** A server's own error page. */
const webPage = (title, words = title) =>
  `<html><head><title>${title}</title></head><body><center><h1>${words}</h1></center></body></html>`;

/** Steps that several rows share. A step's first line is a sentence; what follows it is a block to copy. */
const RUN_CHECK = "Run f/codex_pooler/check again to see that it is gone.";

const RUN_REPAIR =
  "Or run f/codex_pooler/repair: it shows what it would change, and does it when you choose mode apply.";

const OPEN_AI_SETTINGS = "Open Workspace settings > Windmill AI.";

const ALLOW_PRIVATE_SERVER = [
  "Set ALLOW_PRIVATE_AI_BASE_URLS=true in the environment of the Windmill server (the app), which reads it at start only.",
  `Docker Compose: add it to the service windmill_server, then run \`docker compose up -d windmill_server\`.
services:
  windmill_server:
    environment:
      - ALLOW_PRIVATE_AI_BASE_URLS=true`,
  `Helm: add it to the values of the app, then run \`helm upgrade\` and wait for the roll-out of every replica.
windmill:
  app:
    extraEnv:
      - name: ALLOW_PRIVATE_AI_BASE_URLS
        value: "true"`,
];

const ALLOW_PRIVATE_WORKER = [
  "Set ALLOW_PRIVATE_AI_BASE_URLS=true in the environment of the Windmill workers that run flows, which read it at start only.",
  `Docker Compose: add it to the service windmill_worker, then run \`docker compose up -d windmill_worker\`.
services:
  windmill_worker:
    environment:
      - ALLOW_PRIVATE_AI_BASE_URLS=true`,
  `Helm: add it to every worker group whose workers run flows, then run \`helm upgrade\`.
windmill:
  workerGroups:
    - name: default
      extraEnv:
        - name: ALLOW_PRIVATE_AI_BASE_URLS
          value: "true"`,
];

const WHAT_IT_OPENS =
  "Know what this opens: every AI resource of every workspace may then name an internal host, so whoever may edit a resource can send requests there. If that is too much, give the gateway a public address instead.";

const FROM_INSIDE = `Try it from inside {process}.
docker compose exec {service} curl -sS -o /dev/null -w '%{http_code}\\n' '{base_url}/models'
kubectl exec deploy/{deployment} -- curl -sS -o /dev/null -w '%{http_code}\\n' '{base_url}/models'`;

const FIND_REQUEST =
  "In Codex Pooler's admin pages open Request logs and find the row by its time, model and {key}; it names the account and the upstream's own error.";

const STORE_KEY =
  "Store the new key: run f/codex_pooler/connect with api_key and replace_secret, which proves the key before users get it; or put it into Variables > {secret_path} > Edit. Windmill may go on using the old one for up to 60 s.";

const LOWER_TOKENS = `In Workspace settings > Windmill AI, under the model's token limits, set a lower maximum for {model}, e.g. 16384.
max_tokens_per_model:
  "customai:{model_id}": 16384`;

/** The gateway's upstream accounts. */
const ACCOUNT_ROWS = [
  {
    code: "upstream-account-rejected",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    title: "The provider refuses an account of the gateway",
    cause:
      "The gateway accepted Windmill's key, but the upstream provider refused the account that the gateway used: it is signed out, deactivated or has lost a right. A new key for Windmill changes nothing.",
    remedy: [
      "In Codex Pooler's admin pages look for accounts that need to sign in again, and renew them.",
      FIND_REQUEST,
    ],
    covers: ["key", "permission", "identity"],
    match: [
      {
        code: [
          "invalid_api_key",
          "token_expired",
          "token_invalidated",
          "token_revoked",
          "account_deactivated",
          "unauthorized",
          "authentication_error",
          "invalid_authentication",
          "permission_denied",
          "refresh_token_reused",
        ],
        type: ["server_error"],
      },
      {
        code: ["account_deactivated", "token_invalidated", "deactivated_workspace", "organization_restricted"],
      },
      { type: ["server_error"], said: [401, 403] },
      // LiteLLM passes an upstream refusal on under its own class name.
      { type: ["authenticationerror", "permissiondeniederror"], upstream: true },
      { upstream: true, type: ["upstream_error"], said: [401, 403] },
      { code: ["upstream_status", "upstream_error"], said: [401, 403] },
      {
        text: /\baccount\b.{0,60}(?:has been |is |was )(?:deactivated|suspended|disabled|banned|terminated)|organization (?:has been )?(?:disabled|restricted|suspended)|账户已被(?:禁用|封禁|冻结)/i,
      },
    ],
    tells_apart:
      "A refusal of Windmill's own key has an error type other than server_error, or a code that begins with api_key_.",
    toasts: [{ text: REDACTED_TOAST, rank: 5 }],
    examples: [
      { body: redacted("invalid_api_key") },
      { status: 401, body: redacted("upstream_status"), content_type: "application/json" },
      {
        body: {
          type: "error",
          error: { type: "invalid_request_error", message: "This organization has been disabled." },
        },
      },
    ],
  },
  {
    code: "no-healthy-account",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway has no healthy account for this model",
    cause:
      "No account of the pool is usable right now: none is assigned, all are disabled, cooling down or have failed too often.",
    remedy: [
      "Look at the pool's accounts in Codex Pooler's admin pages: state, cool-down, last error.",
      "A cool-down ends by itself within minutes.",
      RUN_CHECK,
    ],
    match: [
      { code: ["no_eligible_backend", "no_available_backend", "no_available_accounts"] },
      {
        text: /no workers? available|no (?:eligible|healthy|available) (?:backends?|accounts?|deployments?|providers?|channels?|keys?)\b(?! for model)|(?:all|every) (?:accounts?|channels?|providers?|keys?|backends?) (?:are |is |have |has )?(?:unavailable|disabled|failed|cooling|exhausted)|(?:could not|cannot|unable to) find an? (?:healthy|available) \w+|(?:all|every) (?:\w+ )?(?:accounts?|channels?|providers?|keys?|backends?) (?:are |is |have |has )?(?:been )?(?:exhausted|used up)|渠道已被禁用|(?:暂无|没有)可用(?:渠道|账号|账户)/i,
      },
    ],
    toasts: [{ text: REDACTED_TOAST, rank: 4 }],
    examples: [{ body: redacted("no_eligible_backend") }],
  },
  {
    code: "no-compatible-account",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    title: "No account of the gateway supports what the request needs",
    cause: "Accounts are there, but none offers this combination of model and features (tools, images, service tier).",
    remedy: ["Compare the pool's accounts with the model's requirements in Codex Pooler's admin pages.", FIND_REQUEST],
    match: [{ code: ["no_compatible_backend"] }],
    toasts: [{ text: REDACTED_TOAST, rank: 9 }],
    examples: [{ body: redacted("no_compatible_backend") }],
  },
  {
    code: "pinned-session",
    layer: "upstream",
    severity: "critical",
    owner: "workspace-admin",
    title: "The request is tied to a session that is gone",
    cause:
      "The request carries a session or continuation mark that binds it to one upstream account, and that account or session is not available. Windmill sends no such mark by itself: it comes from a static header in the resource.",
    remedy: [
      "Open Resources > {resource_path} > Edit and remove session headers: x-codex-*, session-id, x-session-id, idempotency-key, x-request-id.",
      RUN_CHECK,
    ],
    repairable: true,
    match: [
      {
        code: [
          "pinned_continuation_reauth_required",
          "pinned_continuation_unavailable",
          "session_assignment_unavailable",
          "session_start_conflict",
          "file_assignment_conflict",
        ],
      },
    ],
    examples: [
      { body: openError("the pinned upstream continuation is unavailable", "pinned_continuation_unavailable") },
      { body: openError("session start conflicts with another session", "session_start_conflict") },
    ],
  },
];

const EDIT_BASE_URL$2 = "Open Resources > {resource_path} > Edit and correct base_url.";

const EDIT_HEADERS = "Open Resources > {resource_path} > Edit and remove the header.";

/** Slips of the base URL and of the static headers. The rows without a match are raised by base_url.ts and headers.ts. */
const ADDRESS_ROWS = [
  {
    code: "base-url-missing",
    layer: "resource",
    severity: "critical",
    owner: "workspace-admin",
    title: "{resource} has no base URL",
    cause:
      "Windmill needs base_url in the customai resource. It is empty, or the resource has the OAuth fields client_id, client_secret and token_url, which customai does not support.",
    remedy: [EDIT_BASE_URL$2, "It must be the gateway's address with /v1 at its end.", RUN_CHECK],
    match: [{ windmill: /^Bad request: \w{0,40} ?provider requires a base URL/i, status: [400] }],
    examples: [
      { body: "Bad request: CustomAI provider requires a base URL in the resource", content_type: "text/plain" },
    ],
  },
  {
    code: "base-url-invalid",
    layer: "resource",
    severity: "critical",
    owner: "workspace-admin",
    title: "Windmill cannot read the base URL as an address",
    cause:
      "base_url is not a whole http(s) address. Typical: `https://` is missing, or it is a reference such as $var:..., which Windmill resolves in api_key only.",
    remedy: [EDIT_BASE_URL$2, "Write the whole address, e.g. https://codex-pooler.example.com/v1.", RUN_CHECK],
    match: [
      {
        windmill: /^Bad request: (?:Invalid URL|URL must have a host|URL scheme '[^']{0,100}' is not allowed)/,
        status: [400],
      },
      {
        transport: /relative URL without a base|URL scheme is not allowed|invalid (?:port|domain|IPv[46])|empty host/i,
      },
    ],
    examples: [
      { body: "Bad request: Invalid URL: relative URL without a base", content_type: "text/plain" },
      {
        body: "Bad request: URL scheme 'ftp' is not allowed, only http and https are permitted",
        content_type: "text/plain",
      },
      { body: "Bad request: URL must have a host", content_type: "text/plain" },
      {
        status: 500,
        body: "Error: builder error: relative URL without a base @ai.rs:948:20",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "request-not-built",
    layer: "resource",
    severity: "critical",
    owner: "workspace-admin",
    title: "Windmill cannot build the request from the resource",
    cause:
      "A header in the resource has a name or value that HTTP does not allow (a line break, a blank in the name), the key has such characters, or base_url is no address.",
    remedy: [
      "Open Resources > {resource_path} > Edit and look at headers, then at base_url.",
      "Store the key again without blanks and line breaks (Variables > {secret_path} > Edit).",
      RUN_CHECK,
    ],
    match: [{ transport: /^builder error/ }],
    examples: [{ status: 500, body: "Error: builder error @ai.rs:948:20", content_type: "text/plain" }],
  },
  ...slips([
    [
      "base-url-unresolved",
      "is a reference to a variable or resource",
      "Write the address itself: Windmill resolves references in api_key only.",
      ["base-url-invalid", "request-not-built"],
    ],
    [
      "base-url-blanks",
      "has blanks or line breaks in it",
      "Remove them.",
      ["base-url-invalid", "request-not-built", "endpoint-not-found"],
    ],
    [
      "base-url-not-http",
      "is not an http or https address",
      "Write the whole address, e.g. https://codex-pooler.example.com/v1.",
      ["base-url-invalid", "request-not-built"],
    ],
    [
      "base-url-credentials",
      "has a user name or password in it",
      "Remove the part before the @. The key belongs into api_key.",
      ["key-refused"],
    ],
    [
      "base-url-query",
      "has a query or a fragment",
      "Remove everything from the ? or # on: Windmill appends the request's path to the text as it stands.",
      ["endpoint-not-found", "unsupported-parameter"],
    ],
    [
      "base-url-endpoint",
      "names one endpoint instead of the gateway's base",
      "End it at /v1: Windmill appends /chat/completions and /models itself.",
      ["endpoint-not-found", "endpoint-unsupported"],
    ],
  ]),
  {
    code: "base-url-no-v1",
    layer: "resource",
    severity: "warning",
    owner: "workspace-admin",
    title: "The base URL does not end in /v1",
    cause:
      "Codex Pooler, like most gateways, serves its OpenAI-compatible API under /v1. Windmill appends /chat/completions and /models to base_url as it stands.",
    remedy: [EDIT_BASE_URL$2, "Append /v1, unless your gateway really serves /chat/completions without it."],
    repairable: true,
    match: [],
    explains: ["endpoint-not-found", "html-page", "not-json", "wrong-base-path"],
    examples: [],
  },
  {
    code: "base-url-slash",
    layer: "resource",
    severity: "info",
    owner: "workspace-admin",
    title: "The base URL ends in a slash",
    cause:
      "Windmill drops the slash at the end of base_url, but not everything that uses the resource does: //chat/completions is another path for many servers.",
    remedy: [EDIT_BASE_URL$2, "Remove the slash at its end."],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "credential-header",
    layer: "resource",
    severity: "critical",
    owner: "workspace-admin",
    title: "A header of the resource carries a credential",
    cause:
      "A header in {resource} holds a credential that is sent instead of the pool key (`authorization`, on older servers beside it), that belongs to one person (a cookie), or that is a key of the gateway in the wrong place. Everybody who may read the resource sees it.",
    remedy: [
      EDIT_HEADERS,
      "Make the credential invalid where it came from: it was readable.",
      "The key belongs into a secret variable that api_key references.",
    ],
    repairable: true,
    match: [],
    explains: ["key-refused", "key-not-sent"],
    examples: [],
  },
  {
    code: "readable-header",
    layer: "resource",
    severity: "info",
    owner: "workspace-admin",
    title: "A header of the resource holds a credential that readers of the resource see",
    cause:
      "A proxy in front of the gateway seems to ask for a credential of its own. Windmill sends the headers of {resource} as they stand and resolves no $var: in them, so there is no secret place for it: whoever may read the resource, or its history, sees it.",
    remedy: [
      "Keep {resource} where few may read it, e.g. at u/<you>/: people need no right to it to use Windmill AI.",
      "Use a credential that opens this gateway and nothing else, and change it from time to time.",
      "If nothing asks for it any more, open Resources > {resource_path} > Edit and remove the header.",
    ],
    match: [],
    examples: [],
  },
  {
    code: "session-header",
    layer: "resource",
    severity: "warning",
    owner: "workspace-admin",
    title: "A header of the resource pins all requests to one session",
    cause:
      "The header makes the gateway treat the requests of all users as one session, bound to one upstream account: they wait for each other, and fail together when that account does.",
    remedy: [EDIT_HEADERS],
    repairable: true,
    match: [],
    explains: ["pinned-session"],
    examples: [],
  },
  {
    code: "forbidden-header",
    layer: "resource",
    severity: "warning",
    owner: "workspace-admin",
    title: "A header of the resource breaks the request",
    cause: "The header belongs to the request itself (its length, type, host or origin) and must not be set by hand.",
    remedy: [EDIT_HEADERS],
    repairable: true,
    match: [],
    explains: ["not-acceptable"],
    examples: [],
  },
  {
    code: "malformed-header",
    layer: "resource",
    severity: "critical",
    owner: "workspace-admin",
    title: "A header of the resource is not a valid HTTP header",
    cause: "Its name or value has characters that HTTP does not allow, so Windmill cannot build any request.",
    remedy: [EDIT_HEADERS],
    repairable: true,
    match: [],
    explains: ["request-not-built"],
    examples: [],
  },
];

/** Slips that all read the same: what base_url is, and what to write instead. */
function slips(rows) {
  return rows.map(([code, says, fix, explains]) => ({
    code,
    layer: "resource",
    severity: "critical",
    owner: "workspace-admin",
    title: `The base URL ${says}`,
    cause: `base_url in {resource} ${says}, so Windmill's requests cannot reach the gateway's API.`,
    remedy: [EDIT_BASE_URL$2, fix],
    repairable: true,
    match: [],
    explains,
    examples: [],
  }));
}

/** A 200 that is no answer. People see "The model returned no response", or nothing at all. */
const NO_RESPONSE = /^The model returned no response\b/i;

const message = (content) => ({
  id: "chatcmpl-1",
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
});

const chunk = (delta, finish = null) =>
  `data: ${JSON.stringify({ object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

const json = { status: 200, content_type: "application/json", kind: "chat" };

const sse = { status: 200, content_type: "text/event-stream", kind: "stream" };

const ANSWER_ROWS = [
  {
    code: "sign-in-page",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "A sign-in page answers in place of the gateway",
    cause:
      "The answer is a web page that asks to sign in, with status 200. Something in front of the gateway (single sign-on, a captive portal), or a web application at base_url, took the request.",
    remedy: [
      "Exempt the gateway's path /v1 from the sign-in: the gateway checks its own keys there.",
      "Check base_url in Resources > {resource_path}: it must be the gateway's API (…/v1), not a web page.",
      FROM_INSIDE,
    ],
    match: [
      {
        page: true,
        problem: ["html"],
        text: /sign[ -]?in|log[ -]?in|log[ -]?on|single sign|password|authenticat|anmeld|einloggen|connectez-vous|connexion|se connecter|iniciar sesi\u00f3n|acceder a su cuenta|accedi\b|entrar na|fazer login|登录|登入|ログイン|로그인|войти|вход в/i,
      },
      {
        page: true,
        words:
          /\[password field\]|sign[ -]?in (?:to|with)|log[ -]?in to|please (?:sign|log)[ -]?in|oauth2 proxy|cloudflare access|captive portal|need to be logged in|(?:bei|mit) ihrem konto anmelden|connectez-vous/i,
      },
      {
        page: true,
        text: /^[^:]{0,80}(?:\b(?:sign|log)[ -]?(?:in|on)\b|single sign|anmeld|einloggen|connexion|connectez|iniciar sesi|entrar|accedi|登录|登入|ログイン|로그인|войти|вход)|\b(?:sign|log)[ -]?in$|\bwelcome to .{0,40}log in/i,
      },
      { text: /invalid iap credentials/i },
      { page: true, text: /^\W{0,3}(?:401 unauthorized|302 found)\W*$/i },
    ],
    tells_apart:
      "If people get the same page before they see Windmill, it stands in front of Windmill; then every check over the server route ends there, whatever the gateway does.",
    toasts: [{ text: NO_RESPONSE, rank: 2 }],
    examples: [
      {
        status: 200,
        body: "<!doctype html><html><body>Sign in</body></html>",
        content_type: "text/html",
        kind: "chat",
      },
      {
        status: 200,
        body: '<html><head><title>Welcome</title></head><body><form><input name="p" type="password"></form></body></html>',
        content_type: "text/html",
      },
    ],
  },
  {
    code: "html-page",
    layer: "protocol",
    severity: "critical",
    owner: "workspace-admin",
    title: "A web page came back instead of an answer",
    cause:
      "The server at base_url answered with a web page and status 200: base_url leads to a web site or to the gateway's own pages, not to its API.",
    remedy: ["Open Resources > {resource_path} > Edit: base_url must end in /v1.", FROM_INSIDE],
    repairable: true,
    match: [{ problem: ["html"] }],
    toasts: [{ text: NO_RESPONSE, rank: 3 }],
    examples: [
      {
        status: 200,
        body: "<!doctype html><html><body>Welcome to the gateway</body></html>",
        content_type: "text/html",
        kind: "chat",
      },
    ],
  },
  {
    code: "error-page",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "A web page came back with an error",
    cause:
      "The gateway, or something in front of it, answered with a web page that this table does not know; a gateway's own errors are JSON.",
    remedy: ["Look at the page's words in the evidence: they usually name the product that sent it.", FROM_INSIDE],
    match: [{ page: true, last: true }],
    examples: [
      {
        body: "<html><head><title>Oops</title></head><body>Something went wrong</body></html>",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "not-json",
    layer: "protocol",
    severity: "critical",
    owner: "workspace-admin",
    title: "The answer is not JSON",
    cause:
      "The server answered with status 200 and a text that is neither JSON nor a stream: base_url leads to something else than the gateway's API.",
    remedy: ["Open Resources > {resource_path} > Edit: base_url must end in /v1.", FROM_INSIDE],
    match: [{ problem: ["not-json"] }],
    toasts: [{ text: NO_RESPONSE, rank: 6 }],
    examples: [
      { ...json, body: "ok" },
      { ...json, body: "" },
    ],
  },
  {
    code: "empty-object",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway answers with an empty object",
    cause:
      "The answer is JSON with nothing in it. Windmill's `Test key` calls such a key valid, yet no feature gets a text.",
    remedy: [
      "Look at what answers at base_url: a mock, a half-configured proxy or a gateway without models does this.",
      FROM_INSIDE,
    ],
    match: [{ problem: ["empty-object"] }],
    toasts: [{ text: NO_RESPONSE, rank: 7 }],
    examples: [{ ...json, body: {} }],
  },
  {
    code: "error-in-200",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway reports an error but says 200",
    cause:
      "The answer has status 200 and holds an error object, so Windmill takes it for a success without text. The object's code is not in this table; see the evidence.",
    remedy: ["Look at the error's code and message in the evidence.", FIND_REQUEST],
    match: [{ problem: ["error-object-in-200"] }],
    toasts: [{ text: NO_RESPONSE, rank: 5 }],
    examples: [{ ...json, body: { error: { message: "no", type: "server_error", code: "x" } } }],
  },
  {
    code: "no-choices",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway's answer is not a chat completion",
    cause:
      "The answer is JSON without `choices[0].message`: the gateway speaks another API (Responses, Ollama's own, Anthropic's) at this path, or failed half-way.",
    remedy: [
      "Check that base_url is the OpenAI-compatible base, ending in /v1.",
      "Windmill uses /chat/completions only; a gateway that offers only /responses does not work.",
    ],
    match: [{ problem: ["no-choices"] }],
    toasts: [
      { text: NO_RESPONSE, rank: 8 },
      { text: /Cannot read propert(?:y|ies) of undefined \(reading '(?:content|message)'\)/, rank: 1 },
    ],
    examples: [
      { ...json, body: { id: "x", object: "chat.completion", choices: [] } },
      { ...json, body: { message: { role: "assistant", content: "hi" }, done: true, model: "llama3" } },
    ],
  },
  {
    code: "empty-content",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The model answers without a text",
    cause:
      "The answer is well-formed and empty. With Codex Pooler this is how an upstream failure after the beginning of an answer looks: status 200, finish_reason stop, no text.",
    remedy: [
      FIND_REQUEST,
      "Try another model; if only {model} is silent, take it out of the enabled models.",
      RUN_CHECK,
    ],
    match: [{ problem: ["empty-content"] }],
    toasts: [{ text: NO_RESPONSE, rank: 1 }],
    examples: [
      { ...json, body: message("") },
      { ...json, body: message(null) },
      { ...sse, body: `${chunk({ role: "assistant" })}${chunk({}, "stop")}data: [DONE]\n\n` },
    ],
  },
  {
    code: "stream-ignored",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway does not stream",
    cause:
      "Windmill asked for a stream and got one JSON answer. Chat then shows nothing, and an AI agent step succeeds with an empty text, while `Test key` and summaries work.",
    remedy: ["Enable streaming (server-sent events) on the gateway, and on the proxy in front of it."],
    match: [{ problem: ["not-a-stream"] }],
    toasts: [{ text: NO_RESPONSE, rank: 4 }],
    examples: [{ ...json, kind: "stream", body: message("ok") }],
  },
  {
    code: "stream-error",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The stream ends with an error",
    cause:
      "The answer began, then the gateway sent an error inside the stream. Chat shows it; an AI agent step ignores it and succeeds with what came before, perhaps nothing.",
    remedy: [FIND_REQUEST, "Read the gateway's log at the time of the check: the upstream provider broke off."],
    match: [
      { problem: ["error-frame"] },
      {
        problem: ["error-frame"],
        code: ["upstream_error", "upstream_status", "upstream_request_failed", "upstream_response_missing"],
      },
      { problem: ["error-frame"], text: /^upstream request failed/i },
      { text: /stream interrupted before terminal response event/i },
    ],
    tells_apart: "The toast has no number before the words: the error came inside the stream.",
    toasts: [{ text: /^upstream request failed(?:: stream interrupted.{0,60})?$/i, rank: 11 }],
    examples: [
      {
        ...sse,
        body: `${chunk({ role: "assistant" })}data: ${JSON.stringify({ error: { message: "upstream request failed", type: "server_error", code: "upstream_error", param: null } })}\n\n`,
      },
      {
        ...sse,
        body: `${chunk({ content: "o" })}data: ${JSON.stringify({ error: { message: "upstream request failed: stream interrupted before terminal response event", type: "server_error", code: "server_error" } })}\n\n`,
      },
    ],
  },
  {
    code: "stream-cut",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The answer breaks off",
    cause:
      "The answer began and ended before its end: the gateway, or a proxy on the way, closed the connection. Chat shows the part that came and no error at all.",
    remedy: [
      "Raise the read and idle time-outs of every proxy between Windmill and the gateway, e.g. to 600 s, and switch buffering off for /v1.\nproxy_read_timeout 600s;\nproxy_buffering off;",
      "Read the gateway's log at the time of the check: it may have been restarted.",
    ],
    match: [{ problem: ["stream-cut"] }, { failure: ["aborted"] }],
    examples: [
      {
        status: 200,
        body: chunk({ content: "o" }),
        content_type: "text/event-stream",
        failure: { kind: "aborted", message: "terminated" },
        kind: "stream",
      },
      { status: null, failure: { kind: "aborted", message: "TypeError: terminated" } },
      { ...sse, body: chunk({ content: "o" }) },
    ],
  },
  {
    code: "tools-ignored",
    layer: "protocol",
    severity: "critical",
    owner: "workspace-admin",
    title: "{model} does not use the tools it is given",
    cause:
      "Asked to call a tool, the model answered with text, or the gateway dropped the tools. Windmill's chat can then talk, but do nothing.",
    remedy: ["Choose a model with reliable tool calls as default model.", "Check that the gateway passes `tools` on."],
    match: [{ problem: ["no-tool-call"] }],
    examples: [
      {
        ...sse,
        kind: "tools",
        problem: "no-tool-call",
        body: `${chunk({ content: "I cannot call tools." }, "stop")}data: [DONE]\n\n`,
      },
    ],
  },
  {
    code: "tool-arguments-broken",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The arguments of tool calls arrive damaged",
    cause:
      "A tool call came whose arguments are no valid JSON: cut off or mixed up by the model or the gateway. Windmill's chat tells the model so, and goes round in circles.",
    remedy: ["Try another model. If all do it, look at how the gateway splits tool calls in streams.", FIND_REQUEST],
    match: [{ problem: ["bad-arguments"] }, { code: ["tool_use_failed"] }, { text: /failed to call a function/i }],
    examples: [
      {
        ...sse,
        kind: "tools",
        problem: "bad-arguments",
        body: `${chunk({ tool_calls: [{ index: 0, id: "c", type: "function", function: { name: "report", arguments: '{"value": "o' } }] })}data: [DONE]\n\n`,
      },
    ],
  },
];

/**
 * Windmill could not get to the gateway: name resolution and connection. The wordings are those of reqwest and hyper with the
 * system's errors, on Linux, macOS and Windows.
 */
const CONNECTION_ROWS = [
  {
    code: "host-not-found",
    layer: "name-resolution",
    severity: "critical",
    owner: "workspace-admin",
    title: "{process} cannot find the host {host}",
    cause:
      "The name in base_url does not exist for {process}: a typing mistake, or a name that is known elsewhere only.",
    remedy: [
      "Check the host in Resources > {resource_path} > base_url.",
      `Ask for it from inside {process}.
docker compose exec {service} getent hosts {host}
kubectl exec deploy/{deployment} -- getent hosts {host}`,
      "With Docker Compose the gateway must share a network with {process}; with Kubernetes use <service>.<namespace>.svc.",
    ],
    match: [
      {
        transport:
          /dns error[\s\S]*(?:not known|no such host|nodename nor servname|no (?:addresses|address|records?|data)\b|nxdomain|no record found|not found|non-existent domain|11001)|failed to lookup address information: (?!temporary|try again)/i,
      },
      {
        windmill:
          /^Bad request: (?:Failed to resolve host '(?!.*(?:temporary failure|try again|timed out))|Host '[^']{0,300}' did not resolve)/is,
        status: [400],
      },
    ],
    tells_apart:
      "The server and the workers may use different name servers: one can find the host while the other does not.",
    examples: [
      {
        status: 500,
        body: "Error: error sending request for url (http://no-such-host.invalid/v1/chat/completions): client error (Connect): dns error: failed to lookup address information: Name or service not known @ai.rs:950:20",
        content_type: "text/plain",
      },
      {
        status: 500,
        body: 'Error: error sending request for url (https://gw.internal/v1/models): client error (Connect): dns error: no record found for Query { name: Name("gw.internal."), query_type: AAAA, query_class: IN } @ai.rs:950:20',
        content_type: "text/plain",
      },
      {
        body: "Bad request: Failed to resolve host 'gw.internal': failed to lookup address information: Name or service not known",
        content_type: "text/plain",
      },
      { body: "Bad request: Host 'gw.internal' did not resolve to any addresses", content_type: "text/plain" },
    ],
  },
  {
    code: "name-resolution-failed",
    layer: "name-resolution",
    severity: "critical",
    owner: "windmill-operator",
    title: "Name resolution fails on {process}",
    cause: "{process} got no answer from its name server, so it does not know whether {host} exists.",
    remedy: [
      `Look at the name server from inside {process}.
docker compose exec {service} cat /etc/resolv.conf
docker compose exec {service} getent hosts {host}`,
      "If it heals by itself within minutes, the name server was overloaded or restarting.",
    ],
    match: [
      {
        transport:
          /(?:dns error|lookup address)[\s\S]*(?:temporary failure|try again|timed out|timeout|refused|servfail|server failure|EAI_AGAIN|request timed out|proto error)/i,
      },
      { transport: /dns error/i, last: true },
      {
        windmill: /^Bad request: Failed to resolve host '.*(?:temporary failure|try again|timed out)/is,
        status: [400],
      },
    ],
    examples: [
      {
        status: 500,
        body: "Error: error sending request for url (https://gw.example.com/v1/models): client error (Connect): dns error: failed to lookup address information: Temporary failure in name resolution @ai.rs:950:20",
        content_type: "text/plain",
      },
      {
        body: "Bad request: Failed to resolve host 'gw.example.com': failed to lookup address information: Temporary failure in name resolution",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "connection-refused",
    layer: "connection",
    severity: "critical",
    owner: "gateway-operator",
    title: "Nothing listens at {host}",
    cause:
      "The host is there, but refused the connection: the gateway is down, listens on another port, or listens on localhost only. Inside a container, localhost is the container itself, not the machine.",
    remedy: [
      "Check that the gateway runs and on which port.\ndocker compose ps",
      "Check host and port in Resources > {resource_path} > base_url. From a container use the gateway's service name, or host.docker.internal, instead of localhost.",
      FROM_INSIDE,
    ],
    match: [{ transport: /connection refused|actively refused|ECONNREFUSED|os error (?:111|61|10061)\b/i }],
    examples: [
      {
        status: 500,
        body: "Error: error sending request for url (http://127.0.0.1:9/v1/chat/completions): client error (Connect): tcp connect error: Connection refused (os error 111) @ai.rs:950:20",
        content_type: "text/plain",
      },
      {
        status: 500,
        body: "Error: error sending request for url (http://[fd00::5]:4000/v1/models): client error (Connect): tcp connect error: Connection refused (os error 111) @ai.rs:950:20",
        content_type: "text/plain",
      },
      {
        status: 500,
        body: "Error: error sending request for url (http://10.0.0.7:4000/v1/models): client error (Connect): tcp connect error: No connection could be made because the target machine actively refused it. (os error 10061) @ai.rs:950:20",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "no-route",
    layer: "connection",
    severity: "critical",
    owner: "windmill-operator",
    title: "There is no network route from {process} to {host}",
    cause:
      "The system of {process} says that the host or its network cannot be reached: no route, a firewall that rejects, a VPN that is down, or an IPv6 address without IPv6.",
    remedy: [
      FROM_INSIDE,
      "Check routes, firewall and network policies between {process} and the gateway.",
      "If the name resolves to an IPv6 address, give it an IPv4 address too.",
    ],
    match: [
      {
        transport:
          /no route to host|(?:network|host) (?:is )?(?:unreachable|down)|EHOSTUNREACH|ENETUNREACH|cannot assign requested address|address family not supported|unreachable (?:network|host)|os error (?:99|97|101|113|51|65|10051|10065)\b/i,
      },
    ],
    examples: [
      {
        status: 500,
        body: "Error: error sending request for url (http://10.9.8.7:4000/v1/models): client error (Connect): tcp connect error: No route to host (os error 113) @ai.rs:950:20",
        content_type: "text/plain",
      },
      {
        status: 500,
        body: "Error: error sending request for url (http://[fe80::1]:4000/v1/models): client error (Connect): tcp connect error: Network is unreachable (os error 101) @ai.rs:950:20",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "connection-timeout",
    layer: "connection",
    severity: "critical",
    owner: "windmill-operator",
    title: "{host} does not answer connection attempts of {process}",
    cause:
      "The connection was never established: a firewall or network policy drops the packets, the host is off, or the port is wrong.",
    remedy: [FROM_INSIDE, "Check firewall, security groups and network policies between {process} and the gateway."],
    match: [
      {
        transport:
          /(?:connect|tcp)[\s\S]*(?:timed out|timeout|deadline has elapsed)|ETIMEDOUT|did not properly respond|os error (?:110|60|10060)\b/i,
      },
    ],
    tells_apart:
      "A gateway that accepts the connection and then takes too long says `operation timed out` without `Connect`.",
    examples: [
      {
        status: 500,
        body: "Error: error sending request for url (http://10.9.8.7:4000/v1/models): client error (Connect): tcp connect error: Connection timed out (os error 110) @ai.rs:950:20",
        content_type: "text/plain",
      },
      {
        status: 500,
        body: "Error: error sending request for url (http://10.9.8.7:4000/v1/models): client error (Connect): operation timed out @ai.rs:950:20",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "answer-broken",
    layer: "connection",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway's answer could not be read to its end",
    cause:
      "An answer began but was not complete or not decodable: the gateway or a proxy in front of it closed the connection half-way, or announced a compression that it did not use.",
    remedy: ["Read the log of the gateway and of the proxy in front of it at the time of the check.", RUN_CHECK],
    match: [
      {
        transport:
          /^error (?:decoding response body|reading a body)|^request or response body error|incomplete message|invalid gzip/i,
      },
    ],
    examples: [
      {
        status: 500,
        body: "Error: error decoding response body: request or response body error: unexpected EOF during chunk size line @ai.rs:975:14",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "connection-lost",
    layer: "connection",
    severity: "critical",
    owner: "gateway-operator",
    title: "{host} accepts the connection and closes it without an answer",
    cause:
      "The connection was closed or reset before an HTTP answer: the gateway or a proxy in front of it crashed, was restarted, limits connections, or speaks something else than HTTP on this port.",
    remedy: [
      "Read the log of the gateway and of the proxy in front of it at the time of the check.",
      "Check the port in Resources > {resource_path} > base_url.",
      RUN_CHECK,
    ],
    match: [
      {
        transport:
          /connection reset|broken pipe|connection closed before message completed|connection aborted|unexpected (?:end of file|eof)|channel closed|connection was not ready|ECONNRESET|EPIPE|invalid HTTP version parsed|invalid status-line|invalid header|http2 error|operation was canceled|os error (?:104|54|32|103|10053|10054)\b/i,
      },
    ],
    examples: [
      {
        status: 500,
        body: "Error: error sending request for url (http://gw.example.com/v1/models): client error (SendRequest): connection closed before message completed @ai.rs:950:20",
        content_type: "text/plain",
      },
      {
        status: 500,
        body: "Error: error sending request for url (http://gw.example.com/v1/models): client error (SendRequest): connection error: Connection reset by peer (os error 104) @ai.rs:950:20",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "gateway-unreachable",
    layer: "connection",
    severity: "critical",
    owner: "windmill-operator",
    title: "{process} cannot reach the gateway",
    cause: "Windmill could not send the request to {host}. Its words do not say more precisely why.",
    remedy: [FROM_INSIDE, "The whole error stands in the log of {process} at the time of the check."],
    match: [{ transport: /./, last: true }],
    examples: [
      {
        status: 500,
        body: "Error: error sending request for url (http://gw.example.com/v1/models) @ai.rs:950:20",
        content_type: "text/plain",
      },
    ],
  },
];

/**
 * Sentences of any wording: a subject and what is said of it, near each other in one sentence, in either order. Rows use them as their
 * `gist`, below words that they know for certain; two gists that fit equally well are no knowledge.
 */
/** What errors are about. Other languages stand behind English. */
const SUBJECTS = {
  key: "\\b(?:api|access|auth\\w*|bearer|secret|subscription|virtual|id)?[ _-]?(?:keys?|apikeys?)\\b|\\b(?:access |bearer |auth\\w* |id |this |the |your )?token\\b|\\bcredentials?\\b|\\bauthori[sz]ation\\b|\\bauthentication\\b|\\bjwt\\b|密钥|令牌|キー|키|ключ|токен|schl[üu]ssel|\\bcl[ée]\\b|\\bclave\\b|\\bchiave\\b|\\bchave\\b",
  model:
    "(?:^|[^\\p{L}\\d/])(?:gpt|claude|gemini|gemma|llama|qwen|mistral|mixtral|deepseek|grok|kimi|glm|phi)-?\\d[\\w.:-]*|\\bmodels?\\b|\\bdeployment\\b|模型|モデル|모델|модел|\\bmodell\\b|\\bmod[èe]le\\b|\\bmodelo\\b|\\bmodello\\b",
  money:
    "\\bcredits?\\b|\\bbalance\\b|\\bquota\\b|\\bfunds\\b|\\bprepaid\\b|\\bbudget\\b|\\bspend(?:ing)? cap\\b|\\bsubscription\\b|\\bpayment(?: method)?\\b|\\bbilling\\b|余额|额度|残高|잔액|баланс|средств|guthaben|kontingent|\\bsaldo\\b|\\bcrédits?\\b|\\bcréditos\\b|\\bcard\\b|\\bfonds\\b|\\bfondos\\b",
  requests:
    "\\brequests?\\b|\\bconcurren\\w*|\\bcalls?\\b|\\brate\\b|\\b[rt]p[md]\\b|\\btokens per\\b|请求|リクエスト|요청|запрос|\\banfragen\\b|\\brequêtes\\b|\\bsolicitudes\\b|\\bpeticiones\\b|\\brequisições\\b|\\brichieste\\b|\\bzapyta\\w*",
  rights:
    "\\broles?\\b|\\bpermissions?\\b|\\bscopes?\\b|\\bprivileges?\\b|\\brights\\b|权限|権限|права|berechtigung\\w*|\\bdroits\\b|\\bpermisos?\\b",
  provider: "\\bprovider\\b|\\bupstream\\b",
  tools: "\\btools?\\b|\\bfunction[ -]?call\\w*\\b|\\btool[ -]?(?:use|choice|call\\w*)\\b|工具|ツール",
  prompt:
    "\\bprompt\\b|\\binput\\b|\\bcontext\\b|\\bconversation\\b|\\bmessages?\\b|\\btokens\\b|上下文|输入|コンテキスト|kontext|\\bcontexte\\b|\\bcontexto\\b",
  server:
    "\\bservers?\\b|\\bservice\\b|\\bmodels?\\b|\\bengine\\b|\\bbackend\\b|\\bcapacity\\b|\\bsystem\\b|服务|サーバー|서버|сервер|\\bdienst\\b|\\bserveur\\b|\\bservidor\\b",
  memory:
    "\\bmemory\\b|\\bvram\\b|\\bkv cache\\b|\\bcuda\\d*\\b|\\bgpu\\b|内存|显存|メモリ|메모리|памят|speicher|\\bmémoire\\b|\\bmemoria\\b",
  body: "\\brequest body\\b|\\bpayload\\b|\\brequest size\\b|\\bbody size\\b",
  link: "\\brequest\\b|\\bupstream\\b|\\bresponse\\b|\\bconnection\\b|\\bmodel\\b|\\bbackend\\b|\\bserver\\b|请求|连接",
  text: "\\bcontent\\b|\\bprompt\\b|\\binput\\b|\\brequest\\b|\\bmessage\\b|\\bcontenu\\b|\\bcontenido\\b|\\bconteúdo\\b|\\binhalt\\b|内容|输入|コンテンツ|контент",
  option:
    "\\b(?:temperature|top_p|stream_options|tool_choice|response_format|reasoning_effort|parallel_tool_calls|thinking)\\b",
  field:
    "\\bparameters?\\b|\\bfields?\\b|\\barguments?\\b|\\bproperty\\b|[`'\"](?:temperature|top_p|stop|stream_options|tool_choice|response_format|reasoning_effort|parallel_tool_calls|seed|n|user)[`'\"]|\\b(?:temperature|top_p|stream_options|tool_choice|response_format|reasoning_effort|parallel_tool_calls|thinking)\\b|参数|パラメータ|параметр",
};

/** What is said of them. */
const PREDICATES = {
  absent:
    "\\bmissing\\b|\\bno (?=\\S{0,8} ?\\b(?:api|key|token|auth))|not (?:provided|supplied|sent|given|set|present|specified)|\\babsent\\b|\\bempty\\b|未提供|缺少|fehlt|ausente|manquante?|\\bfalta\\b|отсутствует",
  invalid:
    "\\binvalid\\b|\\bincorrect\\b|not (?:valid|recogni[sz]ed|accepted)|\\bwrong\\b|malformed|\\bunknown\\b|\\bfail(?:ed|ure|s)?\\b|(?:supply|use|provide|enter|pass) (?:a |your )?valid|\\binvalido\\b|\\brejected\\b|should match|not found|does(?: not|n't) exist|不正确|无效|错误|無効|正しくありません|유효하지|잘못된|неверн|недействит|ungültig|falsch|invalide|non valide|incorrecte|inválid[oa]|no válid[oa]|incorrect[oa]|non valid[oa]",
  lacking:
    "do(?:es)? not (?:permit|allow|have|include)|\\black(?:s|ing)?\\b|insufficient|not (?:granted|sufficient|enough)|\\bmissing\\b|不足|fehl\\w*|insuffisants?",
  needy:
    "requires? (?:\\S+ ){0,3}(?:approval|access|acceptance|subscription|agreement|application)|wait ?list|\\bgated\\b|not (?:been )?(?:enabled|activated|opened) for your|未开通|未激活",
  broke:
    "\\bclosed\\b|unexpected(?:ly)?|not valid|malformed|interrupted|disconnected|invalid response|returned (?:an? )?(?:error|empty|invalid)|\\bcrashed\\b",
  expired: "\\bexpired\\b|过期|期限切れ|만료|истек|abgelaufen|expirée?|expirad[oa]|caducad[oa]|scadut[oa]",
  disabled:
    "\\bdisabled\\b|\\bblocked\\b|\\brevoked\\b|\\bsuspended\\b|\\bbanned\\b|\\bdeactivated\\b|\\bpaused\\b|禁用|封禁|停用|заблокирован|gesperrt|deaktiviert|désactivée?|bloqueada?",
  gone: "(?:could not|cannot) be found|(?:was|been|is) (?:removed|withdrawn|sunset|shut down)|\\bsunset\\b|\\bdeleted\\b|not found|\\boffline\\b|does(?: not|n't) exist|\\bunknown\\b|\\bdeprecated\\b|\\bretired\\b|decommissioned|end of (?:its )?life|no longer|(?:shut|switched) (?:down|off)|not (?:available|served|installed|deployed)|no such|不存在|未找到|已下线|見つかりません|存在しません|찾을 수 없|не найден|не существует|nicht (?:gefunden|verfügbar)|existiert nicht|introuvable|n'existe pas|no (?:existe|encontrad[oa])|não (?:existe|encontrad[oa])|non (?:esiste|trovato)",
  barred:
    "no access|(?:limited|restricted|reserved) (?:to|for)|not (?:have )?(?:access|permission|allowed|permitted|authori[sz]ed|entitled|include|included)|does not include access|无权|没有权限|权限不足|kein(?:en)? zugriff|pas accès|sin acceso|нет доступа",
  spent:
    "no (?:remaining|more)|\\blapsed\\b|\\bno .{0,20} left\\b|\\breached\\b|\\bdeclined\\b|\\bupdate\\b|\\brecharge\\b|insufficient|exceeded|exhausted|used up|run(?:s|ning)? out|out of|depleted|not enough|too low|negative|\\benter\\b|\\badd\\b|\\bincluded\\b.{0,20}for|不足|用尽|用完|부족|недостаточно|исчерпан|aufgebraucht|erschöpft|nicht ausreichend|insuffisants?|épuisé|insuficiente|agotad[oa]|insufficiente|esaurito",
  many: "limit of \\d[\\d,.]*\\b|may only send|too fast|limit (?:hit|reached)|przekroczon\\w*|too many|(?:reached|hit|exceeded) (?:\\S+ ){0,4}limits?\\b|limit(?:s|ed)? (?:was |is |has been )?(?:exceeded|reached|hit)|\\bexceeded\\b|\\blimiting\\b|hit the limit|slow down|throttl\\w*|arrest|过于频繁|过多|频率|多すぎ|너무 많|слишком много|zu viele|überschritten|trop de|dépassée?|demasiad[oa]s|excedid[oa]|superado|troppe",
  refused:
    "not (?:currently )?(?:supported|enabled|available|implemented|allowed)|unsupported|do(?:es)?(?: not|n't) support|cannot be used|\\bhas no\\b|can(?:not|'t) (?:use|call)|\\bdisabled\\b|不支持|サポートされていません|지원하지|не поддержива|nicht unterstützt|pas (?:supportée?|pris en charge)|no (?:es )?compatible|não suporta",
  long: "too long|too large|exceed(?:s|ed)?|longer than|window is|too small|larger than|over the (?:maximum|limit)|maximum|过长|超出|超过|超えて|слишком длин|zu lang|trop long|demasiado larg[oa]",
  busy: "overload\\w*|\\bbusy\\b|high demand|maximum load|too many users|at capacity|capacity constraints|no capacity|too much traffic|saturat\\w*|繁忙|饱和|混雑|과부하|перегруж|überlastet|ausgelastet|surchargé|saturad[oa]|sobrecargad[oa]",
  starting:
    "not (?:loaded|ready|started) yet|being (?:downloaded|pulled|deployed|loaded|started)|cold start|provisioning|spinning up|\\bloading\\b|\\bstarting\\b|warming up|scal(?:ed|ing) up|initiali[sz]ing|not ready|正在加载|启动中|загружается|wird geladen|en cours de chargement",
  late: "timed[ -]?out|超时|タイムアウト|délai .{0,10}dépassé|zeitüberschreitung|tiempo de espera",
  unsafe:
    "\\bflagged\\b|violat\\w*|injection|\\bpii\\b|safety|guardrails?|moderation|inappropriate|harmful|sicherheitsfilter|filtre de sécurité|filtro de seguridad|敏感|违规|不当",
  confined:
    "must be|\\binvalid\\b|only .{0,30}(?:allowed|supported|accepted)|not (?:supported|allowed|permitted)|\\bforbidden\\b|only accepts?|unsupported",
  short:
    "\\bneeds\\b|\\bonly\\b.{0,24}(?:free|available|left)|not enough|out of|insufficient|unable to allocate|alloc_failed|failed to allocate|cannot allocate|no (?:free )?space|free space|exceeded|exhausted|不足|부족|не хватает|reicht nicht|insuffisante?|insuficiente",
};

/** Characters of one sentence that may stand between a subject and what is said of it. */
const NEAR = 50;

/** Things that have keys, limits and terms too, and are none of a chat's: files, disks, pictures, audio. */
const ELSEWHERE =
  /\b(?:disk|storage|volume|file|files|upload|attachment|image|audio|sample|certificate of|webhook|cookie|email|username|vector store|batch|fine-?tun)/i;

/** The edge of a word in any script: `\\b` knows the letters of English only. */
const EDGE = "(?:(?<![\\p{L}\\d_])(?=[\\p{L}\\d_])|(?<=[\\p{L}\\d_])(?![\\p{L}\\d_]))";

/** Matches of one side that are looked at. */
const MOST$1 = 40;

const SENTENCE_END = /[.;!?\n。！？](?:\s|$)/;

/** Whether a text says this of that: both stand in one sentence, not far from each other. */
function says$1(subject, predicate) {
  const [about, said] = [SUBJECTS[subject], PREDICATES[predicate]].map(
    (words) => new RegExp(words.replaceAll("\\b", EDGE), "giu"),
  );
  return {
    test(text) {
      const places = placesOf(text, about);
      if (places.length === 0 || ELSEWHERE.test(text)) return false;
      return placesOf(text, said).some((one) => places.some((other) => isNear(text, one, other)));
    },
  };
}

const placesOf = (text, words) => {
  const places = [];
  for (const { index, 0: found } of text.matchAll(words)) {
    places.push([index, index + found.length]);
    if (places.length === MOST$1) break;
  }
  return places;
};

function isNear(text, a, b) {
  const [first, second] = a[0] <= b[0] ? [a, b] : [b, a];
  return second[0] - first[1] <= NEAR && !SENTENCE_END.test(text.slice(first[1], Math.max(first[1], second[0])));
}

/** What stands in front of the gateway: address lists, firewalls, reverse proxies. */
const FRONT_ROWS = [
  {
    code: "ip-not-allowed",
    layer: "gateway-path",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway does not allow the address that {process} calls from",
    cause:
      "The gateway has a list of allowed client addresses, and that of {process} is not on it. The key was not looked at.",
    remedy: [
      "Add the outgoing address of {process} to the gateway's allowed addresses. The server and the workers may have different ones.",
      "Behind a reverse proxy: check that the gateway trusts its X-Forwarded-For, else it sees the proxy's address.",
    ],
    behind: "upstream-account-rejected",
    match: [
      {
        code: ["access_denied", "ip_not_authorized", "ip_not_allowed", "ip_blocked", "api_key_ip_address_blocked"],
        text: /\bip\b|address|network/i,
      },
      { code: ["ip_not_authorized", "ip_not_allowed", "ip_blocked", "api_key_ip_address_blocked"] },
      {
        words:
          /(?<!direct )\bip (?:address )?:?\S{0,45} ?(?:is )?not (?:allowed|authorized|permitted|whitelisted)|client ip|your ip\b.{0,60}(?:blocked|not allowed|denied|not authorized)|virtual network\/firewall rules|public (?:network )?access is disabled|configure private endpoint|只能在指定网段|ip .{0,20}(?:不在|未在).{0,10}(?:白名单|允许)/i,
      },
    ],
    examples: [
      {
        body: {
          error: {
            message: "client IP is not allowed",
            type: "invalid_request_error",
            code: "access_denied",
            param: null,
          },
        },
      },
    ],
  },
  {
    code: "challenge-page",
    layer: "gateway-path",
    severity: "critical",
    owner: "gateway-operator",
    title: "A firewall in front of the gateway blocks Windmill",
    cause:
      "A web application firewall or bot protection (Cloudflare and the like) answered with its own page. It takes Windmill's requests for those of a robot.",
    remedy: [
      "In the firewall, let requests to the gateway's /v1 path pass without challenge: they carry a key and the user agent `windmill/beta`.",
      "Or use an address in base_url that does not go through it.",
    ],
    match: [
      {
        text: /just a moment|attention required|checking your browser|cf-chl|captcha|access denied.{0,200}(?:reference\s?#|akamai|sucuri|imperva|incident id|used cloudflare)|error code: 10(?:06|07|08|09|10|12|20)\b|error 10(?:06|07|08|09|10|12|20)\b|enable javascript and cookies|request unsuccessful\. incapsula|security check|web application firewall|the request is blocked\.|request blocked\..{0,400}cloudfront|the requested url was rejected\. please consult|you have been blocked|mod_security|ddos-guard/is,
      },
    ],
    examples: [
      { body: webPage("Just a moment...", "Enable JavaScript and cookies to continue"), content_type: "text/plain" },
      { body: "error code: 1020", content_type: "text/plain" },
      { body: webPage("Attention Required! | Cloudflare", "Sorry, you have been blocked"), content_type: "text/plain" },
    ],
  },
  {
    code: "filtering-proxy",
    layer: "gateway-path",
    severity: "critical",
    owner: "windmill-operator",
    title: "A filtering proxy of the network blocks the way to {host}",
    cause:
      "The answer is a block page of a company's web filter or outgoing proxy (Squid, Zscaler, FortiGuard, Palo Alto, Umbrella, Netskope and the like), between {process} and the gateway. The gateway was not asked; AI services are a category that such filters block.",
    remedy: [
      "Let those who run the filter allow {host} for the machines of {process}; the page in the evidence names the category or rule.",
      "If the gateway is inside the company: make {process} go there without the proxy.\\nNO_PROXY={host_name}",
      FROM_INSIDE,
    ],
    match: [
      {
        words:
          /zscaler|fortiguard|fortigate|cisco umbrella|netskope|forcepoint|websense|blue ?coat|barracuda web|sophos (?:web|firewall)|web page blocked|cache access denied|access control configuration prevents your request|p\u00e1gina web bloqueada|seite (?:wurde )?(?:gesperrt|blockiert)|page web bloqu\u00e9e|(?:der angeforderte url|zugriffskontrolle) .{0,200}(?:verweigert|verbietet)|网页(?:已被)?(?:阻止|拦截)/is,
      },
      {
        page: true,
        words:
          /^[^:]{0,60}access blocked|page (?:you have requested )?has been blocked|(?:site|page|url|access) (?:is |was |has been )?blocked (?:by|due to|because|in accordance)|blocked (?:by your|by the) (?:network|organi[sz]ation|administrator|company)|(?:internet|web|acceptable)[- ](?:usage|use) policy|url blocked\b|richtlinie .{0,80}(?:gesperrt|blockiert)|usercheck|(?:url|web|content) filter(?:ing)?\b.{0,60}block|policy does not allow/is,
      },
    ],
    tells_apart: "A sign-in page wants a person; a block page names a policy, a category or an administrator.",
    examples: [
      {
        body: webPage(
          "Web Page Blocked",
          "The page you have requested has been blocked because the URL is banned. Category: Artificial Intelligence",
        ),
        content_type: "text/plain",
      },
      {
        body: webPage(
          "ERROR: Cache Access Denied",
          "Sorry, you are not currently allowed to request http://gw.example.com/v1 from this cache until you have authenticated yourself.",
        ),
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "tunnel-down",
    layer: "gateway-path",
    severity: "critical",
    owner: "gateway-operator",
    title: "The tunnel to the gateway is down",
    cause:
      "base_url is the public end of a tunnel (Cloudflare Tunnel, ngrok, localtunnel, a dev tunnel), and its other end, beside the gateway, is not connected: its program is not running, or got another address when it was started again.",
    remedy: [
      "Start the tunnel's program beside the gateway and keep it running as a service. Cloudflare: `cloudflared tunnel list` shows it as healthy; ngrok: `ngrok http <port> --url <your domain>`.",
      "If the tunnel has another address now: correct base_url in Resources > {resource_path}. Free tunnels change it with every start; a fixed name avoids that.",
      RUN_CHECK,
    ],
    narrows: ["gateway-proxy-error"],
    match: [
      {
        words:
          /error code: 1033\b|error 1033\b|(?:argo|cloudflare) tunnel error|tunnel (?:is )?(?:unavailable|not (?:found|active|running|connected)|offline|closed|expired)|\bERR_NGROK_(?:3200|3802|810)\b|endpoint \S{1,200} is offline|tunnel \S{1,120} not found|no host connected|tunnel_error/i,
      },
    ],
    examples: [
      { body: "error code: 1033", content_type: "text/plain" },
      {
        body: "The endpoint 128598868da9.ngrok-free.app is offline.\\r\\n\\r\\nERR_NGROK_3200\\r\\n",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "tunnel-warning",
    layer: "gateway-path",
    severity: "critical",
    owner: "workspace-admin",
    title: "The tunnel shows its warning page instead of the gateway",
    cause:
      "A free tunnel asks visitors once whether they trust the site, and takes Windmill's requests for those of a visitor.",
    remedy: [
      "Open Resources > {resource_path} > Edit and add a header: ngrok: `ngrok-skip-browser-warning`: `true`; localtunnel: `bypass-tunnel-reminder`: `true`.",
      "Or use a paid plan, or a tunnel without such a page.",
      RUN_CHECK,
    ],
    narrows: ["sign-in-page"],
    match: [
      {
        words:
          /\bERR_NGROK_6024\b|you are about to visit|tunnel website ahead|website is served (?:for free|via a localtunnel)/i,
      },
    ],
    examples: [
      {
        status: 200,
        body: webPage(
          "ngrok",
          "You are about to visit abc.ngrok-free.app. This website is served for free through ngrok.com. (ERR_NGROK_6024)",
        ),
        content_type: "text/html",
      },
    ],
  },
  {
    code: "mesh-denied",
    layer: "gateway-path",
    severity: "critical",
    owner: "gateway-operator",
    title: "A policy of the service mesh denies the request",
    cause:
      "The mesh between {process} and the gateway (Istio, Linkerd, Tailscale and the like) has a policy that does not allow this caller, path or method. The gateway and its keys were not asked.",
    remedy: [
      "Allow {process} in the policy. Istio: an AuthorizationPolicy with action ALLOW for its service account or namespace, paths /v1/*, methods GET and POST; Linkerd: a ServerAuthorization or AuthorizationPolicy; Tailscale: the ACL and its nodeAttrs.",
      "See which one denies. Istio:\\nkubectl logs deploy/<gateway> -c istio-proxy | grep rbac",
    ],
    match: [
      {
        words:
          /\brbac: (?:access|permission) denied|rbac_access_denied|unauthorized (?:connection|request) on (?:server|route)|no ingress cap|permission_denied:handler/i,
      },
    ],
    examples: [{ body: "RBAC: access denied", content_type: "text/plain" }],
  },
  {
    code: "client-certificate",
    layer: "gateway-path",
    severity: "critical",
    owner: "gateway-operator",
    title: "The proxy in front of the gateway wants a client certificate",
    cause:
      "The proxy accepts callers with a certificate of their own only (mutual TLS). Windmill's AI features cannot present one.",
    remedy: [
      "Exempt the gateway's path /v1 from the client certificate: the gateway checks its own keys there. nginx: ssl_verify_client optional;",
      "Or give the gateway a second address without it, for Windmill alone.",
    ],
    match: [
      {
        words:
          /no required ssl certificate was sent|ssl certificate error|client certificate (?:is )?(?:required|missing|not (?:sent|provided))/i,
      },
    ],
    examples: [{ body: webPage("400 No required SSL certificate was sent"), content_type: "text/plain" }],
  },
  {
    code: "host-not-served",
    layer: "gateway-path",
    severity: "critical",
    owner: "workspace-admin",
    title: "The server at base_url does not serve the name {host}",
    cause:
      "A proxy answers at this address and knows no service under this name: base_url has another name than the proxy's rule, uses an IP address, or a header `host` of the resource says something else.",
    remedy: [
      "Use the name in base_url that the proxy's rule has, and remove `host` from the headers of {resource}.",
      "Or let the gateway's operator add the name: server_name, Host rule or ingress host.",
      FROM_INSIDE,
    ],
    match: [
      {
        words:
          /misdirected request|default backend - 404|invalid host header|no such app\b|direct ip access not allowed|host (?:is )?not (?:configured|found in)|unknown (?:host|domain)\b|there's nothing here, yet/i,
      },
      { said: [421] },
    ],
    examples: [
      { body: "Misdirected Request\\n", content_type: "text/plain" },
      { body: "default backend - 404", content_type: "text/plain" },
    ],
  },
  {
    code: "header-missing",
    layer: "gateway-path",
    severity: "critical",
    owner: "workspace-admin",
    title: "The gateway needs a header that tells it where to send requests",
    cause:
      "The gateway serves many providers and chooses by a header, as Portkey does. The resource has none, or one with a value that the gateway does not know.",
    remedy: [
      "Open Resources > {resource_path} > Edit and add the header that the message names. Portkey: `x-portkey-provider`: the provider's name, or `x-portkey-config`: the id of a config. Put no secret into it: headers are read by everybody who may read the resource.",
      RUN_CHECK,
    ],
    match: [
      {
        words:
          /\bx-[\w-]{1,60}(?: or x-[\w-]{1,60})? header is required|missing (?:required )?header:? ['"`]?x-|^invalid (?:provider|config|custom host) passed/i,
      },
    ],
    examples: [
      { body: { status: "failure", message: "Either x-portkey-config or x-portkey-provider header is required" } },
    ],
  },
  {
    code: "front-asks-password",
    layer: "gateway-path",
    severity: "critical",
    owner: "gateway-operator",
    title: "A reverse proxy in front of the gateway asks for its own password",
    cause:
      "The answer is a web page with status 401, not the gateway's JSON: a proxy in front of it wants its own authentication.",
    remedy: [
      "Exempt the gateway's path /v1 from the proxy's authentication: the gateway checks its own keys there.",
      "Or use an address in base_url that does not go through that proxy.",
    ],
    covers: ["key", "permission"],
    match: [
      { page: true, said: [401, 407] },
      { page: true, text: /valid user and password/i },
    ],
    examples: [{ body: webPage("401 Authorization Required"), content_type: "text/plain" }],
  },
  {
    code: "gateway-forbidden",
    layer: "gateway-path",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway, or something in front of it, forbids the request",
    cause:
      "The answer is `403 Forbidden` without a reason that this table knows: an address list, a firewall rule, or a key without the right to this path.",
    remedy: [
      "If the answer is a web page: look at the proxy or firewall in front of the gateway.",
      "If it is JSON: look at what {key} may do, in the gateway's admin pages.",
    ],
    covers: ["permission", "path"],
    behind: "upstream-account-rejected",
    match: [
      { said: [403] },
      {
        type: [
          "permission_error",
          "permission_denied",
          "permissions_error",
          "forbidden",
          "accessdenied",
          "permissiondenied",
        ],
      },
      { text: /\bext_authz|external authorization (?:denied|failed)/i },
      {
        page: true,
        text: /^\W{0,3}(?:403 )?forbidden|client does not have permission to get url|forbidden by administrative rules/i,
      },
    ],
    examples: [{ body: webPage("403 Forbidden"), content_type: "text/plain" }, { body: { detail: "Forbidden" } }],
  },
  {
    code: "gateway-proxy-error",
    layer: "gateway-path",
    severity: "critical",
    owner: "gateway-operator",
    title: "The proxy in front of the gateway cannot reach it",
    cause:
      "A reverse proxy, load balancer or CDN answered with its own error: the gateway behind it is down, restarting, too slow, or unknown to it.",
    remedy: [
      "Check that the gateway runs behind the proxy.\ndocker compose ps",
      "Read the proxy's error log at the time of the check; it names the upstream that it tried.",
      RUN_CHECK,
    ],
    covers: ["link", "load"],
    behind: "upstream-failed",
    narrows: ["upstream-unreachable"],
    match: [
      { page: true, said: [500, 502, 503, 520, 521, 522, 523, 527, 530] },
      {
        page: true,
        text: /service (?:temporarily )?unavailable|bad gateway|this web app is stopped|service (?:has been )?suspended|application error.{0,200}heroku|proxy error/is,
      },
      { said: [502, 520, 521, 522, 523, 530] },
      {
        text: /^(?:upstream connect error|no healthy upstream|no available server|invalid response was received from the upstream|\W{0,3}502 bad gateway|\W{0,3}bad gateway|error code: 5(?:0[23]|2[0-37-9]|30)|error code: 1016|upstream prematurely closed|upstream_reset_before|error 52[0-37-9]\b|no server is available to handle|the origin web server|the upstream server is currently unavailable)|failure to get a peer from the ring-balancer|an? invalid (?:or incomplete )?(?:http )?response.{0,40}(?:from (?:an? |the )?upstream server)?$|origin dns error|web server is down|application failed to respond|dial tcp \S{1,200} connect: connection refused|no server is available to handle this request|(?:wasn't|unable|not able) (?:able )?to connect to the origin|failed to establish a connection to the upstream|\bERR_NGROK_(?:8012|3004)\b|connection to \S{1,80} failed|unable to determine ip address from host name|unable to forward this request|server encountered a temporary error|error code 52[0-37-9]\b|unable to reach the origin service/i,
      },
    ],
    tells_apart:
      "If the error page stands in front of Windmill itself, it arrives as 502 or 503; the gateway's arrives as 400.",
    examples: [
      { body: `${webPage("502 Bad Gateway")}\n<hr><center>nginx/1.27.2</center>`, content_type: "text/plain" },
      { body: "Bad Gateway", content_type: "text/plain" },
      { body: "no available server\n", content_type: "text/plain" },
      {
        body: "upstream connect error or disconnect/reset before headers. reset reason: connection failure",
        content_type: "text/plain",
      },
      { body: webPage("503 Service Temporarily Unavailable"), content_type: "text/plain" },
      { body: "error code: 502", content_type: "text/plain" },
    ],
  },
  {
    code: "gateway-timeout",
    layer: "latency",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway did not answer in time",
    cause:
      "The request got through, but the answer took longer than something on the way allows: the proxy in front of the gateway (504, often 60 s), the gateway itself, or Windmill (AI_REQUEST_TIMEOUT_SECONDS, 3600 s unless changed).",
    remedy: [
      "Raise the read time-out of the proxy in front of the gateway above the longest answer, e.g. 600 s, and switch its buffering off for /v1.",
      "If only long answers fail, use a faster model or lower the model's token limit in Workspace settings > Windmill AI.",
    ],
    covers: ["time", "link", "load"],
    match: [
      { transport: /timed out|timeout|deadline has elapsed/i },
      { said: [408, 504, 524, 598, 599] },
      {
        code: [
          "request_timeout",
          "upstream_timeout",
          "gateway_timeout",
          "request_decompression_timeout",
          "function_invocation_timeout",
        ],
      },
      { sort: ["deadline_exceeded"] },
      { type: ["timeout_error", "timeout", "request_timeout", "apitimeouterror"] },
      {
        text: /litellm\.Timeout|APITimeoutError|gateway time-?out|upstream (?:request|response) time-?d? ?out|(?:request|operation|endpoint request|timeout error:?.{0,40}) timed out|timeout exceeded|context deadline exceeded|read timed? ?out|^stream timeout|deadline expired|server is timing out|server didn't respond in time|timeout occurred|FUNCTION_INVOCATION_TIMEOUT|(?:请求|响应|连接)超时|error code: (?:504|524)/i,
      },
      { gist: says$1("link", "late") },
    ],
    examples: [
      { body: webPage("504 Gateway Time-out"), content_type: "text/plain" },
      { body: "upstream request timeout", content_type: "text/plain" },
      {
        body: {
          error: {
            message: "litellm.Timeout: APITimeoutError - Request timed out",
            type: "None",
            param: "None",
            code: "408",
          },
        },
      },
      {
        status: 500,
        body: "Error: error sending request for url (https://gw.example.com/v1/chat/completions): operation timed out @ai.rs:950:20",
        content_type: "text/plain",
      },
      { body: { message: "Endpoint request timed out" } },
    ],
  },
];

/** The gateway's paths: its /v1 API, and what is not there. */
const EDIT_BASE_URL$1 = "Open Resources > {resource_path} > Edit and correct base_url.";

const GATEWAY_ROWS = [
  {
    code: "v1-disabled",
    layer: "gateway-path",
    severity: "critical",
    owner: "gateway-operator",
    title: "The pool has its /v1 API switched off",
    cause:
      "The key is good, but its pool does not allow the OpenAI-compatible API, which is the only one Windmill uses.",
    remedy: ["In Codex Pooler's admin pages open the pool of {key} and switch OpenAI /v1 compatibility on.", RUN_CHECK],
    match: [{ code: ["v1_compatibility_disabled"] }, { text: /OpenAI \/?v1 compatibility is disabled/i }],
    examples: [
      {
        body: {
          error: {
            message: "OpenAI /v1 compatibility is disabled for this pool",
            type: "invalid_request_error",
            code: "v1_compatibility_disabled",
            param: null,
          },
        },
      },
    ],
  },
  {
    code: "endpoint-unsupported",
    layer: "gateway-path",
    severity: "warning",
    owner: "wait",
    title: "The gateway does not offer this endpoint",
    cause:
      "The gateway knows the path and does not serve it (embeddings, batches, code completion, images and the like). Windmill's customai features need /models and /chat/completions only.",
    remedy: ["Nothing to do for Windmill's AI features. A script that calls this path needs another provider."],
    match: [{ code: ["unsupported_endpoint", "image_generation_disabled", "websocket_upgrade_required"] }],
    tells_apart: "A wrong base_url makes every path fail, /models among them; this fails for one path only.",
    examples: [
      {
        body: {
          error: {
            message: "Unsupported OpenAI /v1 endpoint",
            type: "invalid_request_error",
            code: "unsupported_endpoint",
            param: null,
          },
        },
      },
    ],
  },
  {
    code: "wrong-base-path",
    layer: "gateway-path",
    severity: "critical",
    owner: "workspace-admin",
    title: "base_url leads to another API of the server",
    cause:
      "The server answers, but in the shape of another API: a model list without `data` (Codex Pooler's backend, Ollama's own API), or a request body that is not a chat completion's.",
    remedy: [
      EDIT_BASE_URL$1,
      "It must be the OpenAI-compatible base: for Codex Pooler <address>/v1, not /backend-api/codex/v1; for Ollama <address>/v1, not /api; for Azure OpenAI https://<resource>.openai.azure.com/openai/v1.",
      RUN_CHECK,
    ],
    repairable: true,
    match: [
      { problem: ["no-list"], kind: ["models"] },
      { problem: ["no-list"] },
      { words: /^api version (?:is )?not supported|missing required query parameter.{0,20}api-version/i },
    ],
    examples: [
      { status: 200, body: { models: [{ slug: "gpt-5.5" }] }, kind: "models", content_type: "application/json" },
      {
        status: 200,
        body: { object: "list", data: [{ name: "x" }] },
        kind: "models",
        content_type: "application/json",
      },
    ],
  },
  {
    code: "endpoint-not-found",
    layer: "gateway-path",
    severity: "critical",
    owner: "workspace-admin",
    title: "There is nothing at this path of the gateway",
    cause:
      "The server answers `Not Found`: base_url misses /v1 at its end, has something too much there, or leads to another server.",
    remedy: [
      EDIT_BASE_URL$1,
      "It must end in /v1: Windmill appends /chat/completions and /models itself.",
      FROM_INSIDE,
    ],
    repairable: true,
    covers: ["path"],
    behind: "upstream-failed",
    match: [
      // What AWS API Gateway says of a path that it does not have.
      { words: /^missing authentication token$/i },
      { said: [404, 405, 410] },
      {
        code: ["endpoint_not_found", "unknown_url", "invalid_url", "route_not_found"],
      },
      { type: ["not_found_error", "not_found", "notfounderror", "notfound"] },
      {
        text: /no route matched|unexpected endpoint or method|invalid url \(|cannot (?:get|post) \/|(?:path|url|route|endpoint|page) (?:was )?not found|unknown (?:endpoint|path|route|url)|404 page not found|no such (?:endpoint|route)|only (?:post|get) (?:requests|method)|unable to match incoming request to an operation|^resource not found$|(?:接口|路径|地址)不存在/i,
      },
    ],
    tells_apart: "If /models works and only chat says `not found`, it is the model that is not found.",
    explains: ["models-list-unavailable"],
    examples: [
      { body: "Not Found", content_type: "text/plain" },
      { body: "404 page not found\n", content_type: "text/plain" },
      { body: { detail: "Not Found" } },
      { body: webPage("404 Not Found"), content_type: "text/plain" },
      { body: { message: "no Route matched with those values" } },
      { body: { errors: { detail: "Not Found" } } },
      {
        status: 200,
        body: { error: "Unexpected endpoint or method. (POST /chat/completions)" },
        content_type: "application/json",
        kind: "chat",
      },
      {
        body: {
          error: {
            message: "Invalid URL (POST /chat/completions)",
            type: "invalid_request_error",
            param: null,
            code: null,
          },
        },
      },
    ],
  },
];

/** Windmill's guard against private addresses. Server and workers decide each for itself, with the same words. */
const GUARD = {
  windmill: /^Bad request: URL (?:targets|resolves to) a private\/internal IP address/,
  status: [400],
};

const TOAST = /^Bad request: URL (?:targets|resolves to) a private/;

const TEXT =
  "If you need to use private/internal AI endpoints, set the ALLOW_PRIVATE_AI_BASE_URLS=true environment variable";

const GUARD_ROWS = [
  {
    code: "private-address-server",
    layer: "url-guard",
    severity: "critical",
    owner: "windmill-operator",
    lasting: true,
    title: "The Windmill server refuses the gateway's private address",
    cause:
      "{host} is, or resolves to, a private, link-local or loopback address, and the Windmill server, which serves everybody's browser, does not allow these for AI providers.",
    remedy: [...ALLOW_PRIVATE_SERVER, WHAT_IT_OPENS, RUN_CHECK],
    match: [GUARD],
    tells_apart:
      "The server and the workers use the same words. It is the server when people's chat fails; it is a worker when AI agent steps of flows fail, or the worker route of f/codex_pooler/check.",
    toasts: [{ text: TOAST, rank: 1 }],
    examples: [
      {
        body: `Bad request: URL targets a private/internal IP address. ${TEXT}`,
        content_type: "text/plain",
        route: "server",
      },
      { body: `Bad request: URL resolves to a private/internal IP address. ${TEXT}`, content_type: "text/plain" },
    ],
  },
  {
    code: "private-address-worker",
    layer: "url-guard",
    severity: "critical",
    owner: "windmill-operator",
    lasting: true,
    title: "The Windmill workers refuse the gateway's private address",
    cause:
      "{host} is, or resolves to, a private, link-local or loopback address, and the Windmill workers, which run AI agent steps, do not allow these for AI providers. People's chat does not depend on it.",
    remedy: [...ALLOW_PRIVATE_WORKER, WHAT_IT_OPENS, RUN_CHECK],
    match: [{ ...GUARD, route: "worker" }],
    tells_apart:
      "The server and the workers use the same words. It is a worker when AI agent steps of flows fail, or the worker route of f/codex_pooler/check; it is the server when people's chat fails.",
    toasts: [{ text: TOAST, rank: 2 }],
    examples: [
      {
        body: `Bad request: URL targets a private/internal IP address. ${TEXT}`,
        content_type: "text/plain",
        route: "worker",
      },
    ],
  },
];

/** Time, mixed answers, AI agent steps, the schedule, and what nothing else fits. */
const HEALTH_ROWS = [
  {
    code: "timeout",
    layer: "latency",
    severity: "critical",
    owner: "gateway-operator",
    title: "No answer within the time limit",
    cause:
      "The request was sent and nothing complete came back in time: the gateway, the provider behind it or a proxy on the way hangs or is very slow.",
    remedy: [
      "Run f/codex_pooler/check again. If the model list answers and chat does not, the provider behind the gateway is slow.",
      "Look at the gateway's log and at its accounts' state.",
    ],
    match: [{ failure: ["timeout"] }],
    tells_apart:
      "The limit is the checker's own (10 s for `Test key`), so a slow model can hit it while patient people get answers.",
    toasts: [
      { text: /^Could not validate key within 10 ?s/i, rank: 1 },
      { text: /^Request timed out\.?$/i, rank: 1 },
      { text: /^Request was aborted\.?$/i, rank: 1 },
    ],
    examples: [
      { status: null, failure: { kind: "timeout", message: "TimeoutError: The operation was aborted due to timeout" } },
    ],
  },
  {
    code: "check-failed",
    layer: "token",
    severity: "warning",
    owner: "windmill-operator",
    title: "The check itself failed, so nobody knows what people get",
    cause:
      "Windmill did not let the check read what there is, or the check was ended before it could report: Windmill's API failed or answered something unexpected, the user that the schedule runs as lost its rights, or the worker was stopped or could not load the script. What stopped it is in the evidence.",
    remedy: [
      "Open the run and read its error; run f/codex_pooler/check by hand as an admin.",
      "If that works, look under Schedules > f/codex_pooler/health at the user it runs as: it must be an admin of this workspace.",
      "If it does not, read the logs of Windmill's server and worker.\ndocker compose logs --tail 100 windmill_server windmill_worker",
    ],
    match: [],
    blind: true,
    examples: [],
  },
  {
    code: "memory-failed",
    layer: "token",
    severity: "warning",
    owner: "workspace-admin",
    title: "What the health check found could not be remembered",
    cause:
      "The check may have worked, but its result could not be stored in the folder f/codex_pooler, so that nothing is known of it and no status can change: the user that the schedule runs as lost its right to write there, or Windmill's API failed. What stopped it is in the evidence.",
    remedy: [
      "Open the run and read the error of its step remember.",
      "Look under Schedules > f/codex_pooler/health at the user it runs as: it must be an admin of this workspace.",
    ],
    match: [],
    blind: true,
    examples: [],
  },
  {
    code: "slow",
    layer: "latency",
    severity: "warning",
    owner: "gateway-operator",
    title: "{model} answers slowly",
    cause:
      "The answer is right but took long. Windmill gives up a `Test key` after 10 s and a chat's title after 15 s.",
    remedy: [
      "Choose a faster model as default or metadata model.",
      "Look at the gateway's queue and at the load of its accounts.",
    ],
    match: [],
    examples: [],
  },
  {
    code: "stale-credentials",
    layer: "workspace-settings",
    severity: "warning",
    owner: "wait",
    title: "Requests through {process} still use what was before, until {until} at most",
    cause:
      "Each process of Windmill keeps the gateway's address and the key for 60 s, and saving the AI settings empties the memory of one process only. Users' requests got another answer than the same requests by the resource's path, which pass that memory by. So what {process} answered says nothing about the connection as it is now.",
    remedy: ["Wait until {until}, then run f/codex_pooler/check again. Nobody needs to do anything."],
    match: [],
    examples: [],
  },
  {
    code: "agent-worker-unsupported",
    layer: "workspace-settings",
    severity: "warning",
    owner: "windmill-operator",
    title: "This worker cannot run AI agent steps",
    cause: "The step landed on an agent worker (one connected over HTTP), and those refuse AI agent steps.",
    remedy: ["Give the AI agent step a tag that normal workers serve, or remove `flow` from the agent worker's tags."],
    match: [{ windmill: /^(?:\w{0,30}: )?Agent worker does not support/ }],
    examples: [{ status: null, body: "Agent worker does not support ai agent jobs" }],
  },
  {
    code: "agent-step-misused",
    layer: "protocol",
    severity: "warning",
    owner: "workspace-admin",
    title: "The AI agent step asks for something customai cannot do",
    cause:
      "The model called a tool that the step does not have, or the step asks for an image, which this provider does not return.",
    remedy: [
      "`Tool not found`: name the step's tools so that the model cannot mistake them, or choose another model.",
      "`Image response not supported`: set the step's output type to text.",
    ],
    match: [{ windmill: /^(?:\w{0,30}: )?(?:Tool not found: |Image response not supported)/ }],
    examples: [
      { status: null, body: "Tool not found: search_web" },
      { status: null, body: "Image response not supported" },
    ],
  },
  {
    code: "schedule-missing",
    layer: "schedule",
    severity: "info",
    owner: "workspace-admin",
    title: "The health check is not scheduled",
    cause: "Nothing runs f/codex_pooler/health by itself, so nobody is told when the connection breaks.",
    remedy: ["Run f/codex_pooler/connect with a schedule, or create one for the flow under Schedules."],
    match: [],
    examples: [],
  },
  {
    code: "schedule-off",
    layer: "schedule",
    severity: "info",
    owner: "workspace-admin",
    title: "The schedule of the health check is switched off",
    cause: "The schedule exists but is disabled, so nobody is told when the connection breaks.",
    remedy: ["Open Schedules > f/codex_pooler/health and enable it."],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "schedule-error",
    layer: "schedule",
    severity: "warning",
    owner: "workspace-admin",
    title: "Windmill switched the schedule of the health check off",
    cause:
      "Windmill could not queue the next run and disabled the schedule: the flow was deleted or archived, the user it runs as left the workspace, or a quota was reached. Its error is in the evidence.",
    remedy: ["Correct what the error names.", "Open Schedules > f/codex_pooler/health and enable it again.", RUN_CHECK],
    repairable: true,
    match: [],
    explains: ["schedule-off"],
    examples: [],
  },
  {
    code: "schedule-refused",
    layer: "schedule",
    severity: "warning",
    owner: "workspace-admin",
    title: "Windmill refuses this schedule",
    cause:
      "The cron expression has not six fields (seconds first), the time zone is unknown, or the schedule uses something of the enterprise edition only.",
    remedy: ["Use six fields, e.g. `0 */10 * * * *`, a time zone such as Europe/Berlin, and no recovery handler."],
    match: [{ windmill: /^Bad request: (?:cron:|failed to parse timezone|.{0,80}only available in enterprise)/ }],
    examples: [
      { body: "Bad request: cron: */10 * * * *\n            ^\n", content_type: "text/plain" },
      { body: "Bad request: failed to parse timezone", content_type: "text/plain" },
      { body: "Bad request: on_recovery is only available in enterprise version", content_type: "text/plain" },
    ],
  },
  {
    code: "no-code-block",
    layer: "protocol",
    severity: "info",
    owner: "workspace-admin",
    title: "The model answered without a code block",
    cause:
      "Windmill's code generation in apps takes the first fenced code block of the answer, and there was none. The connection works.",
    remedy: ["Ask again, or choose a stronger model as default model."],
    match: [{ text: /^(?:failed to generate code: )?no code block found/i }],
    toasts: [{ text: /no code block found/i, rank: 1 }],
    examples: [{ status: null, body: "No code block found" }],
  },
  {
    code: "job-failed",
    layer: "unrecognised",
    severity: "warning",
    owner: "workspace-admin",
    title: "A script of the workspace failed",
    cause: "The answer is the error of a script or flow that was run, not of an AI request.",
    remedy: [
      "Open the run in Windmill and read its error; paste that text into f/codex_pooler/explain if it is about AI.",
    ],
    match: [
      {
        text: /./,
        status: [422],
        type: ["error", "apierror", "executionerr", "typeerror", "syntaxerror", "referenceerror"],
      },
    ],
    examples: [
      { status: 422, body: { error: { name: "Error", message: "no such table" } }, content_type: "application/json" },
    ],
  },
  {
    code: "windmill-words-in-400",
    layer: "unrecognised",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway's answer reads like one of Windmill's own errors",
    cause:
      "Windmill sends these words with another status; in a 400 they come from the gateway, which repeats them or is a Windmill itself. What they say about this Windmill is not to be trusted.",
    remedy: ["Look at what answers at base_url.", "Run f/codex_pooler/check, which asks over both routes."],
    match: [
      {
        windmill:
          /^(?:Internal: AI resource not configured|Internal: Error decrypting|Not found: (?:Could not find the resource|Variable|Resource)|Not authorized: |Permission denied: |Require Admin)/,
        status: [400],
      },
    ],
    examples: [{ body: "Internal: AI resource not configured @ai.rs:734:48", content_type: "text/plain" }],
  },
  {
    code: "unrecognised",
    layer: "unrecognised",
    severity: "critical",
    owner: "workspace-admin",
    title: "An answer that this table does not know",
    cause:
      "The request failed in a way that is not in the diagnosis table. The evidence shows what came back; everything else would be a guess.",
    remedy: [
      "Run f/codex_pooler/check with depth `features`: which requests fail and which work narrows it down.",
      "Search the gateway's log for the words in the evidence, at the time of the check.",
      "If the words are the gateway's, its operator knows more; if they begin with `Internal:`, the operator of Windmill does.",
    ],
    match: [],
    examples: [],
  },
];

/** The gateway's key: whether it counts at all. */
const KEY_ROWS = [
  {
    code: "key-not-sent",
    layer: "key",
    severity: "critical",
    owner: "workspace-admin",
    lasting: true,
    title: "The gateway got no key",
    cause:
      "The gateway says that the request had no key: api_key in {resource} is empty, or a header of the resource is sent instead of it.",
    remedy: [
      "Open Resources > {resource_path} > Edit: api_key must be `$var:<path of the secret variable>`, and headers must hold no `authorization`.",
      "Check that {secret} has a value.",
      RUN_CHECK,
    ],
    behind: "upstream-account-rejected",
    match: [
      {
        text: /didn't provide an api key|no (?:cookie )?(?:api[- ]key|auth(?:entication|orization)? (?:credentials?|header|token))(?: was| were)? (?:passed in|found|provided|supplied|present|sent|given)|missing (?:api[- ]?key|bearer|authorization header|access token|credentials|subscription key|auth)|(?:api[- ]?key|authorization header|credentials?) (?:is |was |were )?(?:missing|not provided|not present|not found in (?:the )?(?:request|headers?)|required)(?! or invalid)|^not authenticated|no authorization header|must provide an api key|x-api-key header is required|\bjwt (?:is missing|not present)|unregistered callers|failed to (?:get|read|find) the authorization header|failed to resolve api key variable|api_key client option must be set|missing subscription key|未提供(?:令牌|token|api|密钥)|缺少(?:令牌|api|密钥|authorization)|未登录且未提供/i,
      },
      { gist: says$1("key", "absent") },
    ],
    examples: [
      {
        body: openError(
          "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth.",
          null,
        ),
      },
      {
        body: {
          error: {
            message: "Authentication Error, No api key passed in.",
            type: "auth_error",
            param: "None",
            code: "401",
          },
        },
      },
      { body: { detail: "Not authenticated" } },
      { body: { error: { message: "No auth credentials found", code: 401 } } },
      { body: { message: "No API key found in request" } },
    ],
  },
  {
    code: "key-disabled",
    layer: "key",
    severity: "critical",
    owner: "gateway-operator",
    lasting: true,
    title: "The key is paused or revoked",
    cause: "The gateway knows {key}, and somebody has paused or revoked it there.",
    remedy: [
      "If it is paused: resume {key} in Codex Pooler's admin pages.",
      "If it is revoked: make a new Pool API key.",
      STORE_KEY,
    ],
    behind: "upstream-account-rejected",
    match: [
      { code: ["api_key_disabled", "api_key_paused", "api_key_revoked", "key_disabled", "api_key_blocked"] },
      {
        text: /\b(?:api[- ]?key|key|token|credential)s? (?:is |has been |was |are |have been )?(?:currently )?(?:disabled|paused|revoked|blocked|deactivated|suspended|inactive|banned|switched off)|reported as leaked|\b(?:user|account|team|customer)\b\S{0,60} (?:is |has been )(?:banned|blocked)|令牌状态不可用|(?:令牌|密钥|key)\s?(?:已被|被|已)(?:禁用|封禁|吊销|停用)|用户已被封禁/i,
      },
      { gist: says$1("key", "disabled") },
    ],
    examples: [
      { body: openError("api key is disabled", "api_key_disabled") },
      { body: openError("api key is paused", "api_key_paused") },
      { body: openError("api key is revoked", "api_key_revoked") },
    ],
  },
  {
    code: "key-expired",
    layer: "key",
    severity: "critical",
    owner: "workspace-admin",
    lasting: true,
    title: "The key has expired",
    cause: "The gateway knows {key}, and its time is over.",
    remedy: ["Make a new Pool API key, or let the gateway's operator extend this one.", STORE_KEY],
    behind: "upstream-account-rejected",
    covers: ["key"],
    match: [
      { code: ["api_key_expired", "expired_key", "key_expired", "token_expired", "expired_api_key"] },
      { sort: ["expired_key"] },
      {
        text: /\b(?:api[- ]?key|key|token|jwt|credential)s?(?: is| has| was| have)? expired|expired (?:api[- ]?)?(?:key|token)|(?:令牌|密钥|token|key)\s?(?:已经|已)?过期/i,
      },
      { gist: says$1("key", "expired") },
    ],
    examples: [
      { body: openError("api key is expired", "api_key_expired") },
      {
        body: {
          error: {
            message: "Authentication Error - Expired Key. Key Expiry time 2026-01-01",
            type: "expired_key",
            param: "None",
            code: "400",
          },
        },
      },
    ],
  },
  {
    code: "key-refused",
    layer: "key",
    severity: "critical",
    owner: "workspace-admin",
    lasting: true,
    title: "The gateway refuses the key",
    cause:
      "The gateway does not accept {key} that Windmill sends: it is wrong, incomplete, deleted or missing, or it has `Bearer ` in front. Codex Pooler says the same for a good key whose pool is disabled or archived.",
    remedy: [
      "In Codex Pooler's admin pages look the key up by its prefix {key_prefix}. If it is there, look at the state of its pool.",
      "Else make a new Pool API key for Windmill alone.",
      STORE_KEY,
      RUN_CHECK,
    ],
    behind: "upstream-account-rejected",
    covers: ["key"],
    match: [
      { code: ["api_key_missing", "invalid_api_key", "token_not_found_in_db", "no_auth_credentials"] },
      {
        sort: [
          "invalid_authentication",
          "authentication_failed",
          "invalid_key",
          "api_key_invalid",
          "invalidapikey",
          "unrecognizedclientexception",
        ],
      },
      {
        type: [
          "token_not_found_in_db",
          "auth_error",
          "authentication_error",
          "invalid_authentication_error",
          "unauthorized",
          "unauthenticated",
          "authenticationerror",
          "unauthorizederror",
          "invalid_api_key",
        ],
      },
      {
        text: /missing(?: or|, ?) ?(?:invalid|incorrect|expired|malformed)|(?:incorrect|invalid|wrong|unknown|bad|malformed) (?:api[- ]?key|api token|access token|bearer token|proxy server token|authentication (?:credentials|token|header)|authorization header|token|subscription key|user key|x-api-key|key provided|credentials)|missing or invalid (?:api[- ]?key|authorization|credentials|token)|api[- ]?key (?:is )?(?:not valid|missing or invalid|invalid|incorrect|not found|is required)|\b(?:authentication|auth) (?:failed|fails)|access denied due to invalid subscription key|could not validate credentials|user not found|jwt (?:verification fails|is not in the form|issuer is not configured)|virtual key expected|jwks doesn't have|audiences? in jwt|signature verification failed|鉴权失败|(?:security|access) token .{0,40}is invalid|无效的(?:令牌|token|api|密钥|key)|(?:令牌|密钥|api.?key)\s?(?:无效|错误|不正确|验证失败)|身份验证失败|(?:认证|鉴权|验证)失败|access token 无效|認証に失敗|(?:api.?)?キーが(?:無効|正しく)|неверный (?:api.?)?(?:ключ|токен)|(?:ung\u00fcltiger|falscher) (?:api.?)?(?:schl\u00fcssel|key)|cl\u00e9 (?:api )?(?:invalide|incorrecte)|clave (?:de )?(?:api )?(?:no v\u00e1lida|inv\u00e1lida|incorrecta)/i,
      },
      { said: [401] },
      { gist: says$1("key", "invalid") },
    ],
    tells_apart:
      "With `type: server_error` the same 401 is about an upstream account of the gateway, not about this key; `api_key_policy_limit_exceeded` is a limit, although it is a 401 too.",
    examples: [
      { body: openError("api key is required", "api_key_missing") },
      { body: openError("API key is missing or invalid", "api_key_missing") },
      {
        body: openError(
          "Incorrect API key provided: sk-abcd*****wxyz. You can find your API key at https://platform.openai.com/account/api-keys.",
          "invalid_api_key",
        ),
      },
      {
        body: {
          error: {
            message:
              "Authentication Error, Invalid proxy server token passed. Received API Key = sk-...8aSP, Key Hash (Token) =5699. Unable to find token in cache or `LiteLLM_VerificationTokenTable`",
            type: "token_not_found_in_db",
            param: "key",
            code: "401",
          },
        },
      },
      { body: { error: "Unauthorized" } },
      { body: "Unauthorized", content_type: "text/plain" },
      { body: { type: "error", error: { type: "authentication_error", message: "invalid x-api-key" } } },
      {
        body: [
          {
            error: {
              code: 400,
              message: "API key not valid. Please pass a valid API key.",
              status: "INVALID_ARGUMENT",
            },
          },
        ],
      },
      {
        body: {
          error: { code: "401", message: "Access denied due to invalid subscription key or wrong API endpoint." },
        },
      },
    ],
  },
  {
    code: "key-changed",
    layer: "key",
    severity: "warning",
    owner: "wait",
    title: "The key was changed while the request was under way",
    cause:
      "The gateway's operator changed the key's state or policy between the request's acceptance and its execution.",
    remedy: ["Run the check again. If it stays, look at {key} in Codex Pooler's admin pages."],
    match: [{ code: ["api_key_runtime_epoch_stale"] }],
    examples: [{ body: openError("api key runtime epoch is stale", "api_key_runtime_epoch_stale") }],
  },
];

/** What the key may do: limits, models, reasoning. */
const KEY_POLICY_ROWS = [
  {
    code: "key-limit-below-reservation",
    layer: "key-policy",
    severity: "critical",
    owner: "gateway-operator",
    title: "The key's limit is smaller than what Windmill reserves per request",
    cause:
      "Codex Pooler counts the largest answer that a request allows against the key's limits before it runs. Windmill allows 128000 tokens for model ids with `gpt-5` in them, so a smaller limit refuses every chat, however short.",
    remedy: [
      LOWER_TOKENS,
      "Or raise the limits of {key} in Codex Pooler's admin pages: tokens per request, per day and per week must leave room for the reservation.",
      RUN_CHECK,
    ],
    repairable: true,
    match: [
      { code: ["api_key_policy_limit_exceeded"], text: /attempted (?:12[89]|1[3-9]\d)\d{3}\b/ },
      { text: /api key policy .{0,200}attempted (?:12[89]|1[3-9]\d)\d{3}\b/ },
    ],
    tells_apart: "`attempted` is 128000 or a little more. With a small number there, the limit is used up.",
    toasts: [{ text: REDACTED_TOAST, rank: 2 }],
    examples: [
      {
        body: openError(
          "api key policy max_tokens_per_day exceeded for total_tokens in daily window: attempted 128512, max 100000",
          "api_key_policy_limit_exceeded",
        ),
      },
    ],
  },
  {
    code: "key-limit-reached",
    layer: "key-policy",
    severity: "critical",
    owner: "gateway-operator",
    title: "A limit of the key is reached",
    cause:
      "The key is good, but its policy has a limit (requests per minute, tokens per day or week, tokens per request) that this request would exceed. It arrives as a 401 at the gateway and is no authentication failure.",
    remedy: [
      "Look at the key's limits and use in the gateway's admin pages ({key}); with Codex Pooler also at GET /v1/usage.",
      "Raise the limit, or wait until its window is over (a minute, a day, a week).",
      `If even a short question is refused: Windmill reserves up to 128000 tokens per request. ${LOWER_TOKENS}`,
    ],
    narrows: ["quota-exhausted"],
    match: [
      { code: ["api_key_policy_limit_exceeded"] },
      {
        text: /^api key policy .{0,200} exceeded|\bkey limit exceeded|\b(?:api[- ]?key|key|virtual key)(?:'s)? (?:usage |spend(?:ing)? |request )?limit (?:is |was |has been )?(?:exceeded|reached)|(?:limit|quota) (?:of|for) (?:this|the|your) (?:api )?key (?:is |was |has been )?(?:exceeded|reached|exhausted|used up)|(?:令牌|密钥)额度(?:已用尽|不足|已用完)/i,
      },
    ],
    tells_apart:
      "An exhausted quota of the upstream accounts has the code quota_exhausted; both say `upstream request failed` in a toast.",
    toasts: [{ text: REDACTED_TOAST, rank: 3 }],
    examples: [
      { body: redacted("api_key_policy_limit_exceeded") },
      {
        body: openError(
          "api key policy max_requests_per_minute exceeded for requests in minute window: attempted 21, max 20",
          "api_key_policy_limit_exceeded",
        ),
      },
    ],
  },
  {
    code: "model-not-allowed",
    layer: "key-policy",
    severity: "critical",
    owner: "gateway-operator",
    title: "The key may not use {model}",
    cause:
      "The gateway knows {model}, but what {key} may use, or its team, project or organisation, does not include it.",
    remedy: [
      "Allow {model} for {key} in the gateway's admin pages. LiteLLM: `models` of the key or its team; one-api: the models of the token; Groq and OpenAI: the limits of the project or organisation.",
      "Or choose a model that the key may use: {served}.",
    ],
    covers: ["model", "permission"],
    match: [
      {
        code: [
          "model_not_allowed",
          "key_model_access_denied",
          "team_model_access_denied",
          "user_model_access_denied",
          "org_model_access_denied",
          "project_model_access_denied",
          "model.accessdenied",
        ],
      },
      {
        sort: [
          "key_model_access_denied",
          "team_model_access_denied",
          "user_model_access_denied",
          "org_model_access_denied",
          "project_model_access_denied",
          "model_permission_blocked_org",
          "model_permission_blocked_project",
        ],
      },
      {
        text: /(?:key|team|user|project|organization) (?:is )?not allowed to access model|not (?:allowed|permitted|authorized) to (?:use|access|call) (?:this |the )?model|\bdoes not have access to (?:the )?model|model .{1,200} is not allowed|model .{1,200} is blocked at the (?:organization|project|team) level|model access (?:is )?denied|invalid model for (?:team|key|user)|(?:no|without) permission to (?:use|access) (?:this |the )?model|无权(?:使用|访问)(?:该|此)?模型|没有(?:使用|访问)?(?:该|此)?模型的?权限/i,
      },
      { gist: says$1("model", "barred") },
    ],
    toasts: [{ text: REDACTED_TOAST, rank: 7 }],
    examples: [
      { body: redacted("model_not_allowed") },
      {
        body: {
          error: {
            message:
              "key not allowed to access model. This key can only access models=['gpt-5']. Tried to access gpt-6",
            type: "key_model_access_denied",
            param: "model",
            code: "401",
          },
        },
      },
    ],
  },
  {
    code: "key-lacks-rights",
    layer: "key-policy",
    severity: "critical",
    owner: "gateway-operator",
    lasting: true,
    title: "The key is known but may not do this",
    cause:
      "The gateway knows {key} and says that it lacks a right for chat completions: a scope, a role, a membership, or the API itself is not among those that it may call.",
    remedy: [
      "Give {key} the right that the message names: OpenAI: the scope model.request and a role in the project; Azure: the role Cognitive Services OpenAI User; Google: the API among those that the key is restricted to; LiteLLM: the route among the key's allowed routes; Kong: the consumer in an allowed group.",
      "Or make a key without restrictions for Windmill.",
      STORE_KEY,
      RUN_CHECK,
    ],
    behind: "upstream-account-rejected",
    match: [
      {
        code: [
          "missing_scope",
          "insufficient_scope",
          "insufficient_permissions",
          "api_key_service_blocked",
          "no_access",
        ],
      },
      {
        text: /project .{0,60}(?:has been )?archived|access to this api has been disallowed|permission ['"`]?[\w.]{3,80}['"`]? denied on|insufficient (?:permissions?|scopes?|privileges)|missing scopes?\b|must be a member of an organization|lacks the required (?:data )?(?:action|permission|role|scope)|\bpermission is required|(?:does|do) not have (?:the )?(?:required |necessary |sufficient )?permissions? to (?:use|access|call|perform)|(?:api )?key does not have (?:the )?(?:permission|access|right)|requests to this api .{1,200} are blocked|cannot consume this service|not (?:authorized|allowed) to (?:perform|call|invoke|access) (?:this )?(?:route|endpoint|operation|action|:|execute-api)|is not authorized to perform|not allowed to call this route|access to the \w+ endpoint is denied|permission (?:is )?denied on resource|权限不足|无权(?:限)?(?:访问|进行|调用)/i,
      },
      { gist: says$1("rights", "lacking") },
    ],
    tells_apart: "A key that may chat, but not with this model, is model-not-allowed.",
    examples: [
      {
        body: openError(
          "You have insufficient permissions for this operation. Missing scopes: model.request.",
          "missing_scope",
        ),
      },
      {
        body: {
          type: "error",
          error: {
            type: "permission_error",
            message: "Your API key does not have permission to use the specified resource",
          },
        },
      },
      { body: { message: "You cannot consume this service" } },
    ],
  },
  {
    code: "reasoning-not-allowed",
    layer: "key-policy",
    severity: "critical",
    owner: "gateway-operator",
    title: "The key's policy refuses the reasoning effort",
    cause:
      "The key allows certain reasoning efforts only. Windmill's pages send none; under an `allow up to` policy even that is refused when the model has no permitted level.",
    remedy: [
      "Change the reasoning policy of {key} in Codex Pooler's admin pages, or remove reasoning_effort from the flow's agent step.",
    ],
    match: [{ code: ["reasoning_effort_not_allowed"] }, { text: /reasoning effort is not allowed/i }],
    examples: [
      {
        body: openError(
          "reasoning effort is not allowed for this API key",
          "reasoning_effort_not_allowed",
          "invalid_request_error",
          "reasoning_effort",
        ),
      },
    ],
  },
  {
    code: "key-policy-malformed",
    layer: "key-policy",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway cannot read the key's policy",
    cause: "The stored policy of {key} is damaged, so the gateway refuses everything.",
    remedy: ["Open {key} in Codex Pooler's admin pages and save its policy anew."],
    match: [{ code: ["api_key_policy_malformed"] }],
    examples: [{ body: openError("api key policy is malformed", "api_key_policy_malformed") }],
  },
];

/** The gateway refuses the size of a request: tokens, context, body, tools. */
const LIMIT_ROWS = [
  {
    code: "token-limit-refused",
    layer: "protocol",
    severity: "critical",
    owner: "workspace-admin",
    title: "The gateway refuses the number of tokens that Windmill allows",
    cause:
      "Windmill sends max_tokens with every chat: 128000 for model ids with `gpt-5` in them, 8192 for unknown ones. The gateway or the model accepts less. Only `Test key` and summaries send 4096 at most and may work; AI agent steps send a limit only where the step sets one.",
    remedy: [OPEN_AI_SETTINGS, LOWER_TOKENS],
    repairable: true,
    covers: ["size"],
    narrows: ["unsupported-parameter", "request-refused", "context-too-long"],
    match: [
      {
        words:
          /range of max_tokens|max_(?:completion_)?tokens['"`]? is too (?:large|high|big)|valid range of max_tokens|max_tokens.{0,20} cannot be greater than max_model_len|maximum allowed number of output tokens|max_tokens .{0,60}integer above maximum/i,
      },
      {
        text: /(?<!\+ [`'"]?)\bmax_?(?:completion_|output_|new_)?tokens\b.{0,60}(?:too large|too high|too big|must be (?:at most|less|between|smaller|<=|≤)|exceeds?(?! (?:the )?(?:model'?s? )?context)|above maximum|maximum|greater than|out of range|valid range|should be \[|is invalid|not valid)|max(?:imum)? (?:output |completion )?tokens must be (?:between|at most|less)|invalid max_tokens|max_tokens.{0,10} must be at least|supports at most \d+ (?:completion |output )?tokens|output token limit|max(?:imum)? output (?:is|of|limit)|(?:maximum|max)(?: number of)? output tokens|max_tokens: input should be|最大(?:输出)?(?:token|长度).{0,20}(?:超出|超过)/i,
      },
    ],
    tells_apart: "A message about the name max_tokens (use max_completion_tokens) is not about the number.",
    examples: [
      {
        body: openError(
          "max_tokens is too large: 128000. This model supports at most 16384 completion tokens, whereas you provided 128000.",
          "invalid_value",
          "invalid_request_error",
          "max_tokens",
        ),
      },
      {
        body: openError(
          "max_tokens is too large: this model supports at most 32768 completion tokens",
          "unsupported_parameter",
          "invalid_request_error",
          "max_tokens",
        ),
      },
      {
        body: {
          code: "validation_failed",
          description: "Validation failed",
          errors: [{ code: "validation_rule_between", description: "The max tokens must be between 1 and 5000." }],
        },
      },
      {
        body: {
          error: {
            message: "Invalid max_tokens value, the valid range of max_tokens is [1, 8192]",
            type: "invalid_request_error",
          },
        },
      },
    ],
  },
  {
    code: "token-field-refused",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway refuses the field max_tokens or max_completion_tokens",
    cause:
      "Windmill's pages always send max_tokens, its AI agent steps max_completion_tokens when a limit is set. The gateway must accept both names and this one does not, for this model.",
    remedy: [
      "Let the gateway translate the field (LiteLLM: drop_params: true), or use a model that accepts it.",
      "For an AI agent step: remove the step's limit for output tokens.",
    ],
    narrows: ["unsupported-parameter", "token-limit-refused"],
    match: [
      {
        words:
          /max_(?:completion_)?tokens['"`]? is not supported|use ['"`]?max_(?:completion_)?tokens['"`]? instead|(?:unsupported|unrecognized|unknown|unexpected|extra) .{0,60}max_(?:completion_)?tokens/i,
      },
    ],
    examples: [
      {
        body: openError(
          "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
          "unsupported_parameter",
          "invalid_request_error",
          "max_tokens",
        ),
      },
      {
        body: openError(
          "Unrecognized request argument supplied: max_completion_tokens",
          "unsupported_parameter",
          "invalid_request_error",
          "max_completion_tokens",
        ),
      },
    ],
  },
  {
    code: "context-too-long",
    layer: "protocol",
    severity: "warning",
    owner: "workspace-admin",
    title: "The conversation is longer than the model's context",
    cause:
      "Question, history, tools and the reserved answer together exceed what the model can hold. Windmill guesses a model's window by its name and cannot be told otherwise.",
    remedy: [
      "Start a new chat, or use /compact.",
      LOWER_TOKENS,
      "Or choose a model with a larger window; for a local server raise its context size.",
    ],
    covers: ["size"],
    match: [
      { code: ["context_length_exceeded", "exceed_context_size", "model_max_prompt_tokens_exceeded"] },
      {
        sort: [
          "exceed_context_size_error",
          "context_length_exceeded",
          "contextwindowexceedederror",
          "tokens_limit_reached",
          "string_above_max_length",
        ],
      },
      {
        words:
          /(?:input length and|prompt and) [`'"]?max_tokens[`'"]? exceed context|maximum context length|range of input length|maximum prompt length|max size: \d+ tokens|[`'"]?inputs[`'"]? tokens \+ [`'"]?max_new_tokens/i,
      },
      {
        text: /context (?:length|window|size|limit).{0,80}exceed|exceed\w* .{0,40}\bcontext\b|exceeds? the (?:available |model'?s? )?(?:context|maximum (?:input|number of tokens))|(?:prompt|input|conversation|message)s? (?:\(\d+ tokens\) )?(?:is |are )?too long|longer than the model'?s? (?:maximum )?context|too many input tokens|reduce the length of|n_ctx too small|greater than the context length|too large for model with|exceeded model token limit|token count .{0,40}exceeds|input tokens? .{0,40}exceeds?|(?:上下文|输入)(?:长度)?.{0,10}(?:超出|超过|过长)|kontext.{0,30}überschr/i,
      },
      { gist: says$1("prompt", "long") },
    ],
    examples: [
      {
        body: openError(
          "This model's maximum context length is 4096 tokens. However, you requested 12000 tokens.",
          "context_length_exceeded",
          "invalid_request_error",
          "messages",
        ),
      },
      {
        body: { error: { message: "upstream request failed", type: "server_error", code: "context_length_exceeded" } },
      },
      {
        body: {
          error: {
            code: 400,
            message: "request (4390 tokens) exceeds the available context size (4096 tokens), try increasing it",
            type: "exceed_context_size_error",
          },
        },
      },
    ],
  },
  {
    code: "body-too-large",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The request is larger than the gateway accepts",
    cause:
      "One chat turn of Windmill is about 80 kB (68 tools and a long prompt), and up to 16 MB with pictures. The gateway, or the proxy in front of it, accepts less.",
    remedy: [
      "Raise the body limit of the proxy in front of the gateway to 20 MB. nginx:\nclient_max_body_size 20m;",
      "Others: Traefik: maxRequestBodyBytes of the buffering middleware; Caddy: request_body max_size; HAProxy: tune.bufsize where a rule reads the body; Kong: allowed_payload_size of request-size-limiting; Envoy: per_connection_buffer_limit_bytes; Squid: request_body_max_size. AWS API Gateway (10 MB) and Vercel (4.5 MB) cannot be raised.",
    ],
    covers: ["size"],
    match: [
      { said: [413] },
      {
        code: [
          "compressed_request_too_large",
          "decompressed_request_too_large",
          "decompression_ratio_exceeded",
          "payload_too_large",
          "function_payload_too_large",
        ],
      },
      { sort: ["request_too_large"] },
      {
        text: /request (?:entity|body) too large|(?:payload|body|content|request entity) (?:is )?too large|request size limit|request (?:exceeds the maximum size|too long)\b|request entity exceeds the maximum|request or reply is too large|FUNCTION_PAYLOAD_TOO_LARGE|maximum (?:request )?(?:body|payload) size/i,
      },
      { gist: says$1("body", "long") },
    ],
    examples: [
      { body: "Request Entity Too Large", content_type: "text/plain" },
      {
        body: "<html><head><title>413 Request Entity Too Large</title></head><body><center>nginx</center></body></html>",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "too-many-tools",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway accepts fewer tools than Windmill sends",
    cause: "Windmill's AI sessions send about 70 tools with every message. The gateway or model has a lower limit.",
    remedy: ["Raise the limit on the gateway to at least 128, or choose a model without it."],
    match: [
      {
        words:
          /too many (?:tools|functions)|['"`]?(?:tools|functions)['"`]?.{0,60}(?:maximum|at most|array too long|exceeds?|no more than)|\btools\b.{0,40}\blimit\b|(?:maximum|at most|no more than) .{0,40}\b(?:tools|functions)\b/i,
      },
    ],
    examples: [
      {
        body: openError(
          "Invalid 'tools': array too long. Expected an array with maximum length 64, but got an array with length 68 instead.",
          "array_above_max_length",
          "invalid_request_error",
          "tools",
        ),
      },
    ],
  },
];

/** The model that was asked for, and the gateway's list of models. */
const MODEL_ROWS = [
  {
    code: "model-not-served",
    layer: "model",
    severity: "critical",
    owner: "workspace-admin",
    title: "The gateway does not serve {model}",
    cause:
      "{model} is configured in Windmill but unknown to the gateway, or at the moment no account of the pool offers it. {gateway_lists}",
    remedy: [
      OPEN_AI_SETTINGS,
      "Replace {model} by {nearest}, also where it is the default or metadata model, and save.",
      "Or let the gateway's operator bring it back. Codex Pooler: the model must be active and an account of the pool must offer it. LiteLLM: `model_list` must have it; one-api and new-api: a channel of the key's group must list it; Ollama: `ollama pull <model>`; Bedrock: use the id of an inference profile.",
      RUN_CHECK,
    ],
    repairable: true,
    covers: ["model", "path"],
    narrows: ["no-healthy-account"],
    match: [
      { code: ["invalid_model", "deploymentnotfound", "model_decommissioned"] },
      {
        sort: [
          "model_not_found",
          "model_not_available",
          "modelnotfound",
          "unknown_model",
          "model_not_supported",
          "unsupported_model",
          "model_deprecated",
          "unavailable_model",
          "invalid_model",
        ],
      },
      { type: ["not_found_error"], text: /^model:? / },
      {
        text: /\bmodels? [`'"\u201c]?\S{1,200}?[`'"\u201d]? (?:is |was |has been |are )?(?:not (?:available|found|served|supported|exist|loaded|deployed|a valid|recognized)|does(?: not|n't) exist|unknown|decommissioned|deprecated|unavailable|retired|(?:no longer|not) (?:available|supported))|model (?:is )?(?:not (?:available|found|supported|exist)|does not exist|disabled|unavailable)|(?:unknown|invalid|no such|unsupported|non-?existent) model|not found the model|invalid model name|try pulling it first|no models? (?:are )?loaded|is not a valid model|there is no ['"]?model_name|deployment (?:for this resource )?does not exist|(?:the )?api deployment for this resource|model_not_found|is not found for api version|no healthy deployments? for (?:this )?model|no available channels? for model|no endpoints found for |llm provider not provided|model version has reached|on-demand throughput isn|permitted models can be found|\bmodel .{1,120} has been (?:deprecated|retired|removed|decommissioned|shut ?down)|无可用渠道|模型.{0,60}(?:不存在|不可用|未找到|已下线|不支持)|不存在.{0,12}模型|модель .{0,60}не найдена|modell .{0,60}(?:nicht gefunden|existiert nicht)|mod\u00e8le .{0,60}(?:introuvable|n'existe pas)|modelo .{0,60}(?:no encontrado|no existe|n\u00e3o encontrado)|モデル.{0,40}(?:見つかりません|存在しません)/i,
      },
      { gist: says$1("model", "gone") },
    ],
    tells_apart:
      "A model that the key may not use has the code model_not_allowed; a wrong base_url makes /models fail too.",
    examples: [
      { body: openError("model is not available for this pool", "invalid_model", "invalid_request_error", "model") },
      { body: openError("The model `gpt-0` does not exist or you do not have access to it.", "model_not_found") },
      {
        body: {
          object: "error",
          message: "The model `Qwen1.5-14B` does not exist.",
          type: "NotFoundError",
          param: null,
          code: 404,
        },
      },
      {
        body: {
          error: {
            message: 'model "llama9" not found, try pulling it first',
            type: "not_found_error",
            param: null,
            code: null,
          },
        },
      },
      {
        body: {
          error: {
            message: {
              error:
                "/chat/completions: Invalid model name passed in model=x. Call `/v1/models` to view available models for your key.",
            },
            type: "None",
            param: "None",
            code: "400",
          },
        },
      },
      {
        body: {
          error: { code: "DeploymentNotFound", message: "The API deployment for this resource does not exist." },
        },
      },
      { body: { type: "error", error: { type: "not_found_error", message: "model: claude-9 not found" } } },
    ],
  },
  {
    code: "model-lacks-tools",
    layer: "model",
    severity: "critical",
    owner: "workspace-admin",
    title: "{model} cannot call tools",
    cause:
      "Windmill's chat sends tools with every message. The model, or the way it is served, does not support them, so every chat fails although a plain question works.",
    remedy: [
      "Choose a model that supports tool calls as default model (Workspace settings > Windmill AI).",
      "If the model supports them and the server does not: vLLM: start it with --enable-auto-tool-choice and --tool-call-parser <parser of the model>. SGLang: --tool-call-parser. llama.cpp: --jinja, and a build that streams tool calls. Ollama: a model with `tools` among its capabilities (`ollama show <model>`).",
      "A plain question, summaries and AI agent steps without tools work meanwhile.",
    ],
    narrows: ["model-not-served", "model-not-allowed"],
    match: [
      {
        words:
          /tool choice requires --enable-auto-tool-choice|requires --tool-call-parser|tools? param requires --jinja|does not support parameters: \['(?:tools|tool_choice|functions)/i,
      },
      {
        text: /does(?: not|n't) support (?:the use of )?(?:tools?|tool calls?|tool calling|tool use|function[ -]calls?|function calling|functions)\b|(?:tools?|tool (?:calling|use)|function[- ]call(?:ing|s)?) (?:is|are) (?:not|un)(?: ?supported| enabled| available)|no endpoints found that support tool use|cannot use tools with stream|不支持(?:工具|函数|function)/i,
      },
      { gist: says$1("tools", "refused") },
    ],
    examples: [
      {
        body: {
          error: {
            message: "registry.ollama.ai/library/gemma3:4b does not support tools",
            type: "api_error",
            param: null,
            code: null,
          },
        },
      },
      {
        body: {
          object: "error",
          message: '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
          type: "BadRequestError",
          param: null,
          code: 400,
        },
      },
    ],
  },
  {
    code: "model-lacks-capability",
    layer: "model",
    severity: "critical",
    owner: "workspace-admin",
    title: "{model} does not support what was asked for",
    cause:
      "The gateway knows the model and says that it lacks what the request needs, e.g. chat completions (an embedding or speech model, or one for the Responses API only), images or tools.",
    remedy: ["Choose another model in Workspace settings > Windmill AI, e.g. {nearest}."],
    match: [
      { code: ["unsupported_model_capability", "operationnotsupported"] },
      {
        text: /model does not support the requested capability|not a chat model|does not support chat completions|only supported in v1\/(?:responses|completions|embeddings)|(?:operation|endpoint|api) does not work with the specified model|is not (?:a chat|supported in the v1\/chat)|embedding model/i,
      },
    ],
    examples: [{ body: openError("model does not support the requested capability", "unsupported_model_capability") }],
  },
  {
    code: "model-not-enabled",
    layer: "model",
    severity: "critical",
    owner: "gateway-operator",
    title: "The provider's account has not been given {model}",
    cause:
      "The provider knows {model} and wants something first: terms to be accepted, access to be asked for, the model to be switched on for the account, or another plan. No key and no setting in Windmill changes that.",
    remedy: [
      "Do at the provider what the message says. Groq: an admin of the organisation accepts the terms in the console; Hugging Face: ask for access on the model's page; Bedrock: Model access; Volcengine: activate the model in the Ark console; Ollama: a plan with cloud models.",
      "Or choose a model that the account has: {served}.",
      RUN_CHECK,
    ],
    covers: ["model", "permission"],
    narrows: ["model-not-served", "model-not-allowed"],
    match: [
      { code: ["model_terms_required", "modelnotopen"] },
      {
        text: /requires? terms acceptance|use case details have not been submitted|accept the (?:terms|license)|not in the authorized list|access to model .{1,200} is restricted|gated (?:repo|model)|(?:don't|do not) have access to the model with the specified model id|has not (?:activated|enabled|opened) the model|model (?:requires|needs) a (?:paid )?(?:subscription|plan)|(?:model|available) .{0,40}(?:on|in|with) your (?:current )?plan|request access to (?:this|the) model|(?:模型|服务).{0,20}(?:未开通|未激活)|尚未开通/i,
      },
      { gist: says$1("model", "needy") },
    ],
    examples: [
      {
        body: openError(
          "The model `qwen/qwen3.8-27b` requires terms acceptance. Please have the org admin accept the terms at https://console.groq.com/playground",
          "model_terms_required",
        ),
      },
      { body: { error: { code: "403", message: "You don't have access to the model with the specified model ID." } } },
    ],
  },
  {
    code: "stream-required",
    layer: "model",
    severity: "warning",
    owner: "workspace-admin",
    title: "{model} answers in streams only",
    cause:
      "The provider serves {model} with `stream: true` only. Chats and AI agent steps stream and work; `Test key`, summaries, metadata and other one-shot features do not, and fail with this model.",
    remedy: [
      "Choose another model as metadata model in Workspace settings > Windmill AI; {model} may stay the default model of chats.",
      "Or let the gateway's operator turn plain requests into streams, or switch the model's thinking off (DashScope: enable_thinking=false).",
    ],
    match: [
      {
        text: /only supports? (?:the )?stream(?:ing)?(?: mode| output)?\b|must be (?:set to )?false for non-?streaming|non-?streaming .{0,60}(?:not supported|not allowed)|(?:requires?|only) stream(?: mode)?(?:=| to be )true|please (?:enable|set|use) (?:the )?stream|仅支持流式|只支持流式/i,
      },
    ],
    examples: [
      {
        body: openError(
          "This model only support stream mode, please enable the stream parameter to access the model.",
          "invalid_parameter_error",
        ),
      },
    ],
  },
  {
    code: "model-load-failed",
    layer: "model",
    severity: "critical",
    owner: "gateway-operator",
    title: "The server cannot load {model}",
    cause:
      "The model server has {model} on its list and failed to start it: a damaged or incomplete file, a format that its build does not know, or too little memory of which it does not speak.",
    remedy: [
      "Read the server's log at the time of the check: it names the file and the reason.",
      "Load the model by hand and see it answer. Ollama: `ollama pull <model>` and `ollama run <model>`. LM Studio: `lms load <model>`.",
      RUN_CHECK,
    ],
    narrows: ["gateway-starting"],
    match: [
      {
        text: /(?:failed|unable|error|could not|cannot) (?:to )?(?:while )?load(?:ing)? (?:the )?model|model (?:failed to load|loading failed)|runner process (?:has terminated|no longer running)|error loading model|model (?:was )?unloaded|模型加载失败/i,
      },
    ],
    tells_apart: "Where the server says that memory is missing, it is out-of-memory.",
    examples: [
      {
        body: {
          error: { code: 500, message: "could not load model: rpc error: code = Unknown desc = failed loading model" },
        },
      },
    ],
  },
  {
    code: "model-missing-in-request",
    layer: "model",
    severity: "warning",
    owner: "workspace-admin",
    title: "The request names no model",
    cause:
      "The gateway found no model in the request. A static header `content-type` in the resource has the same effect: the body is then not read.",
    remedy: [
      "Choose a default model in Workspace settings > Windmill AI.",
      "Remove `content-type` and `content-encoding` from the resource's headers.",
    ],
    match: [
      {
        text: /\bmodel is required|missing (?:required )?(?:parameter|field):? [`'"]?model\b|body\.model: field required|you must provide a model(?: parameter)?/i,
      },
    ],
    examples: [{ body: openError("model is required", "invalid_request", "invalid_request_error", "model") }],
  },
  {
    code: "models-empty",
    layer: "model",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway lists no model",
    cause:
      "The key is accepted and the list is empty: the key's policy allows no model, the pool's catalog was never synchronised, or no account of the pool is healthy.",
    remedy: [
      "Look at the allowed models of {key} in Codex Pooler's admin pages: an empty list allows none.",
      "Look at the pool's accounts and at its model catalog there.",
    ],
    match: [{ problem: ["empty-list"] }],
    explains: ["model-not-served"],
    examples: [{ status: 200, body: { object: "list", data: [] }, kind: "models", content_type: "application/json" }],
  },
  {
    code: "models-list-unavailable",
    layer: "model",
    severity: "warning",
    owner: "gateway-operator",
    title: "The gateway answers chats but gives no model list",
    cause:
      "GET /models fails while chat works. Windmill's features go on; only the settings page cannot offer ids, and nobody can tell which configured models are gone.",
    remedy: [
      "Type model ids by hand in Workspace settings > Windmill AI.",
      "Let the gateway's operator enable GET /v1/models.",
    ],
    match: [],
    examples: [],
  },
];

/** What the gateway's list of models and its answers say together. Neither is said where only one of them was seen. */
const MODEL_SEEN_ROWS = [
  {
    code: "model-refused",
    layer: "model",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway has {model} and refuses requests for it",
    cause:
      "The gateway lists {model}, or has answered with it in this very check, and refused another request for it as unknown or not available: no account behind it offers the model at the moment, or not all of its servers know it. {gateway_lists}",
    remedy: [
      "In Codex Pooler's admin pages see that the model is active and that an account of the pool offers it.",
      OPEN_AI_SETTINGS,
      "If it lasts, replace {model} by {nearest}, also where it is the default or metadata model, and save.",
      RUN_CHECK,
    ],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "model-unlisted",
    layer: "model",
    severity: "info",
    owner: "gateway-operator",
    title: "{model} answers, but the gateway does not list it",
    cause:
      "Requests for {model} are answered, so people are served. Windmill's settings page and its pickers offer what the gateway lists, so nobody can choose it there. {gateway_lists}",
    remedy: ["Nothing needs to be done while it answers. The gateway's operator can add it to the list."],
    match: [],
    examples: [],
  },
];

/** Words of a rate limit that this request breaks alone: by what they say, or by the numbers in them. */
const LARGER_THAN_ITS_LIMIT = {
  test(text) {
    if (/\b(?:request|input) (?:is )?too large\b.{0,200}(?:per min|\btpm\b|per day|\btpd\b)/is.test(text)) return true;
    const [, limit, requested] = /\blimit:? ([\d,]{1,15})\b.{0,60}\brequested:? ([\d,]{1,15})\b/i.exec(text) ?? [];
    const count = (digits) => Number(digits.replaceAll(",", ""));
    if (/(?:larger|greater|more) than .{0,40}limit .{0,60}per minute/is.test(text)) return true;
    if (!/per (?:min|hour|day)|\b[rt]p[md]\b|rate/i.test(text)) return false;
    return limit !== undefined && requested !== undefined && count(requested) > count(limit);
  },
};

/** What is left behind the gateway: quota, credit, rates. */
const QUOTA_ROWS = [
  {
    code: "quota-exhausted",
    layer: "quota",
    severity: "critical",
    owner: "gateway-operator",
    title: "The quota behind the gateway is used up",
    cause:
      "All upstream accounts of the pool have used their quota, or the account or budget behind the gateway has no credit left. The key itself is good.",
    remedy: [
      "Codex Pooler: look at the accounts' quota windows in its admin pages (or GET /v1/usage, upstream_limits): they say when it resets. Others: look at credit, plan and budget where the message says (LiteLLM: max_budget of the key, team or user; one-api: the user's quota; OpenRouter: openrouter.ai/settings/credits).",
      "Add an account to the pool or credit to the account, or wait for the reset.",
    ],
    covers: ["money"],
    narrows: ["rate-limited", "upstream-account-rejected"],
    match: [
      {
        code: ["quota_exhausted", "insufficient_user_quota", "usage_limit_reached", "usage_limit_exceeded"],
      },
      {
        sort: [
          "insufficient_quota",
          "billing_hard_limit_reached",
          "billing_not_active",
          "budget_exceeded",
          "insufficient_credits",
          "insufficient_balance",
          "credit_balance_too_low",
          "exceeded_current_quota_error",
          "arrearage",
          "accountoverdueerror",
          "budgetexceedederror",
          "allocationquota.freetieronly",
        ],
      },
      {
        text: /exceeded your current quota|budget has been exceeded|exceeded ?budget|over budget|crossed budget|insufficient (?:quota|balance|credits?|funds)|(?:credit |account )?balance (?:is )?(?:too low|insufficient|not enough|negative)|(?:quota|usage limit|credits?|allowance|free (?:tier|quota|allocation)[^.]{0,30}) (?:has been |is |was |have been )?(?:exceeded|exhausted|reached|used up|depleted|not enough)|quota (?:is )?not enough|(?:used|use) (?:up |all )[^.]{0,40}(?:credits|quota|allocation|allowance)|run out of (?:credits|quota)|billing (?:hard limit|is not active)|requires? billing to be enabled|payment required|out of (?:credits|quota|call volume quota|bandwidth quota)|never purchased credits|doesn'?t have any credits|trial (?:has )?(?:ended|expired)|requires more credits|spend(?:ing)? limit|usage limits?\b(?! exceeded for model)|overdue (?:account|balance|payment)|in good standing|check your plan and billing|trial key, which is limited|^limit exceeded$|requests limit for the month|please recharge|top up your|余额不足|额度(?:不足|已用尽|已用完)|欠费|请充值|недостаточно средств|(?:guthaben|kontingent) (?:ist )?(?:aufgebraucht|ersch\u00f6pft)|saldo insuficiente|cr\u00e9dit insuffisant|残高(?:が)?不足/i,
      },
      { type: ["billing_error"] },
      { said: [402] },
      { gist: says$1("money", "spent") },
    ],
    tells_apart:
      "A limit of the key itself has the code api_key_policy_limit_exceeded; both say `upstream request failed` in a toast.",
    toasts: [{ text: REDACTED_TOAST, rank: 1 }],
    examples: [
      { body: redacted("quota_exhausted") },
      {
        body: openError(
          "You exceeded your current quota, please check your plan and billing details.",
          "insufficient_quota",
          "insufficient_quota",
        ),
      },
      {
        body: {
          error: {
            message: "Budget has been exceeded! Current cost: 26.075, Max budget: 0.25",
            type: "budget_exceeded",
            param: null,
            code: "400",
          },
        },
      },
      { body: { error: { message: "Insufficient credits. Add more using https://openrouter.ai/credits", code: 402 } } },
      {
        body: {
          error: { message: "Insufficient Balance", type: "unknown_error", param: null, code: "invalid_request_error" },
        },
      },
    ],
  },
  {
    code: "quota-unknown",
    layer: "quota",
    severity: "critical",
    owner: "wait",
    title: "The gateway does not know its accounts' quota yet",
    cause: "The pool's accounts have no fresh quota figures: they were just added, or the gateway has just started.",
    remedy: [
      "Wait some minutes and run the check again.",
      "If it stays: reconcile the accounts in Codex Pooler's admin pages.",
    ],
    match: [{ code: ["quota_evidence_unavailable"] }],
    toasts: [{ text: REDACTED_TOAST, rank: 8 }],
    examples: [{ body: redacted("quota_evidence_unavailable") }],
  },
  {
    code: "rate-limited",
    layer: "quota",
    severity: "critical",
    owner: "wait",
    title: "Too many requests or tokens per minute",
    cause:
      "A rate limit was hit: of the upstream account, of the model or of a proxy in front of the gateway. Codex Pooler itself has no 429; its own limits are those of the key.",
    remedy: [
      "Wait a minute and try again.",
      "If it comes back: raise the limit where it is set, add accounts to the pool, or lower the model's token limit in Workspace settings > Windmill AI, since the reserved answer counts too.",
      FIND_REQUEST,
    ],
    covers: ["rate", "time"],
    match: [
      {
        sort: [
          "rate_limit_exceeded",
          "rate_limit_reached",
          "too_many_requests",
          "rate_limited",
          "resource_exhausted",
          "throttled",
          "ratelimitreached",
          "tokens_per_minute_exceeded",
          "limit_requests",
          "limit_burst_rate",
          "throttling.ratequota",
          "policies.ratelimit.quotaviolation",
        ],
      },
      {
        type: [
          "rate_limit_error",
          "rate_limit_exceeded",
          "rate_limit_reached_error",
          "throttling_error",
          "ratelimiterror",
          "tokens",
          "requests",
          "resource_exhausted",
          "too_many_requests",
          "throttlingexception",
          "some resource has been exhausted",
        ],
      },
      {
        words: /quota .{0,120}per[ _](?:minute|second)|allocated quota exceeded|rate limit (?:reached|exceeded) for/i,
      },
      {
        text: /(?:^|[^\w-])rate ?-?_?limit|too many (?:requests|tokens, please wait)|(?:reached|hit|exceeded) (?:your |the )?(?:\w+ ){0,2}(?:request|rate|message)s? limit|request rate increased|requests per (?:minute|second|day)|tokens per (?:minute|day)|per-minute rate|crossed tpm|no deployments available for selected model|(?:exceeded|over) .{0,40}(?:tpm|rpm)\b|throttl|spike arrest|please wait before trying again|token limit is exceeded\. try again|current requests list|exceeded your limit of \S+ requests|error code: 1015\b|no bursty traffic|local_rate_limited|^rate exceeded|times per minute|free-models-per-(?:day|min)|slow down|resource has been exhausted|速率限制|请求(?:频率|过于频繁|过多)|频率限制|限流|上游负载已饱和|слишком много запросов|リクエストが多すぎ/i,
      },
      { said: [429] },
      { code: ["upstream_status", "upstream_error"], said: [429] },
      { gist: says$1("requests", "many") },
    ],
    examples: [
      { body: redacted("rate_limit_exceeded") },
      {
        body: openError(
          "Rate limit reached for gpt-5.5 in organization org-x on tokens per min (TPM): Limit 30000, Used 29000, Requested 2000.",
          "rate_limit_exceeded",
          "tokens",
        ),
      },
      { body: { error: { message: "Rate limit reached", type: "rate_limit_error" } } },
      {
        body: {
          error: {
            message: "No deployments available for selected model, Try again in 60 seconds. Passed model=gpt-5",
            type: "None",
            param: "None",
            code: "429",
          },
        },
      },
      { body: { message: "API rate limit exceeded" } },
      {
        body: [
          {
            error: {
              code: 429,
              message: "Resource has been exhausted (e.g. check quota).",
              status: "RESOURCE_EXHAUSTED",
            },
          },
        ],
      },
      { body: "Too Many Requests", content_type: "text/plain" },
    ],
  },
  {
    code: "request-exceeds-rate-limit",
    layer: "quota",
    severity: "critical",
    owner: "gateway-operator",
    title: "One request is larger than what a minute allows",
    cause:
      "The provider's limit of tokens per minute is smaller than this single request, so waiting does not help: question, tools and the answer that Windmill reserves count together. A chat of Windmill is some 20000 tokens before anybody has said much, and the reserved answer comes on top.",
    remedy: [
      LOWER_TOKENS,
      "Or raise the limit at the provider: a paid or higher tier, or another account for the gateway.",
      "Or choose a model with a higher limit per minute.",
    ],
    covers: ["rate", "size"],
    narrows: ["rate-limited", "context-too-long"],
    match: [
      {
        words: LARGER_THAN_ITS_LIMIT,
      },
    ],
    tells_apart:
      "`Requested` is larger than `Limit`. Where it is smaller and only the rest is used up, a minute of waiting helps.",
    examples: [
      {
        body: openError(
          "Request too large for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Requested 132819. The input or output tokens must be reduced in order to run successfully.",
          "rate_limit_exceeded",
          "tokens",
        ),
      },
    ],
  },
];

/** Redirects, which Windmill does not follow. */
const EDIT_BASE_URL = "Open Resources > {resource_path} > Edit and correct base_url.";

const REDIRECTS = [301, 302, 303, 307, 308];

const REDIRECT_ROWS = [
  {
    code: "sign-in-redirect",
    layer: "redirect",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway sends requests to a sign-in page",
    cause:
      "Something in front of the gateway (a single sign-on proxy, a captive portal) redirects to {location} instead of letting the request through. Windmill follows no redirects and cannot sign in.",
    remedy: [
      "Exempt the gateway's path /v1 from the sign-in proxy: the gateway checks its own keys there.",
      "Or use an address in base_url that does not go through it, e.g. the gateway's internal one.",
    ],
    match: [
      {
        location:
          /\b(?:log-?in|sign-?in|sign_in|sso|saml|oauth2?|oidc|authorize|authn?|realms|cdn-cgi\/access|accounts\.google|portal|captive)\b/i,
        status: REDIRECTS,
      },
    ],
    toasts: [{ text: /^Connection error\.?$/i, rank: 2 }],
    examples: [
      { status: 302, body: "", location: "https://sso.example.com/login?next=%2Fv1%2Fchat%2Fcompletions" },
      { status: 307, body: "", location: "https://captive.example.net/portal" },
    ],
  },
  {
    code: "redirect",
    layer: "redirect",
    severity: "critical",
    owner: "workspace-admin",
    title: "The gateway redirects instead of answering",
    cause:
      "The gateway answered with a redirect to {location}, and Windmill follows none. Most often base_url says http and the gateway insists on https (Codex Pooler does so for every host but localhost), or the host or path has moved.",
    remedy: [
      `${EDIT_BASE_URL} Set it to where the redirect leads, without /chat/completions or /models at its end.`,
      "If that is not an address of your gateway (example.com, localhost): its public host name is not set; the operator of Codex Pooler sets PHX_HOST.",
      "If Windmill must talk plain http to the gateway inside a trusted network: add the header `x-forwarded-proto: https` to the resource.",
      RUN_CHECK,
    ],
    repairable: true,
    match: [{ status: REDIRECTS, location: /./ }],
    tells_apart: "f/codex_pooler/check shows where the redirect leads; a toast says only `Connection error.`",
    toasts: [{ text: /^Connection error\.?$/i, rank: 1 }],
    examples: [
      { status: 307, body: "", location: "https://codex-pooler.example.com/redirect/v1/chat/completions" },
      { status: 301, body: "", location: "https://codex-pooler.example.com/v1/models" },
      { status: 308, body: "", location: "/v1/chat/completions/" },
    ],
  },
  {
    code: "redirect-without-target",
    layer: "redirect",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway answers with a redirect that leads nowhere",
    cause: "The answer has a redirect status but no Location header, so nothing says where the request should go.",
    remedy: ["Look at the proxy in front of the gateway, and at base_url.", FROM_INSIDE],
    match: [{ status: [300, ...REDIRECTS] }],
    examples: [{ status: 302, body: "" }],
  },
];

/** The gateway refuses the form of a request: fields, schemas, headers. Each breaks some of Windmill's features, not all. */
const REQUEST_ROWS = [
  {
    code: "strict-schema-refused",
    layer: "protocol",
    severity: "info",
    owner: "wait",
    title: "The gateway refuses the flow chat's tool schema",
    cause:
      "In the chat of the flow editor Windmill sends a flow's input form as a strict tool schema. The gateway enforces OpenAI's strict rules (every property required, nothing additional), so that chat fails for flows with optional inputs. Other chats are not affected.",
    remedy: [
      "Use the AI sessions chat instead of the chat docked in the flow editor.",
      "Or mark all inputs of the flow as required while working on it there.",
    ],
    match: [
      { code: ["invalid_function_parameters"] },
      {
        text: /invalid schema for function|strict json_schema|additionalProperties.{0,40}(?:required|must be|false)|'required' is required to be supplied/i,
      },
    ],
    tells_apart: "It names the function, usually test_run_flow.",
    examples: [
      {
        body: openError(
          "Invalid schema for function 'test_run_flow': strict json_schema additionalProperties must be false",
          "invalid_function_parameters",
          "invalid_request_error",
          "tools",
        ),
      },
    ],
  },
  {
    code: "output-schema-refused",
    layer: "protocol",
    severity: "warning",
    owner: "workspace-admin",
    title: "The gateway refuses the agent step's output schema",
    cause:
      "An AI agent step asks for structured output with a strict schema, and the gateway does not accept that schema, or the model no schema at all. Only AI agent steps with an output schema send one: chats, summaries and other steps work.",
    remedy: [
      "In the flow's agent step, make every property of the output schema required, allow no additional ones, and use plain types.",
    ],
    match: [
      { code: ["invalid_json_schema"] },
      {
        words: /invalid schema for response_format/i,
      },
      {
        text: /json schema .{0,60}not supported by|response_?format.{0,80}(?:invalid|not supported|unsupported|unavailable)|(?:does not|doesn't) support (?:json output|structured outputs?|json[_ ]schema|response_?format|json mode)/i,
      },
    ],
    examples: [
      {
        body: openError(
          "strict json_schema properties must all be required",
          "invalid_json_schema",
          "invalid_request_error",
          "response_format",
        ),
      },
    ],
  },
  {
    code: "images-refused",
    layer: "protocol",
    severity: "info",
    owner: "workspace-admin",
    title: "The model takes no pictures",
    cause:
      "A picture was sent to a model that reads text only. Windmill then removes pictures from the chat and goes on.",
    remedy: ["Choose a model that reads pictures, or leave them out."],
    narrows: ["model-not-served", "model-not-allowed"],
    match: [
      { code: ["unsupported_input_image_format"] },
      {
        text: /(?:\bimage|\bvision|multimodal|image_url).{0,80}(?:not supported|unsupported|not support|invalid|only text|may be provided)|(?:does not|doesn't|do not) support (?:image|vision|multimodal)|support image input|at most \d+ images?|cannot (?:process|accept|handle|read) images?|不支持(?:图片|图像|视觉)/i,
      },
    ],
    examples: [
      {
        body: openError(
          "Invalid content type. image_url is only supported by certain models; images are not supported here.",
          null,
          "invalid_request_error",
          "messages",
        ),
      },
    ],
  },
  {
    code: "unsupported-parameter",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway refuses {refused_field}",
    cause:
      "The gateway, or the model behind it, does not accept the field or value that its message names. {who_sends_it}",
    remedy: [
      "{without_it}.",
      "Or let the gateway drop what a model does not take. LiteLLM: `drop_params: true` in litellm_settings; Codex Pooler refuses stop, seed, n, logprobs, penalties and every field that it does not know.",
    ],
    covers: ["field"],
    by_field: true,
    narrows: ["request-refused"],
    match: [
      {
        sort: [
          "unsupported_parameter",
          "unknown_parameter",
          "unsupported_value",
          "extra_forbidden",
          "unknown_field",
          "unsupportedparamserror",
        ],
      },
      {
        text: /(?:unsupported|unknown|unrecognized|unexpected|invalid|disallowed) (?:request )?(?:parameter|field|argument|key|property|name ["'])|extra (?:inputs|fields) (?:are )?not permitted|additional properties are not allowed|is not a valid (?:parameter|field)|unrecognized request argument|property .{1,100} is unsupported|(?:does not|doesn't|do not) support (?:the )?(?:parameter|field|argument|param)s?\b|(?:argument|parameter|param|field|property) ['"`]?[\w.]{0,60}['"`]? ?(?:is |was )?(?:not|un) ?(?:supported|permitted|allowed|recognized)|does(?:n't| not) support (?:this )?(?:temperature|top_p|tool_choice|stream_options|reasoning_effort|parallel_tool_calls|stop)\b|['"`]?(?:temperature|top_p|tool_choice|stream_options|reasoning_effort|parallel_tool_calls|stop|seed|strict)['"`]? (?:does not support|(?:is|are) (?:not|only) (?:supported|allowed)|cannot both|is deprecated)|不支持(?:的)?参数|参数.{0,30}不支持/i,
      },
      { gist: says$1("field", "refused") },
      { gist: says$1("option", "confined") },
    ],
    examples: [
      {
        body: openError(
          "unsupported parameter: logprobs",
          "unsupported_parameter",
          "invalid_request_error",
          "logprobs",
        ),
      },
      {
        body: {
          detail: [
            {
              type: "extra_forbidden",
              loc: ["body", "stream_options"],
              msg: "Extra inputs are not permitted",
              input: {},
            },
          ],
        },
      },
      {
        body: openError(
          "messages.2.tool_calls.0.index: Extra inputs are not permitted",
          "unsupported_parameter",
          "invalid_request_error",
          "messages",
        ),
      },
    ],
  },
  {
    code: "tool-schema-refused",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway refuses the schema of one of Windmill's tools",
    cause:
      "Windmill's chats and AI agent steps with tools describe each tool by a JSON schema, and the provider does not accept one of them: it knows a smaller part of JSON Schema, or another draft. Questions without tools, summaries and steps without tools work.",
    remedy: [
      "Choose another model as default model: the providers differ in what they accept.",
      "Or let the gateway's operator translate tool schemas for this provider, e.g. with LiteLLM in between.",
    ],
    narrows: ["unsupported-parameter", "request-refused"],
    match: [
      {
        words:
          /tools?\[\d{1,3}\]\.function\.(?:name|parameters)|tools?[.[]\d{1,3}\]?\.[\w.[\]]{0,80}(?:input_schema|parameters)\b|json schema is invalid|schema .{0,80}should be non-empty for object|tool (?:schema|parameters?)\b.{0,60}(?:invalid|not valid|not supported)/i,
      },
    ],
    tells_apart:
      "`Invalid schema for function` with strict rules is strict-schema-refused: only the flow editor's chat fails then.",
    examples: [
      {
        body: {
          type: "error",
          error: {
            type: "invalid_request_error",
            message: "tools.12.custom.input_schema: JSON schema is invalid. It must match JSON Schema draft 2020-12",
          },
        },
      },
    ],
  },
  {
    code: "replay-refused",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway refuses the second turn of chats that use tools",
    cause:
      "After a tool call Windmill sends the model's own call back with its result, as every client of chat completions does. This provider wants a part in it that chat completions do not have (thought_signature, reasoning_content). First answers, summaries and steps without tools work.",
    remedy: [
      "Choose a model without this need as default model, e.g. one that does not think before it calls tools.",
      "Or let the gateway keep that part and put it back: newer versions of LiteLLM and new-api do.",
    ],
    narrows: ["unsupported-parameter", "request-refused"],
    match: [
      {
        words:
          /missing (?:a |the )?[`'"]?(?:thought_signature|reasoning_content|reasoning|thinking)[`'"]?|(?:reasoning_content|thought_signature|thinking)[`'"]? .{0,60}(?:is required|must be (?:passed|provided|included)|missing)|expected [`'"]?thinking[`'"]? .{0,80}but found/i,
      },
    ],
    examples: [
      {
        body: openError(
          "Missing `reasoning_content` field in the assistant message at message index 2.",
          "invalid_request_error",
        ),
      },
    ],
  },
  {
    code: "chat-template-refused",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The model server cannot turn Windmill's chats into a prompt",
    cause:
      "The server has no chat template for {model}, or one that does not know system messages, tool messages or two messages of one role in a row, and all of these are in Windmill's chats.",
    remedy: [
      "Give the server a template that knows tools: vLLM: --chat-template; llama.cpp: --jinja with --chat-template-file; Ollama: TEMPLATE of the Modelfile.",
      "Or choose an instruction model that brings its own.",
    ],
    match: [
      {
        words:
          /chat template|conversation roles must alternate|(?:system|tool) role (?:is )?not supported|only user(?:, | and )assistant roles|jinja exception|template error/i,
      },
    ],
    examples: [
      {
        body: {
          error: {
            message: "Conversation roles must alternate user/assistant/user/assistant/...",
            type: "BadRequestError",
            code: 400,
          },
        },
      },
    ],
  },
  {
    code: "not-acceptable",
    layer: "protocol",
    severity: "critical",
    owner: "workspace-admin",
    title: "The gateway refuses the request's headers",
    cause:
      "The gateway does not accept the request's Accept, Content-Type or Content-Encoding. Windmill sends good ones: a static header of the resource is in the way.",
    remedy: [
      "Open Resources > {resource_path} > Edit and remove accept, content-type, content-encoding and host from headers.",
    ],
    repairable: true,
    covers: ["form"],
    match: [
      { said: [406, 415] },
      { code: ["unsupported_content_encoding", "unsupported_media_type"] },
      {
        text: /^\W{0,3}(?:not acceptable|unsupported media type)|invalid content type passed|content-type .{0,40}(?:not supported|must be)/i,
      },
    ],
    examples: [
      { body: openError("unsupported content encoding", "unsupported_content_encoding") },
      { body: "Unsupported Media Type", content_type: "text/plain" },
    ],
  },
  {
    code: "request-refused",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway takes the request for malformed",
    cause:
      "The gateway read the request and refused its form. Its message says which part; Windmill sends plain chat completions.",
    remedy: [
      "Look at the gateway's message in the evidence, then at its documentation: it may not speak the chat completions API in full.",
      FIND_REQUEST,
    ],
    covers: ["form"],
    match: [
      {
        type: [
          "invalid_request",
          "invalid_value",
          "missing_required_parameter",
          "invalid_type",
          "bad_request",
          "invalid_request_message_order",
          "invalid_request_prompt",
          "badrequesterror",
        ],
      },
      { said: [422] },
      {
        text: /^(?:\W{0,3}(?:400 )?bad request\W*$|.{0,60}field required|.{0,60}validation error)|must be followed by tool messages|expected last role|messages must contain|(?:in)?valid (?:role|message)|messages? .{0,60}(?:must (?:be|have|contain|alternate)|should (?:be|have))|could not parse the json|invalid json|unexpected token .{0,20} in json|were found without .{0,20}tool_result|failed to parse (?:the )?(?:request|json|body)/i,
      },
      { type: ["validation_error"] },
    ],
    examples: [
      {
        body: openError(
          "messages must contain role/content objects",
          "invalid_request",
          "invalid_request_error",
          "messages",
        ),
      },
      { body: "Bad Request", content_type: "text/plain" },
      { body: { detail: [{ type: "missing", loc: ["body", "messages"], msg: "Field required" }] } },
    ],
  },
  {
    code: "empty-error",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway refuses the request without a word",
    cause:
      "The gateway, or a proxy in front of it, answered with an error status and an empty body; Windmill loses the status, so nothing is left that says why.",
    remedy: [
      "Ask the gateway directly, to see its status.\ncurl -sS -i -H \"Authorization: Bearer <pool key>\" '{base_url}/models'",
      "Read the log of the gateway and of the proxy in front of it at the time of the check.",
    ],
    match: [{ status: [400], empty: true, last: true }],
    toasts: [{ text: /^\(?(?:no )?status code (?:\(no body\)|or body)\)?$/i, rank: 1 }],
    examples: [{ body: "", content_type: "text/plain" }],
  },
];

const EDIT_RESOURCE = "Open Resources > {resource_path} > Edit.";

/** The customai resource: where it is, its shape, and what its value says apart from the base URL and the headers. */
const RESOURCE_ROWS = [
  {
    code: "resource-missing",
    layer: "resource",
    severity: "critical",
    owner: "workspace-admin",
    title: "{resource} is not there",
    cause:
      "The AI settings name a resource that does not exist, was moved, or, for a request that names the resource itself (X-Resource-Path), is hidden from its caller.",
    remedy: [
      "Look for it under Resources. If it was moved, choose it in Workspace settings > Windmill AI > Custom AI and save.",
      "If it is gone, run f/codex_pooler/connect; deleting a resource also deletes the secret variable that it references, so have a key at hand.",
    ],
    repairable: true,
    match: [{ windmill: /^Not found: Could not find the resource/, unless_status: [400] }],
    tells_apart:
      "If users' chat works and only a check with X-Resource-Path fails, the resource is there and the caller may not read it.",
    explains: ["secret-missing"],
    examples: [
      {
        status: 404,
        body: "Not found: Could not find the resource u/admin/absent, update the resource path in the workspace settings",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "resource-path-empty",
    layer: "resource",
    severity: "critical",
    owner: "workspace-admin",
    title: "The AI settings name no resource for customai",
    cause: "The provider customai is enabled, but its resource path is empty.",
    remedy: [
      "Choose the customai resource in Workspace settings > Windmill AI > Custom AI and save, or run f/codex_pooler/connect.",
    ],
    repairable: true,
    match: [{ windmill: /^Bad request: Resource path is empty/, status: [400] }],
    examples: [{ body: "Bad request: Resource path is empty", content_type: "text/plain" }],
  },
  {
    code: "resource-empty",
    layer: "resource",
    severity: "critical",
    owner: "workspace-admin",
    title: "{resource} has no value",
    cause: "The resource exists, but nothing was ever stored in it.",
    remedy: [EDIT_RESOURCE, "Fill in base_url and api_key, or run f/codex_pooler/connect.", RUN_CHECK],
    repairable: true,
    match: [{ windmill: /^Bad request: Empty resource value/, status: [400] }],
    examples: [{ body: "Bad request: Empty resource value for u/admin/pooler", content_type: "text/plain" }],
  },
  {
    code: "resource-malformed",
    layer: "resource",
    severity: "critical",
    owner: "workspace-admin",
    title: "The value of {resource} has the wrong shape",
    cause:
      "Windmill cannot read the resource: its value is not an object, or a field has a value of the wrong kind. `headers` must be an object whose values are all texts.",
    remedy: [
      EDIT_RESOURCE,
      `Give it this shape and save.
base_url: https://codex-pooler.example.com/v1
api_key: $var:<path of the secret variable>
headers: {}`,
      RUN_CHECK,
    ],
    match: [{ windmill: /^Bad request: .*\bAIResource\b/, status: [400] }],
    examples: [
      { body: "Bad request: data did not match any variant of untagged enum AIResource", content_type: "text/plain" },
    ],
  },
  {
    code: "resource-type-missing",
    layer: "resource",
    severity: "warning",
    owner: "workspace-admin",
    title: "The resource type customai is missing",
    cause:
      "Windmill gets the resource type from its Hub. Without it requests work, but no page offers the resource for choosing.",
    remedy: [
      "Run f/codex_pooler/connect, which creates the type, or let the instance sync resource types from the Hub.",
    ],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "resource-type-other",
    layer: "resource",
    severity: "warning",
    owner: "workspace-admin",
    title: "{resource} is not of the type customai",
    cause:
      "Windmill's proxy does not mind the type, but its pages list only resources of type customai: the next person who opens the AI settings does not see this one.",
    remedy: [
      "Run f/codex_pooler/connect with another resource_path: Windmill cannot change the type of a resource, and this one may be somebody else's.",
    ],
    match: [],
    examples: [],
  },
  {
    code: "resource-unreadable",
    layer: "resource",
    severity: "info",
    owner: "workspace-admin",
    title: "The caller may not read {resource}",
    cause:
      "The resource belongs to someone else, so its base URL, headers and key could not be looked at. Users' requests work all the same: Windmill reads it with its own rights.",
    remedy: ["Run the check as an admin to have these parts looked at."],
    match: [],
    examples: [],
  },
  {
    code: "item-exists",
    layer: "resource",
    severity: "warning",
    owner: "workspace-admin",
    title: "Something with this path exists already",
    cause: "A variable, resource, resource type or schedule could not be created, because one of that path is there.",
    remedy: ["Choose another path, or edit the one that is there."],
    match: [{ windmill: /^Bad request: (?:Variable|Resource|Resource type|Schedule|Folder) \S{1,300} already exists/ }],
    examples: [{ body: "Bad request: Variable u/admin/recorded_secret already exists", content_type: "text/plain" }],
  },
  {
    code: "path-refused",
    layer: "resource",
    severity: "warning",
    owner: "workspace-admin",
    title: "Windmill refuses this path",
    cause:
      "A path must have the form u/<user>/<name>, f/<folder>/<name> or g/<group>/<name>, with letters, digits, _ and - only.",
    remedy: ["Choose a path of that form."],
    match: [
      { windmill: /^Bad request: Invalid path/ },
      { windmill: /^SqlErr: .*check constraint "proper_(?:id|name)/ },
    ],
    examples: [
      {
        body: "Bad request: Invalid path: it must be of the form u/<user>/<name>, f/<folder>/<name> or g/<group>/<name>",
        content_type: "text/plain",
      },
      {
        body: 'SqlErr: error returned from database: new row for relation "variable" violates check constraint "proper_id" @variables.rs:628:5',
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "item-missing",
    layer: "resource",
    severity: "info",
    owner: "workspace-admin",
    title: "Windmill has no item of this path",
    cause:
      "The variable, resource, script, flow, folder, schedule or job that was asked for does not exist, or its caller may not see it. Before something is created for the first time this is the normal answer.",
    remedy: ["Check the path, and that the caller may read it."],
    match: [{ windmill: /^Not found: /, unless_status: [400], last: true }],
    examples: [
      { status: 404, body: "Not found: Script not found at path f/sample/inspect", content_type: "text/plain" },
      { status: 404, body: "Not found: Resource u/admin/recorded_resource not found", content_type: "text/plain" },
      {
        status: 404,
        body: "Not found: Variable not found at name u/admin/absent (variables.rs:1301)",
        content_type: "text/plain",
      },
    ],
  },
];

/** The secret variable that holds the gateway's key. */
const SECRET_ROWS = [
  {
    code: "secret-missing",
    layer: "secret",
    severity: "critical",
    owner: "workspace-admin",
    title: "{secret} is not there",
    cause:
      "The resource's api_key references a variable that does not exist, was moved, or, for a request that names the resource itself (X-Resource-Path), is hidden from its caller.",
    remedy: [
      "Look for it under Variables. If it was moved, correct api_key in {resource} to `$var:<its path>`.",
      "If it is gone, make a new Pool API key and run f/codex_pooler/connect with it.",
      RUN_CHECK,
    ],
    match: [{ windmill: /^Not found: Variable not found when resolving/, unless_status: [400] }],
    examples: [
      {
        status: 404,
        body: "Not found: Variable not found when resolving `$var:u/admin/absent`",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "secret-undecryptable",
    layer: "secret",
    severity: "critical",
    owner: "workspace-admin",
    title: "Windmill cannot decrypt {secret}",
    cause:
      "The variable was stored with another encryption key than the workspace has now: the key was changed without re-encrypting, or the variable came from another instance.",
    remedy: [
      "Store the key again: Variables > {secret_path} > Edit.",
      "Every other secret variable of the workspace is affected too.",
      RUN_CHECK,
    ],
    match: [{ windmill: /^Internal: Error decrypting variable/, unless_status: [400] }],
    examples: [
      {
        status: 500,
        body: "Internal: Error decrypting variable u/admin/pooler: invalid padding @variables.rs:812:9",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "key-not-set",
    layer: "secret",
    severity: "critical",
    owner: "workspace-admin",
    title: "{resource} has no key",
    cause: "api_key is empty, so Windmill sends no key and the gateway refuses every request.",
    remedy: ["Run f/codex_pooler/connect with a Pool API key.", RUN_CHECK],
    match: [],
    explains: ["key-refused", "key-not-sent"],
    examples: [],
  },
  {
    code: "literal-key-in-resource",
    layer: "secret",
    severity: "warning",
    owner: "workspace-admin",
    title: "The key stands in the resource in plain text",
    cause:
      "api_key in {resource} holds the key itself. Everybody who may read the resource sees it, and a sync writes it into files.",
    remedy: [
      "Store the key in a secret variable and set api_key in {resource} to `$var:<its path>`.",
      "Then make a new Pool API key with f/codex_pooler/rotate_key, since the old one was readable and stays in the resource's history.",
      "Revoke the old key in Codex Pooler's admin pages.",
    ],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "secret-not-secret",
    layer: "secret",
    severity: "warning",
    owner: "workspace-admin",
    title: "{secret} is not marked as secret",
    cause: "Windmill stores and shows a variable that is not secret in plain text, so the key is readable.",
    remedy: ["Open Variables > {secret_path} > Edit, switch Secret on, and save.", STORE_KEY],
    match: [],
    examples: [],
  },
  {
    code: "secret-shared",
    layer: "secret",
    severity: "warning",
    owner: "workspace-admin",
    title: "More people than needed may read {secret}",
    cause:
      "Windmill reads the secret with its own rights, so nobody but its owner needs to. Whoever may read the variable can take the gateway's key away.",
    remedy: ["Open Variables > {secret_path} > Share and remove the extra permissions, or move it to u/<owner>/."],
    match: [],
    examples: [],
  },
  {
    code: "old-key-kept",
    layer: "secret",
    severity: "warning",
    owner: "workspace-admin",
    title: "An old key is still stored beside {secret}",
    cause:
      "A run of f/codex_pooler/rotate_key was cut short, so the key that it was to replace is still kept in a variable of its own. It goes on working until somebody revokes it; Windmill deletes the variable a week after it was made.",
    remedy: [
      "Run f/codex_pooler/rotate_key again with the same new key: it brings the rotation to its end.",
      "Revoke the old key in Codex Pooler's admin pages.",
      RUN_REPAIR,
    ],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "key-malformed",
    layer: "secret",
    severity: "warning",
    owner: "workspace-admin",
    title: "The stored credential does not look like a Pool API key",
    cause:
      "A Pool API key is sk-cxp-, 12 hex digits, a hyphen and 43 characters. An MCP token, a browser or upstream account token, or the bare prefix can never work on /v1.",
    remedy: ["Make a Pool API key for Windmill alone in Codex Pooler's admin pages.", STORE_KEY],
    match: [],
    explains: ["key-refused"],
    examples: [],
  },
];

/** The workspace's AI settings: what Windmill reads before it looks at any resource. */
const SETTINGS_ROWS = [
  {
    code: "ai-not-configured",
    layer: "workspace-settings",
    severity: "critical",
    owner: "workspace-admin",
    title: "Windmill AI is not configured",
    cause: "Neither this workspace nor the instance has AI settings, so Windmill does not know any AI provider.",
    remedy: [
      "Run f/codex_pooler/connect with the gateway's base URL and a Pool API key.",
      "Or by hand: Workspace settings > Windmill AI > Custom AI, choose the customai resource, enable models, save.",
    ],
    match: [{ windmill: /^Internal: AI resource not configured/, unless_status: [400] }],
    explains: ["no-default-model", "default-model-not-enabled", "provider-missing"],
    examples: [
      { status: 500, body: "Internal: AI resource not configured @ai.rs:734:48", content_type: "text/plain" },
      { status: 500, body: "Internal: AI resource not configured @ai.rs:698:21", content_type: "text/plain" },
    ],
  },
  {
    code: "provider-missing",
    layer: "workspace-settings",
    severity: "critical",
    owner: "workspace-admin",
    title: "The AI settings do not have the provider customai",
    cause:
      "AI settings exist, but without the provider customai: somebody removed it on the settings page, or the settings in effect are others than you think (a fork keeps its own copy, the instance has its own).",
    remedy: [
      "Run f/codex_pooler/connect; it adds the provider and leaves the others alone.",
      "Or by hand: Workspace settings > Windmill AI > Custom AI, choose the customai resource, enable models, save.",
    ],
    repairable: true,
    match: [{ windmill: /^Bad request: Provider \w{0,40} ?not configured/i, status: [400] }],
    explains: ["no-default-model", "default-model-not-enabled"],
    examples: [{ body: "Bad request: Provider CustomAI not configured", content_type: "text/plain" }],
  },
  {
    code: "provider-header",
    layer: "workspace-settings",
    severity: "critical",
    owner: "workspace-admin",
    title: "The request does not name the provider customai",
    cause: "Windmill's AI proxy needs the header X-Provider; it was missing or had another value than it knows.",
    remedy: ["Send the header `X-Provider: customai`. Windmill's own pages do; this comes from a script or from curl."],
    match: [
      { windmill: /^Bad request: Provider is required/, status: [400] },
      { windmill: /^Bad request: Invalid AI provider/, status: [400] },
    ],
    examples: [
      { body: "Bad request: Provider is required", content_type: "text/plain" },
      {
        body: "Bad request: Invalid AI provider: unknown variant `nope`, expected one of `openai`, `customai`",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "settings-unreadable",
    layer: "workspace-settings",
    severity: "critical",
    owner: "workspace-admin",
    title: "Windmill cannot read its AI settings",
    cause:
      "The stored AI settings have a shape that this Windmill does not understand: a key is missing or has a value of the wrong kind. Settings of the workspace that do not parse are silently replaced by the instance's.",
    remedy: [
      OPEN_AI_SETTINGS,
      "Save the page once: it writes all keys anew. Or run f/codex_pooler/connect.",
      "If the instance's settings are in effect: Instance settings > AI, save there.",
    ],
    match: [
      {
        windmill:
          /^Bad request: (?:missing field|unknown variant|unknown field|invalid type|invalid value|duplicate field|data did not match any variant|expected )/,
        status: [400],
        last: true,
      },
    ],
    tells_apart: "The same message with `AIResource` in it is about the resource, not about the settings.",
    examples: [
      { body: "Bad request: missing field `models` at line 1 column 82", content_type: "text/plain" },
      { body: 'Bad request: invalid type: string "x", expected a map', content_type: "text/plain" },
    ],
  },
  {
    code: "settings-refused",
    layer: "workspace-settings",
    severity: "warning",
    owner: "workspace-admin",
    title: "Windmill refuses these AI settings",
    cause:
      "A request to change something had a body that this Windmill does not accept: an unknown provider, a missing field, a token limit that is no whole number, or no JSON. Nothing was changed.",
    remedy: ["Correct the part that the message names and save again."],
    match: [
      { windmill: /^Failed to (?:deserialize the JSON body|parse the request body as JSON)/ },
      { windmill: /^Bad request: Custom prompt for mode/ },
    ],
    examples: [
      {
        status: 422,
        body: "Failed to deserialize the JSON body into the target type: providers.?: missing field `models` at line 1 column 82",
        content_type: "text/plain",
      },
      {
        status: 400,
        body: "Failed to parse the request body as JSON: EOF while parsing an object at line 1 column 1",
        content_type: "text/plain",
      },
      {
        status: 400,
        body: "Bad request: Custom prompt for mode 'ask' exceeds maximum length of 5000 characters (current: 6021)",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "ai-disabled",
    layer: "workspace-settings",
    severity: "critical",
    owner: "workspace-admin",
    title: "Windmill AI is switched off for this workspace",
    cause:
      "The setting copilot_disabled is on: Windmill hides its AI features from people, although the connection may work.",
    remedy: [OPEN_AI_SETTINGS, "Switch AI on for the workspace and save."],
    match: [],
    examples: [],
  },
  {
    code: "no-default-model",
    layer: "workspace-settings",
    severity: "warning",
    owner: "workspace-admin",
    title: "No default model is set for customai",
    cause:
      "The AI settings have no default model of this provider. Chat then takes the first model of the first provider, which may be another provider's.",
    remedy: [OPEN_AI_SETTINGS, "Choose a default chat model and save."],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "default-model-not-enabled",
    layer: "workspace-settings",
    severity: "warning",
    owner: "workspace-admin",
    title: "{model} is a default or metadata model but not enabled",
    cause:
      "The model {model} is used as default or metadata model but is not in the list of enabled models. It works for now, but the settings page drops it as soon as somebody opens and saves it.",
    remedy: [OPEN_AI_SETTINGS, "Add {model} to the enabled models of Custom AI, or choose another default, and save."],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "default-model-nowhere",
    layer: "workspace-settings",
    severity: "warning",
    owner: "workspace-admin",
    title: "The default or metadata model is one of a provider that is not configured",
    cause:
      "The AI settings name a default or metadata model of a provider that they do not have, so what uses it has nobody to ask. It is in the evidence.",
    remedy: [OPEN_AI_SETTINGS, "Choose another default or metadata model and save."],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "no-metadata-model",
    layer: "workspace-settings",
    severity: "info",
    owner: "workspace-admin",
    title: "No metadata model is set",
    cause:
      "Windmill then takes the default model for summaries, names and form filling, and its settings page cannot be saved before one is chosen.",
    remedy: [OPEN_AI_SETTINGS, "Choose a metadata model and save."],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "duplicate-model-id",
    layer: "workspace-settings",
    severity: "warning",
    owner: "workspace-admin",
    title: "{model} is enabled under two providers",
    cause:
      "The settings page remembers defaults by model id only. With the same id under two providers, the next save there can silently move the default to the other provider.",
    remedy: [OPEN_AI_SETTINGS, "Disable {model} under one of the providers and save."],
    match: [],
    examples: [],
  },
  {
    code: "code-completion-on-customai",
    layer: "workspace-settings",
    severity: "warning",
    owner: "workspace-admin",
    title: "A code completion model is set on customai",
    cause:
      "Windmill's code completion sends a `stop` field that Codex Pooler refuses, and Windmill's editor uses it with codestral models only. The setting brings nothing but failing requests.",
    remedy: [OPEN_AI_SETTINGS, "Switch code completion off, or choose a provider with a codestral model, and save."],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "instance-settings-in-use",
    layer: "workspace-settings",
    severity: "info",
    owner: "workspace-admin",
    title: "The workspace uses the instance's AI settings",
    cause:
      "This workspace has no AI settings of its own, so those of the instance are in effect; their resource lives in the workspace `admins`.",
    remedy: [
      "Nothing needs to be done. To give this workspace its own connection, run f/codex_pooler/connect; its settings then hide all of the instance's providers.",
    ],
    match: [],
    examples: [],
  },
  {
    code: "fork-keeps-copy",
    layer: "workspace-settings",
    severity: "info",
    owner: "workspace-admin",
    title: "This workspace is a fork with its own copy of the AI settings",
    cause: "A fork copies the AI settings once. Later changes in the parent workspace do not reach it.",
    remedy: ["After a change in the parent, run f/codex_pooler/connect here too, or make a new fork."],
    match: [],
    examples: [],
  },
  {
    code: "settings-drift",
    layer: "workspace-settings",
    severity: "warning",
    owner: "workspace-admin",
    title: "The AI settings are no longer what connect was asked for",
    cause: "Somebody changed the AI settings or the resource since the last f/codex_pooler/connect.",
    remedy: [
      "If the change was meant: run f/codex_pooler/repair with accept_drift, so that the present state counts as wanted.",
      "If not: put back by hand what the evidence names.",
    ],
    repairable: true,
    match: [],
    examples: [],
  },
];

/** TLS between Windmill and the gateway: rustls and OpenSSL wordings. Each needs its own remedy, so none is merged. */
const SHOW_CERTIFICATE = `Look at the certificate from inside {process}.
docker compose exec {service} sh -c "openssl s_client -connect {host_port} -servername {host_name} </dev/null | openssl x509 -noout -subject -issuer -dates -ext subjectAltName"`;

const failed = (why, url = "https://gw.example.com/v1/models") => ({
  status: 500,
  body: `Error: error sending request for url (${url}): client error (Connect): ${why} @ai.rs:950:20`,
  content_type: "text/plain",
});

const TLS_ROWS = [
  {
    code: "certificate-expired",
    layer: "tls",
    severity: "critical",
    owner: "gateway-operator",
    title: "The certificate of {host} is out of date",
    cause:
      "The certificate is expired or not valid yet. The latter can also mean that the clock of {process} is wrong.",
    remedy: [
      SHOW_CERTIFICATE,
      "Renew the certificate on the gateway's proxy and reload it; check why the renewal did not happen by itself.",
    ],
    match: [
      {
        transport:
          /(?:certificate|peer certificate:?)[\s\S]{0,80}(?:expired|not valid yet|NotValidYet|not yet valid)|CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|\bCertExpired\b/i,
      },
    ],
    examples: [
      failed("invalid peer certificate: Expired"),
      failed(
        "invalid peer certificate: certificate expired: verification time 1795440000 (UNIX), but certificate is not valid after 1795000000 (440000 seconds ago)",
      ),
      failed("error:0A000086:SSL routines::certificate verify failed: (certificate has expired)"),
    ],
  },
  {
    code: "certificate-wrong-name",
    layer: "tls",
    severity: "critical",
    owner: "gateway-operator",
    title: "The certificate is not for the name {host}",
    cause:
      "The server that answers has a certificate for other names: base_url uses an IP address or an internal name, or the request landed on another server.",
    remedy: [
      SHOW_CERTIFICATE,
      "Use a name in base_url that the certificate lists, or issue one for the name that you use.",
    ],
    match: [
      {
        transport:
          /NotValidForName|not valid for name|hostname mismatch|host ?name .{0,100}does not match|IP address mismatch|ALTNAME_INVALID|InvalidDnsName|invalid dnsname|UnsupportedNameType/i,
      },
    ],
    examples: [
      failed("invalid peer certificate: NotValidForName"),
      failed(
        'invalid peer certificate: certificate not valid for name "gw.internal"; certificate is only valid for DnsName("gw.example.com")',
        "https://gw.internal/v1/models",
      ),
      failed("error:0A000086:SSL routines::certificate verify failed: (hostname mismatch)"),
    ],
  },
  {
    code: "certificate-untrusted",
    layer: "tls",
    severity: "critical",
    owner: "windmill-operator",
    title: "{process} does not trust the certificate of {host}",
    cause:
      "The certificate is self-signed, comes from an authority that {process} does not know (a company's own), or the gateway does not send the whole chain.",
    remedy: [
      SHOW_CERTIFICATE,
      "If the chain is incomplete: let the gateway's proxy send the intermediate certificates too.",
      "If the authority is your own: make {process} trust it (mount the authority's certificate and set SSL_CERT_FILE to a bundle that contains it), then restart it. Or give the gateway a certificate from a public authority.",
    ],
    match: [
      {
        transport:
          /UnknownIssuer|unknown (?:ca|issuer|certificate)|self[- ]signed|unable to (?:get (?:local )?issuer|verify the first)|DEPTH_ZERO|UNABLE_TO_VERIFY|CaUsedAsEndEntity|BadSignature|unhandled critical extension|certificate verify failed|invalid peer certificate|not trusted/i,
      },
    ],
    examples: [
      failed("invalid peer certificate: UnknownIssuer"),
      failed(
        "error:0A000086:SSL routines:tls_post_process_server_certificate:certificate verify failed:../ssl/statem/statem_clnt.c:1889: (self-signed certificate in certificate chain)",
      ),
    ],
  },
  {
    code: "https-to-http-port",
    layer: "tls",
    severity: "critical",
    owner: "workspace-admin",
    title: "base_url says https, but the port speaks plain http",
    cause: "Windmill began a TLS handshake and got something else back: {host} serves http on this port.",
    remedy: [
      "Change base_url in Resources > {resource_path} to http://, or to the port that serves https.",
      "Codex Pooler itself serves http only (port 4000): https comes from the proxy in front of it.",
    ],
    repairable: false,
    match: [
      {
        transport:
          /InvalidContentType|wrong version number|corrupt message|packet length too long|http request|unknown protocol|record overflow/i,
      },
    ],
    examples: [
      failed("received corrupt message of type InvalidContentType", "https://gw.internal:4000/v1/models"),
      failed(
        "error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:../ssl/record/methods/tlsany_meth.c:77:",
      ),
    ],
  },
  {
    code: "http-to-https-port",
    layer: "tls",
    severity: "critical",
    owner: "workspace-admin",
    title: "base_url says http, but the port speaks https",
    cause: "The server at {host} expects TLS on this port and got a plain http request.",
    remedy: ["Change base_url in Resources > {resource_path} to https://."],
    match: [
      {
        text: /plain HTTP request was sent to HTTPS port|HTTP request to an HTTPS server|speaking plain HTTP to an SSL-enabled|please use https protocol/i,
      },
    ],
    examples: [
      {
        body: "<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head><body><center>nginx</center></body></html>",
        content_type: "text/plain",
      },
      { body: "Client sent an HTTP request to an HTTPS server.\n", content_type: "text/plain" },
    ],
  },
  {
    code: "tls-failed",
    layer: "tls",
    severity: "critical",
    owner: "gateway-operator",
    title: "The TLS handshake with {host} fails",
    cause:
      "Windmill and the server at {host} found no common way to encrypt: the server wants a client certificate, does not know this name, or offers only old protocols; or a firewall broke the handshake.",
    remedy: [
      SHOW_CERTIFICATE,
      "Check on the gateway's proxy that it serves this name, TLS 1.2 or newer, and asks for no client certificate.",
    ],
    match: [
      {
        transport:
          /handshake|fatal alert|\balert\b|SSL routines|TLS|ssl error|PeerIncompatible|PeerMisbehaved|no cipher|protocol version|unrecogni[sz]ed.?name|revoked/i,
      },
    ],
    examples: [
      failed("received fatal alert: HandshakeFailure"),
      failed("tls handshake eof"),
      failed(
        "error:0A000410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure:../ssl/record/rec_layer_s3.c:1605:SSL alert number 40",
      ),
    ],
  },
];

/** The way from the browser or the job to Windmill: the token, and what stands in front of Windmill. */
const TOKEN_ROWS = [
  {
    code: "windmill-token-refused",
    layer: "token",
    severity: "critical",
    owner: "workspace-admin",
    title: "Windmill refuses the token of the request",
    cause:
      "Windmill did not accept the Windmill token (not the gateway's key): it is missing, expired, deleted, or its user has no access to this workspace. The gateway was not asked.",
    remedy: [
      "In a browser: sign in to Windmill again.",
      "In a script or with curl: make a new token under Account settings > Tokens and send it as `Authorization: Bearer <token>`.",
      "In a scheduled job: check that the user it runs as still exists in this workspace (Workspace settings > Users).",
    ],
    match: [
      { windmill: /^Unauthorized$/, status: [401] },
      { windmill: /^Not authorized: (?:Unauthorized|Invalid token|Token|.*\bexpired)/i, status: [401] },
    ],
    tells_apart:
      "A refusal of the gateway's key never arrives as 401: Windmill turns every error of the gateway into 400.",
    blind: true,
    examples: [
      { status: 401, body: "Unauthorized", content_type: "text/plain" },
      { status: 401, body: "Not authorized: Unauthorized", content_type: "text/plain" },
    ],
  },
  {
    code: "windmill-token-scope",
    layer: "token",
    severity: "critical",
    owner: "workspace-admin",
    title: "The Windmill token lacks the scope for AI requests",
    cause:
      "The token is valid but limited: AI requests need the scopes ai:read (model list) and ai:write (chat), and a read-only token cannot chat.",
    remedy: [
      "Make a token with the scopes ai:read and ai:write under Account settings > Tokens, or one without limits.",
      "A request that names a resource (X-Resource-Path) also needs resources:read:<path>.",
    ],
    match: [{ windmill: /^Permission denied: (?:Required scope|Token is read-only)/, status: [403] }],
    blind: true,
    examples: [
      { status: 403, body: "Permission denied: Required scope: ai:write", content_type: "text/plain" },
      { status: 403, body: "Permission denied: Token is read-only and cannot be used", content_type: "text/plain" },
    ],
  },
  {
    code: "job-token-confined",
    layer: "token",
    severity: "critical",
    owner: "workspace-admin",
    title: "A job's own token does not reach beyond its workspace",
    cause:
      "The request went out with the token that Windmill gives to a job, and such a token is good for the workspace of its job only: not for other workspaces, and not for the settings of the instance. Windmill confines it since August 2026, whoever runs the job.",
    remedy: [
      "Make a token of a person who may do it under Account settings > Tokens, store it in a secret variable, and give its path where the script asks for one.",
    ],
    match: [{ windmill: /^Permission denied: A job token\b/, status: [403] }],
    tells_apart: "Another workspace's own routes answer such a token with 401 `Unauthorized`.",
    blind: true,
    examples: [
      {
        status: 403,
        body: "Permission denied: A job token ($WM_TOKEN) is confined to the workspace of its job and cannot be used on /api/settings/global/ai_config, which is not workspace-scoped",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "not-admin",
    layer: "token",
    severity: "warning",
    owner: "workspace-admin",
    title: "This needs an admin of the workspace",
    cause: "Only admins of the workspace may read or change its AI settings, and the caller is not one.",
    remedy: ["Run it as an admin, or ask one: Workspace settings > Users lists them."],
    match: [{ windmill: /^Require Admin privileges/, status: [403] }],
    examples: [{ status: 403, body: "Require Admin privileges for member", content_type: "text/plain" }],
  },
  {
    code: "no-access",
    layer: "token",
    severity: "warning",
    owner: "workspace-admin",
    title: "The caller has no right to this item of the workspace",
    cause:
      "The item exists, or its path belongs to someone else, and the caller may not read or write it. Users' AI requests are not affected: Windmill reads the configured resource and its secret with its own rights.",
    remedy: [
      "Run it as an admin or as the item's owner, or share the item: open it under Resources or Variables > Share.",
    ],
    match: [
      { windmill: /^Not authorized: .*\b(?:but you don't have access|but it exists|You don't have write permission)/ },
      { windmill: /^SqlErr: .*violates row-level security policy/ },
      { windmill: /^Not authorized: /, unless_status: [400], last: true },
    ],
    tells_apart: "Servers before 1.788 say it as a 400 with `row-level security policy`; some reads say 404 instead.",
    examples: [
      {
        status: 401,
        body: "Not authorized: Variable exists but you don't have access to it:\nvariable perms: {}",
        content_type: "text/plain",
      },
      {
        status: 400,
        body: 'SqlErr: error returned from database: new row violates row-level security policy for table "variable" @variables.rs:628:5',
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "workspace-missing",
    layer: "token",
    severity: "critical",
    owner: "workspace-admin",
    title: "There is no such workspace",
    cause:
      "Windmill found no workspace with the id in the request's address. A superadmin gets as far as this even for ids that do not exist.",
    remedy: ["Check the workspace id: it is the part after /api/w/ and stands in Workspace settings > General."],
    match: [
      { windmill: /^SqlErr: .*no rows returned/, status: [400, 404, 500] },
      { windmill: /^Not found: workspace settings not found/ },
      { windmill: /^Internal: getting ai config: no rows returned/ },
    ],
    blind: true,
    examples: [
      {
        status: 404,
        body: "Not found: workspace settings not found at name nosuch (workspaces.rs:1044)",
        content_type: "text/plain",
      },
      {
        status: 500,
        body: "Internal: getting ai config: no rows returned by a query that expected to return at least one row @workspaces.rs:190:9",
        content_type: "text/plain",
      },
      {
        status: 400,
        body: "SqlErr: no rows returned by a query that expected to return at least one row @ai.rs:712:10",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "windmill-sign-in",
    layer: "token",
    severity: "warning",
    owner: "windmill-operator",
    title: "A sign-in page stands in front of Windmill",
    cause:
      "Something in front of Windmill (a single sign-on proxy, an access gateway) answered in its place. The request never reached Windmill, so this says nothing about the gateway.",
    remedy: [
      "In a browser: reload the page and sign in again.",
      "For checks from a job: set the input server_url of f/codex_pooler/check to an address that reaches the Windmill server from inside, e.g. http://windmill_server:8000.",
      "Or exempt /api/ from the sign-in proxy: Windmill checks its own tokens there.",
    ],
    match: [
      { front: true, page: true, status: [401, 403, 407] },
      { front: true, text: /sign[ -]?in|log[ -]?in|single sign|authenticat/i, status: [401, 403, 407] },
      { location: /(?:%2F|\/)api(?:%2F|\/)w(?:%2F|\/)/i, status: [301, 302, 303, 307, 308] },
    ],
    tells_apart:
      "A page of the gateway arrives as 200 or 400. With 401 or 403 it cannot come from there: Windmill turns the gateway's errors into 400.",
    toasts: [{ text: /^Connection error\.?$/i, rank: 4 }],
    blind: true,
    examples: [
      {
        status: 401,
        body: "<html><head><title>401 Authorization Required</title></head><body><center>nginx</center></body></html>",
        content_type: "text/html",
      },
      { status: 302, body: "", location: "/oauth2/sign_in?rd=%2Fapi%2Fw%2Fdemo", content_type: "text/html" },
    ],
  },
  {
    code: "windmill-front-error",
    layer: "connection",
    severity: "warning",
    owner: "windmill-operator",
    title: "The reverse proxy in front of Windmill answers with an error",
    cause:
      "The answer comes from the reverse proxy or load balancer in front of Windmill, not from Windmill: its server is down, restarting, overloaded, or the proxy's own limit was hit. The gateway was not asked.",
    remedy: [
      "Look whether the Windmill server runs.\ndocker compose ps windmill_server\nkubectl get pods -l app=windmill-app",
      "A 504 on long chats: raise the proxy's read time-out for /api/ above the longest answer. A 413: raise its body limit to 16 MB or more.",
      RUN_CHECK,
    ],
    match: [{ front: true }],
    tells_apart: "The gateway's own 502, 503 and 504 arrive as 400.",
    blind: true,
    examples: [
      {
        status: 502,
        body: "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>",
        content_type: "text/html",
      },
      { status: 503, body: "no available server", content_type: "text/plain" },
    ],
  },
  {
    code: "windmill-route-missing",
    layer: "connection",
    severity: "warning",
    owner: "windmill-operator",
    title: "The address answers, but it is not Windmill's API",
    cause:
      "The answer is a 404 or 405 without Windmill's words: the address leads to another server, a reverse proxy does not pass /api/ on, or this Windmill is too old to have the AI proxy.",
    remedy: [
      "Open <address>/api/version in a browser: it must show Windmill's version.",
      "If it does not, correct the base URL of the instance (Instance settings > Core > Base url) or the input server_url of the check.",
    ],
    match: [{ front: true, status: [404, 405, 410] }],
    blind: true,
    examples: [{ status: 404, body: "404 page not found", content_type: "text/plain" }],
  },
  {
    code: "browser-lost-connection",
    layer: "connection",
    severity: "warning",
    owner: "windmill-operator",
    title: "The browser lost its connection to Windmill",
    cause:
      "The page got no answer from Windmill: the network broke off, Windmill was restarted, or something between browser and Windmill closed the connection.",
    remedy: [
      "Reload the page and try again.",
      "If it comes back: look whether the Windmill server restarts.\ndocker compose ps windmill_server",
    ],
    match: [],
    tells_apart: "It passes by itself; a redirect of the gateway does not, and f/codex_pooler/check shows it.",
    toasts: [{ text: /^Connection error\.?$/i, rank: 3 }],
    examples: [],
  },
  {
    code: "server-url-unreachable",
    layer: "connection",
    severity: "warning",
    owner: "windmill-operator",
    title: "The job could not reach Windmill's own server",
    cause:
      "The job that ran the check could not open {server_url}, the address that people's browsers use. Whether users are served is unknown: they may well reach it from where they are.",
    remedy: [
      "Set the input server_url of f/codex_pooler/check to an address of the Windmill server that workers reach, e.g. http://windmill_server:8000 with Docker Compose or http://windmill-app:8000 with Helm.",
      "Or let workers reach the public address: its name must resolve there, and its certificate must be trusted there.",
    ],
    match: [{ failure: ["network"] }, { failure: ["network"], route: "server" }],
    tells_apart:
      "A failure between Windmill and the gateway arrives as a 500 with `error sending request for url`; here not even Windmill answered.",
    blind: true,
    examples: [
      {
        status: null,
        failure: {
          kind: "network",
          message: "ConnectionRefused: Unable to connect. Is the computer able to access the url?",
        },
        route: "server",
      },
      {
        status: null,
        failure: { kind: "network", message: "fetch failed <- ENOTFOUND: getaddrinfo ENOTFOUND windmill.example.com" },
      },
    ],
  },
  {
    code: "worker-url-unreachable",
    layer: "connection",
    severity: "warning",
    owner: "windmill-operator",
    title: "The job could not reach its own worker",
    cause:
      "The job could not open the worker's embedded API. The worker is being stopped or is overloaded; whether agent steps work is unknown.",
    remedy: [
      "Run the check again. If it stays, read the worker's log.\ndocker compose logs --tail 100 windmill_worker",
    ],
    match: [{ failure: ["network"], route: "worker" }],
    blind: true,
    examples: [
      {
        status: null,
        failure: { kind: "network", message: "ECONNREFUSED: connect ECONNREFUSED 127.0.0.1:8001" },
        route: "worker",
      },
    ],
  },
];

/** Settings of a shape that this product does not know. They are left alone, and what they mean is not guessed. */
const UNDERSTOOD_ROWS = [
  {
    code: "connection-not-understood",
    layer: "workspace-settings",
    severity: "critical",
    owner: "workspace-admin",
    title: "The AI settings describe the connection in a way that this product does not know",
    cause:
      "The provider customai is in the AI settings, but its resource path or its list of models has another shape than Windmill's settings page writes: settings written by a script, or by a newer Windmill. So it is not known what people's requests go through, and nothing was asked.",
    remedy: [
      OPEN_AI_SETTINGS,
      "Choose the resource and the models of Custom AI once more and save: the page writes both anew.",
      "If that does not help, install a newer version of this bundle.",
    ],
    match: [],
    blind: true,
    explains: ["no-default-model", "default-model-not-enabled", "no-metadata-model"],
    examples: [],
  },
  {
    code: "own-settings-ignored",
    layer: "workspace-settings",
    severity: "warning",
    owner: "workspace-admin",
    title: "Windmill does not use this workspace's own AI settings",
    cause:
      "The workspace has AI settings, and people get others: Windmill could not read those of the workspace and took the instance's without a word. The providers that nobody gets are in the evidence.",
    remedy: [
      OPEN_AI_SETTINGS,
      "Save the page once: it writes all keys anew. Or run f/codex_pooler/connect.",
      "If the instance's settings are meant: remove the workspace's own providers on that page.",
    ],
    match: [],
    explains: ["instance-settings-in-use"],
    examples: [],
  },
  {
    code: "settings-not-understood",
    layer: "workspace-settings",
    severity: "info",
    owner: "workspace-admin",
    title: "A part of the AI settings has a shape that this product does not know",
    cause:
      "The part that the evidence names was written by a newer Windmill or by a script. It is left as it is; what depends on it was checked as if it were not set.",
    remedy: ["Nothing needs to be done while Windmill AI works. A newer version of this bundle may know the shape."],
    match: [],
    examples: [],
  },
  {
    code: "signs-contradict",
    layer: "unrecognised",
    severity: "warning",
    owner: "workspace-admin",
    title: "What was seen does not fit together",
    cause:
      "The check saw signs that contradict each other, so it names no cause. What it saw is in the evidence and in the list of requests.",
    remedy: [
      "Run f/codex_pooler/check again: what was in motion is then at rest.",
      "If it comes back, the evidence shows which requests were answered and which were not; please report it with them.",
    ],
    match: [],
    examples: [],
  },
];

/** Behind the gateway: its provider, its own load and its own faults. */
const UPSTREAM_ROWS = [
  {
    code: "gateway-overloaded",
    layer: "upstream",
    severity: "critical",
    owner: "wait",
    title: "The gateway or its provider is overloaded",
    cause:
      "All places are taken: more requests at once than the gateway or the provider handles. It usually passes by itself.",
    remedy: [
      "Try again in a minute.",
      "If it comes back at busy times: raise the gateway's concurrency limits, or add accounts or machines.",
    ],
    covers: ["load", "time"],
    narrows: ["gateway-proxy-error", "upstream-unreachable"],
    match: [
      { code: ["server_is_overloaded"] },
      {
        sort: [
          "overloaded",
          "overloaded_error",
          "model_overloaded",
          "server_overloaded",
          "capacity_exceeded",
          "engine_overloaded",
          "engine_overloaded_error",
          "slow_down",
        ],
      },
      {
        type: [
          "overloaded_error",
          "overloaded",
          "service_unavailable",
          "unavailable",
          "service_unavailable_error",
          "serviceunavailableerror",
          "modeloverloaded",
        ],
      },
      {
        text: /overloaded|(?:no|at|over|insufficient) capacity|capacity constraints?|capacity (?:is )?exceeded|(?:server|model|service|system) (?:is )?(?:currently )?(?:too )?busy|maximum pending requests|queue (?:is )?full|no slots? available|too many (?:concurrent|pending) |reset reason: overflow|服务(?:器)?繁忙|访问量过大|使用人数较多|系统繁忙|сервер перегружен|(?:server|dienst) (?:ist )?(?:\u00fcberlastet|ausgelastet)|混雑して/i,
      },
      { said: [503, 529] },
      { gist: says$1("server", "busy") },
    ],
    toasts: [{ text: REDACTED_TOAST, rank: 6 }],
    examples: [
      {
        body: {
          error: {
            message: "gateway route class is temporarily overloaded",
            type: "server_error",
            code: "server_is_overloaded",
            param: null,
          },
        },
      },
      { body: redacted("server_is_overloaded") },
      { body: { type: "error", error: { type: "overloaded_error", message: "Overloaded" } } },
      { body: { error: "Model is overloaded", error_type: "overloaded" } },
      {
        body: [
          { error: { code: 503, message: "The model is overloaded. Please try again later.", status: "UNAVAILABLE" } },
        ],
      },
      { body: "Service Unavailable", content_type: "text/plain" },
    ],
  },
  {
    code: "gateway-starting",
    layer: "upstream",
    severity: "critical",
    owner: "wait",
    title: "The gateway is still starting",
    cause:
      "The gateway answers but is not ready: it has not loaded its settings (its database may be unreachable) or is still loading the model.",
    remedy: [
      "Wait a minute and run the check again.",
      "If it stays: look at /readyz of the gateway, at its log and at its database.",
    ],
    covers: ["load", "inside"],
    narrows: ["model-not-served"],
    match: [
      { code: ["settings_unavailable", "model_loading", "warming_up"] },
      {
        text: /loading model|cold start|model is (?:currently |still )?(?:loading|warming)|runtime settings are temporarily unavailable|no_db_connection|db not connected|no connected db|not (?:loaded|ready|started) yet|still (?:starting|initiali[sz]ing|warming)|starting up|not (?:yet )?ready/i,
      },
      { sort: ["no_db_connection", "unavailable_error"] },
      { gist: says$1("server", "starting") },
    ],
    examples: [
      { body: openError("runtime settings are temporarily unavailable", "settings_unavailable") },
      { body: { error: { code: 503, message: "Loading model", type: "unavailable_error" } } },
    ],
  },
  {
    code: "gateway-maintenance",
    layer: "upstream",
    severity: "critical",
    owner: "wait",
    title: "The gateway is down for maintenance",
    cause: "The gateway, or the provider behind it, says that it is being worked on.",
    remedy: ["Wait until it is over; the gateway's operator knows when.", RUN_CHECK],
    match: [
      {
        text: /(?:under|down for|undergoing|scheduled|in) maintenance|maintenance (?:mode|window|in progress|break)|wartungsarbeiten|wartungsmodus|en (?:cours de )?maintenance|en mantenimiento|em manutenção|维护中|メンテナンス中|점검 중|технические работы/i,
      },
    ],
    examples: [{ body: webPage("Site under maintenance", "We will be back soon."), content_type: "text/plain" }],
  },
  {
    code: "out-of-memory",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    title: "The model server has not enough memory for {model}",
    cause:
      "The machine that runs the model ran out of main memory or of memory on its graphics card, while loading {model} or while answering. Long chats need more of it than short questions.",
    remedy: [
      "Use a smaller model or a smaller quantisation of it, or unload what else is loaded (Ollama: `ollama ps`, `ollama stop <model>`).",
      "Give it a smaller context: Ollama: OLLAMA_CONTEXT_LENGTH or num_ctx; llama.cpp: -c; vLLM: --max-model-len and --gpu-memory-utilization; LM Studio: the context length of the load settings.",
      "Or give the machine, or the container's limit, more memory.",
    ],
    covers: ["memory"],
    narrows: ["model-load-failed", "gateway-starting", "gateway-crashed", "upstream-failed", "gateway-overloaded"],
    match: [
      {
        words:
          /out of memory|(?:unable to|failed to|cannot) allocate|requires more (?:system |gpu |video )?memory|insufficient (?:system )?(?:memory|resources|vram)|not enough (?:memory|vram|gpu memory)|(?:cuda|hip|metal|vulkan)\w* .{0,40}(?:malloc|alloc)\w* failed|\bOOM(?:-?killed|error)?\b|outofmemory|cannot allocate memory|terminated: signal: killed|kv cache .{0,60}(?:not enough|insufficient)|(?:内存|显存)不足/i,
      },
      { gist: says$1("memory", "short") },
    ],
    examples: [
      {
        body: {
          error: {
            message: "model requires more system memory (7.5 GiB) than is available (5.2 GiB)",
            type: "api_error",
            param: null,
            code: null,
          },
        },
      },
      {
        body: {
          error: {
            message: "CUDA out of memory. Tried to allocate 50.00 MiB.",
            type: "InternalServerError",
            code: 500,
          },
        },
      },
    ],
  },
  {
    code: "region-refused",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    lasting: true,
    title: "The provider does not serve the region that the gateway calls from",
    cause:
      "The provider looks at the address that the request comes from and does not serve its country. It is the gateway's outgoing address, or Windmill's where base_url is the provider itself. Key, quota and model are not to blame.",
    remedy: [
      "Let the gateway call from a region that the provider serves: another machine or outgoing proxy (Codex Pooler and LiteLLM read HTTPS_PROXY).",
      "Or use the model through a provider that serves your region, e.g. Azure, Vertex or Bedrock.",
      FIND_REQUEST,
    ],
    match: [
      { code: ["unsupported_country_region_territory"] },
      {
        words:
          /(?:country|region|territory|location) (?:is )?(?:not|un)(?: ?supported| available| allowed)|requests from \w{3,30} are not (?:accepted|allowed|served)|not (?:supported|available|offered) in your (?:country|region|location)|\buser location is not supported|(?:unavailable|blocked|restricted) in your (?:country|region)|(?:不支持|无法在)(?:您|你)?所在的?(?:国家|地区|区域)|(?:地区|区域|国家)(?:暂)?不(?:受)?支持/i,
      },
    ],
    examples: [
      {
        body: openError(
          "Country, region, or territory not supported",
          "unsupported_country_region_territory",
          "request_forbidden",
        ),
      },
      {
        body: [
          {
            error: {
              code: 400,
              message: "User location is not supported for the API use.",
              status: "FAILED_PRECONDITION",
            },
          },
        ],
      },
    ],
  },
  {
    code: "organisation-not-verified",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    lasting: true,
    title: "The provider wants the organisation to be verified first",
    cause:
      "OpenAI gives some models, and streams and reasoning summaries of others, to verified organisations only. The account behind the gateway belongs to one that is not. Windmill's chats and AI agent steps always stream, so they fail; `Test key` and summaries may work.",
    remedy: [
      "The owner of the provider's account opens platform.openai.com/settings/organization/general and verifies the organisation; it takes up to 15 minutes to count.",
      "Until then choose a model that needs no verification as default model in Workspace settings > Windmill AI.",
      RUN_CHECK,
    ],
    narrows: ["unsupported-parameter", "model-not-allowed", "model-not-served"],
    match: [
      {
        words:
          /organi[sz]ation must be verified|verify (?:your )?organi[sz]ation|organi[sz]ation (?:is )?(?:not|un)(?: ?verified| been verified)|(?:identity|account) verification (?:is )?required|complete .{0,20}verification|请先完成实名认证|实名认证/i,
      },
    ],
    examples: [
      {
        body: openError(
          "Your organization must be verified to stream this model. Please go to: https://platform.openai.com/settings/organization/general and click on Verify Organization.",
          "unsupported_value",
          "invalid_request_error",
          "stream",
        ),
      },
    ],
  },
  {
    code: "provider-api-off",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    title: "The provider's API is switched off for the account's project",
    cause:
      "The provider's account is good, and the project that the key belongs to has not switched this API on. It is no matter of rights of the key.",
    remedy: [
      "Open the address in the message as the owner of the project and enable the API; wait some minutes. Google: Generative Language API, or Vertex AI API.",
      RUN_CHECK,
    ],
    match: [
      { code: ["service_disabled"] },
      {
        words:
          /api has not been used in project|\bapi (?:is |has been )?(?:disabled|not enabled)\b.{0,120}(?:project|enable it|account)|enable (?:it|the api) by visiting/i,
      },
    ],
    examples: [
      {
        body: [
          {
            error: {
              code: 403,
              message:
                "Generative Language API has not been used in project 12345 before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/generativelanguage.googleapis.com/overview?project=12345 then retry.",
              status: "PERMISSION_DENIED",
            },
          },
        ],
      },
    ],
  },
  {
    code: "routing-excludes-all",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway's own routing rules leave no provider for {model}",
    cause:
      "Providers of {model} exist, and the settings of the gateway's account exclude all of them: a privacy or data policy, a guardrail, or lists of allowed and ignored providers.",
    remedy: [
      "OpenRouter: open openrouter.ai/settings/privacy (data policy) and openrouter.ai/settings/preferences (allowed and ignored providers) and allow one that serves the model.",
      "Or choose a model that an allowed provider serves: {served}.",
    ],
    match: [
      {
        words:
          /no (?:endpoints|providers?) (?:found|available) (?:matching|that match|that can handle)|matching your (?:data policy|guardrail)|no allowed providers? (?:are|is) available|all providers have been ignored/i,
      },
    ],
    examples: [
      {
        body: {
          error: {
            message:
              "No endpoints found matching your data policy (Paid model training). Configure: https://openrouter.ai/settings/privacy",
            code: 404,
          },
        },
      },
    ],
  },
  {
    code: "inner-certificate",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    title: "A hop behind base_url fails for a certificate",
    cause:
      "Windmill reached the server at base_url, and that server could not make a TLS connection to the next one: the proxy to the gateway, or the gateway to its provider. The certificate there is expired, self-signed or for another name, or one side speaks plain http.",
    remedy: [
      "Look at the certificate of the server behind the proxy.\\nopenssl s_client -connect <gateway>:<port> -servername <name> </dev/null",
      "Correct it, or make the hop before it trust it: Cloudflare: SSL mode Full with an origin certificate; nginx: proxy_ssl_trusted_certificate; Envoy and Istio: the trusted CA of the upstream's TLS context; Python gateways such as LiteLLM: SSL_CERT_FILE or `ssl_verify`.",
      "If the next server speaks http, say http:// there (WRONG_VERSION_NUMBER).",
    ],
    covers: ["trust"],
    narrows: ["gateway-proxy-error", "upstream-unreachable", "gateway-timeout"],
    match: [
      {
        words:
          /certificate[ _]verify[ _]failed|self[ -]signed certificate|unable to get (?:local )?issuer|certificate .{0,40}is not trusted|unable to verify the first certificate|UNABLE_TO_VERIFY|(?:ssl|tls) handshake (?:error|fail\w+)|tls: handshake|certificate (?:has expired|is not valid|is not trusted|signed by unknown authority)|x509: |X509_V_ERR|TLS_error|SSL routines|wrong[ _]version[ _]number|error code:? 52[56]\b|52[56]: (?:ssl handshake failed|invalid ssl certificate)|ssl handshake (?:failed|with remote server)|failed to establish a secure connection|tls: (?:failed to verify|handshake failure)|invalid ssl certificate/i,
      },
      { said: [525, 526] },
    ],
    tells_apart:
      "A certificate that Windmill itself refuses comes as `error sending request` with status 500, never in a 400.",
    examples: [
      { body: "error code: 526", content_type: "text/plain" },
      {
        body: "upstream connect error or disconnect/reset before headers. retried and the latest reset reason: remote connection failure, transport failure reason: TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "upstream-unreachable",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway cannot reach its provider",
    cause: "The gateway accepted the request and could not connect to the upstream provider with any of its accounts.",
    remedy: [
      "Check from the gateway's machine that it reaches the provider: name resolution, firewall, outgoing proxy.",
      FIND_REQUEST,
    ],
    covers: ["link"],
    match: [
      { code: ["upstream_request_failed", "upstream_unreachable", "upstream_connect_error"] },
      { sort: ["connection_error"] },
      { type: ["apiconnectionerror", "connection_error"] },
      {
        text: /cannot connect to host|(?:^|[:-] )connection error\.{0,2}$|error sending request for url|connect ECONNREFUSED|connect call failed|dial tcp|name or service not known|getaddrinfo|max retries exceeded with url|server connection error|no such host|could not resolve|connection (?:refused|reset)|ECONNRE\w+|socket hang up|connection attempts failed|disconnected without sending|network is unreachable|i\/o timeout|EAI_AGAIN|broken pipe|failed to (?:connect|reach) (?:to )?(?:the )?(?:provider|upstream|backend|model|ollama)|fetch failed$/i,
      },
    ],
    examples: [
      { body: redacted("upstream_request_failed") },
      {
        body: {
          error: {
            message: "litellm.InternalServerError: InternalServerError: OpenAIException - Connection error.",
            type: null,
            param: null,
            code: "500",
          },
        },
      },
      {
        body: {
          error: {
            message: "error sending request for url (https://api.openai.com/v1/chat/completions)",
            type: "api_error",
          },
        },
      },
    ],
  },
  {
    code: "safety-refused",
    layer: "upstream",
    severity: "warning",
    owner: "wait",
    title: "A content filter refused the text of the request",
    cause:
      "A safety policy, content filter or guardrail of the provider or of the gateway refused this text. The connection works.",
    remedy: [
      "Word the request differently. If harmless texts are refused, the gateway's operator can loosen the filter (Azure: content filters of the deployment; LiteLLM, Portkey and Kong: the guardrail) or ask the provider.",
    ],
    match: [
      {
        code: [
          "misalignment_policy_violation",
          "content_filter",
          "content_policy_violation",
          "responsibleaipolicyviolation",
          "cyber_policy_violation",
          "data_inspection_failed",
          "datainspectionfailed",
        ],
      },
      { sort: ["contentpolicyviolationerror", "hooks_failed", "moderation_blocked"] },
      {
        text: /content (?:management )?polic(?:y|ies)|safety (?:policy|system|reasons|filter)|content[_ ]filter(?!ing\b)|inappropriate content|guardrail|\bmoderation\b|(?:usage|acceptable use) policy|prompt injection|flagged (?:for|as)|violat\w+ (?:of )?(?:our |the |provider )?(?:usage|terms|content|acceptable|guardrail|policy|polic)|sensitive[_ ](?:content|words)|(?:敏感|违规|不安全|不适当)(?:内容|信息|词)?|内容(?:审核|安全)/i,
      },
      { gist: says$1("text", "unsafe") },
    ],
    examples: [
      { body: openError("The request was refused by the safety policy", "misalignment_policy_violation") },
      {
        body: openError(
          "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
          "content_filter",
        ),
      },
    ],
  },
  {
    code: "gateway-accounting",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway cannot book the request",
    cause:
      "The gateway failed to reserve or record the request's cost before running it: a fault of the gateway or its database.",
    remedy: ["Look at the gateway's log and at its database at the time of the check."],
    match: [{ code: ["gateway_reservation_failed", "gateway_accounting_failed"] }],
    examples: [{ body: redacted("gateway_reservation_failed") }, { body: redacted("gateway_accounting_failed") }],
  },
  {
    code: "gateway-crashed",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway failed inside",
    cause: "The gateway answered `Internal Server Error` without saying more: a fault of its own, often its database.",
    remedy: [
      "Look at the gateway's log at the time of the check; the x-request-id of a working answer shows how it marks requests there.",
    ],
    covers: ["inside"],
    behind: "upstream-failed",
    match: [
      { said: [500, 501] },
      { type: ["internal_server_error", "internal_error", "internalservererror", "api_error", "internal"] },
      {
        text: /^\W{0,3}(?:500 )?internal server error\W*$|panic detected|runtime error: |engine ?core encountered an issue|engine ?dead|nil pointer dereference|'NoneType' object|cannot read propert|undefined is not|(?:model|server|engine|backend) (?:has )?crashed|internal error has occurred|returned (?:an )?unexpected response|traceback \(most recent call last\)/i,
      },
    ],
    examples: [
      { body: "Internal Server Error", content_type: "text/plain" },
      { body: { errors: { detail: "Internal Server Error" } } },
      { body: { error: { message: "Internal server error", type: "api_error" } } },
      { body: { message: "Internal server error" } },
    ],
  },
  {
    code: "upstream-failed",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    title: "The provider behind the gateway failed",
    cause:
      "The gateway passed the request on and got an error, or no complete answer, from the upstream provider. The gateway hides the details.",
    remedy: [
      FIND_REQUEST,
      "If many requests fail: look at the provider's status page. If one model fails: try another.",
    ],
    covers: ["link", "inside"],
    match: [
      { code: ["upstream_error", "upstream_status", "upstream_response_missing", "upstream_failed"] },
      { type: ["server_error", "upstream_error", "upstreamerror"] },
      { type: ["bad_response_status_code"] },
      {
        text: /^upstream request failed$|the server had an error (?:while )?processing|^upstream error\W*$|invalid response received from|provider disconnected|no (?:response|answer) from (?:the )?(?:provider|upstream)/i,
      },
      { gist: says$1("provider", "broke") },
    ],
    toasts: [{ text: REDACTED_TOAST, rank: 10 }],
    examples: [
      { body: redacted("upstream_error") },
      { body: redacted("upstream_status") },
      { body: redacted("upstream_response_missing") },
      {
        body: {
          error: {
            message: "The server had an error while processing your request. Sorry about that!",
            type: "server_error",
            param: null,
            code: null,
          },
        },
      },
    ],
  },
];

/** The diagnosis table, in the order of a request's way: an earlier row wins among equally strong matches. */
const TABLE = [
  ...TOKEN_ROWS,
  ...SETTINGS_ROWS,
  ...UNDERSTOOD_ROWS,
  ...RESOURCE_ROWS,
  ...ADDRESS_ROWS,
  ...SECRET_ROWS,
  ...GUARD_ROWS,
  ...CONNECTION_ROWS,
  ...TLS_ROWS,
  ...REDIRECT_ROWS,
  ...FRONT_ROWS,
  ...GATEWAY_ROWS,
  ...KEY_ROWS,
  ...KEY_POLICY_ROWS,
  ...QUOTA_ROWS,
  ...MODEL_ROWS,
  ...MODEL_SEEN_ROWS,
  ...ACCOUNT_ROWS,
  ...UPSTREAM_ROWS,
  ...LIMIT_ROWS,
  ...REQUEST_ROWS,
  ...ANSWER_ROWS,
  ...HEALTH_ROWS,
];

const BY_CODE$1 = new Map(TABLE.map((row) => [row.code, row]));

/** The code of what nothing fits. */
const UNRECOGNISED = "unrecognised";

/**
 * The row of a code.
 *
 * @throws Error for a code that no row has: a mistake in the program, not in its input.
 */
function rowOf(code) {
  const row = BY_CODE$1.get(code);
  if (!row) throw new Error(`There is no row "${code}" in the diagnosis table.`);
  return row;
}

/** Whether the code says that nothing could be measured, so that the status is unknown rather than down. */
const isBlind = (code) => BY_CODE$1.get(code)?.blind === true;

/**
 * How much a fulfilled condition counts: whose words it is > an exact code > words that mean one thing > words > their gist > a sort > a type >
 * circumstances. A `sort` counts as a code where the message is silent. A clause without words yields to a message about something
 * that its row does not cover ({@link Row.covers}).
 */
const STRENGTH = {
  windmill: 64,
  transport: 64,
  failure: 64,
  code: 32,
  front: 24,
  words: 22,
  location: 15,
  text: 15,
  gist: 13,
  sort: 12,
  problem: 8,
  type: 4,
  page: 2,
  empty: 2,
  said: 2,
  upstream: 1,
  status: 1,
  unless_status: 0,
  route: 1,
  kind: 1,
  last: -1,
};

/** Characters of a web page that are looked at: its title and its first lines say what it is, and styles may stand before them. */
const PAGE_LIMIT = 24_000;

const PAGE_TEXT_LIMIT = 900;

/** The JSON value of a text, or undefined. A JSON object that was cut off still gives up its first fields. */
function asJson(text) {
  const trimmed = text.trim();
  if (!/^[[{]/.test(trimmed)) return undefined;
  try {
    return JSON.parse(trimmed);
  } catch {
    return salvage(trimmed);
  }
}

const CUT_FIELD =
  /["'](code|type|message|detail|status)["']\s{0,9}:\s{0,9}(?:"((?:[^"\\]|\\.){0,2000})|'((?:[^'\\]|\\.){0,2000})|(\d{1,9}))/g;

/** What can be read of a JSON error whose end is missing, or of one that Python printed: a cut toast, a body over the limit. */
function salvage(text) {
  const head = text.slice(0, 4_000);
  if (!/["'](?:error|message|detail)["']\s*:/.test(head)) return undefined;
  const error = {};
  for (const [, name = "", double, single, number] of head.matchAll(CUT_FIELD)) {
    error[name] ??= number === undefined ? (double ?? single) : Number(number);
  }
  return Object.keys(error).length > 0 ? { error } : undefined;
}

const isObject$1 = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

const objectIn = (value) => (isObject$1(value) ? value : {});

/** The first of the values that is a text with something in it. Python's "None" is nothing. */
const firstText = (...values) =>
  values.find((value) => typeof value === "string" && value !== "" && value !== "None") ?? "";

const firstStatus = (...values) => {
  for (const value of values) {
    const number = typeof value === "string" && /^[45]\d\d$/.test(value) ? Number(value) : value;
    if (typeof number === "number" && number >= 400 && number <= 599) return number;
  }
  return null;
};

/** Fields that hold an error's status or code, by product: OpenAI, Google, Nest, Azure, one's own, MiniMax, Baidu and Huawei. */
const STATUS_FIELDS = ["code", "status", "statusCode", "status_code", "http_code", "error_code"];

/** Fields that hold the words, likeliest first. */
const WORD_FIELDS = ["message", "msg", "faultstring", "status_msg", "error_msg", "errmsg", "err", "errorMessage"];

/**
 * The error in a JSON body, or null when it holds none. Shapes: `{error:{...}}` (OpenAI, Anthropic, Google in an array),
 * `{error:"..."}` (Ollama, TGI, LM Studio, xAI beside a `code`), `{object:"error",...}` (vLLM), `{detail}` (FastAPI), `{message}`
 * (Kong, AWS), `{msg}` (gateways of Chinese make), `{errors}` (Phoenix, Cloudflare), `{title,status}` (RFC 9457), `{fault}`
 * (Apigee), `{base_resp}` (MiniMax, with status 200).
 */
function errorIn(json) {
  const outer = Array.isArray(json) ? json[0] : json;
  if (!isObject$1(outer)) return null;
  const listed = firstOf(outer.errors);
  const base = objectIn(outer.base_resp);
  const inner = [
    firstOf(outer.error),
    listed,
    outer.detail,
    outer.fault,
    base.status_code ? base : undefined,
    objectIn(outer.response).error,
    outer.header,
  ].find(isObject$1);
  const source = inner ?? outer;
  const message = words(source, outer, listed);
  // Google puts a word like RESOURCE_EXHAUSTED into `status`; outside an error object it is no code.
  const code = firstText(source.code, outer.code, inner?.status, source.error_code);
  const isPhrase = /\s/.test(code);
  const type = firstText(
    source.type,
    source.error_type,
    outer.error_type,
    outer === source ? "" : outer.type,
    source.__type,
    outer.__type,
    source.name,
    isPhrase ? code : "",
  );
  const isAnswer = [outer.choices, outer.data, outer.models].some((part) => part !== undefined && part !== null);
  const isError = inner !== undefined || outer.object === "error" || Boolean(outer.error) || !isAnswer;
  if (!isError || (message === "" && code === "" && inner === undefined)) return null;
  const metadata = objectIn(source.metadata);
  return {
    code: isPhrase || /^\d+$/.test(code) ? "" : code,
    type: isPhrase ? code : type,
    reason: reasonIn(source),
    message,
    said: firstStatus(...STATUS_FIELDS.flatMap((name) => [source[name], outer[name]])),
    raw: typeof metadata.raw === "string" ? metadata.raw : isObject$1(metadata.raw) ? JSON.stringify(metadata.raw) : "",
    provider: firstText(metadata.provider_name, outer.provider),
  };
}

const firstOf = (value) => (Array.isArray(value) ? value[0] : value);

/** The words of an error, wherever they stand. A title comes before what explains it. */
function words(source, outer, listed) {
  const own = firstText(
    ...WORD_FIELDS.map((name) => wordsOf(source[name])),
    wordsOf(source.error),
    source === outer ? "" : wordsOf(source.detail),
    wordsOf(outer.error),
  );
  const title = firstText(outer.title);
  const detail = wordsOf(outer.detail);
  return firstText(
    own,
    title !== "" && detail !== "" ? `${title}: ${detail}` : "",
    detail,
    ...WORD_FIELDS.map((name) => wordsOf(outer[name])),
    wordsOf(listed),
    source.description,
    wordsOf(source.reason),
    outer.error_description,
    title,
    outer.Message,
  );
}

/** What a body says for programs beside its code. */
function reasonIn(source) {
  const details = Array.isArray(source.details) ? source.details.map(objectIn) : [];
  return firstText(
    ...details.map(({ reason }) => reason),
    objectIn(source.innererror).code,
    objectIn(source.inner_error).code,
    objectIn(source.detail).errorcode,
    objectIn(source.metadata).error_type,
    objectIn(source.metadata).provider_error_code,
  );
}

/** The words in a message that may be a text, a list of validation errors (FastAPI) or an object around a text (LiteLLM). */
function wordsOf(value) {
  if (typeof value === "string") return value;
  if (!Array.isArray(value) && !isObject$1(value)) return "";
  if (isObject$1(value)) return firstText(value.message, value.error, value.msg, listOf(value.detail));
  return listOf(value);
}

/** A list of errors as one text, each with the place that it is about. */
function listOf(value) {
  if (!Array.isArray(value)) return "";
  return value
    .slice(0, 5)
    .map((item) => {
      if (typeof item === "string") return item;
      if (!isObject$1(item)) return "";
      const place = Array.isArray(item.loc) ? `${item.loc.join(".")}: ` : "";
      return `${place}${firstText(item.msg, item.message, item.description)}`;
    })
    .filter((text) => text !== "")
    .join("; ");
}

/** Whether the body is a web page, by its first tag; a content type alone proves nothing about the text. */
function isPage({ body, content_type }) {
  const head = body.slice(0, 900).trimStart();
  return (
    /^(?:<\?xml[^>]{0,200}>\s{0,20})?(?:<!--[^>]{0,400}-->\s{0,20})*<(?:!doctype|html|head|body|title|center|h[1-3]|script|meta|div|p|pre|a\s)\b/i.test(
      head,
    ) ||
    (content_type === "text/html" && head.startsWith("<"))
  );
}

/** What a person would see on a page: the title, then the first words. A password field leaves a mark. */
function pageText(body) {
  const head = body.slice(0, PAGE_LIMIT);
  const title = /<title[^>]{0,200}>([^<]{0,200})/i.exec(head)?.[1]?.trim() ?? "";
  const text = head
    .replace(/<(script|style|title)\b[\s\S]*?(?:<\/\1>|$)/gi, " ")
    .replace(/<!--[\s\S]*?(?:-->|$)/g, " ")
    .replace(/<[^>]{0,2000}>/g, " ")
    .replace(/&#(\d{1,5});/g, (_, number) => String.fromCharCode(Number(number)))
    .replace(/&(?:nbsp|quot|amp);/g, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, PAGE_TEXT_LIMIT);
  const field = /<input[^>]{0,300}type=["']?password/i.test(head) ? " [password field]" : "";
  return `${title}${title === "" ? "" : ": "}${text}${field}`;
}

/** The events of a whole stream. Comments such as keepalives are skipped, and an event that no empty line ends does not count. */
function parseEvents(text) {
  const events = [];
  const parser = createParser({ onEvent: ({ event, data }) => events.push({ event: event ?? "", data }) });
  // A text is complete, so its line ends can be evened out first: the parser holds back a final CR, which might become CRLF.
  parser.feed(text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n"));
  return events;
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

const wrong = (kind, detail, error) => ({
  ok: false,
  problem: { kind, detail, ...(error ? { error } : {}) },
});

const REFUSED = wrong("refused", "");

/** No answer of the gateway's to judge: refused, redirected, unreachable or late. A body that broke off is one to judge. */
function isRefused$1({ status, failure }) {
  return status === null || status < 200 || status > 299 || (failure !== undefined && failure.kind !== "aborted");
}

/** The JSON object of a 200, or what stands in its place. */
function readObject(outcome) {
  if (isRefused$1(outcome)) return REFUSED;
  if (isPage(outcome) || outcome.content_type === "text/html") return wrong("html", "a web page came instead of JSON");
  if (outcome.failure) return wrong("stream-cut", "the body broke off before its end");
  const json = parse(outcome.body);
  if (json === undefined) {
    return wrong(
      "not-json",
      outcome.body.trim() === "" ? "the body is empty" : describe(outcome, "the body is not JSON"),
    );
  }
  const error = errorIn(json);
  if (error) return wrong("error-object-in-200", "an error came with status 200", error);
  if (!isObject(json)) return wrong("not-json", "the body is JSON, but not an object");
  if (Object.keys(json).length === 0) return wrong("empty-object", "the body is {}");
  return { json };
}

function describe(outcome, what) {
  return outcome.truncated ? `${what} within its first ${outcome.body.length} characters` : what;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The gateway's own count of a completion's tokens. */
function tokensIn(json) {
  const usage = isObject(json) ? json.usage : undefined;
  const total = isObject(usage) ? usage.total_tokens : undefined;
  return typeof total === "number" && Number.isInteger(total) ? { tokens: total } : {};
}

/** GET /models: a list with at least one id. */
function judgeModels(outcome) {
  const read = readObject(outcome);
  if (!("json" in read)) return read;
  const { data } = read.json;
  if (!Array.isArray(data))
    return wrong("no-list", "there is no `data` list, so this is not the OpenAI-shaped address");
  if (data.length === 0) return wrong("empty-list", "the list of models is empty");
  const models = data.map((row) => (isObject(row) ? row.id : undefined));
  if (!models.every((id) => typeof id === "string")) return wrong("no-list", "an entry of `data` has no `id`");
  return { ok: true, models };
}

/** GET /usage: any JSON object that is no error. */
function judgeUsage(outcome) {
  const read = readObject(outcome);
  return "json" in read ? { ok: true } : read;
}

/** A plain completion with text in it. */
function judgeCompletion(outcome) {
  const read = readObject(outcome);
  if (!("json" in read)) return read;
  const choice = Array.isArray(read.json.choices) ? read.json.choices[0] : undefined;
  const message = isObject(choice) ? choice.message : undefined;
  if (!isObject(message)) return wrong("no-choices", "there is no `choices[0].message`");
  const text = contentText(message.content);
  if (text.trim() === "") return wrong("empty-content", "`choices[0].message.content` is empty");
  return { ok: true, ...tokensIn(read.json) };
}

/** Text of a message or delta: a string, or parts as Mistral sends them. */
function contentText(content) {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part) => (isObject(part) && typeof part.text === "string" ? part.text : "")).join("");
}

/**
 * Reads a stream as the UI's client does, except that an end without `finish_reason` and without `[DONE]` counts as cut: the UI shows
 * such a half answer as a whole one. Text and tool calls may both be missing; the caller knows which it needs.
 */
function readStream(outcome) {
  if (isRefused$1(outcome)) return REFUSED;
  const events = parseEvents(outcome.body);
  if (outcome.content_type !== "text/event-stream") return notAStream(outcome, events.length > 0);
  const reply = { ok: true, text: "", calls: [] };
  let ended = false;
  for (const { data } of events) {
    if (data.trim() === "[DONE]") {
      ended = true;
      continue;
    }
    const frame = parse(data);
    const error = errorIn(frame);
    if (error) return wrong("error-frame", "the stream carries an error", error);
    // The UI's client gives up at a frame that is not JSON, and at `choices: null`.
    if (!isObject(frame) || frame.choices === null) return wrong("stream-cut", "a frame of the stream is damaged");
    ended = takeFrame(frame, reply) || ended;
  }
  if (outcome.failure) return wrong("stream-cut", "the connection broke off during the stream");
  if (events.length === 0) return wrong("empty-content", "the stream carries no event");
  if (!ended && !outcome.truncated)
    return wrong("stream-cut", "the stream stops without finish_reason and without [DONE]");
  return reply;
}

function notAStream(outcome, hasEvents) {
  if (hasEvents) {
    return wrong(
      "not-a-stream",
      "events came, but not as text/event-stream: Windmill then sends no keepalives, and idle answers are cut",
    );
  }
  const read = readObject(outcome);
  return "json" in read ? wrong("not-a-stream", "one JSON body came instead of a stream") : read;
}

/** Adds one frame to the reply. @returns whether it says that the answer is complete */
function takeFrame(frame, reply) {
  Object.assign(reply, tokensIn(frame));
  const choice = Array.isArray(frame.choices) ? frame.choices[0] : undefined;
  if (!isObject(choice)) return false;
  const delta = isObject(choice.delta) ? choice.delta : {};
  reply.text += contentText(delta.content);
  for (const part of Array.isArray(delta.tool_calls) ? delta.tool_calls : []) {
    if (isObject(part)) takeCall(part, reply.calls);
  }
  return typeof choice.finish_reason === "string";
}

/** A call begins with the first delta of its index, which is kept as it came; later deltas only add argument text. */
function takeCall(part, calls) {
  const named = isObject(part.function) ? part.function : {};
  const args = typeof named.arguments === "string" ? named.arguments : "";
  const known = calls.find((call) => call.index === part.index);
  if (known) known.function.arguments += args;
  else calls.push({ ...part, function: { ...named, name: String(named.name ?? ""), arguments: args } });
}

/** A streamed answer with text in it. */
function judgeStream(outcome) {
  const reply = readStream(outcome);
  if (!reply.ok) return reply;
  if (reply.text.trim() === "") return wrong("empty-content", "the stream ends without any text");
  return said(reply);
}

/** A streamed answer that calls the tool `name` with arguments that are a JSON object. */
function judgeToolCall(outcome, name) {
  const reply = readStream(outcome);
  if (!reply.ok) return reply;
  const [call] = reply.calls;
  if (!call) {
    const silent = reply.text.trim() === "";
    return silent
      ? wrong("empty-content", "the stream ends without text and without a tool call")
      : wrong("no-tool-call", "the model answered with text although it was told to call the tool");
  }
  if (reply.calls.some((each) => each.function.name !== name)) {
    return wrong("no-tool-call", "the model called a tool that it was not offered");
  }
  if (!reply.calls.every((each) => isObject(parse(each.function.arguments)))) {
    return wrong("bad-arguments", "the arguments of the tool call are not a JSON object");
  }
  return said(reply);
}

/** A streamed answer that was accepted at all: text or a tool call, whichever the model chose. */
function judgeAccepted(outcome) {
  const reply = readStream(outcome);
  if (!reply.ok) return reply;
  if (reply.text.trim() === "" && reply.calls.length === 0) {
    return wrong("empty-content", "the stream ends without text and without a tool call");
  }
  return said(reply);
}

function said({ tokens }) {
  return { ok: true, ...(tokens === undefined ? {} : { tokens }) };
}

/** The HTTP status that a text mentions, as a number or as its reason phrase: Windmill makes every error of a gateway a 400. */
/** Reason phrases that servers put into a page or a plain body, in the languages that Apache, Tomcat and IIS come in. */
const REASONS = [
  [/(?:unauthorized|authorization required|nicht autorisiert|non autorisé|no autorizado)(?!\p{L})/giu, 401],
  [/payment required(?!\p{L})/giu, 402],
  [
    /(?:forbidden|(?:access|permission) (?:is )?denied|(?:zugriff|zugang) verweigert|accès (?:refusé|interdit)|acceso (?:denegado|prohibido)|accesso negato|acesso negado)(?!\p{L})/giu,
    403,
  ],
  [
    /(?:(?:page |file )?not found|(?:objekt )?nicht gefunden|(?:objet )?non trouvé|no encontrado|non trovato|não encontrado)(?!\p{L})/giu,
    404,
  ],
  [/(?:method )?not allowed(?!\p{L})/giu, 405],
  [/proxy authentication required(?!\p{L})/giu, 407],
  [/(?:(?:request entity|payload|content|request) too (?:large|long)|anfrage zu groß)(?!\p{L})/giu, 413],
  [/(?:too many requests|zu viele anfragen|trop de requêtes|demasiadas (?:solicitudes|peticiones))(?!\p{L})/giu, 429],
  [
    /(?:internal server error|interner serverfehler|erreur interne(?: du serveur)?|error interno(?: del servidor)?|服务器内部错误|内部服务器错误|サーバー内部エラー)(?!\p{L})/giu,
    500,
  ],
  [/(?:bad gateway|proxy error|passerelle (?:incorrecte|invalide)|pasarela (?:no válida|incorrecta))(?!\p{L})/giu, 502],
  [
    /(?:service (?:temporarily )?unavailable|dienst nicht verfügbar|service (?:non disponible|indisponible)|servicio no disponible)(?!\p{L})/giu,
    503,
  ],
  [/gateway time-?out(?!\p{L})/giu, 504],
];

/** A text without the reason phrases of statuses: they say no more than a number does. */
const withoutReasons = (text) => REASONS.reduce((rest, [phrase]) => rest.replace(phrase, " "), text);

/** Whether a text begins with a reason phrase. */
const beginsWith = (head, phrase) => head.search(phrase) === 0;

const PUNCTUATION = /^[^\p{L}\p{N}]{0,3}/u;

/** What may stand before a status at the beginning of a text. */
const LEAD =
  /^(?:HTTP(?:\/[\d.]{1,3})?\s|HTTP (?:error|status) |error(?: code)?:? |status(?: code)?:? |bad response status code |request failed with status code |\p{L}{1,20} HTTP )?([45]\d\d)\b(?![.:]\d|\s*(?:tokens|ms|s\b|requests))/iu;

const LATER = /\b(?:error|status|fehler|erreur)(?: code)?:? ([45]\d\d)\b|\bHTTP(?: error)? ([45]\d\d)\b/i;

/** The HTTP status that a message mentions in its first words, or null. */
function statusIn(message) {
  const head = message.slice(0, 300).replace(PUNCTUATION, "");
  const number = LEAD.exec(head)?.[1] ?? LATER.exec(head)?.slice(1).find(Boolean);
  if (number) return Number(number);
  return REASONS.find(([phrase]) => beginsWith(head, phrase))?.[1] ?? null;
}

/** How deep errors are looked for in one another: Windmill > gateway > second gateway > provider, and one to spare. */
const DEPTH = 6;

/** Characters of a message that are searched for an inner error. */
const SEARCHED$1 = 8_000;

/** What stands before another's words in a text. `upstream`: the rest is the provider's. `type` and `said` name its class and status. */
const LEADS = [
  { lead: /^litellm\.(?<type>[A-Z]\w{2,50}):\s+/, upstream: true },
  { lead: /^(?:[A-Z]\w{1,40})Exception(?: (?:- |error: )|:\s)/, upstream: true },
  { lead: /^(?<type>[A-Z][A-Za-z]{2,40}(?:Error|Exception|Timeout)):\s+/ },
  { lead: /^Error code: (?<said>\d{3}) - / },
  { lead: /^(?:Failed to generate tokens: )?HTTP error: (?<said>\d{3}) - (?:Error generating chat completion: )?/ },
  { lead: /^Upstream error from [^:]{1,60}: /i, upstream: true },
  {
    lead: /^(?:error from (?:the )?provider|provider (?:returned )?error|upstream (?:provider )?(?:error|returned(?: an?)? error|returned|responded with))(?: \([^)]{1,60}\))?(?:[ ,:]+(?:status(?: code)? )?(?<said>[45]\d\d))?\s?[:,]\s+(?:body: )?/i,
    upstream: true,
  },
  { lead: /^<(?<said>[45]\d\d)>\s+(?:InternalError\.Algo\.)?(?<type>[A-Z][\w.]{2,60}):\s+/ },
  {
    lead: /^An error occurred \((?<type>\w{3,60})\) when calling the \w{3,60} operation(?: \([^)]{1,80}\))?:\s+/,
    upstream: true,
  },
  { lead: /^\[[\w./:-]{1,120}\]\s+\[(?<said>[45]\d\d)\]:\s+/, upstream: true },
  { lead: /^(?:HTTP )?(?<said>[45]\d\d):? (?=[{[])/ },
  { lead: /^(?:Input|Output)?\s?validation error: (?=[`'"]\w+[`'"] tokens)/i },
];

/** What gateways put behind another's words: ids, their own routing, advice about themselves. */
const TAILS = [
  /\s*\(request id: [\w-]{1,80}\)\s*$/i,
  /[.,]?\s*(?:request[_ ]id|trace[_ ]id|correlation[_ ]id): ?[\w-]{4,80}\.?\s*$/i,
  /\n?\s*(?:No fallback model group found|Received Model Group=|Available Model Group Fallbacks=|LiteLLM Retried:|Fallbacks=\[)[\s\S]*$/,
  /\s*\nmodel=[\s\S]{0,400}content_policy_fallback[\s\S]*$/,
];

const ROUTING_MARK = /\(request id: [\w-]{1,80}\)\s*$/i;

/** Types that one-api and its descendants give to errors of their own; behind other types the words are the provider's. */
const OWN_TYPES = /^(?:one|new|v|shell|chat)_?api_(?:error|panic)$|^(?:None)?$/i;

/** The parts of an error, innermost first: the last one to speak knows the cause. */
function layersOf(error) {
  const layers = [];
  let current = { ...error, upstream: false };
  while (current !== null && layers.length < DEPTH) {
    const { own, inner } = split(current);
    layers.unshift(own);
    current = inner;
  }
  return layers;
}

/** A layer without what it quotes, and what it quotes. */
function split(layer) {
  const passed = isPassedOn(layer);
  if (layer.raw !== "") {
    return { own: { ...layer, raw: "" }, inner: quoted({ ...layer, code: "", type: "" }, layer.raw, {}, true) };
  }
  const message = trimmed(layer.message);
  const own = { ...layer, message, upstream: layer.upstream || passed };
  const provider = providerLead(message, layer.provider);
  if (provider !== null) return { own, inner: quoted(own, message.slice(provider), {}, true) };
  for (const { lead, upstream } of LEADS) {
    const found = lead.exec(message);
    if (!found) continue;
    const rest = message.slice(found[0].length);
    return { own: { ...own, message: found[0] }, inner: quoted(own, rest, found.groups ?? {}, upstream) };
  }
  const json = embedded(message);
  if (json === null) return { own, inner: null };
  const inner = errorIn(json.value);
  const before = message.slice(0, json.start).trim();
  if (inner === null || (inner.message === "" && inner.code === "" && inner.type === "")) return { own, inner: null };
  return {
    own: { ...own, message: before },
    inner: { ...inner, said: inner.said ?? own.said, upstream: own.upstream || inner.raw !== "" },
  };
}

/** The quoted part of a layer; it has the layer's class and status until it says one of its own. */
function quoted(own, text, { type, said }, upstream) {
  const status = said ? Number(said) : own.said;
  const speaker = { upstream: own.upstream || upstream === true };
  const error = errorIn(asJson(balanced(text)));
  if (error) return { ...error, said: error.said ?? status, ...speaker };
  const message = isPage({ body: text, content_type: "" }) ? pageText(text) : text;
  return { ...own, type: type ?? own.type, message, raw: "", provider: "", said: status, ...speaker };
}

function trimmed(message) {
  let text = message;
  for (const tail of TAILS) text = text.replace(tail, "");
  return text.trim();
}

/** Whether the gateway passes on what a provider said: it says so by the type, or its id stands behind another's type. */
function isPassedOn({ type, message }) {
  return (
    /^upstream_error$/i.test(type) ||
    /^provider returned error\W*$/i.test(message) ||
    (ROUTING_MARK.test(message) && !OWN_TYPES.test(type))
  );
}

/** Where the provider's words begin in `openai error: ...`, or null. */
function providerLead(message, provider) {
  const found = /^([a-z][a-z0-9-]{1,40}) error: /.exec(message);
  if (!found) return null;
  return provider === "" || found[1] === provider.toLowerCase() ? found[0].length : null;
}

/** Where an object or a list of objects begins that may be an error; Python prints bytes as `b'...'`. */
const QUOTED_ERROR = /b?['"]?(?=[[{]{1,2}\s{0,20}["'](?:error|message|detail|code|type|object|status|errors)["']\s?:)/g;

const CANDIDATES$1 = 5;

/** The first JSON or Python value in a text that holds an error, and where it begins. */
function embedded(message) {
  const text = message.slice(0, SEARCHED$1);
  for (const { index } of [...text.matchAll(QUOTED_ERROR)].slice(0, CANDIDATES$1)) {
    const start = index + text.slice(index).search(/[[{]/);
    const value = asJson(balanced(text.slice(start)));
    if (value !== undefined) return { value, start: index };
  }
  return null;
}

/** The text up to where its first bracket closes; all of it when it never does. Quotes of either kind hide brackets. */
function balanced(text) {
  let depth = 0;
  let quote = "";
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at] ?? "";
    if (quote !== "") {
      if (sign === "\\") at += 1;
      else if (sign === quote) quote = "";
    } else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === "{" || sign === "[") depth += 1;
    else if (sign === "}" || sign === "]") {
      depth -= 1;
      if (depth === 0) return text.slice(0, at + 1);
    }
  }
  return text;
}

/**
 * What the words of an error can be about. A row that matches less than words (a type, a status, a page) names the topics that it
 * explains, and yields to a message about anything else: then nothing is known, and that is what is said.
 */
const TOPICS = {
  rate: /\brate|\blimit(?:s|ed)? (?:exceeded|reached)|too many (?!tokens)|throttl|slow down|frequen|per (?:minute|second|hour|day)\b|\b[rt]p[md]\b|concurren|频率|限流|限速|速率|频繁/i,
  money:
    /quota|credit(?!ential)|balance|billing|budget|spend|payment|\bpaid\b|subscri|arrears|overdue|recharge|top.?up|purchas|upgrade|funds|\bplan\b|余额|额度|欠费|充值|баланс|средств|guthaben|残高/i,
  key: /\b(?:api|access|auth\w*|bearer|secret|subscription|virtual)?[ _-]?keys?\b|\btokens?\b(?= (?:is|has|was|not|invalid|expired|missing))|auth|credential|bearer|\bjwt\b|sign.?in|log.?(?:in|on)\b|password|令牌|密钥|认证|身份|登录|認証|キー|schlüssel|anmeld|ключ/i,
  permission:
    /permission|permitted|forbidden|denied|\bnot allowed|not authori[sz]ed|\baccess\b|scope|\brole\b|\brights?\b|restrict|\bpolicy\b|blocked|prohibit|权限|无权|禁止|verweigert|verboten|refusé|denegado|запрещ/i,
  model: /model|deployment|\bengine\b|checkpoint|模型|模型|модел/i,
  tools: /\btools?\b|function.?call|工具/i,
  size: /\bcontext|max_?(?:completion_|output_|new_)?tokens|\btokens\b|too (?:long|large|big)|\blength\b|\bsize\b|exceeds?\b|\bbytes\b|\blonger\b|\blarger\b|过长|超出/i,
  field:
    /parameter|\bfield|argument|propert|unsupported|unrecogni[sz]ed|\bunknown (?:name|key|input)|temperature|top_p|stream_options|reasoning|extra input|参数/i,
  form: /messages?\b(?=.{0,40}(?:must|role|content|should|order|array))|\brole|content.?type|\bjson\b|\bbody\b|pars(?:e|ing)|malformed|syntax|validation|required|missing|\bschema\b|format|invalid request|格式/i,
  content:
    /safety|moderat|flagged|harmful|inappropriate|guardrail|sensitive|content (?:policy|filter|management)|terms of service|violat|敏感|违规|审核/i,
  place: /region|country|territory|\blocation|geograph|地区|区域/i,
  identity: /verif(?:y|ied|ication)|organi[sz]ation|\bproject\b|\baccount\b|账户|账号|аккаунт|konto/i,
  memory: /memory|\boom\b|\bgpu\b|cuda|vram|insufficient .{0,20}resources|内存|显存|speicher/i,
  trust: /certificate|\bssl\b|\btls\b|handshake|x509|self.signed/i,
  tunnel: /tunnel|ngrok/i,
  time: /time.?d?.?out|deadline|too long to|超时/i,
  load: /overload|\bbusy|capacity|unavailable|maintenance|queue|saturat|饱和|繁忙|wartung/i,
  link: /connect|upstream|backend|unreachable|\breset\b|\bdns\b|resolv|origin\b|proxy|gateway|\bpeer\b|\bhost\b/i,
  path: /\bpath\b|\broutes?\b|\burl\b|endpoint|not found|\bmethod\b|ressource|resource|recurso|risorsa|operation/i,
  address: /\bip\b|client address|allow.?list|white.?list|网段/i,
  inside: /exception|crash|panic|traceback|database|\bsql|null pointer|assert|stack trace|数据库/i,
  robots: /captcha|challenge|\bbots?\b|robot|javascript|firewall|\bwaf\b/i,
};

/**
 * Words that carry no cause: courtesy, advice to wait, names of servers, a status and its reason phrase. A message of these alone says
 * no more than its status does.
 */
const EMPTY_WORDS = new Set(
  `a an and the this that is are was were be been being has have had do does did not no or of on in at to for from by with as it its you your we our us i
   can could cannot may might will would should must please sorry about again later soon now some any more than there here when while if but so then
   error errors err fault failure failed fail failing http https html status code codes message msg title type none null undefined unknown_error
   server servers service services api request requests response responses result client web site page website
   bad internal gateway proxy unavailable temporarily temporary time out timeout forbidden unauthorized authorization required found many too large long
   entity payload content allowed acceptable media unsupported method conflict gone payment implemented version http_error unprocessable
   try retry retrying wait seconds second minutes minute moment few help contact support administrator admin operator information details detail see visit
   side end our us fulfil unexpected unexpectedly occurred occurs occur happened wrong something went encountered complete completed processing process processed handle handled
   handling fulfill serve perform performing able unable problem problems issue issues generic general unknown other ok back go
   nginx openresty apache debian ubuntu caddy traefik envoy haproxy iis kong cloudflare cloudfront tomcat jetty gunicorn uvicorn microsoft azure application
   access accessing squid powered copyright état estado stato statut der die das le la les el los fehler erreur
   reference ref id request_id ray trace host port utc gmt`
    .split(/\s+/)
    .filter(Boolean),
);

/** Addresses, ids, versions and numbers: they say where or which, not why. */
const MARKS =
  /https?:\/\/\S+|\b[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:\/\S*)?|\/[\w./-]+|\b(?=\w*\d)[\w-]{6,}\b|\b\d[\d.,:%-]*\b|\breq[_-]\w+/gi;

/** What Codex Pooler puts in place of a message that it hides, and what OpenRouter says of every provider's error. */
const STAND_IN = /^(?:upstream request failed|provider returned error)\.?$/i;

const WORD = /[\p{L}_]{2,}/gu;

/** Reads a message for its topics. Linear in its length. */
function sayingOf(message) {
  const bare = withoutReasons(message).replace(MARKS, " ").toLowerCase();
  const words = bare.match(WORD) ?? [];
  const silent = STAND_IN.test(message.trim()) || words.every((word) => EMPTY_WORDS.has(word));
  const topics = Object.keys(TOPICS).filter((topic) => TOPICS[topic].test(message));
  return { silent, topics: new Set(silent ? [] : topics) };
}

/** Whether a row that covers these topics explains a message, as far as its topics tell. */
const explains = ({ silent, topics }, covered) =>
  silent || (topics.size > 0 && [...topics].every((topic) => covered.includes(topic)));

/** Whether a message is about something that these topics have no part in. */
const isForeign = ({ silent, topics }, covered) =>
  !silent && topics.size > 0 && ![...topics].some((topic) => covered.includes(topic));

/** Characters of a message that patterns are tried on: keeps every pattern's cost small whatever a gateway sends. */
const READ_LIMIT = 4_000;

/** Release-specific ends of Windmill's errors: ` @ai.rs:734:48`, ` (variables.rs:1301)`. */
const SOURCE_SUFFIX = /\s*(?:@[\w./-]{1,80}\.rs:\d+(?::\d+)?|\([\w./-]{1,80}\.rs:\d+(?::\d+)?\))\s*$/;

/** How Windmill's own error texts begin (backend/windmill-common/src/error.rs, axum's extractors, the token check). */
const WINDMILL_WORDS =
  /^(?:Bad request: |Internal: |Error: |Not found: |Not authorized: |Permission denied: |SqlErr: |Bad gateway: |Quota exceeded: |Unauthorized$|Require Admin privileges|Failed to deserialize the JSON body|Failed to parse the request body as JSON|Failed to call API: |Agent worker does not support|Tool not found: |Image response not supported|Execution error: |ExecutionErr: )/;

/** What reqwest, the HTTP client in Windmill, says when a request did not get through. */
const TRANSPORT =
  /^(?:Error: |Internal: |Failed to call API: |ExecutionErr: |Execution error: ){1,3}((?:error sending request|error decoding response body|error following redirect|request or response body error|error reading a body|connection error|builder error)[\s\S]*)/;

const SENT_URL = /^error sending request(?: for url \(\S{0,2000}?\))?:?\s*/;

/** An AI agent step's failure: the one place where the gateway's status survives. */
const AGENT_ERROR =
  /API error calling \S{1,2000}: HTTP status (?:client|server) error \((\d{3})[^)]{0,80}\)(?: for url \(\S{0,2000}\))?\s*-\s*([\s\S]*)/;

/** Takes an answer apart. Linear in the body's length. */
function read(signal) {
  const agent = AGENT_ERROR.exec(signal.outcome.body.slice(0, 2 * READ_LIMIT));
  const outcome = agent ? { ...signal.outcome, status: null, body: agent[2] ?? "", content_type: "" } : signal.outcome;
  const route = signal.route ?? (agent ? "worker" : null);
  const json = asJson(outcome.body);
  const page = json === undefined && isPage(outcome);
  const plain = json === undefined && !page ? outcome.body.slice(0, READ_LIMIT).replace(SOURCE_SUFFIX, "").trim() : "";
  const windmill = WINDMILL_WORDS.test(plain) && !isAnswered(outcome) ? plain : "";
  const transport = TRANSPORT.exec(windmill)?.[1];
  // Windmill passes a gateway's errors on as 400, so anything else that is neither its own words nor JSON is not from there.
  const front =
    outcome.status !== null && outcome.status > 400 && windmill === "" && json === undefined && !outcome.failure;
  const known = signal.gateway_status ?? (agent ? Number(agent[1]) : null);
  const parts = partsOf(
    readError(outcome, json, page, plain),
    (error) => known ?? (front ? null : saidStatus(outcome, error)),
  );
  return {
    status: outcome.status,
    route,
    kind: signal.kind,
    failure: outcome.failure?.kind ?? null,
    windmill,
    transport: transport === undefined ? "" : transport.replace(SENT_URL, "") || "no reason given",
    parts,
    saying: sayingOf(parts[0]?.text ?? ""),
    page,
    front,
    problem:
      signal.problem && signal.problem.kind !== "refused" ? signal.problem.kind : problemOf(outcome, signal.kind),
    location: outcome.location ?? "",
    empty: outcome.body.trim() === "",
  };
}

const isAnswered = ({ status }) => status !== null && status >= 200 && status < 300;

const NOTHING = { code: "", type: "", reason: "", message: "", said: null, raw: "", provider: "" };

function readError(outcome, json, page, plain) {
  if (page) return { ...NOTHING, message: pageText(outcome.body) };
  if (json !== undefined) return errorIn(json) ?? NOTHING;
  const framed = frameError(outcome.body);
  if (framed) return framed;
  return isAnswered(outcome) ? NOTHING : { ...NOTHING, message: plain };
}

const brief = (text) => text.toLowerCase().slice(0, READ_LIMIT);

function partsOf(error, saidIn) {
  return layersOf(error).map((layer, index) => ({
    code: brief(layer.code),
    reason: brief(layer.reason),
    type: brief(layer.type),
    // Words that only introduce another's are none: what was introduced may say that it is something else.
    text: index > 0 && sayingOf(layer.message).silent ? "" : layer.message.slice(0, READ_LIMIT),
    said: saidIn(layer),
    upstream: layer.upstream,
  }));
}

/** The error in a stream's frames, if any. */
function frameError(body) {
  const suspects = body.split("\n").filter((line) => line.startsWith("data:") && line.includes("error"));
  for (const line of suspects.slice(-50)) {
    const error = errorIn(asJson(line.slice("data:".length)));
    if (error) return error;
  }
  return null;
}

function saidStatus(outcome, error) {
  const visible = outcome.status !== null && outcome.status > 400 ? outcome.status : null;
  return visible ?? error.said ?? statusIn(error.message);
}

/** Who judges an answer that no feature probe has judged: recordings and pasted exchanges. Tool probes judge for themselves. */
const JUDGES = {
  models: judgeModels,
  usage: judgeUsage,
  stream: judgeStream,
  tools: judgeAccepted,
  "strict-tools": judgeAccepted,
  agent: judgeAccepted,
};

/** What is wrong with a 200, or null when it is sound or no 200. */
function problemOf(outcome, kind) {
  if (!isAnswered(outcome)) return null;
  const streamed = outcome.content_type === "text/event-stream" && (kind === null || kind === "chat");
  const judge = streamed ? judgeAccepted : ((kind && JUDGES[kind]) ?? judgeCompletion);
  const verdict = judge(outcome);
  return verdict.ok || verdict.problem.kind === "refused" ? null : verdict.problem.kind;
}

/** The row that fits an answer best; the row `unrecognised` when none does. Never throws, whatever the answer holds. */
const classify = (signal) => rank(signal)[0]?.row ?? rowOf(UNRECOGNISED);

/**
 * The rows that fit an answer, best first. The innermost words that any row knows decide: a provider's own text wins over what the
 * gateway wrapped around it.
 */
function rank(signal) {
  const reading = read(signal);
  for (const part of reading.parts) {
    const ranked = rankPart(reading, part);
    if (ranked.length > 0) return ranked;
  }
  return [];
}

function rankPart(reading, part) {
  const fitting = TABLE.map((row) => ({ row, strength: fit(row, reading, part) })).filter(
    ({ strength }) => strength > 0,
  );
  const ranked = narrowed(fitting).sort((a, b) => b.strength - a.strength);
  if (isGuess(ranked)) return [];
  return ranked.map(({ row, strength }) => ({ row: part.upstream && row.behind ? rowOf(row.behind) : row, strength }));
}

/** Whether two readings of the gist fit equally well and nothing better does. */
const isGuess = ([first, second]) =>
  first !== undefined && second !== undefined && first.strength === second.strength && isGist(first.strength);

const isGist = (strength) => strength >= STRENGTH.gist && strength < STRENGTH.text;

/** Puts a wider cause behind the narrower one whose words fit too, unless they are less certain. */
function narrowed(fitting) {
  return fitting.map((one) => {
    const narrower = fitting.filter(
      ({ row, strength }) => row.narrows?.includes(one.row.code) && strength >= floor(one),
    );
    return { ...one, strength: Math.min(one.strength, ...narrower.map(({ strength }) => strength - 1)) };
  });
}

/** How certain a narrower row's words must be at least to stand before this one. */
const floor = ({ strength }) => [STRENGTH.words, STRENGTH.text].find((grade) => strength >= grade) ?? STRENGTH.gist;

const fit = (row, reading, part) => Math.max(0, ...row.match.map((match) => strengthOf(match, row, reading, part)));

/** Conditions that know the cause. Without one of them a clause knows a class of causes at most. */
const TELLING = [
  "windmill",
  "transport",
  "failure",
  "code",
  "words",
  "text",
  "gist",
  "problem",
  "front",
  "location",
  "empty",
];

/** The sum of a clause's fulfilled conditions, or 0 when one does not hold or the message is about something else. */
function strengthOf(match, row, reading, part) {
  let strength = 0;
  for (const name of Object.keys(match)) {
    if (!CONDITIONS[name](match, reading, part)) return 0;
    // An unknown status contradicts nothing, and it proves nothing either.
    strength += name === "status" && reading.status === null ? 0 : STRENGTH[name];
  }
  return TELLING.some((name) => name in match) ? strength : general(match, row, reading, strength);
}

/** What a clause without words is worth: nothing when the message is about what the row does not explain. */
function general(match, row, { saying }, strength) {
  if (match.sort) {
    if (isForeign(saying, row.covers ?? [])) return 0;
    return saying.silent ? strength + STRENGTH.code - STRENGTH.sort : strength;
  }
  if (match.last || (!match.type && !match.said && !match.page)) return strength;
  return explains(saying, row.covers ?? []) ? strength : 0;
}

/** `words` is "" when nobody spoke: a pattern must not match that. */
const says = (words, pattern) => words !== "" && pattern?.test(words) === true;

function among(value, list) {
  return value !== null && list?.includes(value) === true;
}

const CONDITIONS = {
  windmill: (match, reading) => says(reading.windmill, match.windmill),
  // In a 400 these words are the gateway's, about a connection of its own.
  transport: (match, reading) => reading.status !== 400 && says(reading.transport, match.transport),
  failure: (match, reading) => among(reading.failure, match.failure),
  code: (match, _, part) => among(part.code, match.code) || among(part.reason, match.code),
  sort: (match, _, part) => [part.code, part.reason, part.type].some((said) => among(said, match.sort)),
  type: (match, _, part) => among(part.type, match.type) || among(part.code, match.type),
  words: (match, _, part) => says(part.text, match.words),
  text: (match, _, part) => says(part.text, match.text),
  gist: (match, { saying }, part) => !saying.silent && says(part.text, match.gist),
  problem: (match, reading) => among(reading.problem, match.problem),
  said: (match, _, part) => among(part.said, match.said),
  page: (match, reading) => reading.page === match.page,
  front: (match, reading) => reading.front === match.front,
  empty: (match, reading) => reading.empty === match.empty && reading.failure === null,
  location: (match, reading) => says(reading.location, match.location),
  upstream: (match, _, part) => part.upstream === match.upstream,
  status: (match, reading) => reading.status === null || among(reading.status, match.status),
  unless_status: (match, reading) => !among(reading.status, match.unless_status),
  route: (match, reading) => reading.route === match.route,
  kind: (match, reading) => among(reading.kind, match.kind),
  last: () => true,
};

/**
 * The bodies of the probes: what Windmill itself sends for a `customai` provider, key by key and in its order. A gateway that refuses
 * one of them refuses the feature behind it, and one that Windmill would not send proves nothing, so nothing is added here and nothing
 * left out. Sources, in Windmill's repository, from 1.743.0 to 1.795.0 unless a version is named:
 * frontend/src/lib/components/copilot/lib.ts (requests of the UI, limits of output), chat/shared.ts and chat/flow/core.ts (tools),
 * backend/windmill-ai/src/providers/other.rs and types.rs (AI agent steps). Bodies of real requests, shortened, are in the tests.
 */
/** The name of the tool that the probe with tools offers. */
const TOOL_NAME = "report_status";

/** The name of the docked flow chat's tool that runs the flow under test. */
const FLOW_TOOL_NAME = "test_run_flow";

/** Titles, summaries and whatever else is metadata never ask for more (METADATA_MAX_TOKENS, since 1.752), nor does "Test key". */
const METADATA_MAX_TOKENS = 4_096;

/** What people may set in an agent step, at values that every model takes which takes any. */
const AGENT_MAX_TOKENS = 1_000;

const AGENT_TEMPERATURE = 0.2;

/** The name of the schema, or of the tool, by which an agent step asks for structured output. */
const STRUCTURED_OUTPUT = "structured_output";

const SYSTEM = "You are Windmill's assistant. This is a health check: do exactly what the user asks, and nothing else.";

/** The 'Test key' button (TestAIKey.svelte). */
function testKeyBody(model, maxTokens) {
  return plain$1(model, [{ role: "user", content: "this is a test, simply reply with 'ok'" }], maxTokens);
}

/** Summaries, cron and regex generators, step inputs, session titles. */
function metadataBody(model, maxTokens) {
  const system = "You write a title of at most five words for a conversation. Reply with the title only.";
  const user = "Conversation:\nuser: Reply with only: ok\n\nassistant: ok";
  return plain$1(model, conversation(system, user), maxTokens);
}

/** Summaries and descriptions of scripts and flows, which are streamed. */
function summaryBody(model, maxTokens) {
  const system = "You write a description of at most five words for a script. Reply with the description only.";
  const user = "Script:\nexport async function main() { return 'ok' }";
  const max_tokens = Math.min(maxTokens, METADATA_MAX_TOKENS);
  return { model, messages: conversation(system, user), max_tokens, stream: true };
}

/** A streamed answer without tools, at the full token limit: code that is generated in apps. */
function streamBody(model, maxTokens) {
  const messages = conversation(SYSTEM, "## INSTRUCTIONS:\nReply with only: ok");
  return { model, messages, max_tokens: maxTokens, stream: true };
}

/** The first turn of a chat with tools. */
function toolsBody(model, maxTokens) {
  const ask = `## INSTRUCTIONS:\nCall the tool ${TOOL_NAME} once, with value "ok". When you have its result, reply with only: ok`;
  const parameters = {
    type: "object",
    properties: { value: { type: "string", description: "The value to report" } },
    required: ["value"],
    additionalProperties: false,
  };
  const tool = toolOf(TOOL_NAME, "Report a value to the user's workspace", parameters);
  return { model, messages: conversation(SYSTEM, ask), tools: [tool], max_tokens: maxTokens, stream: true };
}

/**
 * The second turn: what the model said and called is sent back with every tool's result. As the UI does, `content` is left out when
 * the model said nothing, and a missing index or id is made up.
 */
function toolResultBody(sent, text, calls) {
  const replayed = calls.map((call, index) => ({
    ...call,
    index: call.index ?? index,
    id: call.id ?? `call_${index}`,
  }));
  const assistant = { role: "assistant", ...(text === "" ? {} : { content: text }), tool_calls: replayed };
  const results = replayed.map(({ id }) => ({ role: "tool", tool_call_id: id, content: "Reported: ok" }));
  return { ...sent, messages: [...sent.messages, assistant, ...results] };
}

/** Tools and system prompt of AI sessions, as 1.795.0 sends them: what they are and how much, not what they say. */
const SESSION = { tools: 70, strict: 24, loose: 42, body_bytes: 83_000, system_bytes: 16_000 };

/**
 * A turn of AI sessions in its size: 70 tools, some of them strict, some not, some without a word about it, and a long system prompt.
 * Limits of bodies, of tools and of input tokens show with it only. It is answered in one word.
 */
function largeBody(model, maxTokens) {
  const system = filled(SYSTEM, SESSION.system_bytes);
  const body = (description) => ({
    model,
    messages: conversation(system, "## INSTRUCTIONS:\nReply with only: ok. Call no tool."),
    tools: Array.from({ length: SESSION.tools }, (_, index) => sessionTool(index, description)),
    max_tokens: maxTokens,
    stream: true,
  });
  const bare = JSON.stringify(body("")).length;
  return body(filled("A tool of the workspace.", Math.ceil((SESSION.body_bytes - bare) / SESSION.tools)));
}

function sessionTool(index, description) {
  const isStrict = index < SESSION.strict;
  const parameters = {
    type: "object",
    properties: {
      path: { type: "string", description: "Path of the item" },
      kind: { type: "string", enum: ["script", "flow"] },
      // Keywords that strict schemas may not have stand in the other tools only.
      ...(isStrict ? {} : { limit: { type: "integer", minimum: 1, maximum: 100, default: 20 } }),
    },
    required: ["path", "kind"],
    additionalProperties: false,
  };
  const name = `workspace_tool_${index + 1}`;
  const says = index < SESSION.strict + SESSION.loose ? { strict: isStrict } : {};
  return { type: "function", function: { ...says, name, description, parameters } };
}

/** A text of about so many bytes. */
const filled = (text, bytes) =>
  text.padEnd(bytes, " This sentence stands for the instructions of Windmill's own tools.");

/**
 * Docked flow chat on a flow with an optional input: the flow's input schema as Windmill stores it, between `type` and
 * `additionalProperties`, goes out with `strict: true`, which OpenAI's rules for strict schemas forbid while a property is optional
 * (buildSchemaForTool in chat/shared.ts exempts other providers, not `customai`).
 */
function strictToolsBody(model, maxTokens) {
  const ask = `## INSTRUCTIONS:\nCall the tool ${FLOW_TOOL_NAME} once, with name "ok".`;
  const parameters = {
    type: "object",
    $schema: "https://json-schema.org/draft/2020-12/schema",
    properties: {
      name: { type: "string", description: "Who to greet" },
      greeting: { type: "string", description: "How to greet", default: "hello" },
    },
    required: ["name"],
    order: ["name", "greeting"],
    additionalProperties: false,
  };
  const tool = toolOf(FLOW_TOOL_NAME, "Execute a test run of the current flow", parameters);
  return { model, messages: conversation(SYSTEM, ask), tools: [tool], max_tokens: maxTokens, stream: true };
}

/** An AI agent step as it is when nothing is set: neither a temperature nor a limit. Workspace token limits play no part in it. */
function agentBody(model) {
  return agentStep(model, "Reply with only: ok");
}

/** An agent step that sets a temperature. */
function agentTemperatureBody(model) {
  return agentStep(model, "Reply with only: ok", { temperature: AGENT_TEMPERATURE });
}

/** An agent step that limits its output. */
function agentMaxTokensBody(model) {
  return agentStep(model, "Reply with only: ok", { max_completion_tokens: AGENT_MAX_TOKENS });
}

/**
 * An agent step with a tool. The worker says nothing of strictness, and sends the schema of the script behind it. Versions after 1.795
 * add `reasoning_effort: "none"` for gpt-5.5 and later ids (REASONING_RULES in providers/mod.rs), which refuse tools while they reason.
 */
function agentToolsBody(model) {
  const ask = `Call the tool ${TOOL_NAME} once, with value "ok". When you have its result, reply with only: ok`;
  const parameters = {
    type: "object",
    properties: { value: { type: "string", description: "The value to report" } },
    required: ["value"],
  };
  const tool = {
    type: "function",
    function: { name: TOOL_NAME, description: "Report a value to the user's workspace", parameters },
  };
  return agentStep(model, ask, { tools: [tool] });
}

/** What the worker sends when the tool has run: what the model said, if anything, and its calls are two messages of their own. */
function agentToolResultBody(sent, text, calls) {
  const made = calls.map(({ id, function: called }, index) => ({
    id: id ?? `call_${index}`,
    function: { name: called.name, arguments: called.arguments },
    type: "function",
  }));
  const said = text === "" ? [] : [{ role: "assistant", content: text }];
  const results = made.map(({ id }) => ({ role: "tool", content: "Reported: ok", tool_call_id: id }));
  return { ...sent, messages: [...sent.messages, ...said, { role: "assistant", tool_calls: made }, ...results] };
}

/** An agent step with an output schema: a format, or, for models whose id names claude, a tool that must be called. */
function agentSchemaBody(model) {
  const schema = {
    type: "object",
    properties: { answer: { type: "string" } },
    required: ["answer"],
    additionalProperties: false,
  };
  const ask = 'Answer with the word "ok".';
  if (!asksByTool(model)) {
    const json_schema = { name: STRUCTURED_OUTPUT, schema, strict: true };
    return agentStep(model, ask, { response_format: { type: "json_schema", json_schema } });
  }
  const tool = {
    type: "function",
    function: { name: STRUCTURED_OUTPUT, description: "Return the answer in this form", parameters: schema },
  };
  return agentStep(model, ask, { tools: [tool], tool_choice: "required" });
}

/** Whether an agent step asks this model for structured output by a tool (should_use_structured_output_tool in utils.rs). */
const asksByTool = (model) => model.includes("claude");

function agentStep(model, ask, options = {}) {
  const { tools, temperature, max_completion_tokens, response_format, tool_choice } = options;
  return {
    model,
    messages: conversation(SYSTEM, ask),
    ...(tools ? { tools } : {}),
    ...(temperature === undefined ? {} : { temperature }),
    ...(max_completion_tokens === undefined ? {} : { max_completion_tokens }),
    ...(response_format ? { response_format } : {}),
    ...(tool_choice ? { tool_choice } : {}),
    stream: true,
    stream_options: { include_usage: true },
  };
}

/** What the worker sends once more when a gateway objects to `stream_options`. */
function withoutStreamOptions(sent) {
  const { stream_options: _dropped, ...rest } = sent;
  return rest;
}

/** The connection check of the gateway's setup guide. No feature of Windmill sends it. */
function connectionCheckBody(model) {
  const messages = [{ role: "user", content: "Reply with only: ok" }];
  return { model, messages, stream: false, max_completion_tokens: 16 };
}

function plain$1(model, messages, maxTokens) {
  return { model, messages, max_tokens: Math.min(maxTokens, METADATA_MAX_TOKENS), stream: false };
}

function conversation(system, user) {
  return [
    { role: "system", content: system },
    { role: "user", content: user },
  ];
}

function toolOf(name, description, parameters) {
  return { type: "function", function: { strict: true, name, description, parameters } };
}

/** Every member of a workspace is in this group. */
const ALL = "g/all";

/** What every member gets over the proxy. */
const EVERYBODY = {
  scope: "everybody",
  who: [],
  says: "Every member of the workspace: Windmill reads the resource and the key with its own rights.",
};

/** The folder that a path lies in; null for a path of a user or a group. */
const folderOf = (path) => /^f\/([^/]+)\//.exec(path)?.[1] ?? null;

/** Who may read an item, as `u/<user>`, `g/<group>`, and `f/<folder>` for those who may read a folder that was not looked at. */
function readersOf({ path, with: shared }, folders) {
  const folder = folderOf(path);
  if (folder === null) return [path.split("/").slice(0, 2).join("/"), ...shared];
  const info = folders[folder];
  const own = info ? [...(info.owners ?? []), ...Object.keys(info.extra_perms ?? {})] : [`f/${folder}`];
  return [...own, ...shared];
}

/**
 * Who may read all of these items. Admins always may.
 *
 * @param items the resource, and the variable with its key where it names one.
 */
function audienceOf(items, folders = {}) {
  const lists = items.map((item) => [...new Set(readersOf(item, folders))]);
  const limited = lists.filter((list) => !list.includes(ALL));
  const [first, ...others] = limited;
  if (first === undefined)
    return { ...EVERYBODY, says: "Every member of the workspace: all may read the resource and the key." };
  const who = first.filter((one) => others.every((list) => list.includes(one)));
  if (who.length > 0) {
    return {
      scope: "readers",
      who,
      says: `Admins, and who may read both the resource and its key: ${named(who)}. Who can read both can read the key.`,
    };
  }
  // Somebody may be in a group of one list and named in the other: who that is, only Windmill knows.
  if (limited.every((list) => list.some((one) => !one.startsWith("u/")))) {
    return {
      scope: "readers",
      who: [],
      says: `Admins, and who is among ${limited.map(named).join(" and also among ")}.`,
    };
  }
  return { scope: "admins", who: [], says: "Admins only: nobody else may read both the resource and its key." };
}

/** The same for settings of the instance, whose resource lies in another workspace. */
const OF_THE_INSTANCE = {
  scope: "nobody",
  who: [],
  says: "Nobody here: the resource of the instance's settings lies in the workspace admins, where no step of this workspace can name it.",
};

/** The same for a caller who may not see the rights. */
const HIDDEN = {
  scope: "readers",
  who: [],
  says: "Admins, and who may read both the resource and its key. You may not, so your own steps cannot use it.",
};

const KINDS = {
  u: (name) => name,
  g: (name) => (name === "all" ? "every member" : `the group ${name}`),
  f: (name) => `whoever may read the folder ${name}`,
};

/** Principals as people call them, a few of them by name. */
function named(who) {
  const words = who.slice(0, NAMED$1).map((one) => {
    const [kind = "", name = ""] = one.split("/");
    return KINDS[kind]?.(name) ?? one;
  });
  return [...words, ...(who.length > NAMED$1 ? [`${who.length - NAMED$1} more`] : [])].join(", ");
}

const NAMED$1 = 8;

const chatWith = (...kinds) => kinds.map((kind) => ({ kind, role: "chat" }));

const metadataWith = (...kinds) => kinds.map((kind) => ({ kind, role: "metadata" }));

/** Code completion is missing here: no request of its kind is ever sent, see {@link codeCompletion}. */
const FEATURES = [
  { feature: "chat", route: "server", needs: chatWith("tools", "stream") },
  { feature: "AI sessions", route: "server", needs: chatWith("tools", "large") },
  { feature: "fix", route: "server", needs: chatWith("tools") },
  { feature: "summaries and metadata", route: "server", needs: metadataWith("summary", "metadata") },
  { feature: "form filling", route: "server", needs: [...chatWith("tools"), ...metadataWith("metadata")] },
  {
    feature: "flow chat with optional inputs",
    route: "server",
    needs: chatWith("strict-tools"),
    note: {
      broken:
        "It concerns only the chat docked in the flow editor, which operators and people who opted out of AI sessions see, on flows with an optional input. AI sessions are not affected.",
    },
  },
  {
    feature: "agent steps",
    route: "worker",
    needs: chatWith("agent"),
    note: {
      works:
        "Each agent step names its own resource and model; what was tested is this connection with its default model. Since Windmill 1.794 the chat offers the models of this resource for agent steps to the same people.",
    },
  },
  { feature: "agent steps with tools", route: "worker", needs: chatWith("agent-tools") },
  { feature: "agent steps with an output schema", route: "worker", needs: chatWith("agent-schema") },
  {
    feature: "agent steps that set a temperature",
    route: "worker",
    needs: chatWith("agent-temperature"),
    note: {
      broken: "Steps that set none are another row: leave the field blank, or choose another model for the step.",
    },
  },
  {
    feature: "agent steps that limit their output",
    route: "worker",
    needs: chatWith("agent-max-tokens"),
    note: { broken: "Steps that set no maximum are another row: leave the field blank, or choose another model." },
  },
];

/** Features that send requests of one of these kinds. */
const featuresOf = (kinds) =>
  FEATURES.filter(({ needs }) => needs.some(({ kind }) => kinds.includes(kind))).map(({ feature }) => feature);

/** Windmill's own order: the role's setting, then the default model, then the first model of the first provider. */
function featureModel(view, role) {
  const chosen = (role === "metadata" ? view.metadata_model : null) ?? view.default_model;
  if (chosen) {
    const model = ownModel(chosen);
    return model === null ? { provider: chosen.provider } : { model };
  }
  const [provider] = view.providers;
  if (provider === undefined) return { none: true };
  if (provider !== PROVIDER) return { provider };
  const model = view.connection?.models[0];
  return model === undefined ? { none: true } : { model };
}

/** Whose model answers chats instead of the gateway's, e.g. `openai:gpt-4o`, or `openai` for its first one; null when it is the gateway's. */
function defaultElsewhere(view) {
  const choice = featureModel(view, "chat");
  if (!("provider" in choice) || !view.providers.includes(choice.provider)) return null;
  return view.default_model ? `${choice.provider}:${view.default_model.model}` : choice.provider;
}

/**
 * What each Windmill feature is worth under these settings, by the probes that were sent. Those of a candidate do not count, and
 * those that went out with what was there before do not either.
 *
 * @param stepsFor for whom AI agent steps can use the connection at all; null when it is not known.
 */
function featureRows(probes, view, stepsFor = null) {
  const live = probes.filter((probe) => !probe.candidate && !probe.stale);
  const rows = FEATURES.map((feature) => {
    const row = featureRow(feature, live, view);
    const ours = feature.needs.every(({ role }) => "model" in featureModel(view, role));
    const whom = feature.route === "server" ? EVERYBODY : stepsFor;
    return ours && whom !== null ? { ...row, for_whom: whom } : row;
  });
  return [...rows, codeCompletion(view)];
}

function featureRow(wanted, probes, view) {
  const { feature, route, needs, note } = wanted;
  if (view.ai_disabled && route === "server") {
    const why = "This workspace hides Windmill's AI features (copilot_disabled), whatever the gateway answers.";
    return { feature, state: "broken", why, code: "ai-disabled" };
  }
  const passed = [];
  const missing = [];
  for (const { kind, role } of needs) {
    const choice = featureModel(view, role);
    if (!("model" in choice)) return notOurs(feature, choice);
    const same = probes.filter((probe) => probe.route === route && probe.model === choice.model);
    const failed = same.find((probe) => !probe.ok && (probe.kind === kind || SIMPLER.has(probe.kind)));
    if (failed)
      return { feature, state: "broken", why: sentences(whyBroken(failed), note?.broken), ...codeOf$2(failed) };
    (same.some((probe) => probe.kind === kind) ? passed : missing).push(`${NAMES[kind]} with ${choice.model}`);
  }
  if (missing.length === 0) return { feature, state: "works", why: sentences(`Tested: ${list(passed)}.`, note?.works) };
  return { feature, state: "not-tested", why: whyUntested(passed, missing, route, probes) };
}

/** Requests that are simpler than every feature's: where they fail for a model, its features fail too. */
const SIMPLER = new Set(["chat"]);

/** What each probe is called in a sentence. */
const NAMES = {
  models: "the list of models",
  usage: "the key's usage",
  chat: "a plain completion",
  metadata: "a completion as summaries use it",
  summary: "a streamed summary",
  stream: "a streamed answer",
  tools: "a tool call and its answer",
  large: "a turn with 70 tools and 83 kB",
  "strict-tools": "a strict tool schema with an optional property",
  agent: "an answer as an agent step asks for it",
  "agent-tools": "a tool call as an agent step asks for it",
  "agent-schema": "an answer by a schema as an agent step asks for it",
  "agent-temperature": "an answer with a temperature",
  "agent-max-tokens": "an answer with max_completion_tokens",
  "connection-check": "the connection check of the setup guide",
};

function whyBroken(probe) {
  const model = probe.model === null ? "" : ` with ${probe.model}`;
  return `${capital(NAMES[probe.kind])}${model} failed over the ${probe.route} route${probe.code ? ` (${probe.code})` : ""}.`;
}

function whyUntested(passed, missing, route, probes) {
  const listing = probes.find((probe) => probe.kind === "models" && probe.route === route && !probe.ok);
  return sentences(
    `Not asked for: ${list(missing)}. Run check with depth "features".`,
    passed.length > 0 ? `Worked: ${list(passed)}.` : "",
    listing ? `The list of models already failed over the ${route} route (${listing.code ?? "no diagnosis"}).` : "",
  );
}

function notOurs(feature, choice) {
  if ("provider" in choice) {
    const why = `The AI settings give this to the provider "${choice.provider}", not to this connection.`;
    return { feature, state: "not-tested", why };
  }
  const why = "The AI settings name no model that Windmill could ask.";
  return { feature, state: "broken", why, code: "no-default-model" };
}

/** Code completion by the settings alone: it is the one feature that this connection cannot carry. */
function codeCompletion(view) {
  const feature = "code completion";
  const model = ownModel(view.code_completion_model);
  if (model !== null) {
    const why = `Will not work: code_completion_model is ${PROVIDER}:${model}. The editor completes code only with models whose id contains "codestral" or is "deepseek-v4-pro", and the request always carries "stop", which Codex Pooler refuses. Unset it: nothing is lost.`;
    return { feature, state: "broken", why, code: "code-completion-on-customai" };
  }
  const other = view.code_completion_model?.provider;
  const why =
    other === undefined
      ? "Not offered through this connection: it needs a fill-in-the-middle model, and the AI settings name none, as they should."
      : `The AI settings give this to the provider "${other}", not to this connection.`;
  return { feature, state: "not-tested", why };
}

const codeOf$2 = ({ code }) => (code === null ? {} : { code });

const list = (items) => [...new Set(items)].join(", ");

const sentences = (...parts) => parts.filter(Boolean).join(" ");

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

const CHAT_PATH = "chat/completions";

const completions = { method: "POST", path: CHAT_PATH };

/** All probes, cheapest first. The shapes: docs/windmill.md, what the features send. */
const FEATURE_PROBES = [
  {
    kind: "models",
    depth: "free",
    routes: ["server", "worker"],
    method: "GET",
    path: "models",
    models: "none",
    judge: judgeModels,
  },
  {
    kind: "usage",
    depth: "free",
    routes: ["server"],
    method: "GET",
    path: "usage",
    models: "none",
    judge: judgeUsage,
  },
  {
    kind: "chat",
    depth: "chat",
    routes: ["server", "worker"],
    ...completions,
    models: "every",
    body: testKeyBody,
    judge: judgeCompletion,
  },
  {
    kind: "connection-check",
    depth: "features",
    routes: ["server"],
    ...completions,
    models: "by-role",
    body: connectionCheckBody,
    judge: judgeCompletion,
  },
  {
    kind: "metadata",
    depth: "features",
    routes: ["server"],
    ...completions,
    models: "by-role",
    body: metadataBody,
    judge: judgeCompletion,
  },
  {
    kind: "summary",
    depth: "features",
    routes: ["server"],
    ...completions,
    models: "by-role",
    body: summaryBody,
    judge: judgeStream,
  },
  {
    kind: "stream",
    depth: "features",
    routes: ["server"],
    ...completions,
    models: "by-role",
    body: streamBody,
    judge: judgeStream,
  },
  {
    kind: "tools",
    depth: "features",
    routes: ["server"],
    ...completions,
    models: "by-role",
    body: toolsBody,
    judge: (outcome) => judgeToolCall(outcome, TOOL_NAME),
    next: answerTheTool,
  },
  {
    kind: "large",
    depth: "features",
    routes: ["server"],
    ...completions,
    models: "by-role",
    body: largeBody,
    judge: judgeAccepted,
  },
  {
    kind: "strict-tools",
    depth: "features",
    routes: ["server"],
    ...completions,
    models: "by-role",
    body: strictToolsBody,
    judge: judgeAccepted,
  },
  ...[
    { kind: "agent", body: agentBody, judge: judgeStream },
    {
      kind: "agent-tools",
      body: agentToolsBody,
      judge: (outcome) => judgeToolCall(outcome, TOOL_NAME),
      next: goOnWithTheStep,
    },
    { kind: "agent-schema", body: agentSchemaBody, judge: judgeAccepted },
    { kind: "agent-temperature", body: agentTemperatureBody, judge: judgeStream },
    { kind: "agent-max-tokens", body: agentMaxTokensBody, judge: judgeStream },
  ].map((row) => ({
    next: (sent, outcome) => retryWithoutStreamOptions(sent, outcome, row.judge),
    ...row,
    depth: "features",
    routes: ["worker"],
    ...completions,
    models: "by-role",
  })),
];

/** Probes of what only some people set or see: where nothing else fails, a failure is something to know and no trouble. */
const OPTIONAL_KINDS = new Set([
  "strict-tools",
  "agent-schema",
  "agent-temperature",
  "agent-max-tokens",
  "connection-check",
]);

/** The second turn of a chat with tools; a gateway may accept the first and stumble over the replayed call. */
function answerTheTool(sent, outcome) {
  if (!judgeToolCall(outcome, TOOL_NAME).ok) return null;
  const reply = readStream(outcome);
  return reply.ok ? { body: toolResultBody(sent, reply.text, reply.calls), judge: judgeStream } : null;
}

/** The words in a 400 after which the worker tries once more without `stream_options` (backend/windmill-worker/src/ai_executor.rs). */
const STREAM_OPTIONS_REFUSED = ["stream_options", "include_usage", "Additional properties are not allowed"];

function retryWithoutStreamOptions(sent, { status, body }, judge) {
  if (status !== 400 || !STREAM_OPTIONS_REFUSED.some((words) => body.includes(words))) return null;
  return { body: withoutStreamOptions(sent), judge };
}

/** The second turn of an agent step with tools. One that objects to `stream_options` is judged by that. */
function goOnWithTheStep(sent, outcome) {
  if (!judgeToolCall(outcome, TOOL_NAME).ok) {
    return retryWithoutStreamOptions(sent, outcome, (second) => judgeToolCall(second, TOOL_NAME));
  }
  const reply = readStream(outcome);
  return reply.ok ? { body: agentToolResultBody(sent, reply.text, reply.calls), judge: judgeStream } : null;
}

/**
 * Sends a probe's one or two requests through `send` and judges them. Tokens are those of all requests together.
 *
 * @param model null for a probe that asks no model
 */
async function askProbe(probe, model, maxTokens, send) {
  const { method, path } = probe;
  const body = model === null ? undefined : probe.body?.(model, maxTokens);
  const first = await send({ method, path, ...(body ? { body } : {}) });
  const verdict = probe.judge(first);
  const following = body ? (probe.next?.(body, first) ?? null) : null;
  if (!following) return { verdict, outcomes: [first] };
  const second = await send({ method, path, body: following.body });
  const last = following.judge(second);
  const spent = (verdict.ok ? (verdict.tokens ?? 0) : 0) + (last.ok ? (last.tokens ?? 0) : 0);
  return { verdict: last.ok && spent > 0 ? { ...last, tokens: spent } : last, outcomes: [first, second] };
}

/**
 * The models that a probe is asked for under these settings, without repetition; [null] for a probe that asks none. Empty when the
 * features behind it use another provider.
 */
function probeModels(probe, view) {
  if (probe.models === "none") return [null];
  if (probe.models === "every") return configuredModels(view);
  const needs = FEATURES.flatMap((row) => row.needs).filter(({ kind }) => kind === probe.kind);
  const roles = needs.length > 0 ? needs.map(({ role }) => role) : ["chat"];
  const ids = roles
    .map((role) => featureModel(view, role))
    .flatMap((choice) => ("model" in choice ? [choice.model] : []));
  return [...new Set(ids)];
}

/** Probes that stand for a user's request; the others are the model list and the usage figures. */
const isCompletion = ({ kind }) => kind !== "models" && kind !== "usage";

/** Probes that are answered under the same circumstances. */
const sameWay = (a, b) => a.route === b.route && a.candidate === b.candidate;

/**
 * What a cause is about where the same model answers other requests of the same way: it is a matter of what these features send. Null
 * where it is not known to be one.
 *
 * `optional`: whether it is about nothing but what only some people set or see.
 */
function onlyFor(cause, probed) {
  const mine = probed.filter(({ probe }) => cause.probes.includes(probe.id)).map(({ probe }) => probe);
  const features = featuresOf(mine.map(({ kind }) => kind));
  const others = probed.filter(
    ({ probe }) => probe.ok && !probe.stale && isCompletion(probe) && mine.some((one) => isBeside(one, probe)),
  );
  if (mine.length === 0 || features.length === 0 || others.length === 0) return null;
  if (!mine.every((one) => others.some(({ probe }) => isBeside(one, probe)))) return null;
  const works = featuresOf(others.map(({ probe }) => probe.kind)).filter((feature) => !features.includes(feature));
  return {
    says: [
      `It concerns ${features.join(", ")}.`,
      works.length > 0 ? `What ${works.join(", ")} send was answered.` : "A plain question was answered.",
    ].join(" "),
    optional: mine.every(({ kind }) => OPTIONAL_KINDS.has(kind)),
  };
}

/** Whether two probes differ in what they ask only. */
const isBeside = (a, b) => sameWay(a, b) && a.model === b.model && a.kind !== b.kind;

/** Layers in which figures alone say that a chat will be refused. */
const FORETOLD = new Set(["key-policy", "quota"]);

/** What every check asks. */
const PLAIN = new Set(["models", "chat"]);

/** What keeps people from Windmill AI although every request would be answered. */
const HIDES = new Set(["ai-disabled"]);

/**
 * A critical cause is a warning while people are served in spite of it: while their default chat works, or goes to another provider,
 * or, where no model was asked, while the server route answers and the trouble is elsewhere.
 */
function calm(cause, probed, context) {
  const concerned = probed.filter(({ probe }) => cause.probes.includes(probe.id)).map(({ probe }) => probe);
  // Whatever it is called: a list or a plain question that failed is more than something to know.
  if (cause.severity === "info" && concerned.some(({ kind, ok }) => !ok && PLAIN.has(kind))) return "warning";
  if (cause.severity !== "critical" || HIDES.has(cause.code)) return cause.severity;
  const { default_model: main, chat_elsewhere = false, trial = false } = context;
  const blind = rowOf(cause.code).blind === true;
  // A worker that cannot be asked leaves open what people get, who go through the server.
  if (blind && concerned.length > 0 && concerned.every(({ route }) => route === "worker")) return "warning";
  if (chat_elsewhere && !blind) return "warning";
  const asUsersDo = ({ route, candidate }) => route === "server" && candidate === trial;
  const fine = (test) => probed.some(({ probe }) => probe.ok && asUsersDo(probe) && test(probe));
  const works = typeof main === "string" && fine((probe) => isCompletion(probe) && probe.model === main);
  const asked = probed.some(({ probe }) => isCompletion(probe));
  const listed = !asked && fine(({ kind }) => kind === "models");
  const spared = (probe) => !asUsersDo(probe) || !isCompletion(probe) || probe.model !== main;
  if (works) {
    // What the key's figures foretell of Windmill's chats, a small question cannot disprove.
    const foretold = concerned.length === 0 && FORETOLD.has(rowOf(cause.code).layer);
    return concerned.every(spared) && !foretold ? "warning" : "critical";
  }
  return listed && concerned.length > 0 && concerned.every(spared) ? "warning" : "critical";
}

const ONLY_STEPS = "chats, summaries, `Test key` and steps without it do not and work.";

const SCRIPTS =
  "None of Windmill's features sends it: it comes from a query in base_url, from defaults that the gateway adds for this model, or from a script of your own.";

/** By field, the most telling first. The senders are those of Windmill's source: pages, agent steps (windmill-ai), completion. */
const FIELDS = [
  {
    field: /stream_options|include_usage/,
    name: "the field stream_options",
    senders: `Only AI agent steps send it; chats, summaries and \`Test key\` do not and work. Windmill repeats a step's request without it when the gateway answers 400 and names it; with another status, such as 422, the step fails.`,
    without: "Let the gateway accept stream_options, or answer 400 to it",
    owner: "gateway-operator",
    spares_chat: true,
  },
  {
    field: /temperature/,
    name: "the temperature that an AI agent step sets",
    senders: `Only AI agent steps that set a temperature send it, and code completion; ${ONLY_STEPS}`,
    without: "Leave the temperature of the AI agent step empty, or choose another model for the step",
    owner: "workspace-admin",
    spares_chat: true,
  },
  {
    field: /reasoning_effort|reasoning\.effort/,
    name: "the reasoning effort that an AI agent step sets",
    senders: `Only AI agent steps that set a reasoning effort send it; ${ONLY_STEPS}`,
    without: "Remove reasoning_effort from the AI agent step, or choose another model for the step",
    owner: "workspace-admin",
    spares_chat: true,
  },
  {
    field: /response_format|json_schema/,
    name: "the output schema of an AI agent step",
    senders: `Only AI agent steps with an output schema send response_format; ${ONLY_STEPS}`,
    without: "Remove the output schema from the AI agent step, or choose another model for the step",
    owner: "workspace-admin",
    spares_chat: true,
  },
  {
    field: /tool_choice/,
    name: "the field tool_choice",
    senders: `Only AI agent steps with an output schema send it, and only for model ids with \`claude\` in them; ${ONLY_STEPS}`,
    without: "Remove the output schema from the AI agent step, or choose another model for the step",
    owner: "workspace-admin",
    spares_chat: true,
  },
  {
    field: /\bstop\b/,
    name: "the field stop",
    senders:
      "Only code completion sends it: a code completion model is set on customai. Chats, summaries and AI agent steps work.",
    without: "Unset the code completion model in Workspace settings > Windmill AI",
    owner: "workspace-admin",
    spares_chat: true,
  },
  {
    field: /reasoning_content|tool_calls\W{0,3}\d*\W{0,3}index|\bindex\b/,
    name: "a part of the model's own tool calls that Windmill sends back",
    senders:
      "Chats send it from their second turn on, after a tool call. First answers, summaries and steps without tools work.",
    without: "Let the gateway ignore what it does not know in `messages`, or choose another model as default model",
    owner: "gateway-operator",
    spares_chat: false,
  },
  {
    field: /\bstrict\b|additionalProperties|function_declarations|\btools?\b|\bfunctions?\b/,
    name: "a part of the tools that a chat sends",
    senders:
      "Chats and AI agent steps with tools send it. Plain questions, summaries, `Test key` and steps without tools work.",
    without: "Let the gateway ignore what it does not know in `tools`, or choose another model as default model",
    owner: "gateway-operator",
    spares_chat: false,
  },
  {
    field: /max_(?:completion_|output_)?tokens/,
    name: "the limit of output tokens",
    senders:
      "Chats and summaries always send max_tokens, AI agent steps max_completion_tokens where the step sets a limit.",
    without: "Let the gateway accept both names",
    owner: "gateway-operator",
    spares_chat: false,
  },
  {
    field:
      /\b(?:top_p|top_k|seed|n|logprobs|top_logprobs|logit_bias|(?:presence|frequency)_?penalty|user|parallel_tool_calls|system_prompt|metadata|store|service_tier|safety_identifier|modalities|prediction|web_search_options|thinking)\b/i,
    name: "a field that Windmill does not send by itself",
    senders: SCRIPTS,
    without:
      "Remove everything from the ? on in base_url, and look at the parameters that the gateway adds to this model",
    owner: "gateway-operator",
    spares_chat: true,
  },
];

const UNKNOWN = {
  name: "a field of the request",
  senders: "Which features break depends on the field: a check at depth `features` shows which ones work.",
  without: "Look which field the message names, and remove everything from the ? on in base_url",
  owner: "gateway-operator",
  spares_chat: false,
};

/** The field that an error's innermost words name, or the one that its `param` names. */
function refusedField(body) {
  const error = errorIn(asJson(body));
  const message = error ? (layersOf(error)[0]?.message ?? "") : body;
  const named = /["']param["']\s?:\s?["']([\w.[\]]{1,80})["']/.exec(body)?.[1] ?? "";
  // What a message advises stands behind what it complains of: the field that is named first is meant.
  const first = (text) =>
    FIELDS.map((row) => ({ row, at: text.search(row.field) }))
      .filter(({ at }) => at >= 0)
      .sort((a, b) => a.at - b.at)[0]?.row;
  return first(named) ?? first(message) ?? UNKNOWN;
}

/** Characters of an id that count for its nearness: keeps the cost small whatever a gateway lists. */
const COMPARED = 64;

/** Served ids that are compared; a longer list is cut. */
const CANDIDATES = 500;

/**
 * The served ids, nearest to `id` first: same family (the text up to the last hyphen) before others, then fewest edits, then
 * the gateway's own order. Ids are compared in lower case, as Codex Pooler does.
 */
function nearest(id, served) {
  const wanted = id.slice(0, COMPARED).toLowerCase();
  const family = familyOf(wanted);
  return served
    .slice(0, CANDIDATES)
    .map((candidate, order) => {
      const name = candidate.slice(0, COMPARED).toLowerCase();
      return {
        candidate,
        order,
        kin: familyOf(name) === family ? 0 : 1,
        edits: wanted ? editDistance(wanted, name) : 0,
      };
    })
    .sort((a, b) => a.kin - b.kin || a.edits - b.edits || a.order - b.order)
    .map(({ candidate }) => candidate);
}

const familyOf = (id) => (id.includes("-") ? id.slice(0, id.lastIndexOf("-")) : id);

/** Levenshtein distance: insertions, deletions and replacements. */
function editDistance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replace));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Characters shown of an id, a path or an address. */
const SHOWN = 120;

/** Ids shown of the gateway's list, and of the models that a finding is about. */
const LISTED = 8;

const NAMED = 4;

/** Fills the `{placeholders}` of a row's text. An unknown one stands for what it is, so the sentence stays readable. */
function fill(template, values) {
  const text = template.replace(/\{(\w{1,30})\}/g, (whole, name) => values.get(name) ?? whole);
  return text.startsWith("the ") ? `T${text.slice(1)}` : text;
}

/** The values for one finding. All foreign text in them is redacted and short. */
function valuesFor(subject, context) {
  const { clean } = context;
  const show = (text) => excerpt(text, { limit: SHOWN, ...(clean ? { clean } : {}) });
  const showAll = (texts, most) => listed$1(texts.slice(0, most + 1).map(show), texts.length, most);
  const { routes, models, text, location } = subject;
  const workersOnly = routes.has("worker") && !routes.has("server");
  const resource = context.resource_path ?? /\bresource (?:value for )?([ufg]\/[\w/-]{1,250})/.exec(text)?.[1];
  const secret = context.secret_path ?? /(?:\$var:|\bvariable )([ufg]\/[\w/-]{1,250})/i.exec(text)?.[1];
  const served = context.served ? nearest(models[0] ?? context.default_model ?? "", context.served) : null;
  const known = served && (served.length === 0 ? "nothing" : showAll(served, LISTED));
  // What takes the place of a model is never one that needs a replacement itself.
  const stand_in = served && without(served, models)[0];
  return new Map([
    ...addressValues(context.base_url ?? null, text, show),
    ["process", processName(routes)],
    ["service", workersOnly ? "windmill_worker" : "windmill_server"],
    ["deployment", workersOnly ? "windmill-workers-default" : "windmill-app"],
    ["resource", resource ? `the resource ${show(resource)}` : "the customai resource"],
    ["resource_path", resource ? show(resource) : "<the customai resource>"],
    ["secret", secret ? `the secret variable ${show(secret)}` : "the secret variable"],
    ["secret_path", secret ? show(secret) : "<the secret variable>"],
    ["key", context.key_prefix ? `the key ${show(context.key_prefix)}` : "the pool key"],
    ["key_prefix", context.key_prefix ? show(context.key_prefix) : "(sk-cxp- and 12 hex digits)"],
    ["model", models.length > 0 ? showAll(models, NAMED) : "the model"],
    ["model_id", models[0] ? show(models[0]) : "<model>"],
    ["served", known ?? "its model list names them"],
    ["gateway_lists", known === null ? "Its model list is not known here." : `The gateway lists: ${known}.`],
    ["nearest", stand_in ? show(stand_in) : "another model that the gateway serves"],
    ["location", location ? show(asBase(location)) : "another address"],
    ["until", context.until ? `${context.until.slice(11, 19)} UTC` : "a minute from now"],
    ...fieldValues(text),
    ["server_url", context.server_url ? show(context.server_url) : "the server's address"],
  ]);
}

/** What is known of the field that a gateway refuses. */
function fieldValues(text) {
  const { name, senders, without } = refusedField(text);
  return [
    ["refused_field", name],
    ["who_sends_it", senders],
    ["without_it", without],
  ];
}

function processName(routes) {
  if (routes.size === 2) return "the Windmill server and workers";
  if (routes.has("worker")) return "the Windmill workers";
  return routes.has("server") ? "the Windmill server" : "Windmill";
}

/** The gateway's address: from the settings, else from the URL or host that Windmill's error names. */
function addressValues(baseUrl, text, show) {
  const url = safeUrl(baseUrl ?? /for url \((\S{1,2000}?)\)/.exec(text)?.[1] ?? "");
  if (url === null) {
    const host = plain(show(/resolve host '([^']{1,255})'/.exec(text)?.[1] ?? ""));
    return [
      ["host", host || "the gateway's host"],
      ["host_name", host || "<host>"],
      ["host_port", "<host>:<port>"],
      ["base_url", "<base_url>"],
    ];
  }
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const base = asBase(showableAddress(url.href)).replace(/\/$/, "");
  return [
    ["host", plain(show(url.host))],
    ["host_name", plain(show(url.hostname))],
    ["host_port", plain(show(`${url.hostname}:${port}`))],
    ["base_url", plain(show(base))],
  ];
}

/** The first `most` of the shown texts, and how many more there are. */
const listed$1 = (shown, count, most) =>
  count > most ? `${shown.slice(0, most).join(", ")} and ${count - most} more` : shown.join(", ");

function safeUrl(text) {
  try {
    const url = new URL(text);
    return /^https?:$/.test(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

/** Only what can stand in a host or path without meaning anything to a shell: these values go into commands to copy. */
const plain = (text) => text.replace(/[^A-Za-z0-9._~:/[\]%-]/g, "");

/** An address as a base URL: without the query and without what Windmill appended. */
const asBase = (location) => (location.split(/[?#]/)[0] ?? "").replace(/\/(?:chat\/completions|models|usage)\/?$/, "");

/** Entries of evidence that a finding carries. */
const EVIDENCE_LIMIT = 5;

/** Characters of a text that hosts and paths are looked for in. */
const SEARCHED = 4_000;

/** Characters kept of ids. */
const ID_LIMIT = 120;

/** Added to a cause when only a 400 vouches for the words: the gateway's errors arrive as 400 too. */
const IN_A_400 =
  "The text came in a 400, as the gateway's own errors do, so a gateway could send it too; Windmill uses exactly these words.";

/**
 * Words a finding: fills the row's texts with what is known and redacts the evidence.
 *
 * @param probes ids of the probes that the cause explains.
 * @throws Error for a code that no row has.
 */
function finding(code, evidence, context = {}, probes = []) {
  const row = rowOf(code);
  const models = [...new Set(evidence.flatMap(({ model }) => (model ? [model] : [])))];
  const text = evidence.find(({ text }) => text)?.text?.slice(0, SEARCHED) ?? "";
  const values = valuesFor(
    {
      routes: new Set(evidence.flatMap(({ route }) => (route ? [route] : []))),
      models,
      text,
      location: evidence.find(({ location }) => location)?.location ?? "",
    },
    context,
  );
  return {
    code,
    layer: row.layer,
    severity: severityFor(row, models, context, text),
    owner: row.by_field && text !== "" ? refusedField(text).owner : row.owner,
    title: fill(row.title, values),
    cause: isImitable(row, evidence) ? `${fill(row.cause, values)} ${IN_A_400}` : fill(row.cause, values),
    remedy: [...row.remedy, ...(row.repairable ? [RUN_REPAIR] : [])].map((step) => fill(step, values)),
    repairable: row.repairable === true,
    ...(row.lasting ? { lasting: true } : {}),
    evidence: varied(evidence).map((item) => show(item, context)),
    probes: [...probes],
  };
}

const isImitable = (row, evidence) =>
  row.match.some(({ windmill, status }) => windmill && status?.includes(400)) &&
  evidence.some(({ status }) => status === 400);

function show(item, { clean }) {
  const known = clean ? { clean } : {};
  const words = [item.text, item.location && `Location: ${item.location}`].filter(Boolean).join(" ");
  return {
    route: item.route ?? null,
    model: item.model ? excerpt(item.model, { ...known, limit: ID_LIMIT }) : null,
    status: item.status ?? null,
    excerpt: excerpt(words, known),
    ...(item.request_id ? { request_id: excerpt(item.request_id, { ...known, limit: ID_LIMIT }) } : {}),
  };
}

/** A finding about models that are not the default one, or about a field that chats do not send, hurts only those who use them. */
function severityFor(row, models, { default_model: main }, text) {
  if (row.by_field && text !== "" && refusedField(text).spares_chat) return "warning";
  const others = row.layer === "model" && models.length > 0 && typeof main === "string" && !models.includes(main);
  return row.severity === "critical" && others ? "warning" : row.severity;
}

/** The first entry per route and model, then other answers, each once, up to the limit. */
function varied(evidence) {
  const seen = new Set();
  const first = [];
  const rest = [];
  for (const item of evidence) {
    const place = `${item.route}|${item.model}`;
    const whole = `${place}|${item.status}|${item.text?.slice(0, 200)}`;
    if (seen.has(whole)) continue;
    (seen.has(place) ? rest : first).push(item);
    seen.add(whole).add(place);
  }
  return [...first, ...rest].slice(0, EVIDENCE_LIMIT);
}

const depth$1 = (layer) => Layer.options.indexOf(layer);

const depthOf = (code) => depth$1(rowOf(code).layer);

/** A cause up to here stops every request of its route; behind it, models and features differ. */
const BLOCKING = depth$1("key");

const SEVERITIES = ["critical", "warning", "info"];

/** The code of a request that went out with the key or address of before. */
const STALE = "stale-credentials";

/**
 * Diagnoses a check. Probes that went out with what was there before are no evidence of anything but that.
 *
 * @param facts what the settings say; what a root cause makes unknowable among them is left out.
 */
function diagnose(probed, facts, context) {
  const present = probed.filter(({ probe }) => !probe.stale);
  const failed = failures(present, context.served ?? null);
  const causes = merge([
    ...knowable(asAnswered(facts, present, context), failed),
    ...failed.filter(isTelling(failed)).map(fromProbe),
  ]);
  const codes = new Map(failed.map(({ probe, own }) => [probe.id, own]));
  return {
    findings: withoutConsequences(causes)
      .map((cause) => wordCause(cause, probed, context))
      .sort(
        (a, b) =>
          SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || depth$1(a.layer) - depth$1(b.layer),
      ),
    probes: probed.map(({ probe }) => ({
      ...probe,
      code: probe.stale && !probe.ok ? STALE : (codes.get(probe.id) ?? null),
    })),
  };
}

function wordCause(cause, probed, context) {
  const worded = finding(cause.code, cause.evidence, context, cause.probes);
  const severity = isRaised(cause) ? worse(worded.severity, cause.severity) : worded.severity;
  const only = onlyFor(cause, probed);
  return {
    ...worded,
    ...(only ? { cause: `${worded.cause} ${only.says}` } : {}),
    severity: only?.optional ? "info" : calm({ ...cause, severity }, probed, context),
  };
}

/** The code of one probe: null when it is fine, else what its answer says, seen beside the others' answers. */
function codeOf$1(one, probed, served) {
  if (one.probe.ok) return null;
  const { outcome, problem, probe } = one;
  const { code } = classify({
    outcome,
    route: probe.route,
    kind: probe.kind,
    ...(problem ? { problem } : {}),
  });
  return refine(code, probe, probed, served);
}

function failures(probed, served) {
  const failed = probed.flatMap((one) => {
    const own = codeOf$1(one, probed, served);
    return own === null ? [] : [{ ...one, own, root: own }];
  });
  return failed.map((one) => ({ ...one, root: rootOf(one, failed, probed) }));
}

/** Probes with the full token limit of a chat, and those with a small one. */
const LARGE = new Set(["stream", "tools", "large", "strict-tools"]);

const SMALL = new Set(["chat", "metadata", "summary", "connection-check"]);

/** What only the neighbours of a probe tell: the same words mean something else when others succeed. */
function refine(code, probe, probed, served) {
  const fine = (test) => probed.some(({ probe: other }) => other.ok && sameWay(other, probe) && test(other));
  if (probe.kind === "models" && code !== "models-empty" && fine(isCompletion)) return "models-list-unavailable";
  if (code === "key-limit-reached" && LARGE.has(probe.kind)) {
    return fine((other) => other.model === probe.model && SMALL.has(other.kind)) ? "key-limit-below-reservation" : code;
  }
  const gone =
    code === "endpoint-not-found" && isCompletion(probe) && fine((other) => other.kind === probe.kind)
      ? "model-not-served"
      : code;
  const { model } = probe;
  if (gone !== "model-not-served" || model === null) return gone;
  // It cannot be gone for a gateway that lists it, or that has just answered with it.
  const answers = probed.some(({ probe: other }) => other.ok && isCompletion(other) && other.model === model);
  return answers || (served !== null && among$1([model], served).length > 0) ? "model-refused" : gone;
}

/** Facts with those put right that answers have disproved: a model that is not listed and answers is not gone, the list is not whole. */
const asAnswered = (facts, probed, { answered = [] }) =>
  facts.map((fact) => {
    const { code, model } = fact;
    if (code !== "model-not-served" || model === undefined) return fact;
    const asked = probed.filter(({ probe }) => isCompletion(probe) && probe.model === model && !probe.stale);
    const answers = asked.length === 0 ? answered.includes(model) : asked.some(({ probe }) => probe.ok);
    return answers ? { ...fact, code: "model-unlisted" } : fact;
  });

/** Where nothing works on a way, the first obstacle is the cause and all later ones are its consequences. */
function rootOf(one, failed, probed) {
  const here = (other) => sameWay(other.probe, one.probe);
  if (probed.some((other) => here(other) && other.probe.ok && other.probe.kind !== "usage")) return one.own;
  const codes = failed.filter(here).map(({ own }) => own);
  const count = (code) => codes.filter((other) => other === code).length;
  const first = codes
    .filter((code) => depthOf(code) <= BLOCKING)
    .sort((a, b) => depthOf(a) - depthOf(b) || count(b) - count(a))[0];
  return first ?? one.own;
}

/** Not every gateway serves usage figures, so they only confirm what other probes say. */
const isTelling = (failed) => (one) =>
  one.probe.kind !== "usage" || failed.some(({ probe, root }) => probe.kind !== "usage" && root === one.root);

/** A consequence lends its cause the probe's id, but not its answer: that would prove something else. */
const fromProbe = ({ probe, outcome, problem, own, root }) => ({
  code: root,
  severity: rowOf(root).severity,
  probes: [probe.id],
  evidence:
    own !== root
      ? []
      : [
          {
            route: probe.route,
            model: probe.model,
            status: outcome.status,
            text: seenOf({ outcome, ...(problem ? { problem } : {}) }),
            ...(outcome.location === undefined ? {} : { location: outcome.location }),
            ...(outcome.request_id === undefined ? {} : { request_id: outcome.request_id }),
          },
        ],
});

/** Facts that need an answer of the gateway's: nobody knows which models it serves while it cannot be asked. */
const NEEDS_GATEWAY = new Set([
  "model-not-served",
  "model-unlisted",
  "models-empty",
  "models-list-unavailable",
  "slow",
  "key-limit-below-reservation",
]);

function knowable(facts, failed) {
  const blocked = failed.some(
    ({ probe, root }) => probe.route === "server" && probe.kind !== "usage" && depthOf(root) <= BLOCKING,
  );
  return facts
    .filter(({ code }) => !blocked || !NEEDS_GATEWAY.has(code))
    .map(({ code, seen, model, route, severity = rowOf(code).severity, probes = [] }) => ({
      code,
      severity,
      evidence: [{ text: seen, ...(model === undefined ? {} : { model }), ...(route === undefined ? {} : { route }) }],
      probes,
    }));
}

const worse = (a, b) => SEVERITIES.find((one) => one === a || one === b) ?? a;

/** Whether a consequence made the cause more severe than its row says. */
const isRaised = ({ code, severity }) => severity !== rowOf(code).severity;

const join = (a, b) => ({
  ...a,
  severity: worse(a.severity, b.severity),
  evidence: [...a.evidence, ...b.evidence],
  probes: [...new Set([...a.probes, ...b.probes])],
});

/** One cause per code. */
function merge(all) {
  const merged = new Map();
  for (const one of all) {
    const same = merged.get(one.code);
    merged.set(one.code, same ? join(same, one) : one);
  }
  return [...merged.values()];
}

/** Drops what another cause explains; its probes and its answers go there. */
function withoutConsequences(all) {
  const explainedBy = ({ code }) => rowOf(code).explains ?? [];
  const gone = new Set(all.flatMap(explainedBy));
  return all
    .filter(({ code }) => !gone.has(code))
    .map((cause) => all.filter(({ code }) => explainedBy(cause).includes(code)).reduce(join, cause));
}

/**
 * A short mark of everything that decides what users get, so that an edit is noticed. No secret goes into it in a way that could be
 * read back: 64 bits of a hash.
 */
async function fingerprintOf(observation) {
  const { settings, resource, secret, intent } = observation;
  const seen = resource?.state === "ok" ? { ...unshared(resource), value: null } : (resource?.state ?? null);
  const key = secret && unshared(secret);
  const text = canonical({ ai: settings.effective, source: settings.source, resource: seen, secret: key, intent });
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest).slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** With whom an item is shared decides nothing about what the gateway answers. */
function unshared({ shared_with: _with, ...rest }) {
  return rest;
}

/** Folders, on whose rights those of the items in them depend. */
/** Who owns a folder and who else may read it, as `u/<user>` and `g/<group>`. */
const FolderInfo = z.looseObject({
  owners: z.array(z.string()).nullish(),
  extra_perms: z.record(z.string(), z.unknown()).nullish(),
});

/** A folder; null when there is none that the caller may see. */
const findFolder = (windmill, name) =>
  orNull(
    windmill.call(
      `Looking up the folder ${name}`,
      () => FolderService.getFolder({ workspace: windmill.workspace, name }),
      FolderInfo,
    ),
  );

/** Reads for whom AI agent steps work. */
/** The folders of some paths, as far as the caller may see them. */
async function foldersOf(windmill, paths) {
  const names = [...new Set(paths.flatMap((path) => folderOf(path) ?? []))];
  const found = await Promise.all(
    names.map(async (name) => {
      try {
        const info = await findFolder(windmill, name);
        return info ? [[name, info]] : [];
      } catch (error) {
        if (isForbidden(error)) return [];
        throw error;
      }
    }),
  );
  return Object.fromEntries(found.flat());
}

/**
 * For whom agent steps work with the connection that was observed; null without one.
 *
 * @param in_full whether folders are looked at, which costs a request each; else they are named as such.
 */
async function seeAudience(windmill, { resource, secret, settings }, in_full) {
  if (settings.view.connection === null) return null;
  if (settings.source === "instance") return OF_THE_INSTANCE;
  if (resource?.state === "hidden" || secret?.state === "hidden") return HIDDEN;
  if (resource?.state !== "ok") return null;
  const items = [
    { path: resource.path, with: resource.shared_with ?? [] },
    ...(secret ? [{ path: secret.path, with: secret.shared_with ?? [] }] : []),
  ];
  const paths = items.map(({ path }) => path);
  return audienceOf(items, in_full ? await foldersOf(windmill, paths) : {});
}

/**
 * How many requests are under way at a time. A check shares the gateway's places with people, so it begins with few, takes more while
 * answers come quickly, which leaves a place within a moment, and goes back to few when they are slow. Who is refused for want of a
 * place is asked again later, by fewer: a check must not report the crowd that it is itself.
 */
/**
 * Requests to begin with, and the most at any time. Codex Pooler runs 24 completions at once, queues what comes beyond and gives up
 * after 10 s in the queue: 8 slow ones leave 16 places for people, 20 quick ones leave 4 and are over before anybody notices.
 */
const FEW = 8;

const MOST = 20;

/** Milliseconds up to which an answer was quick. */
const QUICK_MS = 1_500;

/** Milliseconds to wait before those that found no place are asked again. */
const PAUSE_MS = 2_000;

/** Rounds in which they are asked again, and milliseconds after which no further round begins. */
const ROUNDS$1 = 3;

const PATIENCE_MS$1 = 60_000;

/** Asks `count` requests, in order of their index, and answers what came back in that order; null for what was not asked. */
async function askInTurns(count, crowd) {
  const answers = new Array(count).fill(null);
  const started = performance.now();
  const pace = { limit: FEW };
  let open = Array.from({ length: count }, (_, index) => index);
  for (let round = 0; open.length > 0; round++) {
    const last = round === ROUNDS$1 || performance.now() - started > PATIENCE_MS$1;
    open = await askRound(open, answers, crowd, pace, last);
    if (open.length === 0) break;
    // The last time each stands alone, so that what is refused then is refused by others' doing.
    if (round + 1 === ROUNDS$1) pace.limit = 1;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return answers;
}

/** One round. @returns those that found no place; none when it is the `last` one. */
async function askRound(indices, answers, { ask, isBusy, onDone }, pace, last) {
  const again = [];
  const waiting = [...indices];
  let under_way = 0;
  /** Requests that went out before the last refusal say nothing of the limit that came after it. */
  let turn = 0;
  await new Promise((resolve) => {
    const next = () => {
      if (waiting.length === 0 && under_way === 0) resolve();
      while (under_way < pace.limit && waiting.length > 0) {
        const index = waiting.shift();
        const born = turn;
        const sent = performance.now();
        under_way += 1;
        void ask(index).then((answer) => {
          under_way -= 1;
          // Who found no place before and has no time for another try was refused.
          answers[index] = answer ?? answers[index] ?? null;
          const busy = answer !== null && isBusy(answer);
          if (busy) {
            if (born === turn) {
              turn += 1;
              pace.limit = Math.max(1, Math.floor(pace.limit / 2));
            }
            if (!last) again.push(index);
          } else if (performance.now() - sent > QUICK_MS) pace.limit = Math.min(pace.limit, FEW);
          else if (turn === 0) pace.limit = Math.min(MOST, pace.limit + 1);
          if (!busy || last) onDone?.();
          next();
        });
      }
    };
    next();
  });
  return again;
}

/** How many tokens Windmill's chat asks a model for. Pure. */
/**
 * Windmill's output limit by a part of the model id, first hit first; case counts (getModelMaxTokens in copilot/lib.ts). Dots count as
 * dashes in what came with 1.790.
 */
const MAX_TOKENS_BY_NAME = [
  { parts: ["gpt-5"], tokens: 128_000 },
  { parts: ["claude-sonnet", "gemini-2.5", "claude-haiku"], tokens: 64_000 },
  {
    parts: [
      ...["claude-fable", "claude-mythos", "claude-opus-4-5", "claude-opus-4-6", "claude-opus-4-7", "claude-opus-4-8"],
      ...["claude-opus-5", "gemini-3"],
    ],
    tokens: 64_000,
    since: 1_790,
  },
  { parts: ["gpt-4.1"], tokens: 32_768 },
  { parts: ["claude-opus"], tokens: 32_000 },
  { parts: ["gpt-4o", "codestral"], tokens: 16_384 },
  { parts: ["gpt-4-turbo", "gpt-3.5"], tokens: 4_096 },
];

/** What Windmill asks of any other model. */
const DEFAULT_MAX_TOKENS = 8_192;

/** Major and minor of a version as Windmill says it (`CE v1.788.0`), as one number; the newest where it says none. */
const minorOf = (version) => {
  const [, major, minor] = /v?(\d{1,3})\.(\d{1,4})\./.exec(version) ?? [];
  return major === undefined || minor === undefined ? Number.POSITIVE_INFINITY : Number(major) * 1_000 + Number(minor);
};

/**
 * The output tokens that Windmill's chat asks a model for.
 *
 * @param maxTokensPerModel the settings' `max_tokens_per_model`, keyed `customai:<model>`
 * @param version of the server, as it says it; "" for the newest.
 */
function resolveMaxTokens(model, maxTokensPerModel, version = "") {
  const key = `customai:${model}`;
  const own = Object.hasOwn(maxTokensPerModel, key) ? maxTokensPerModel[key] : undefined;
  if (own !== undefined) return own;
  const dashed = model.replaceAll(".", "-");
  const fits = ({ parts, since }) =>
    since === undefined
      ? parts.some((part) => model.includes(part))
      : minorOf(version) >= since && parts.some((part) => dashed.includes(part));
  return MAX_TOKENS_BY_NAME.find(fits)?.tokens ?? DEFAULT_MAX_TOKENS;
}

/** What an answer's headers tell of the gateway behind it. Pure. */
/**
 * Headers that name a product and stay the same from one answer of it to the next. All others are left alone: limits, times, caches
 * and replicas change them from request to request.
 */
const NAMING = ["server", "x-powered-by", "openai-version", "x-litellm-version"];

/** Names under which gateways send the id of a request. */
const IDS = ["x-request-id", "request-id", "x-litellm-call-id", "x-amzn-requestid", "apim-request-id"];

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** How a gateway writes its ids, e.g. `uuid`, `req_…`, `32 hex`: two gateways seldom write them alike. */
function formOf$1(id) {
  if (UUID.test(id)) return "uuid";
  const prefix = /^[a-z]{1,12}[_-]/i.exec(id)?.[0];
  if (prefix) return `${prefix}…`;
  return /^[0-9a-f]+$/i.test(id) ? `${id.length} hex` : "other";
}

/**
 * A line that is the same for two answers of one gateway, and as a rule another one for another gateway: its product and the form of
 * its request ids. "" where the headers tell neither. Windmill passes the headers of 2xx and 3xx answers on, and none of an error.
 */
function senderOf(headers) {
  const named = NAMING.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [`${name}: ${value.slice(0, 80)}`];
  });
  const ids = IDS.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [`${name}: ${formOf$1(value.trim())}`];
  });
  return [...named, ...ids].join("; ");
}

/**
 * Sends one request and reports what came back, without what is known to be secret, never throwing: a failure is an outcome too.
 * It makes one attempt, does not follow redirects and stops reading after {@link BODY_LIMIT} characters.
 */
const sendThroughProxy = async (windmill, request) => windmill.secrets.clean(await send(windmill, request));

async function send(windmill, request) {
  const started = performance.now();
  const elapsed = () => Math.round(performance.now() - started);
  const deadline = AbortSignal.timeout(request.timeoutMs);
  try {
    const response = await fetch(
      `${windmill.routes[request.route]}/api/w/${encodeURIComponent(windmill.workspace)}/ai/proxy/${request.path}`,
      {
        method: request.method,
        redirect: "manual",
        signal: deadline,
        headers: {
          ...windmill.authorization(),
          "content-type": "application/json",
          "X-Provider": "customai",
          ...(request.resourcePath ? { "X-Resource-Path": request.resourcePath } : {}),
        },
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      },
    );
    const head = {
      status: response.status,
      content_type: (response.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "",
      ...optional("location", response.headers.get("location")),
      ...optional("request_id", response.headers.get("x-request-id")),
      sender: senderOf(response.headers),
    };
    const { body, truncated, broken, firstByteAt } = await readBody(response);
    return {
      ...head,
      body,
      truncated,
      ...(broken === undefined ? {} : { failure: toFailure(broken, deadline, request.timeoutMs, "aborted") }),
      ms: elapsed(),
      ...(firstByteAt === undefined ? {} : { first_byte_ms: Math.round(firstByteAt - started) }),
    };
  } catch (error) {
    const failure = toFailure(error, deadline, request.timeoutMs, "network");
    return { status: null, content_type: "", body: "", truncated: false, failure, ms: elapsed() };
  }
}

const optional = (key, value) => (value === null ? {} : { [key]: value });

/** Reads a body up to {@link BODY_LIMIT} characters. */
async function readBody(response) {
  const reader = response.body?.getReader();
  const read = { body: "", truncated: false };
  if (!reader) return read;
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      read.firstByteAt ??= performance.now();
      read.body += decoder.decode(value, { stream: true });
      if (read.body.length > BODY_LIMIT) {
        read.body = read.body.slice(0, BODY_LIMIT);
        read.truncated = true;
        // The rest is not wanted; a stream that refuses to be cancelled is of no interest either.
        reader.cancel().catch(() => undefined);
        break;
      }
    }
  } catch (error) {
    read.broken = error;
  }
  return read;
}

/** What became of a request without a whole answer: the client's words for it, with those of its causes: bun and Node put the useful code (ECONNREFUSED) there. */
function toFailure(error, deadline, timeoutMs, otherwise) {
  if (deadline.aborted) return { kind: "timeout", message: `no complete answer within ${timeoutMs / 1000} s` };
  const words = [];
  for (let cause = error; cause instanceof Error && words.length < 4; cause = cause.cause) {
    const code = "code" in cause && typeof cause.code === "string" ? `${cause.code}: ` : "";
    words.push(`${code}${cause.message}`);
  }
  return { kind: otherwise, message: words.join(" <- ") || String(error) };
}

/** Milliseconds per request. A gateway may think for a minute before the first byte of a collected answer. */
const TIMEOUT_MS = { GET: 20_000, POST: 90_000 };

/** The probes of a run: every row that the depth allows, over its routes, for each model that it is about; what matters most first. */
function planProbes(run) {
  const allowed = Depth.options.slice(0, Depth.options.indexOf(run.depth) + 1);
  const wanted = FEATURE_PROBES.filter(
    ({ depth, kind }) => allowed.includes(depth) && (run.only === undefined || run.only.includes(kind)),
  );
  const shots = wanted.flatMap((row) =>
    row.routes.flatMap((route) => probeModels(row, run.view).map((model) => ({ row, route, model }))),
  );
  const chosen = chosenModels(run.view);
  const isFirst = ({ model }) => model === null || chosen.includes(model);
  return [...shots.filter(isFirst), ...shots.filter((shot) => !isFirst(shot))];
}

/** Ids of the probes of a run that were not sent: there was no time left for them. */
function notAsked(run, sent) {
  const ids = new Set(sent.map(({ probe }) => probe.id));
  return planProbes(run)
    .map((shot) => idOf(run, shot))
    .filter((id) => !ids.has(id));
}

/** What a probe is called in a report. */
const idOf = ({ candidate }, { route, row, model }) =>
  [route, row.kind, model, candidate === null ? null : "by-path"].filter((part) => part !== null).join(":");

/** Sends the probes of a run, as far as its time allows: see {@link notAsked} for the rest. */
async function sendProbes(windmill, run, hooks = {}) {
  const shots = planProbes(run);
  let done = 0;
  const answers = await askInTurns(shots.length, {
    ask: async (index) => {
      const shot = shots[index];
      return fits(run, shot) ? shoot(windmill, run, shot) : null;
    },
    isBusy: (sent) => hooks.isBusy?.(sent) ?? false,
    onDone: () => hooks.onDone?.(++done / shots.length),
  });
  return answers.filter((one) => one !== null);
}

/** Sends one probe of a run; null where the run has no such probe, or no time for it. */
async function sendOne(windmill, run, { kind, route, model }) {
  const shot = planProbes({ ...run, only: [kind] }).find((one) => one.route === route && one.model === model);
  return shot && fits(run, shot) ? shoot(windmill, run, shot) : null;
}

const fits = ({ until }, { row }) => until === undefined || performance.now() + TIMEOUT_MS[row.method] <= until;

/** What of the time is left for a request; a second one of the same probe may have less than its first. */
const timeoutOf = ({ until = Number.POSITIVE_INFINITY }, { row }) =>
  Math.max(1, Math.floor(Math.min(TIMEOUT_MS[row.method], until - performance.now())));

async function shoot(windmill, run, shot) {
  const { row, route, model } = shot;
  const maxTokens = model === null ? 0 : resolveMaxTokens(model, run.view.max_tokens_per_model, run.version);
  const { verdict, outcomes } = await askProbe(row, model, maxTokens, (request) =>
    sendThroughProxy(windmill, {
      ...request,
      route,
      ...(run.candidate === null ? {} : { resourcePath: run.candidate }),
      timeoutMs: timeoutOf(run, shot),
    }),
  );
  const outcome = outcomes.at(-1);
  return {
    outcome,
    probe: {
      id: idOf(run, shot),
      kind: row.kind,
      route,
      model,
      candidate: run.candidate !== null,
      ok: verdict.ok,
      status: outcome.status,
      ms: outcomes.reduce((sum, { ms }) => sum + ms, 0),
      ...(outcome.first_byte_ms === undefined ? {} : { first_byte_ms: outcome.first_byte_ms }),
      ...(outcome.request_id === undefined ? {} : { request_id: excerpt(outcome.request_id) }),
      code: null,
      excerpt: verdict.ok ? "" : excerpt(seenOf({ outcome, problem: verdict.problem })),
      ...(verdict.ok && verdict.tokens !== undefined ? { tokens: verdict.tokens } : {}),
    },
    ...(verdict.ok ? {} : { problem: verdict.problem }),
    ...(verdict.ok && verdict.models ? { models: verdict.models } : {}),
  };
}

/**
 * Asks for the list of models as the member's chat does, over the server, and as an AI agent step of theirs does: by the resource's
 * path, under their rights, over the worker. A token that Windmill does not know is told, and spoils nothing else.
 */
async function askAsMember(member, view) {
  let who;
  try {
    who = (await whoAmI(member)).username;
  } catch (error) {
    return {
      who: "the given token",
      chat: false,
      agent_steps: false,
      why: error instanceof Error ? error.message : "",
    };
  }
  const path = view.connection?.resource_path ?? "";
  const ask = (candidate, route) =>
    sendOne(member, { depth: "free", view, candidate }, { kind: "models", route, model: null });
  const [chat, steps] = await Promise.all([ask(null, "server"), path === "" ? null : ask(path, "worker")]);
  return {
    who,
    chat: chat?.probe.ok ?? false,
    agent_steps: steps?.probe.ok ?? false,
    why: [
      ["chat", chat],
      ["agent steps", steps],
    ]
      .flatMap(([what, sent]) => (sent && !sent.probe.ok ? [`${what}: ${causeOf(sent)}`] : []))
      .join("; "),
  };
}

/** The cause by its code, and what came back. */
function causeOf({ outcome, probe, problem }) {
  const { route, kind } = probe;
  const { code } = classify({ outcome, route, kind, ...(problem ? { problem } : {}) });
  return probe.excerpt === "" ? code : `${code} (${probe.excerpt})`;
}

/** Requests for which a gateway had no place, perhaps because of the check that sent them. Pure. */
const codeOf = ({ probe, outcome, problem }) => {
  const { route, kind } = probe;
  return classify({ outcome, route, kind, ...(problem ? { problem } : {}) }).code;
};

/** What a gateway says that has no place for a request, or has had too many of them. */
const NO_PLACE = new Set(["gateway-overloaded", "rate-limited"]);

/** Whether a request was refused because too many were under way: it is worth asking again, by fewer. */
const isBusy = (sent) => !sent.probe.ok && NO_PLACE.has(codeOf(sent));

/** What the check itself has asked for, beside what was refused for want of a place in the end: people should know both. */
function ownCrowd(sent) {
  const asked = sent.filter(({ probe }) => probe.kind !== "models" && probe.kind !== "usage").length;
  const refused = new Set(sent.filter((one) => !one.probe.stale && isBusy(one)).map(codeOf));
  return [...refused].map((code) => ({
    code,
    seen: `This check asked for ${asked} completions, ${MOST} at most at a time, and asked again more slowly what was refused.`,
  }));
}

/** What people get where the status is `down`, in one sentence that fits the cause. Pure. */
/** What stops everybody, by where on the way it is. Where nothing is said, people are refused. */
const BY_LAYER = {
  "workspace-settings": "People cannot use it: the AI settings do not lead to the gateway.",
  "name-resolution": "People get no answer: the gateway is not reached.",
  connection: "People get no answer: the gateway is not reached.",
  tls: "People get no answer: no secure connection to the gateway comes about.",
  redirect: "People get no answer: the gateway sends their requests elsewhere.",
  protocol: "People get no answer that Windmill can read.",
  latency: "People get no answer in time.",
};

/** What the chat does although the model answers plain questions, by the diagnosis. */
const BY_CODE = {
  "tools-ignored": "The chat answers people with words, but cannot use tools: it reads and writes nothing for them.",
  "tool-arguments-broken": "The chat answers people, but its tool calls arrive damaged: it goes round in circles.",
};

/** The same by what failed: each turn of the chat carries tools and is streamed. */
const BY_KIND = {
  tools: "Plain questions are answered, but people's chat fails: each of its turns carries tools.",
  stream: "Plain questions are answered, but people's chat shows nothing: its answers are streamed.",
  metadata: "The chat answers people, but names and summaries fail.",
};

/** A user's way: over the server route, with what the settings name. */
const asUsersDo = ({ route, candidate }) => route === "server" && !candidate;

/**
 * What people get.
 *
 * @param findings of a check whose status is `down`, the most severe first.
 */
function whatPeopleGet(findings, probes) {
  const asked = probes.filter(asUsersDo);
  const cause = findings.find(({ severity }) => severity === "critical");
  const broken = asked.find(({ id, ok }) => !ok && cause?.probes.includes(id));
  const answers =
    broken !== undefined && asked.some(({ kind, ok, model }) => kind === "chat" && ok && model === broken.model);
  if (broken && answers) {
    const words = BY_CODE[cause?.code ?? ""] ?? BY_KIND[broken.kind];
    if (words !== undefined) return words;
  }
  return BY_LAYER[cause?.layer ?? "unrecognised"] ?? "People are refused.";
}

/** The parts of a check's report that are made from what was seen. Pure. */
/** What the connection is made of. */
function connectionFacts({ settings, resource, secret, schedule }) {
  return {
    settings: settings.source,
    resource_path: settings.view.connection?.resource_path ?? null,
    base_url: resource?.state === "ok" ? showableAddress(resource.base_url) : null,
    secret_path: secret?.path ?? null,
    default_model: ownModel(settings.view.default_model),
    metadata_model: ownModel(settings.view.metadata_model),
    default_elsewhere: defaultElsewhere(settings.view),
    schedule: schedule && { cron: schedule.schedule, enabled: schedule.enabled, timezone: schedule.timezone },
  };
}

/** One row per configured model, then one per other model that the gateway lists. */
function modelRows(view, served, probes) {
  const configured = configuredModels(view);
  const known = new Set(configured.map((id) => id.toLowerCase()));
  const others = (served ?? []).filter((id) => !known.has(id.toLowerCase()));
  const listed = new Set((served ?? []).map((id) => id.toLowerCase()));
  return [...configured, ...others].map((id) => {
    // Feature probes fail for what a feature asks, not for the model: the features table shows them.
    const mine = probes.filter(({ model, kind, stale }) => model === id && kind === "chat" && !stale);
    const side = (route) => {
      const there = mine.filter((probe) => probe.route === route);
      if (there.length === 0) return "not-tested";
      return there.every(({ ok }) => ok) ? "ok" : "failed";
    };
    const times = mine.filter(({ ok, route }) => ok && route === "server").map(({ ms }) => ms);
    return {
      id,
      configured: view.connection?.models.includes(id) ?? false,
      is_default: ownModel(view.default_model) === id,
      is_metadata: ownModel(view.metadata_model) === id,
      served: served === null ? null : listed.has(id.toLowerCase()),
      server: side("server"),
      worker: side("worker"),
      ms: times.length > 0 ? Math.max(...times) : null,
    };
  });
}

/** Tokens that the gateway said the probes used. */
const tokensOf = (probes) => probes.reduce((sum, { tokens }) => sum + (tokens ?? 0), 0);

const HEALTHY = {
  free: "The gateway answers over both routes. No model was asked, as depth free costs no tokens.",
  chat: "Every configured model answers over both routes.",
  features: "Every configured model answers over both routes, and what Windmill's features send was tried.",
};

/** What a status is, as far as it was seen: that people are refused or served is said where a request of theirs was. */
function headline(status, findings, probes, view) {
  const asUsers = probes.filter(({ route, candidate }) => route === "server" && !candidate);
  if (status === "unknown") return "It could not be measured what people get.";
  if (status === "down") {
    return asUsers.some(({ ok, kind }) => !ok && kind !== "usage")
      ? whatPeopleGet(findings, probes)
      : "Windmill AI cannot work as it is set.";
  }
  const elsewhere = defaultElsewhere(view);
  if (elsewhere !== null) {
    return `The default model, ${elsewhere}, does not go through the gateway and was not checked; its own models have a problem.`;
  }
  return asUsers.some(({ ok, kind }) => ok && kind !== "usage")
    ? "People are served, but something needs a look."
    : "Something needs a look.";
}

/** One line: the status and its first cause. */
function summarise({ status, depth, findings, probes, view, not_asked }) {
  if (status === "healthy" && not_asked > 0) {
    return `What was asked answers; there was no time left for ${not_asked} of the requests of depth ${depth}.`;
  }
  if (status === "healthy") return probes.length > 0 ? HEALTHY[depth] : "Nothing is wrong, and nothing was asked.";
  const [first, ...more] = findings.filter(({ severity }) => severity !== "info");
  const cause = first ? `${first.title}${more.length > 0 ? `, and ${more.length} more` : ""}.` : "";
  return `${headline(status, findings, probes, view)} ${cause}`.trim();
}

/** What is wrong by what was read and measured, beside what failed probes say. Pure. */
const one = (code, applies, seen = "") => (applies ? [{ code, seen }] : []);

/** Parts of the settings without which nobody knows whether there is a connection. */
const VITAL = ["providers", `providers.${PROVIDER}`];

/** Whether the part of the settings that says what the connection is has a shape that this code does not know. */
const isConnectionUnknown = ({ settings: { view } }) => view.unreadable.some((part) => VITAL.includes(part));

/** Providers of the workspace's own settings that people do not get: Windmill could not read these settings. */
const lostProviders = ({ settings: { own, view } }) =>
  Object.keys(asRecord(own?.providers)).filter((name) => !view.providers.includes(name));

/** One rule per question; the rows of the diagnosis table say what each answer means. */
const RULES$1 = [
  (observation) => {
    const { view } = observation.settings;
    const lost = lostProviders(observation);
    const strange = view.unreadable.filter((part) => !VITAL.includes(part));
    return [
      ...one(
        view.providers.length === 0 ? "settings-unreadable" : "own-settings-ignored",
        lost.length > 0,
        `stored here and not in effect: ${lost.join(", ")}`,
      ),
      ...one("connection-not-understood", isConnectionUnknown(observation), view.unreadable.join(", ")),
      ...one("settings-not-understood", strange.length > 0, strange.join(", ")),
    ];
  },
  (observation) => {
    const { view } = observation.settings;
    if (isConnectionUnknown(observation) || lostProviders(observation).length > 0) return [];
    const { providers, connection } = view;
    return [
      ...one("ai-not-configured", providers.length === 0),
      ...one("provider-missing", providers.length > 0 && connection === null, `providers: ${providers.join(", ")}`),
    ];
  },
  ({ settings }) => one("instance-settings-in-use", settings.source === "instance"),
  ({ settings }) => one("ai-disabled", settings.view.ai_disabled),
  ({ settings: { view } }) => {
    if (view.connection === null) return [];
    const roles = [view.default_model, view.metadata_model].filter((ref) => ref !== null);
    const enabled = view.connection.models;
    const disabled = roles.filter((ref) => ref.provider === PROVIDER && !enabled.includes(ref.model));
    const nowhere = roles.filter((ref) => !view.providers.includes(ref.provider));
    return [
      ...one("no-default-model", view.default_model === null && !view.unreadable.includes("default_model")),
      // A workspace whose chat goes to another provider needs no metadata model of this one.
      ...one(
        "no-metadata-model",
        view.metadata_model === null &&
          !view.unreadable.includes("metadata_model") &&
          (view.default_model?.provider ?? PROVIDER) === PROVIDER,
      ),
      ...disabled.map(({ model }) => ({ code: "default-model-not-enabled", seen: model, model })),
      ...nowhere.map(({ provider, model }) => ({ code: "default-model-nowhere", seen: `${provider}:${model}`, model })),
    ];
  },
  ({ settings: { view } }) =>
    one(
      "code-completion-on-customai",
      ownModel(view.code_completion_model) !== null,
      view.code_completion_model?.model,
    ),
  ({ resource }) => [
    ...one("resource-missing", resource?.state === "missing", resource?.path),
    ...one("resource-malformed", resource?.state === "malformed", resource?.path),
    ...one("resource-unreadable", resource?.state === "hidden", resource?.path),
    ...one("resource-type-other", resource?.state === "ok" && resource.type !== PROVIDER, resource?.path),
    ...one("key-not-set", resource?.state === "ok" && resource.key.kind === "none", resource?.path),
  ],
  ({ has_resource_type }) => one("resource-type-missing", !has_resource_type),
  ({ settings }) =>
    sharedModels(settings.effective).map((model) => ({ code: "duplicate-model-id", seen: model, model })),
  // Windmill names the workspaces of forks so (wm-fork-<name>).
  ({ workspace }) => one("fork-keeps-copy", workspace.startsWith("wm-fork-"), workspace),
  ({ resource }) => {
    if (resource?.state !== "ok") return [];
    const slip = resource.base_url === "" ? { code: "base-url-missing" } : baseUrlSlip(resource.base_url);
    const headers = Object.entries(resource.headers).flatMap(([name, value]) => {
      const found = headerSlip(name, value);
      return found ? [{ code: found.code, seen: `${name} ${found.says}` }] : [];
    });
    return [
      ...(slip ? [{ code: slip.code, seen: showableAddress(resource.base_url) }] : []),
      ...one("base-url-slash", !slip && resource.base_url.endsWith("/"), showableAddress(resource.base_url)),
      ...one(
        "literal-key-in-resource",
        resource.key.kind === "literal",
        resource.key.kind === "literal" ? resource.key.prefix : "",
      ),
      ...headers,
      ...readableCredentials(resource.headers).map((name) => ({ code: "readable-header", seen: name })),
    ];
  },
  ({ secret }) => one("secret-missing", secret?.state === "missing", secret?.path),
  ({ secret }) => one("secret-not-secret", secret?.state === "not-secret", secret?.path),
  ({ secret }) => one("secret-shared", secret?.shared === true, secret?.path),
  ({ old_key }) => one("old-key-kept", old_key !== null, old_key?.path),
  ({ schedule, settings, intent }) => [
    ...one("schedule-error", Boolean(schedule?.error), schedule?.error ?? ""),
    ...one("schedule-off", schedule !== null && !schedule.enabled && !schedule.error && !intent?.schedule_off),
    ...one("schedule-missing", schedule === null && settings.view.connection !== null),
  ],
];

/**
 * Everything that the settings, the resource, the secret and the schedule say is wrong.
 *
 * @param served ids that the gateway lists; null when its list could not be read.
 * @param drift where it differs from what was asked for.
 */
function factsOf(observation, served, drift) {
  const facts = [...RULES$1.flatMap((rule) => rule(observation)), ...notServed(observation, served)];
  return [...facts, ...drifted(drift, new Set(facts.map(({ code }) => code)))];
}

/** What differs from the intent, where no other fact says it more exactly. */
function drifted(drift, said) {
  const untold = drift.filter(({ said_by }) => !said_by.some((code) => said.has(code)));
  return untold.map(({ says }) => ({ code: "settings-drift", seen: says }));
}

/** Configured ids that the gateway does not list. It compares without regard to case, as the gateway does. */
function notServed(observation, served) {
  // A list that could not be read, or is empty, says nothing of one model.
  if (served === null || served.length === 0) return [];
  const known = new Set(served.map((id) => id.trim().toLowerCase()));
  return configuredModels(observation.settings.view)
    .filter((id) => !known.has(id.trim().toLowerCase()))
    .map((id) => ({ code: "model-not-served", seen: `served: ${served.slice(0, 20).join(", ")}`, model: id }));
}

/** Milliseconds after which Windmill's own "Test key" gives up (TestAIKey.svelte); the chat itself waits for ten minutes. */
const PATIENCE_MS = 10_000;

/** Models that answer, but later than people wait for. */
const slowModels = (probes) =>
  probes
    .filter(
      ({ kind, route, ok, ms, stale }) => kind === "chat" && route === "server" && ok && !stale && ms > PATIENCE_MS,
    )
    .map(({ id, model, ms }) => ({
      code: "slow",
      probes: [id],
      seen: `${(ms / 1000).toFixed(1)} s`,
      ...(model === null ? {} : { model }),
    }));

const depth = (layer) => Layer.options.indexOf(layer);

/**
 * The status that findings add up to. `unknown` when the server route, which people's browsers use, could not be measured and
 * nothing else proves that people are refused: what a worker cannot reach, the server may.
 */
function statusOf(findings) {
  const blind = findings.some(
    ({ code, evidence }) => isBlind(code) && evidence.some(({ route }) => route !== "worker"),
  );
  const refused = findings.some(
    (one) => one.severity === "critical" && !isBlind(one.code) && (!blind || concernsEverybody(one)),
  );
  if (refused) return "down";
  if (blind) return "unknown";
  return findings.some(({ severity }) => severity !== "info") ? "degraded" : "healthy";
}

/** A fault of the settings, or one that the gateway itself reported: it is the same over every route. */
const concernsEverybody = ({ evidence, layer }) =>
  evidence.every(({ route }) => route === null) || depth(layer) >= depth("gateway-path");

/**
 * What the key's own figures (GET /usage, Codex Pooler only) foretell without spending a token: Windmill reserves the largest
 * answer that a model may give before it sends a chat, and a limit smaller than that refuses every chat.
 */
const Usage = z.looseObject({
  limits: z.array(
    z.looseObject({
      limit_type: z.string(),
      limit_window: z.string(),
      max_value: z.number(),
      remaining_value: z.number(),
    }),
  ),
});

/**
 * @param body the answer's text; any other shape says nothing.
 * @param reservations tokens that Windmill reserves per request, by model id.
 */
function usageFacts(body, reservations) {
  const limits = tokenLimits(body);
  return [...reservations].flatMap(([model, tokens]) => {
    const small = limits.find(({ max_value }) => max_value < tokens);
    const spent = limits.find(({ remaining_value }) => remaining_value < tokens);
    if (small) {
      const seen = `${small.max_value} tokens ${small.limit_window}, Windmill reserves ${tokens}`;
      return [{ code: "key-limit-below-reservation", seen, model }];
    }
    if (!spent) return [];
    const seen = `${spent.remaining_value} of ${spent.max_value} tokens ${spent.limit_window} left, Windmill reserves ${tokens}`;
    return [{ code: "key-limit-reached", seen, model }];
  });
}

function tokenLimits(body) {
  try {
    const parsed = Usage.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data.limits.filter(({ limit_type }) => limit_type === "total_tokens") : [];
  } catch {
    return [];
  }
}

const isAsked = ({ kind }) => kind !== "models" && kind !== "usage";

const current = ({ sent }) => sent.filter(({ probe }) => !probe.stale);

/** Users' own way, with what was there before or not: what they get is what they get. */
const asUsers = ({ sent }) =>
  sent
    .map(({ probe }) => probe)
    .filter(({ route, candidate, kind }) => route === "server" && !candidate && kind !== "usage");

const SUMMARY = [{}];

const findingsThat = ({ findings }, breaks) => findings.filter(breaks).map(({ code }) => ({ code }));

const modelsOf = ({ evidence }) => evidence.flatMap(({ model }) => (model === null ? [] : [model]));

/** Codes that name one of the two processes: they need an answer from there. */
const PROCESS = {
  "private-address-server": "server",
  "private-address-worker": "worker",
  "server-url-unreachable": "server",
  "worker-url-unreachable": "worker",
};

/** Findings about answers that came. */
const OF_ANSWERS = new Set(["slow", "stale-credentials"]);

const RULES = [
  {
    name: "a model that the list holds is not gone",
    broken: (told) => {
      const listed = current(told).flatMap(({ models = [] }) => models);
      return findingsThat(told, (one) => one.code === "model-not-served" && among$1(modelsOf(one), listed).length > 0);
    },
  },
  {
    name: "a model that answered is not gone",
    broken: (told) => {
      const answered = current(told).flatMap(({ probe: { ok, model, ...rest } }) =>
        ok && model !== null && isAsked({ ...rest }) ? [model] : [],
      );
      return findingsThat(
        told,
        (one) => one.code === "model-not-served" && modelsOf(one).some((model) => answered.includes(model)),
      );
    },
  },
  {
    name: "a replacement is never the thing replaced",
    broken: ({ findings }) =>
      findings
        .filter(({ remedy }) => remedy.some((step) => isSame$1(/\breplace (.+?) by ([^,]+)/i.exec(step))))
        .map(({ code }) => ({ code })),
  },
  {
    name: "people are refused only where a request of theirs was",
    broken: (told) =>
      told.summary.startsWith("People are refused") && !asUsers(told).some(({ ok }) => !ok) ? SUMMARY : [],
  },
  {
    name: "people are served only where a request of theirs was answered",
    broken: (told) =>
      told.summary.startsWith("People are served") && !asUsers(told).some(({ ok }) => ok) ? SUMMARY : [],
  },
  {
    name: "every model answers only where every one has, over both routes, with what is there now",
    broken: (told) => {
      if (!told.summary.startsWith("Every configured model answers")) return [];
      const models = configuredModels(told.observation.settings.view);
      const answered = (route, model) =>
        current(told).some(
          ({ probe }) =>
            probe.ok && !probe.candidate && isAsked(probe) && probe.route === route && probe.model === model,
        );
      return models.every((model) => answered("server", model) && answered("worker", model)) ? [] : SUMMARY;
    },
  },
  {
    name: "the gateway answers over both routes only where it has given its list over both",
    broken: (told) => {
      if (!told.summary.startsWith("The gateway answers over both routes")) return [];
      const listed = (route) =>
        current(told).some(({ probe }) => probe.ok && !probe.candidate && !isAsked(probe) && probe.route === route);
      return listed("server") && listed("worker") ? [] : SUMMARY;
    },
  },
  {
    name: "what was there before proves nothing but that it is still in use",
    broken: ({ sent, findings }) => {
      const old = new Set(sent.filter(({ probe }) => probe.stale).map(({ probe }) => probe.id));
      return findings
        .filter(({ code, probes }) =>
          code === "stale-credentials" ? old.size === 0 : probes.some((id) => old.has(id)),
        )
        .map(({ code }) => ({ code }));
    },
  },
  {
    name: "a finding explains requests that failed",
    broken: ({ sent, findings }) => {
      const fine = new Set(sent.filter(({ probe }) => probe.ok).map(({ probe }) => probe.id));
      return findings
        .filter(({ code, probes }) => !OF_ANSWERS.has(code) && probes.some((id) => fine.has(id)))
        .map(({ code }) => ({ code }));
    },
  },
  {
    name: "a process is blamed only for its own answers",
    broken: ({ sent, findings }) =>
      findings
        .filter(({ code, probes }) => {
          const route = PROCESS[code];
          const mine = sent.filter(({ probe }) => probes.includes(probe.id));
          return route !== undefined && !mine.some(({ probe }) => probe.route === route);
        })
        .map(({ code }) => ({ code })),
  },
  {
    name: "a feature works only where what it sends was answered",
    broken: (told) =>
      told.features
        .filter(({ feature, state }) => {
          const row = FEATURES.find((one) => one.feature === feature);
          if (state !== "works" || row === undefined) return false;
          return row.needs.some(
            ({ kind }) =>
              !current(told).some(
                ({ probe }) => probe.ok && !probe.candidate && probe.kind === kind && probe.route === row.route,
              ),
          );
        })
        .map(({ feature }) => ({ feature })),
  },
  {
    name: "the status is that of the findings",
    broken: ({ status, findings }) => {
      const worst = (severity) => findings.some((one) => one.severity === severity);
      const fits = {
        healthy: !worst("critical") && !worst("warning"),
        degraded: !worst("critical") && worst("warning"),
        down: worst("critical"),
        unknown: worst("critical") || worst("warning"),
      };
      return fits[status] ? [] : SUMMARY;
    },
  },
];

const isSame$1 = (found) => {
  const [, what = "", by = ""] = found ?? [];
  return by !== "" && what.toLowerCase().split(", ").includes(by.toLowerCase());
};

/** What is broken, rule by rule. */
const breachesOf = (told) =>
  RULES.flatMap(({ name, broken }) => broken(told).map((offender) => ({ rule: name, ...offender })));

/** Layers in which a refusal need not have to do with the connection's address and key: it may pass by itself. */
const PASSING = new Set(["token", "upstream", "latency", "unrecognised"]);

/** The address that Windmill's HTTP client could not reach. */
const SENT_TO = /for url \((\S{1,2000}?)\)/;

/**
 * What an answer shows of the connection that it came over: the same text for two answers over the same one. Null where it shows
 * nothing: Windmill was not reached, or it failed for a reason that passes by itself. An address that swallows requests shows.
 */
function markOf({ probe, outcome, problem, models }) {
  if (outcome.failure?.kind === "timeout") return ["fails", "timeout", ""].join("\n");
  if (outcome.status === null || outcome.failure) return null;
  if (probe.ok) {
    const listed = (models ?? []).map((id) => id.trim().toLowerCase()).sort();
    return ["answers", outcome.sender ?? "", ...listed].join("\n");
  }
  const { route, kind } = probe;
  const { code } = classify({ outcome, route, kind, ...(problem ? { problem } : {}) });
  if (PASSING.has(rowOf(code).layer)) return null;
  return ["fails", code, SENT_TO.exec(outcome.body)?.[1] ?? ""].join("\n");
}

/** Whether two answers to the same question came over different connections; null where one of them does not tell. */
function differs(a, b) {
  const [one, other] = [markOf(a), markOf(b)];
  return one === null || other === null ? null : one !== other;
}

/** The questions that were asked both ways. */
const pairsOf = (sent) =>
  sent
    .filter(({ probe }) => !probe.candidate)
    .flatMap((live) => {
      const direct = sent.find(({ probe }) => probe.candidate && isSameQuestion(probe, live.probe));
      return direct ? [{ live, direct }] : [];
    });

const isSameQuestion = (a, b) => a.kind === b.kind && a.route === b.route && a.model === b.model;

/**
 * Judges a route whose two answers differed, by two more. A gateway that answers now so and now otherwise is no matter of age.
 *
 * @param again the same question, asked both ways once more.
 */
function judgeAge(first, again) {
  const [was, is] = [markOf(first.live), markOf(first.direct)];
  const [live, direct] = [markOf(again.live), markOf(again.direct)];
  if (direct !== is) return "no-matter-of-age";
  if (live === is) return "just-switched";
  return live === was ? "stale" : "no-matter-of-age";
}

/** The first refusal over a route that only another key or address would explain, and that costs one question to look into. */
const firstRefusal = (sent, route, main) => {
  const refused = sent.filter(
    (one) =>
      one.probe.kind === "chat" &&
      one.probe.route === route &&
      !one.probe.candidate &&
      !one.probe.ok &&
      markOf(one) !== null,
  );
  return refused.find(({ probe }) => probe.model === main) ?? refused[0];
};

/** How a side of a pair answered, in words: a list of models, or the diagnosis of its refusal. */
function answerInWords(one) {
  if (one.probe.ok) return one.models ? `lists ${one.models.slice(0, 8).join(", ") || "nothing"}` : "answers";
  const mark = markOf(one)?.split("\n")[1];
  return `is refused (${mark ?? "no diagnosis"})`;
}

/** Finds out which routes still use the key or address of before. */
/** Milliseconds for which a process of Windmill keeps credentials that it has read (windmill-api, ai.rs), counted from when it read them. */
const CACHE_MS$1 = 60_000;

/** How often both ways are asked again before a difference counts: a gateway whose replicas disagree would differ by chance too. */
const ROUNDS = 3;

/**
 * Holds what users' requests got against what the same requests got by the resource's path. In a sound workspace it asks nothing; a
 * difference, or a refusal, costs a few questions to be sure that it is a matter of age.
 *
 * @param run what was asked as users do.
 * @param sent the probes of a check, with the list of models by path.
 * @param resource_path null where the resource cannot be asked by its path: nothing can be told then.
 */
async function ageOf(windmill, run, resource_path, sent) {
  if (resource_path === null) return { stale: [], switched: [] };
  const routes = ["server", "worker"];
  const ages = await Promise.all(routes.map((route) => ageOfRoute(windmill, run, resource_path, sent, route)));
  return {
    stale: ages.flatMap((age) => (age !== null && age !== "switched" ? [age] : [])),
    switched: routes.filter((_, index) => ages[index] === "switched"),
  };
}

async function ageOfRoute(windmill, run, resource_path, sent, route) {
  const { view } = run;
  const live = { ...run, depth: "chat" };
  const direct = { ...live, candidate: resource_path };
  const ask = async ({ probe }) => {
    // One after the other: of a gateway that has one place left, the second would be refused for the first one's sake.
    const asUsers = await sendOne(windmill, live, probe);
    const byPath = await sendOne(windmill, direct, probe);
    return asUsers && byPath ? { live: asUsers, direct: byPath } : null;
  };
  const listed = pairsOf(sent).find((pair) => pair.live.probe.route === route && differs(pair.live, pair.direct));
  const pair = listed ?? (await refusedPair());
  if (pair === null) return null;
  for (let round = 0; round < ROUNDS; round++) {
    const again = await ask(pair.live);
    const verdict = again && judgeAge(pair, again);
    if (verdict === "just-switched") return "switched";
    if (verdict !== "stale") return null;
  }
  return {
    route,
    until: new Date(Date.now() + CACHE_MS$1).toISOString(),
    over_at: performance.now() + CACHE_MS$1,
    seen: `over the ${route} route, what users send ${answerInWords(pair.live)}; the same by the resource's path ${answerInWords(pair.direct)}`,
    refused: !pair.live.probe.ok,
  };
  /** Where the lists do not differ, a refused question may: another key of the same gateway. */
  async function refusedPair() {
    const refusal = firstRefusal(sent, route, ownModel(view.default_model));
    const byPath = refusal && (await sendOne(windmill, direct, refusal.probe));
    return refusal && byPath && differs(refusal, byPath) ? { live: refusal, direct: byPath } : null;
  }
}

/** The probes with those marked that went out with what was before. */
const withAge = (sent, { stale, switched }) => {
  const old = new Set([...stale.map(({ route }) => route), ...switched]);
  return sent.map((one) =>
    old.has(one.probe.route) && !one.probe.candidate ? { ...one, probe: { ...one.probe, stale: true } } : one,
  );
};

/** What the age of routes means, as facts for the diagnosis. */
const staleFacts = ({ stale }, sent) =>
  stale.map(({ route, seen, refused }) => ({
    code: "stale-credentials",
    seen,
    route,
    probes: sent.filter(({ probe }) => probe.stale && probe.route === route).map(({ probe }) => probe.id),
    // What people get over the server route is refused now, whatever will be.
    ...(refused && route === "server" ? { severity: "critical" } : {}),
  }));

function conclude(seen) {
  const { observation, sent, age, depth, not_asked, stored = null } = seen;
  const { view } = observation.settings;
  const served = servedBy(sent);
  const context = contextOf(seen, served);
  const drift = driftOf(observation, served);
  const read = asAnswered(factsOf(observation, served, drift), sent, context);
  const facts = [
    ...read,
    ...slowModels(sent.map((one) => one.probe)),
    ...foretold(sent, view, observation.server_version),
    ...staleFacts(age, sent),
    ...ownCrowd(sent),
  ];
  const first = diagnose(sent, facts, context);
  const form = formOf(stored, first.findings);
  const { findings, probes } = form.length > 0 ? diagnose(sent, [...facts, ...form], context) : first;
  const status = statusOf(findings);
  return {
    status,
    summary: summarise({ status, depth, findings, probes, view, not_asked }),
    findings,
    probes,
    models: modelRows(view, served, probes),
    features: featureRows(probes, view, seen.steps_for ?? null),
    served,
    facts: read,
    drift,
  };
}

/**
 * A conclusion that contradicts nothing that was seen. Where one would, its findings make way for what was seen, in plain words: that is
 * a mistake of this program, and saying nothing false is all that is left to do about it.
 */
function upheld(conclusion, { observation, sent }) {
  const breaches = breachesOf({ ...conclusion, observation, sent });
  if (breaches.length === 0) return conclusion;
  const broken = new Set(breaches.map(({ code }) => code));
  const unsure = new Set(breaches.map(({ feature }) => feature));
  const kept = conclusion.findings.filter(({ code }) => !broken.has(code));
  const lost = conclusion.findings.filter(({ code }) => broken.has(code));
  const rules = [...new Set(breaches.map(({ rule }) => rule))];
  const contradiction = finding(
    "signs-contradict",
    [
      { text: `Not upheld: ${rules.join("; ")}.` },
      ...lost.flatMap(({ evidence }) =>
        evidence.map(({ excerpt: text, route, model, status: answered }) => ({ route, model, status: answered, text })),
      ),
    ],
    {},
    sent.filter(({ probe }) => !probe.ok && !probe.stale).map(({ probe }) => probe.id),
  );
  const findings = [...kept, contradiction];
  const status = statusOf(findings);
  const features = conclusion.features.map((row) =>
    unsure.has(row.feature) ? { feature: row.feature, state: "not-tested", why: contradiction.title } : row,
  );
  return { ...conclusion, status, findings, features, summary: `${contradiction.title}. ${contradiction.cause}` };
}

/** What the key's figures foretell of the chats that Windmill will send. */
function foretold(sent, view, version) {
  const usage = sent.find((one) => one.probe.kind === "usage" && one.probe.ok && !one.probe.stale);
  const models = [...new Set([featureModel(view, "chat"), featureModel(view, "metadata")])];
  const reservations = models.flatMap((choice) =>
    "model" in choice ? [[choice.model, resolveMaxTokens(choice.model, view.max_tokens_per_model, version)]] : [],
  );
  return usage ? usageFacts(usage.outcome.body, new Map(reservations)) : [];
}

/** The model list: as users' requests get it over the server route, else over the worker's, else by path. Nothing of before. */
function servedBy(sent) {
  const lists = sent.filter(({ probe }) => probe.kind === "models" && probe.ok && !probe.stale);
  const live = lists.filter(({ probe }) => !probe.candidate);
  const list = live.find(({ probe }) => probe.route === "server") ?? live[0] ?? lists[0];
  return list?.models ?? null;
}

/** What is wrong with the form of a key that the gateway refuses. */
function formOf(stored, findings) {
  if (!findings.some(({ layer }) => layer === "key")) return [];
  const slip = stored?.slip?.says ?? (stored?.padded ? "has blanks or a line break around it" : null);
  return slip ? [{ code: "key-malformed", seen: `The key ${slip}` }] : [];
}

/** What is known of the connection, for the words of findings. */
function contextOf({ observation: { resource, secret, settings }, age, answered, server_url, stored, clean }, served) {
  const { view } = settings;
  const prefix = stored?.secret.prefix ?? "";
  return {
    base_url: resource?.state === "ok" ? resource.base_url : null,
    resource_path: view.connection?.resource_path ?? null,
    secret_path: secret?.path ?? null,
    key_prefix: prefix.startsWith("sk-") ? prefix : null,
    server_url,
    default_model: ownModel(view.default_model),
    chat_elsewhere: defaultElsewhere(view) !== null,
    served,
    answered,
    until: untilOf(age),
    ...(clean ? { clean } : {}),
  };
}

/** When the last process that still uses what was before must be done with it. */
const untilOf = ({ stale }) =>
  stale
    .map(({ until }) => until)
    .sort()
    .at(-1) ?? null;

/**
 * Makes the answers of a run fit for words.
 *
 * @param findings what a first diagnosis says, in words that nobody has seen.
 * @param key_path tells the path of the key's variable; null where there is none, or nobody knows.
 * @param open texts that are no secret, whatever they look like: ids of models, paths, hosts.
 */
async function withoutKey(windmill, { sent, findings, open }, key_path) {
  const refused = findings.some(({ layer }) => layer === "key");
  if (!refused && !sent.some(({ probe, outcome }) => !probe.ok && mayHoldKey(saidIn(outcome), open))) return null;
  const path = await key_path().catch(() => null);
  const stored = path === null ? null : await readSecret(windmill, path).catch(() => null);
  const known = stored !== null || (path !== null && windmill.secrets.knows(path));
  const clean = (text) => {
    const rest = windmill.secrets.clean(text);
    return known ? rest : maskRandom(rest, open);
  };
  return { sent: sent.map((one) => reworded(one, clean)), clean, stored };
}

/** Everything that an answer says in words. Its request id is random by nature and leads nowhere. */
const saidIn = ({ body, location, failure }) => [body, location, failure?.message].filter(Boolean).join(" ");

/** The same answer with a clean excerpt. What it is diagnosed by stays as it came. */
function reworded(one, clean) {
  const { probe } = one;
  return probe.ok ? one : { ...one, probe: { ...probe, excerpt: excerpt(seenOf(one), { clean }) } };
}

/** The variable that a resource's key names; null where it names none. */
async function keyPathOf(windmill, resource_path) {
  const { api_key, apiKey } = asRecord((await findResource(windmill, resource_path))?.value);
  const key = api_key || apiKey;
  return typeof key === "string" && key.startsWith("$var:") ? key.slice("$var:".length) : null;
}

/**
 * Milliseconds from the beginning of a check within which every probe is over. A check always ends with a report: the step of the
 * health flow has 300 s (f/codex_pooler/health__flow/flow.yaml), of which it needs some to start and to read a key.
 */
const CHECK_MS = 250_000;

/** Milliseconds after which a check begins no second look: with the minute of waiting before it, it must fit into the same time. */
const SECOND_LOOK_MS = 90_000;

/** Checks the connection as users reach it, and answers what was read too. */
async function examine(windmill, wish, progress) {
  const started = performance.now();
  const again = { ...wish, until: started + CHECK_MS };
  const first = await look(windmill, again, progress);
  const { stale, switched } = first.age;
  const late = performance.now() - started > SECOND_LOOK_MS;
  if (late) return first;
  if (switched.length > 0 && stale.length === 0) return look(windmill, again, progress);
  if (!wish.patient || stale.length === 0) return first;
  await outlive(stale, progress);
  return look(windmill, { ...again, settled: true }, progress);
}

/** Waits until the last of these routes must have dropped what it had. */
async function outlive(stale, progress) {
  const routes = stale.map(({ route }) => route).join(" and ");
  const end = Math.max(...stale.map(({ over_at }) => over_at)) + SPARE_MS$1;
  for (let left = end - performance.now(); left > 0; left = end - performance.now()) {
    progress.step(`the ${routes} route still uses what was before: looking again in ${Math.ceil(left / 1000)} s`, 0.9);
    await new Promise((resolve) => setTimeout(resolve, Math.min(left, WAIT_STEP_MS)));
  }
}

const WAIT_STEP_MS = 10_000;

/** Milliseconds beyond the end of Windmill's own memory. */
const SPARE_MS$1 = 500;

/** One look. `settled`: no process can have anything of before, so answers that differ are no matter of age. */
async function look(windmill, wish, progress) {
  const started = performance.now();
  progress.step("read the AI settings, the resource and the schedule", 0.05);
  const observation = await observe(windmill);
  const due = "due" in wish ? await wish.due(observation) : { depth: wish.depth, answered: [] };
  const { depth, answered } = due;
  const observed = performance.now();
  const { view } = observation.settings;
  const models = configuredModels(view);
  progress.step(`ask the gateway over both routes (${depth}, ${models.length} models)`, 0.15);
  const run = { depth, view, version: observation.server_version, candidate: null, until: wish.until };
  const path = pathToAsk(observation);
  const raw = view.connection === null ? [] : await probe(windmill, run, path, progress);
  const not_asked = view.connection === null ? [] : notAsked(run, raw);
  const age = wish.settled ? { stale: [], switched: [] } : await ageOf(windmill, run, path, raw);
  const sent = withAge(raw, age);
  const probed = performance.now();
  progress.step("diagnose", 0.95);
  const { server: server_url } = windmill.routes;
  const steps_for = await seeAudience(windmill, observation, depth === "features");
  const seen = { observation, sent, age, depth, answered, not_asked: not_asked.length, server_url, steps_for };
  const first = conclude(seen);
  const open = openTexts(contextOf(seen, first.served), models, sent);
  const worded = await withoutKey(windmill, { sent, findings: first.findings, open }, async () =>
    observation.secret?.state === "ok" ? observation.secret.path : null,
  );
  const as_member = wish.member && view.connection ? await askAsMember(wish.member, view) : null;
  const { served, facts, drift, ...concluded } = upheld(worded ? conclude({ ...seen, ...worded }) : first, seen);
  const report = {
    version: REPORT_VERSION,
    workspace: observation.workspace,
    checked_at: observation.at,
    server_version: observation.server_version,
    depth,
    ...("chosen" in due ? { chosen: due.chosen } : {}),
    fingerprint: await fingerprintOf(observation),
    connection: connectionFacts(observation),
    ...concluded,
    ...(not_asked.length > 0 ? { not_asked } : {}),
    ...(as_member ? { as_member } : {}),
    timings_ms: {
      observe: Math.round(observed - started),
      probe: Math.round(probed - observed),
      slowest_probe: Math.max(0, ...concluded.probes.map(({ ms }) => ms)),
      total: Math.round(performance.now() - started),
    },
    tokens: tokensOf(concluded.probes),
  };
  return { observation, report, served, facts, drift, stale: age.stale, age };
}

/** The path by which the resource can be asked under the caller's rights; null where it cannot, or where there is none. */
function pathToAsk({ resource, secret, caller }) {
  if (resource?.state !== "ok") return null;
  const readable = secret === null || secret.state === "ok" || secret.state === "not-secret";
  return caller.admin || readable ? resource.path : null;
}

/**
 * Asks as users do. Their answers may come from credentials that Windmill cached up to 60 s ago, so the model list, which costs
 * nothing, is also asked for by the resource's path, which bypasses the cache.
 */
async function probe(windmill, run, path, progress) {
  const onDone = (share) => progress.reach(0.15 + 0.75 * share);
  const [live, direct] = await Promise.all([
    sendProbes(windmill, run, { isBusy, onDone }),
    path === null ? [] : sendProbes(windmill, { ...run, depth: "free", candidate: path, only: ["models"] }),
  ]);
  return [...live, ...direct];
}

/** Asks a resource that is not live yet, by its path. */
async function probeCandidate(windmill, candidate, { models, base_url, max_tokens_per_model = {}, listed }) {
  const [first] = models;
  const chosen = first === undefined ? null : { provider: PROVIDER, model: first };
  const view = {
    providers: [PROVIDER],
    connection: { resource_path: candidate, models: [...models] },
    default_model: chosen,
    metadata_model: chosen,
    code_completion_model: null,
    max_tokens_per_model: { ...max_tokens_per_model },
    ai_disabled: false,
    unreadable: [],
  };
  const run = { depth: first === undefined ? "free" : "chat", view, candidate };
  // Figures are asked for again: they cost nothing, and tell what is left.
  const sent = await sendProbes(windmill, listed ? { ...run, only: ["chat", "usage"] } : run, { isBusy });
  const served = listed ? listed.served : servedBy(sent);
  const context = {
    served,
    base_url,
    resource_path: candidate,
    server_url: windmill.routes.server,
    default_model: first ?? null,
    trial: true,
  };
  const facts = first === undefined ? [] : foretold(sent, view, "");
  const unworded = diagnose(sent, facts, context);
  const open = openTexts(context, models, sent);
  const worded = await withoutKey(windmill, { sent, findings: unworded.findings, open }, () =>
    keyPathOf(windmill, candidate),
  );
  const { findings, probes } = worded ? diagnose(worded.sent, facts, { ...context, clean: worded.clean }) : unworded;
  return { findings, probes, served, server_reachable: listed?.server_reachable === true || isReached(sent, "server") };
}

/** Texts of this connection that are no secret, whatever they look like. */
const openTexts = (context, models, sent) => [
  ...[context.base_url, context.resource_path, context.secret_path, context.server_url].flatMap((text) => text ?? []),
  ...models,
  ...(context.served ?? []),
  ...sent.map(({ probe }) => probe.code ?? ""),
];

/** Whether any request over the route came back from Windmill or from beyond it. */
const isReached = (sent, route) => sent.some(({ probe }) => probe.route === route && probe.status !== null);

/**
 * What may stay after a change. A connection that was down for a cause that the change does not touch is no reason to refuse the
 * change, or to put it back. Pure.
 */
const critical = (findings) => findings.filter(({ severity }) => severity === "critical");

/** How far requests get: the first layer that stops them; beyond the last one when none does. */
const reach = (findings) =>
  Math.min(Layer.options.length, ...critical(findings).map(({ layer }) => Layer.options.indexOf(layer)));

/** Whether every cause that stops requests lies behind a layer: then what is new in the layers up to it has worked. */
const isPast = (findings, layer) => reach(findings) > Layer.options.indexOf(layer);

/**
 * What a run's own requests may bring about: the limit of a key that grants few requests per minute, or a small gateway. After a trial
 * that was answered it says nothing of the change.
 */
const OF_OWN_MAKING = new Set(["key-limit-reached", "rate-limited", "gateway-overloaded"]);

/** Whether nothing stops people but what the run's own requests may have brought about. */
const isOfOwnMaking = (findings) => critical(findings).every(({ code }) => OF_OWN_MAKING.has(code));

/** What a command that changes something tells people. */
/** A finding for a red error box, which renders no HTML: cause first, then what to do. */
const inWords = (finding) =>
  [
    `- ${finding.title}. ${finding.cause}`,
    ...finding.remedy.map((step, index) => `  ${index + 1}. ${step.replaceAll("\n", "\n     ")}`),
  ].join("\n");

/** What people should know of a change that takes a detour. */
function detourNote({ changes, live }) {
  if (live === null || withDetour(changes, live).length === changes.length) return [];
  return [
    `Several of these changes are live, so people are moved to a temporary copy (${copyPath(live.resource.path)}) while they are made, and back in the end: nobody meets a mix of old and new.`,
  ];
}

/** Keys of the settings that this server may not keep, or did not: it drops those that it does not know. */
async function droppedNote(windmill, { mode, plan }) {
  const saved = plan.changes.find((change) => change.kind === "save-ai-settings");
  const risk = saved ? keysAtRisk(saved.after) : [];
  if (saved === undefined || risk.length === 0) return [];
  if (mode === "plan") {
    return [
      `The AI settings hold ${risk.join(", ")}, which a newer version of Windmill has written. A server that does not know such a key drops it when the settings are saved, whoever saves them. Nothing is known to be lost yet; the run that applies this says what was.`,
    ];
  }
  const lost = keysLost(await readAiSettings(windmill), saved.after);
  if (lost.length === 0) return [];
  return [
    `This server does not know these AI settings and dropped them when the settings were saved: ${lost.join(", ")}. They were written by a newer version of Windmill.`,
  ];
}

/** Composes the report of a command that changes something. */
async function changeReport(windmill, outcome) {
  const { verified, mode, has_id, plan } = outcome;
  const changes = shown(allChanges(plan));
  const found = verified?.findings ?? [];
  const more = outcome.findings.filter(({ code }) => !found.some((one) => one.code === code));
  const count = `${changes.length} change${changes.length === 1 ? "" : "s"}`;
  const did =
    changes.length === 0
      ? "Everything is as it should be already."
      : mode === "plan"
        ? `${count}. Run it again with mode "apply" to make them.`
        : `${count} made.`;
  return {
    version: REPORT_VERSION,
    command: outcome.command,
    mode,
    status: verified?.status ?? null,
    applied: mode === "apply",
    summary: [did, verified?.summary].filter(Boolean).join(" "),
    plan_id: mode === "plan" && has_id ? await planId(plan) : "",
    workspace: windmill.workspace,
    changes: changes.map(viewChange),
    notes: [
      ...outcome.notes,
      ...(verified?.proof ? [verified.proof] : []),
      ...detourNote(plan),
      ...(await droppedNote(windmill, outcome)),
    ],
    findings: [...found, ...more],
    probes: verified?.probes ?? [],
    models: verified?.models ?? [],
  };
}

/**
 * Lets a candidate pass that works, or that is stopped only by what stops people already, behind everything that is new.
 *
 * @returns what stands in people's way, before as after.
 * @throws Error when people would be worse off, or nothing shows that what is new works; nothing live has changed then.
 */
async function requireNoWorse(windmill, { findings }, { live, asked, new_up_to }) {
  const stopping = critical(findings);
  if (stopping.length === 0) return [];
  if (live === null || !isPast(findings, new_up_to)) throw wouldNotWork(stopping);
  const { base_url, baseUrl } = asRecord(live.resource.value);
  const view = viewSettings(live.settings);
  const present = await probeCandidate(windmill, live.resource.path, {
    models: chosenModels(view),
    base_url: String(base_url ?? baseUrl ?? ""),
    max_tokens_per_model: view.max_tokens_per_model,
  });
  const known = new Set(critical(present.findings).map(({ code }) => code));
  const others = stopping.filter(({ code }) => !known.has(code));
  if (others.length > 0) throw wouldNotWork(others);
  return stopping;
}

const wouldNotWork = (stopping) =>
  new Error(`Nothing was changed, because the connection would not work:\n${stopping.map(inWords).join("\n")}`);

/**
 * How to look at a connection afterwards: what stood in people's way before may stay, and so may what the run's own requests have
 * brought about, if it does not pass.
 *
 * @param standing what {@link requireNoWorse} let pass.
 * @param facts what the settings said was wrong before.
 */
function bearing(standing, facts) {
  const known = new Set([
    ...standing.map(({ code }) => code),
    ...facts.map(({ code }) => code).filter((code) => rowOf(code).severity === "critical"),
  ]);
  return {
    may_stay(findings, when) {
      const others = critical(findings).filter(({ code }) => !known.has(code));
      return others.length === 0 || (when === "in_the_end" && isOfOwnMaking(others));
    },
  };
}

/** What people should know of it. */
const standingNotes = (standing) =>
  standing.map(
    ({ title }) =>
      `People are refused, before this change as after it, and not for anything that it is about: ${title}.`,
  );

/**
 * What brings people off the temporary copy of a connection, where a run that had moved them there died: what the copy says goes to
 * where the record of that run wants it, then people go there too, and the copy goes.
 */
/** The aim of any command that meets such a change: it comes before what was asked for. Null where there is none. */
async function completion(windmill, present, { name, mode }) {
  const plan = await planCompletion(windmill, present);
  if (plan === null) return null;
  const notes = [
    mode === "plan"
      ? "An earlier change was cut short while people used a temporary copy of the connection: this brings it to its end. What else there is to do shows in the next plan; without a plan_id, both are done in one run."
      : `An earlier change was brought to its end. Run f/codex_pooler/${name} again for what was asked for now.`,
  ];
  return { plan, notes, verification: {}, comes_first: true };
}

/** The changes; null when people are not on a copy, or when nobody knows where they belong. */
async function planCompletion(windmill, present) {
  const { resource: copy, intent } = present;
  if (copy?.state !== "ok" || copy.description !== COPY_DESCRIPTION || intent === null) return null;
  const { resource_path: path, secret_path } = intent;
  if (copyPath(path) !== copy.path) return null;
  const own = ownSettings(windmill, present);
  const has_key = copy.key.kind === "reference" && copy.key.path === copy.path;
  const value = has_key ? { ...asRecord(copy.value), api_key: `$var:${secret_path}` } : asRecord(copy.value);
  const changes = [
    ...(has_key ? await keyFrom(windmill, copy.path, secret_path) : []),
    ...(await valueTo(windmill, path, value)),
    { kind: "save-ai-settings", before: { ...own }, after: withResourcePath(own, path), via: "server" },
  ];
  return planOf(windmill, present, { changes, beside: [path] });
}

/** The key of the copy, where it belongs. */
async function keyFrom(windmill, copy, path) {
  const { secret: key } = await readSecret(windmill, copy);
  if ((await findVariable(windmill, path)) === null) {
    return [{ kind: "create-secret", path, secret: key, description: SECRET_DESCRIPTION }];
  }
  const { secret: before } = await readSecret(windmill, path);
  return before.equals(key) ? [] : [{ kind: "replace-secret", path, before, after: key }];
}

/** The value of the copy, where it belongs. */
async function valueTo(windmill, path, value) {
  const found = await findResource(windmill, path);
  if (found === null) {
    const made = { resource_type: RESOURCE_TYPE.name, value, description: RESOURCE_DESCRIPTION };
    return [{ kind: "create-resource", path, ...made }];
  }
  return sameJson(found.value, value) ? [] : [{ kind: "replace-resource", path, before: found.value, after: value }];
}

/**
 * Applies the changes in order.
 *
 * @throws UndoneError when one fails, after undoing it and those before it; the message says what was done about each.
 */
async function applyChanges(windmill, changes, progress) {
  const done = [];
  const revert = async () => {
    const left = [];
    let in_use = false;
    for (const change of done.splice(0).reverse()) {
      const { target } = viewChange(change);
      if (in_use && USED_BY_SETTINGS.has(change.kind)) {
        left.push(`${target}: it was left as it is, because people's requests use it.`);
        continue;
      }
      try {
        await handlerOf(change).revert(windmill, change);
      } catch (error) {
        left.push(`${target}: ${error instanceof Error ? error.message : "unknown error"}`);
        in_use ||= change.kind === "save-ai-settings";
      }
    }
    return left;
  };
  for (const change of changes) {
    const view = viewChange(change);
    progress.step(`${view.action} ${view.target}`, 0.5);
    try {
      // Logged before it is tried: a call whose answer got lost may have taken effect, and undoing looks before it acts.
      done.push(change);
      await handlerOf(change).apply(windmill, change);
    } catch (error) {
      if (error instanceof StaleError || (isRefused(error) && MADE_AT_ONCE.has(change.kind))) done.pop();
      throw await undone(error, revert);
    }
  }
  return { revert };
}

/** Windmill said no. */
const isRefused = (error) =>
  error instanceof WindmillError && error.status !== null && error.status >= 400 && error.status < 500;

/**
 * Changes that have certainly not happened when one of their calls is refused, and whose undoing could hit what somebody else has
 * put in the same place.
 */
const MADE_AT_ONCE = new Set(["create-resource-type", "create-secret", "create-resource", "create-schedule"]);

/** What users' requests go through while the settings that lead there are saved: it may go only after those are put back. */
const USED_BY_SETTINGS = new Set(["create-secret", "replace-secret", "create-resource", "replace-resource"]);

/** Something failed after changes had been made; they were put back, but for what is in `left`. */
class UndoneError extends Error {
  name = "UndoneError";
  /** What could not be put back, in words. */
  left;
  /** What failed, in words. */
  why;
  constructor(cause, left) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(
      [
        why,
        left.length === 0
          ? "Everything that this run had changed before was put back."
          : `These could not be put back and need a look:\n${left.map((line) => `- ${line}`).join("\n")}`,
      ].join("\n"),
    );
    this.left = left;
    this.why = why;
  }
}

/** Puts everything back and makes one error of it all. */
const undone = async (cause, revert) => new UndoneError(cause, await revert());

const ROUTES = ["server", "worker"];

/** Milliseconds between two looks, and beyond the end of Windmill's own memory. */
const LOOK_MS = 5_000;

const SPARE_MS = 5_000;

const ANYTHING = { ...viewSettings({}), connection: { resource_path: "", models: [] } };

const listed = (windmill, candidate) =>
  sendProbes(windmill, { depth: "free", view: ANYTHING, candidate, only: ["models"] });

/**
 * What a connection shows before it is changed. It is asked by its path, so no process begins to remember it for that.
 *
 * @param resource_path the resource that users' requests go through.
 */
async function marksBefore(windmill, resource_path) {
  const sent = await listed(windmill, resource_path);
  return Object.fromEntries(sent.map((one) => [one.probe.route, markOf(one)]));
}

/**
 * Waits until the processes behind both routes use what is there now: until each of them has shown it, where that differs from what was
 * before, and else until none can remember that any more, which takes a minute. What users' requests get meanwhile is not judged here.
 *
 * @param change `before` = {@link marksBefore}, null where it was not asked; `resource_path` = what users' requests go through now;
 *   `made_at` = when the last change was made, by `performance.now()`.
 */
async function settle(windmill, { before, resource_path, made_at }, progress) {
  const end = made_at + CACHE_MS$1 + SPARE_MS;
  const until = new Date(Date.now() + end - performance.now()).toISOString();
  for (;;) {
    if (before !== null && (await isSeen(windmill, resource_path, before))) return { by: "seen", until };
    const left = end - performance.now();
    if (left <= 0) return { by: "waited", until };
    progress.step(
      `wait until no process of Windmill uses the key or address of before any more (${Math.ceil(left / 1000)} s at most)`,
      0.7,
    );
    await new Promise((resolve) => setTimeout(resolve, Math.min(left, LOOK_MS)));
  }
}

/** Whether every route that can be reached answers users as it answers by path, and not as it did before. */
async function isSeen(windmill, resource_path, before) {
  const [live, direct] = await Promise.all([listed(windmill, null), listed(windmill, resource_path)]);
  const pairs = pairsOf([...live, ...direct]);
  const reached = ROUTES.filter((route) => live.some(({ probe }) => probe.route === route && probe.status !== null));
  return (
    reached.length > 0 &&
    reached.every((route) => {
      const pair = pairs.find((one) => one.live.probe.route === route);
      const was = before[route] ?? null;
      return (
        pair !== undefined && was !== null && differs(pair.live, pair.direct) === false && markOf(pair.live) !== was
      );
    })
  );
}

/** What a report says of processes that this run cannot have met; "" where there can be none that still uses what was before. */
const unmet = ({ by, until }) =>
  by === "waited"
    ? ""
    : `Both routes have shown that they use what is there now. If Windmill runs as several servers or workers, one that this run did not meet may use what was before until ${until.slice(11, 19)} UTC.`;

/** Whether a plan changes what Windmill's processes remember of a connection: its address, its key, its headers. Pure. */
/** Everything of a resource's value that goes into a request. */
const sent = (value) => {
  const { base_url, baseUrl, api_key, apiKey, headers, organization_id } = asRecord(value);
  return JSON.stringify([base_url || baseUrl, api_key || apiKey, headers, organization_id]);
};

const pathIn = (settings) => viewSettings(asRecord(settings)).connection?.resource_path ?? "";

/** Whether users' requests go with another address, key or headers afterwards than before. */
const altersCredentials = (changes, live) =>
  live !== null &&
  changes.some(
    (change) =>
      (change.kind === "replace-secret" && change.path === live.secret_path) ||
      (change.kind === "replace-resource" &&
        change.path === live.resource.path &&
        sent(change.after) !== sent(live.resource.value)) ||
      (change.kind === "save-ai-settings" && pathIn(change.after) !== live.resource.path),
  );

/** The resource that users' requests go through afterwards. */
const pathAfter = (changes, live) => {
  const saved = changes.findLast((change) => change.kind === "save-ai-settings");
  return (saved && pathIn(saved.after)) || live.resource.path;
};

/** Milliseconds that any of Windmill's processes may go on using credentials that it has cached (60 s), and some to spare. */
const CACHE_MS = 65_000;

const RECHECK_MS = 10_000;

const sleep$1 = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** What a change of address or key moves users away from, read before anything is changed; null where it moves nobody. */
async function movedOf(windmill, { past_the_cache = false }, changes, live) {
  if (live === null || !altersCredentials(changes, live)) return null;
  const before = past_the_cache ? null : await marksBefore(windmill, live.resource.path);
  return { resource_path: pathAfter(changes, live), before };
}

/**
 * Checks the connection; what is not proven, or fails, is looked at again until every process must have dropped what it had cached.
 *
 * @param about whether anything was changed: else there is nothing to wait for, and nothing to put back.
 * @throws UndoneError when users are refused, after everything was put back.
 */
async function verify(windmill, { depth = "chat", may_stay }, { changed, moved }, revert, progress) {
  const settled = moved ? await settle(windmill, { ...moved, made_at: performance.now() }, progress) : null;
  const proof = settled ? unmet(settled) : "";
  progress.step("check the connection as users reach it", 0.8);
  const until = performance.now() + (changed ? CACHE_MS : 0);
  for (;;) {
    const report = await checkOrRevert(windmill, depth, revert, progress);
    const checked = proof === "" ? report : { ...report, proof };
    const unproven = changed && checked.findings.some(({ code }) => code === "stale-credentials");
    const down = checked.status === "down";
    if (!unproven && (!down || may_stay?.(checked.findings, "at_once"))) return checked;
    if (performance.now() + RECHECK_MS > until || (down && !unproven && !mayPass(checked.findings))) {
      if (!down) return checked;
      if (!changed || may_stay?.(checked.findings, "in_the_end")) return checked;
      const causes = checked.findings.filter(({ severity }) => severity === "critical").map(inWords);
      throw await undone(
        new Error(`The connection worked when it was tried, but not as users reach it:\n${causes.join("\n")}`),
        revert,
      );
    }
    // A limit of requests per minute ends with the minute, unless this run goes on asking.
    const pause = down && isOfOwnMaking(checked.findings) ? until - performance.now() : RECHECK_MS;
    const why =
      pause > RECHECK_MS
        ? "this run's own requests may have reached a limit"
        : "a process may still use what it had cached";
    progress.step(`not proven yet: ${why}, looking again in ${Math.ceil(pause / 1000)} s`, 0.8);
    await sleep$1(pause);
  }
}

/** Whether what stops people may be over when no process uses what it had cached: what the settings say stays as it is. */
const mayPass = (findings) => critical(findings).every(({ probes }) => probes.length > 0);

/** A check that cannot look is no proof: what was changed goes back. */
async function checkOrRevert(windmill, depth, revert, progress) {
  try {
    // One that could not look says nothing of the change, so it is no report here but an error.
    return (await examine(windmill, { depth }, progress)).report;
  } catch (error) {
    throw await undone(error, revert);
  }
}

/**
 * Applies changes and checks the connection as users reach it.
 *
 * @returns the check; null where there is nothing to verify.
 * @throws UndoneError when a change fails or users are refused afterwards; Error when the new state works, but what was to be done
 *   in the end was not.
 */
async function commit(windmill, wish, progress) {
  const { changes, live, in_the_end } = wish.plan;
  const about = {
    id: windmill.jobId,
    at: new Date().toISOString(),
    by: windmill.permissionedAs,
    command: wish.command,
    ...(wish.undoes === undefined ? {} : { undoes: wish.undoes }),
  };
  // What users' requests go with afterwards is proven, not what a process still remembers of before.
  const moved = wish.verification ? await movedOf(windmill, wish.verification, changes, live) : null;
  const recording = await recordChange(windmill, wish.plan, about);
  let verified = null;
  try {
    const { revert } = await applyChanges(windmill, withDetour(changes, live), progress);
    if (wish.verification) {
      verified = await verify(windmill, wish.verification, { changed: changes.length > 0, moved }, revert, progress);
    }
  } catch (error) {
    if (error instanceof UndoneError && error.left.length === 0) await recording.forget();
    throw error;
  }
  await recording.close();
  await applyInTheEnd(windmill, wish.command, in_the_end, progress);
  return verified;
}

/** What was to wait until the connection had proven itself. */
async function applyInTheEnd(windmill, command, changes, progress) {
  try {
    await applyChanges(windmill, changes, progress);
  } catch (error) {
    const why = error instanceof UndoneError ? error.why : "";
    throw new Error(
      `The change is made and works, but its last step was not done. ${why}\nRun f/codex_pooler/${command} again with the same input: it does what is left.`,
    );
  }
}

/** Held by a job that changes the connection. Most changes are over in a few seconds; none of our scripts runs for longer. */
const CHANGE = {
  path: `${FOLDER}/change_lock`,
  doing: "is changing the connection",
  patience_ms: 60_000,
  poll_ms: 2_000,
  lifetime_ms: 20 * 60_000,
};

/** Held while a lock of a dead job is replaced, so that of two jobs that find it only one removes it. */
const takeover = ({ path }) => `${path}_takeover`;

const Holder = z.object({
  job: z.string(),
  by: z.string(),
  command: z.string(),
  /** ISO 8601. */
  since: z.string(),
});

/** Another job holds the lock. */
class LockedError extends Error {
  name = "LockedError";
  constructor(holder, { doing }) {
    super(
      `${holder.command} ${doing} (run by ${holder.by} since ${holder.since}, job ${holder.job}), so this run changed nothing. Wait for that job to end, and run this again. If it hangs, cancel it first: what it has begun is brought to its end by the next run.`,
    );
  }
}

/**
 * Runs `work` while nobody else holds the lock: that of changes unless told otherwise.
 *
 * @throws LockedError when another job holds it for longer than one waits.
 */
async function withLock(windmill, command, progress, work, lock = CHANGE) {
  const me = { job: windmill.jobId, by: windmill.permissionedAs, command, since: new Date().toISOString() };
  await acquire(windmill, lock, me, progress);
  try {
    return await work();
  } finally {
    // A lock that cannot be released is that of a dead job soon, and taken over.
    await release(windmill, lock.path, me).catch(() => undefined);
  }
}

async function acquire(windmill, lock, me, progress) {
  const until = performance.now() + lock.patience_ms;
  for (;;) {
    if (await create(windmill, lock.path, me)) return;
    const holder = await holderOf(windmill, lock.path);
    if (holder === null) continue;
    if (await isDead(windmill, lock, holder, me)) await evict(windmill, lock, holder, me);
    else if (performance.now() > until) throw new LockedError(holder, lock);
    else {
      progress.step(`wait for ${holder.command}, run by ${holder.by} (job ${holder.job})`, 0.02);
      await sleep(lock.poll_ms);
    }
  }
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Makes the resource; false when it is there already. */
async function create(windmill, path, me) {
  try {
    await createState(windmill, path, me);
    return true;
  } catch (error) {
    if (error instanceof WindmillError && error.status === 400 && error.said.includes("already exists")) return false;
    // The answer may have got lost on the way back.
    if (isSame(await holderOf(windmill, path).catch(() => null), me)) return true;
    throw error;
  }
}

/** Who holds a lock; null when nobody does. One that cannot be read belongs to nobody alive. */
async function holderOf(windmill, path) {
  const value = await readState(windmill, path);
  if (value === null) return null;
  const parsed = Holder.safeParse(value);
  return parsed.success
    ? parsed.data
    : { job: "", by: "somebody", command: "another version", since: "1970-01-01T00:00:00Z" };
}

const isSame = (holder, other) => holder?.job === other.job && holder.since === other.since;

/**
 * Whether a holder has died: its job is over or gone, or it is this very job in an earlier life, because Windmill starts a job again
 * under its own id when its worker has died. A job that runs is alive, whatever the clocks of two workers say of its age.
 */
async function isDead(windmill, { lifetime_ms }, holder, me) {
  if (holder.job === "" || holder.job === me.job) return true;
  const job = await findJob(windmill, holder.job);
  if (job === null || job.over) return true;
  return !job.running && Date.now() - Date.parse(holder.since) > lifetime_ms;
}

/** Removes the lock of a dead job, unless somebody else is about to, or has done it. */
async function evict(windmill, lock, dead, me) {
  if (!(await create(windmill, takeover(lock), me))) {
    const rival = await holderOf(windmill, takeover(lock));
    if (rival !== null && (await isDead(windmill, lock, rival, me))) await release(windmill, takeover(lock), rival);
    await sleep(lock.poll_ms);
    return;
  }
  try {
    await release(windmill, lock.path, dead);
  } finally {
    await release(windmill, takeover(lock), me);
  }
}

/** Removes a lock if it is still that holder's. */
async function release(windmill, path, holder) {
  const current = await holderOf(windmill, path);
  if (isSame(current, holder)) await deleteState(windmill, path);
}

/**
 * Runs a command.
 *
 * @throws InputError for a caller who is no admin and for input that cannot be used, before anything is touched; LockedError when
 *   another change goes on; UndoneError, or Error when the trial fails. Each says what to do.
 */
async function runChange(windmill, command, progress, aim) {
  progress.step("read what is there", 0.05);
  await requireAdmin(windmill);
  if (command.mode === "plan") return tell(windmill, command, await aim(progress), null);
  return withLock(windmill, command.name, progress, () => apply(windmill, command, progress, aim));
}

async function apply(windmill, command, progress, aim) {
  const bound = command.plan_id !== "";
  const first = await aim(progress);
  // A plan that was shown is made as it was shown; without one, the command goes on from there.
  const goes_on = first.comes_first === true && !bound;
  if (goes_on) await make(windmill, command, { ...first, verification: null }, progress);
  const aimed = goes_on ? await aim(progress) : first;
  if (!aimed.open) await requirePlan(aimed.plan, command.plan_id);
  const proven = (await aimed.prove?.(progress)) ?? aimed;
  await requirePlan(proven.plan, command.plan_id);
  const verified = await make(windmill, command, proven, progress);
  await proven.afterwards?.();
  const report = await tell(windmill, command, proven, verified);
  if (command.confidential) await forgetTypedKeys(windmill);
  return report;
}

async function make(windmill, command, aim, progress) {
  const { plan, checked, undoes } = aim;
  const settled = checked && plan.changes.length === 0 ? checked : null;
  const verification = settled ? null : aim.verification;
  const wish = { command: command.name, plan, verification, ...(undoes === undefined ? {} : { undoes }) };
  return (await commit(windmill, wish, progress)) ?? settled;
}

async function tell(windmill, command, aim, verified) {
  const { name, mode, confidential = {} } = command;
  const { plan, open = false, findings = [], complete } = aim;
  const notes = [...(await warnOfOpenArguments(windmill, confidential)), ...aim.notes];
  const report = await changeReport(windmill, {
    ...{ command: name, mode, plan, has_id: !open },
    ...{ notes, verified, findings },
  });
  return complete ? complete(report) : report;
}

const COMMAND = "rotate_key";

/**
 * The command `rotate_key`: the new key is tried beside the live connection, swapped in, and looked at again when no process can
 * use the old one from its cache any more. Only then is the old key deleted. Both keys are good meanwhile, so nobody is refused.
 *
 * @throws what {@link runChange} throws.
 */
const rotate = (windmill, input, progress) =>
  runChange(
    windmill,
    { ...input, name: COMMAND, confidential: input.new_key instanceof Secret ? { new_key: "given" } : {} },
    progress,
    () => aim(windmill, input),
  );

async function aim(windmill, input) {
  const observation = await observe(windmill);
  const first = await completion(windmill, observation, { ...input, name: COMMAND });
  if (first) return first;
  const target = await targetOf(windmill, input, observation);
  const plan = await planFor(windmill, target);
  const settled = {
    plan,
    notes: [
      ...notesOn(input),
      ...(input.mode === "plan" ? ["The new key is tried when the plan is applied, before anything changes."] : []),
    ],
    verification: { past_the_cache: plan.changes.length > 0 },
  };
  return {
    ...settled,
    async prove(progress) {
      progress.step("try the new key beside the live one", 0.1);
      const { standing, warnings } = await tryKey(windmill, target, plan.live);
      return {
        ...settled,
        notes: [...settled.notes, ...standingNotes(standing)],
        findings: warnings,
        verification: { ...settled.verification, ...bearing(standing, factsOf(observation, null, [])) },
      };
    },
  };
}

/** Finds the connection and both keys. Reads only. */
async function targetOf(windmill, input, observation) {
  ownSettings(windmill, observation);
  const { resource, secret } = observation;
  const slip = noKeyToRotate(observation);
  if (slip !== null || resource?.state !== "ok" || secret === null) throw new InputError([slip ?? NO_CONNECTION]);
  const stored = await readKey(windmill, secret.path);
  const given = input.new_key_path === "" ? null : await readKey(windmill, input.new_key_path);
  const slips = [];
  if (input.new_key_path === secret.path) {
    slips.push(`new_key_path: ${secret.path} is the variable of the live key itself. Give the path of another one.`);
  } else if (input.new_key_path !== "" && given === null) {
    slips.push(
      `new_key_path: there is no variable ${input.new_key_path}. Create a secret variable there that holds the new key.`,
    );
  } else if (given?.slip)
    slips.push(`new_key_path: the key in ${input.new_key_path} ${given.slip.says}. ${given.slip.fix}`);
  const next = given?.secret ?? (input.new_key === "stored" ? stored?.secret : input.new_key);
  if (slips.length > 0 || stored === null || !next) throw new InputError(slips);
  const kept = await findVariable(windmill, previousPath(secret.path));
  return {
    observation,
    resource,
    secret_path: secret.path,
    stored: stored.secret,
    next,
    kept:
      kept?.description === PREVIOUS_DESCRIPTION
        ? (await readSecret(windmill, previousPath(secret.path))).secret
        : null,
  };
}

const NO_CONNECTION =
  "There is no connection of this workspace whose key could be rotated. Run f/codex_pooler/connect to make one.";

/** Why there is no key to rotate, or null. */
function noKeyToRotate({ settings, resource, secret }) {
  if (settings.source === "instance") {
    return "This workspace uses the instance's AI settings, whose key lives in the workspace admins: rotate it there.";
  }
  if (resource?.state !== "ok") return NO_CONNECTION;
  if (resource.description === COPY_DESCRIPTION) {
    return "A change was cut short while people used a temporary copy of the connection. Run f/codex_pooler/repair first.";
  }
  if (resource.key.kind === "literal") {
    return `The resource ${resource.path} holds the key itself. Run f/codex_pooler/repair first: it moves the key into a secret variable.`;
  }
  if (secret?.state === "ok") return null;
  return `The resource ${resource.path} names no secret variable that could be read. Run f/codex_pooler/connect with a key.`;
}

/** The changes; the old key is deleted only when the new one has proven itself. */
async function planFor(windmill, target) {
  const { secret_path, stored, next, kept, observation, resource } = target;
  const path = previousPath(secret_path);
  const keep = (secret) => ({
    ...{ kind: "create-secret", path, secret, description: PREVIOUS_DESCRIPTION, lifetime_ms: PREVIOUS_LIFETIME_MS },
  });
  const drop = (secret) => ({ kind: "delete-secret", path, secret, description: PREVIOUS_DESCRIPTION });
  // A run that died after the swap has left the old key: this one goes on where it ended.
  const before = kept !== null && stored.equals(next) ? kept : stored;
  const obsolete = kept !== null && before !== kept ? [drop(kept)] : [];
  const swapped = before.equals(next)
    ? []
    : [keep(before), { kind: "replace-secret", path: secret_path, before, after: next }];
  return planOf(windmill, observation, {
    changes: [...obsolete, ...swapped],
    in_the_end: swapped.length > 0 ? [drop(before)] : [],
    beside: [resource.path],
  });
}

/**
 * Tries the new key beside the live one: it must serve every model that people may choose.
 *
 * @throws Error when people would be worse off; nothing has changed then.
 */
async function tryKey(windmill, { observation, resource, next }, live) {
  const { view } = observation.settings;
  const models = chosenModels(view);
  const { base_url } = resource;
  const { max_tokens_per_model } = view;
  const tried = await tryCandidate(windmill, resource.path, asRecord(resource.value), next, (candidate) =>
    probeCandidate(windmill, candidate, { models, base_url, max_tokens_per_model }),
  );
  const standing = await requireNoWorse(windmill, tried, { live, asked: true, new_up_to: "key" });
  const missing = tried.served === null ? [] : without(configuredModels(view), tried.served);
  if (missing.length === 0) return { standing, warnings: tried.findings };
  throw new Error(
    `Nothing was changed, because the new key (${next.prefix}) does not serve ${missing.join(", ")}, which people may choose now. Let the gateway's operator allow these models for the key, or disable them first with f/codex_pooler/connect.`,
  );
}

function notesOn({ new_key, new_key_path }) {
  if (new_key === "stored" && new_key_path === "") {
    return ["The key that was typed for this form is the live one already. To rotate again, type another one."];
  }
  const copied = new_key_path
    ? [`The key was copied from ${new_key_path}, which stays as it is: delete it when nothing else uses it.`]
    : [];
  return [...copied, "Afterwards revoke the old key in Codex Pooler: Windmill does not use it any more."];
}
