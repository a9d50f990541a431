// Built by "npm run build" from src/commands/silence.ts: change it there.

import { Cron } from "croner@11.0.1";
import { OpenAPI, ResourceService, UserService, WorkspaceService } from "windmill-client@1.818.0";
import * as z from "zod@4.6.7";

/**
 * Acknowledges the open incident, plans a maintenance, or lifts either. Changes nothing but the memory of the health flow.
 *
 * @param until a length of time or a point of time; for an acknowledgement blank = until the incident is over.
 * @param begins blank = now; a point of time; or a cron expression, and then `until` is a length.
 * @param timezone in which times are meant, UTC by default.
 * @param id of an incident or of a window; blank = the one that is meant by itself.
 * @throws InputError for what cannot be done; nothing has changed then.
 */
export async function main(
  what: "acknowledge" | "maintenance" | "lift",
  reason?: string,
  until?: string,
  begins?: string,
  timezone?: string,
  id?: string,
) {
  const inputs = { what, reason, until, begins, timezone, id };
  return answerPage(renderSilence, (windmill) => silence(windmill, parseInputs(SilenceInput, inputs)));
}

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

/**
 * Where the flow keeps its memory: a moving state, each version at a path below this one (windmill/moving.ts). Explicit, because
 * Windmill's default differs between manual and scheduled runs. Release 0.1.0 kept its state at this very path.
 */
const HEALTH_STATE = `${FOLDER}/health_state`;

/** Where release 0.1.0 kept its history, and what it held while it wrote. */
const HEALTH_HISTORY = `${FOLDER}/health_history`;

const HEALTH_LOCK = `${FOLDER}/health_lock`;

/** Texts that could be a key of any form, where nobody knows the key itself. */
/** Runs of 16 and more characters with digits and letters: what keys are made of, and hardly anything else. */
const RANDOM_RUN = /(?<![A-Za-z0-9_-])(?=[A-Za-z_-]*[0-9])(?=[0-9_-]*[A-Za-z])[A-Za-z0-9_-]{16,}/g;

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

/** Points of time and lengths of time as people write them, with time zones and their changes of the clock. Pure. */
const MINUTE_MS$1 = 60_000;

/** Milliseconds by the beginning of a unit's name. */
const UNITS = [
  [/^m(?:in|inutes?)?$/i, MINUTE_MS$1],
  [/^h(?:ours?)?$/i, 60 * MINUTE_MS$1],
  [/^d(?:ays?)?$/i, 24 * 60 * MINUTE_MS$1],
];

/** Milliseconds of a length such as `90 min`, `2 h`, `1 h 30 min` or `1 d`; null for what is none. */
function readLength(text) {
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)\s*/giy)];
  if (parts.length === 0 || parts.map(([all]) => all).join("") !== text.trim()) return null;
  const lengths = parts.map(
    ([, count, unit = ""]) => Number(count) * (UNITS.find(([name]) => name.test(unit))?.[1] ?? Number.NaN),
  );
  const sum = lengths.reduce((total, one) => total + one, 0);
  return Number.isFinite(sum) && sum > 0 ? sum : null;
}

/** Whether the name is one of a time zone that this JavaScript knows. */
function isTimezone(name) {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Whether the text is a cron expression of five or six fields. */
function isCron(text) {
  if (![5, 6].includes(text.trim().split(/\s+/).length)) return false;
  try {
    return new Cron(text, { timezone: "Etc/UTC" }).nextRun() !== null;
  } catch {
    return false;
  }
}

/**
 * A point of time as ISO 8601: `2026-11-29 04:00` and `04:00` (the next one) in the time zone, or with an offset of its own
 * (`2026-11-29T03:00Z`); null for what is none.
 *
 * @param now milliseconds since 1970.
 */
function readTime(text, timezone, now) {
  const given = text.trim();
  const [, hour, minute] = /^(\d{1,2}):(\d{2})$/.exec(given) ?? [];
  if (hour !== undefined)
    return orNull$1(() => new Cron(`${minute} ${hour} * * *`, { timezone }).nextRun(new Date(now)));
  const [, date, time = "00:00", offset] =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/i.exec(given) ?? [];
  // Days beyond the end of a month would be taken for those of the next.
  if (date === undefined || orNull$1(() => new Date(`${date}T00:00:00Z`))?.slice(0, 10) !== date) return null;
  const whole = `${date}T${time.length === 5 ? `${time}:00` : time}`;
  if (offset !== undefined) return orNull$1(() => new Date(`${whole}${offset.toUpperCase()}`));
  return orNull$1(() => new Cron(whole, { timezone }).nextRun(new Date(0)));
}

function orNull$1(time) {
  try {
    return time()?.toISOString() ?? null;
  } catch {
    return null;
  }
}

/** Inputs of `silence`. What times mean is known only with the present, see walks/silence.ts. */
const SilenceInput = z.object({
  what: choice(["acknowledge", "maintenance", "lift"]).transform((what, context) => {
    if (what === null) {
      context.addIssue({ code: "custom", message: "is missing. Choose acknowledge, maintenance or lift." });
      return z.NEVER;
    }
    return what;
  }),
  /** Characters: a reason stands in messages and in the memory. */
  reason: checked((text) => (text.length > 200 ? "has more than 200 characters. Say it shorter." : null)),
  /** Of an incident or of a window; "" for the one that is meant by itself. */
  id: blankable,
  begins: blankable,
  until: blankable,
  timezone: checked((text) =>
    text === "" || isTimezone(text) ? null : "is no time zone that is known. Write e.g. Europe/Berlin, or UTC.",
  ).transform((text) => text || "UTC"),
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

/** What there is to tell people, as the memory of the health flow knows it. */
const News = z.object({
  /** The same for each attempt, so that who gets it twice can tell: incident, occasion and number. */
  id: z.string(),
  /**
   * Why people are told: an incident began, its status or cause changed, it still lasts, somebody has said that they know, or it is
   * over. Of an acknowledgement only services hear that keep an incident of their own.
   */
  kind: z.enum(["opening", "cause", "reminder", "acknowledgement", "recovery"]),
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
  /** Who has said that they know of the incident; null or absent when nobody has. */
  acknowledged: z.object({ by: z.string(), at: z.string(), reason: z.string() }).nullable().optional(),
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
  windows: 10,
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

/** Somebody has said that they know of an incident. */
const Acknowledgement = z.object({
  by: z.string(),
  at: Time,
  reason: z.string(),
  /** When it ends; null for the end of the incident. */
  until: Time.nullable(),
  /** The status that it is about: one that is worse is told all the same. */
  status: Status,
});

/** A window of time in which nobody is told. */
const Maintenance = z.object({
  id: z.string(),
  by: z.string(),
  /** When it was planned. */
  at: Time,
  reason: z.string(),
  /** The occurrence that lasts or comes next. */
  from: Time,
  until: Time,
  /** When it comes again, by a cron expression in a time zone; null for one that comes once. */
  again: z.object({ cron: z.string(), timezone: z.string(), minutes: z.number().int() }).nullable(),
});

/** What a service that keeps incidents of its own was told last of one of ours. */
const PagerRow = z.object({
  /** What the target is called; never an address. */
  target: z.string(),
  incident: z.string(),
  /** What it was told of the incident, and with which status. */
  kind: z.enum(["open", "acknowledged", "over"]),
  status: Status,
  /** When that was first taken; null while it was not. */
  at: Time.nullable(),
  /** Whether it takes for over what is not repeated. */
  repeats: z.boolean(),
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
  /** Who has said that they know, last; it may be over. */
  acknowledged: Acknowledgement.nullable().default(null),
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
const Look = z.object({
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
  looks: z.object({ free: Look.nullable(), chat: Look.nullable(), features: Look.nullable() }),
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
  /** Windows of time in which nobody is told, by when they come. */
  maintenance: z.array(Maintenance).default([]),
  /** When the last of them ended; null when none has. */
  maintained: Time.nullable().default(null),
  /** What services were told that keep incidents of their own. */
  pagers: z.array(PagerRow).default([]),
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
  maintenance: [],
  maintained: null,
  pagers: [],
  claim: null,
  attempt: null,
});

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

/**
 * Keeping quiet on purpose: who knows of an incident, and when nobody wants to be told. Times are ISO 8601 in UTC, which compare as texts.
 * Pure.
 */
/** Milliseconds that a maintenance may last: a longer one is no maintenance but a watch that is switched off. */
const LONGEST_MS = 7 * 24 * 3_600_000;

/**
 * Notes that somebody knows of the open incident. Saying so again changes reason and end.
 *
 * @param id of the incident; "" for the one that is open. An alert's link names it, and may be older than the present one.
 * @throws InputError when that incident is not open.
 */
function acknowledge(state, id, doing, until) {
  const { incident } = state;
  if (incident === null || (id !== "" && id !== incident.id)) {
    const past = state.incidents.find((one) => one.id === id);
    const now = incident === null ? "No incident is open" : `The open incident is ${incident.id}`;
    const over = past
      ? `it is over since ${momentOf(past.end ?? "")}. `
      : id === ""
        ? ""
        : "there is no such incident. ";
    throw new InputError([`id: ${over}${now}: there is nothing ${id === "" ? "" : "else "}to acknowledge.`]);
  }
  if (until !== null && until <= doing.at)
    throw new InputError(["until: lies in the past. Give a later time, or leave it blank."]);
  const acknowledged = { ...doing, until, status: incident.current.status };
  const end = until === null ? "until it is over" : `until ${momentOf(until)}, or until it is over`;
  return {
    state: { ...state, incident: { ...incident, acknowledged } },
    says: [
      `The incident ${incident.id} is acknowledged ${end}: no reminders, and no other cause of the same weight. If it gets worse, people are told.`,
    ],
  };
}

/**
 * Plans a maintenance. One that overlaps another which comes once, too, becomes one with it.
 *
 * @throws InputError for a window that ends before it begins, lies in the past, lasts too long, or is one too many.
 */
function planMaintenance(state, wanted, doing) {
  const { from, until, again } = wanted;
  const slips = [];
  if (until <= from)
    slips.push(`until: is not after the beginning (${momentOf(from)}). Give a later time, or a length such as 2 h.`);
  else if (until <= doing.at) slips.push("until: lies in the past. Give a later time.");
  if (slips.length > 0) throw new InputError(slips);
  const overlapping = state.maintenance.filter((one) => one.from <= until && from <= one.until);
  const merged = again === null ? overlapping.filter((one) => one.again === null) : [];
  const whole = {
    from: [from, ...merged.map((one) => one.from)].sort()[0] ?? from,
    until: [until, ...merged.map((one) => one.until)].sort().at(-1) ?? until,
  };
  const length = Date.parse(whole.until) - Date.parse(whole.from);
  if (length > LONGEST_MS) {
    const together =
      merged.length > 0 ? ` together with the one from ${momentOf(merged[0]?.from ?? from)} that it overlaps` : "";
    throw new InputError([
      `until: makes a maintenance of more than 7 days${together}. Plan a shorter one, or switch the schedule off.`,
    ]);
  }
  const rest = state.maintenance.filter((one) => !merged.includes(one));
  if (rest.length >= LIMITS.windows) {
    throw new InputError([
      `what: ${LIMITS.windows} windows are planned already. Lift one first: ${rest.map(({ id }) => id).join(", ")}.`,
    ]);
  }
  const reasons = [...new Set([...merged.map(({ reason }) => reason), doing.reason].filter(Boolean))];
  const id = newId(rest, whole.from);
  const planned = { ...doing, id, ...whole, again, reason: reasons.join("; ") };
  const others = overlapping.filter((one) => one.again !== null || again !== null);
  return {
    state: { ...state, maintenance: [...rest, planned].sort((a, b) => (a.from < b.from ? -1 : 1)) },
    says: [
      `Maintenance ${id}: ${momentOf(whole.from)} to ${momentOf(whole.until)}${again ? `, and again by "${again.cron}" in ${again.timezone}, ${again.minutes} min each` : ""}. Checks go on, and nobody is told. At its end people are told at once when it is not well.`,
      ...merged.map((one) => `It overlaps ${one.id}, and the two are one now.`),
      ...others.map((one) => `It overlaps ${one.id}: nobody is told until both are over.`),
    ],
  };
}

/**
 * Lifts what keeps quiet: the acknowledgement or the window with an id; without one what holds now, else the only window that is planned.
 *
 * @throws InputError when there is nothing, or not only one thing, that is meant.
 */
function lift(state, id, at) {
  const { incident, maintenance } = state;
  const isMeant = (one) => (id === "" ? one.from <= at && at < one.until : one.id === id);
  const acknowledged = incident?.acknowledged != null && (id === "" || incident.id === id) ? incident : null;
  const now = maintenance.filter(isMeant);
  const windows =
    id === "" && now.length === 0 && acknowledged === null && maintenance.length === 1 ? maintenance : now;
  if (acknowledged === null && windows.length === 0) {
    const ids = maintenance.map((one) => `${one.id} (from ${momentOf(one.from)})`);
    throw new InputError([
      id === ""
        ? `id: nothing keeps quiet now.${ids.length > 0 ? ` Planned are ${ids.join(", ")}: give the id of one.` : ""}`
        : `id: no acknowledgement and no window has it.${ids.length > 0 ? ` Planned are ${ids.join(", ")}.` : ""}`,
    ]);
  }
  const lasted = windows.some(({ from }) => from <= at);
  return {
    state: {
      ...state,
      incident: acknowledged ? { ...acknowledged, acknowledged: null } : incident,
      maintenance: maintenance.filter((one) => !windows.includes(one)),
      // Whoever lifts a window that lasts wants to know how it is now.
      maintained: lasted ? at : state.maintained,
    },
    says: [
      ...(acknowledged
        ? [`The acknowledgement of the incident ${acknowledged.id} is lifted: people are told of it again.`]
        : []),
      ...windows.map((one) => `The maintenance ${one.id} is lifted${one.again ? ", and does not come again" : ""}.`),
    ],
  };
}

/** `2026-11-24 10:00 UTC`. */
const momentOf = (at) => `${at.slice(0, 16).replace("T", " ")} UTC`;

/** An id that says when it comes, which is not taken. */
function newId(taken, from) {
  const base = `m${from.slice(0, 16).replace(/[-:]/g, "")}`;
  const free = ["", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"].map((end) => base + end);
  return free.find((id) => taken.every((one) => one.id !== id)) ?? base;
}

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
const TABLE = "width:100%;border-collapse:collapse;margin:8px 0;font-size:inherit;overflow-wrap:break-word";

/** A table, which scrolls with the keyboard too; Windmill's Markdown has none, and its own object table sorts columns by itself. */
const table = (head, rows) =>
  rows.length === 0
    ? html``
    : html`<div style="overflow-x:auto" tabindex="0"><table style="${TABLE}"><thead><tr>${head.map((title) => html`<th style="${CELL};font-weight:600;white-space:nowrap">${title}</th>`)}</tr></thead><tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td style="${CELL}">${cell}</td>`)}</tr>`)}</tbody></table></div>`;

/** The frame of every result: the toggle "Pretty | JSON" sits tight above it. */
const page = (...parts) =>
  html`<div style="font-size:14px;line-height:1.5;margin-top:12px;overflow-wrap:anywhere">${parts}</div>`.text;

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

const heading = (words) => html`<h3 style="font-size:15px;font-weight:600;margin:16px 0 4px">${words}</h3>`;

const renderSilence = ({ summary, acknowledged, maintenance }) =>
  page(
    html`<h2 style="font-size:18px;font-weight:600">Done</h2>`,
    html`<p>${summary}</p>`,
    acknowledged
      ? [
          heading("Acknowledged"),
          table(
            ["Incident", "By", "Since", "Until", "Reason"],
            [
              [
                acknowledged.incident,
                acknowledged.by,
                momentOf(acknowledged.at),
                acknowledged.until === null ? "it is over" : momentOf(acknowledged.until),
                acknowledged.reason,
              ],
            ],
          ),
        ]
      : null,
    maintenance.length > 0
      ? [
          heading("Maintenance"),
          table(
            ["Id", "From", "To", "Again", "By", "Reason"],
            maintenance.map(({ id, from, until, again, by, reason }) => [
              id,
              momentOf(from),
              momentOf(until),
              again === null ? "" : `${again.cron} (${again.timezone}), ${again.minutes} min`,
              by,
              reason,
            ]),
          ),
        ]
      : null,
  );

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

const SHOWN = 32;

/**
 * The stretches of a text that are a shortened secret (`3f9a…f4b6`) around a gap: with the gap where both ends are shown.
 *
 * @param from where the gap begins, `to` where it ends.
 */
function shortenedAround(text, from, to, secret) {
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
z.looseObject({
  path: z.string(),
  value: z.unknown(),
  resource_type: z.string(),
  description: z.string().nullish(),
  extra_perms: z.record(z.string(), z.unknown()).nullish(),
});

/** Creates a resource; fails when the path is taken, atomically. */
const createResource = (windmill, resource) =>
  windmill.call(
    `Creating the resource ${resource.path}`,
    () => ResourceService.createResource({ workspace: windmill.workspace, requestBody: resource }),
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

/**
 * Puts a value in the place of the version that was read; null for where there was none.
 *
 * @returns false when somebody else was faster: read again, and decide again. The very first change may have been taken although it
 *   says so, so it must be one that can be told when it comes again.
 * @throws WindmillError when Windmill refuses, or does not say whether it did it and did not.
 */
async function replaceVersion(windmill, base, before, value) {
  const number = before === null ? 0 : before.number + 1;
  const path = at(base, number);
  try {
    if (before === null) await createState(windmill, path, value);
    else await move(windmill, at(base, before.number), path, value);
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
  if (number > 1) return true;
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

/** The AI settings that users get: the workspace's own, else the instance's, else `{}`. Any member may read them. */
const readEffectiveAiSettings = (windmill) =>
  windmill.call(
    "Reading the AI settings that users get",
    () => WorkspaceService.getCopilotInfo({ workspace: windmill.workspace }),
    z.record(z.string(), z.unknown()),
  );

z.looseObject({
  uses_instance_ai_config: z.boolean(),
  instance_ai_summary: z
    .looseObject({
      providers: z.array(z.looseObject({ provider: z.string(), models: z.array(z.string()).optional() })).optional(),
    })
    .nullish(),
});

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

const listOf = (report, key) => (Array.isArray(report[key]) ? report[key] : null);

/** Shortens a list of a report where it has one. */
const shorter = (key, change) => (report) => {
  const list = listOf(report, key);
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
  const notes = listOf(report, "notes");
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

/**
 * What the health flow measured in the last 30 days, at {@link file://./paths.ts} HEALTH_HISTORY, in bounded space: the last ticks one
 * by one (two days of them at one each 5 minutes), and a bucket per hour. history_keep.ts writes it, history_view.ts reads it.
 */
const HISTORY_VERSION = 1;

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
  /** Of the ticks in `n` those in a maintenance; absent without any. */
  m: z.tuple([z.number(), z.number(), z.number(), z.number()]).optional(),
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

new Map([...SIGNS].map((sign, place) => [sign, Math.round(FIRST_MS * STEP ** place)]));

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
    acknowledged: null,
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

const HOUR_MS = 3_600_000;

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
  const touched = new Set(history.ticks.map(([at]) => Math.floor(at / HOUR_MS)));
  for (const [start, end] of spans) {
    for (let h = Math.floor(start / HOUR_MS); h * HOUR_MS < end; h++) touched.add(h);
  }
  const rows = new Map(history.hours.map((hour) => [hour.h, hour]));
  for (const h of touched) {
    if ((h + 1) * HOUR_MS <= from || !(isWhole || h * HOUR_MS > first)) continue;
    const s = secondsIn(spans, h * HOUR_MS, (h + 1) * HOUR_MS).map(Math.round);
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

/** A memory as it is stored: the state with the history in it. Windmill would resolve a text in it that looks like a reference. */
const storedMemory = ({ state, history }) => inert({ ...state, history });

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

/**
 * The memory of the health flow where it is kept: state and history in one record, which moves with each change (windmill/moving.ts).
 * Everything that decides is pure.
 */
/** Where the memory was until release 0.1.0, and its lock. */
const BEFORE = [HEALTH_HISTORY, HEALTH_STATE, HEALTH_LOCK];

async function keptOf(windmill) {
  const version = await readVersion(windmill, HEALTH_STATE);
  const value = version === null ? await readBefore(windmill) : version.value;
  return { version, ...readMemory(value, new Date().toISOString()) };
}

async function readBefore(windmill) {
  const [state, history] = await Promise.all([readState(windmill, HEALTH_STATE), readState(windmill, HEALTH_HISTORY)]);
  return storedPair(state, history);
}

/** How often a change begins anew because somebody else was faster. */
const ATTEMPTS = 50;

/**
 * Changes the memory as one step: `decide` may be asked several times, each time with what is stored then.
 *
 * A workspace that is not connected any more gets no memory, unless told otherwise: a tick that was under way while somebody disconnected leaves nothing.
 *
 * @returns null when the workspace is not connected.
 */
async function changeMemory(windmill, decide, { although_disconnected = false } = {}) {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const kept = await keptOf(windmill);
    if (!although_disconnected && !(await isConnected(windmill, kept.version !== null))) return null;
    const { store, result } = await decide(kept);
    if (store === null) return result;
    if (!(await replaceVersion(windmill, HEALTH_STATE, kept.version, storedMemory(store)))) continue;
    if (kept.version !== null) return result;
    for (const path of BEFORE) await orNull(deleteState(windmill, path));
    // Whoever disconnects takes the intent away first and looks for a memory then: one of the two sees the other.
    if (although_disconnected || (await isConnected(windmill, false))) return result;
    await forgetMemory(windmill);
    return null;
  }
  throw new WindmillError(`Writing the state ${HEALTH_STATE}`, null, "too many runs write it at once");
}

/** Changes the state only, and gives it back as it is then; null when there is none. What `change` throws changes nothing. */
const editState = (windmill, change) =>
  changeMemory(windmill, ({ state, history }) => {
    const changed = state && change(state);
    return { store: changed && { state: changed, history }, result: changed };
  });

/**
 * Whether there is anything to watch: somebody has connected the workspace, or its settings name a connection all the same.
 *
 * @param instead what to take it for where Windmill does not say.
 */
async function isConnected(windmill, instead) {
  try {
    if ((await readIntent(windmill))?.active) return true;
    return viewSettings(await readEffectiveAiSettings(windmill)).connection !== null;
  } catch (error) {
    if (instead) return true;
    throw error;
  }
}

/**
 * Deletes the memory, wherever it has moved to. A disconnect calls it when the intent is gone: a tick that was under way may have
 * written it again after it was removed.
 */
async function forgetMemory(windmill) {
  await deleteVersions(windmill, HEALTH_STATE);
  for (const path of BEFORE) await orNull(deleteState(windmill, path));
}

/**
 * The occurrence that a time lies in, else the next one; null when there is none any more.
 *
 * @throws Error for an expression or a time zone that is none
 */
function occurrenceAt({ cron, timezone, minutes }, at) {
  const schedule = new Cron(cron, { timezone });
  const now = new Date(at);
  const lasting = (start) => ({
    from: start.toISOString(),
    until: new Date(start.getTime() + minutes * 60_000).toISOString(),
  });
  // The occurrence that begins at this very second is one that has begun.
  const [before] = schedule.previousRuns(1, new Date(now.getTime() + 1_000));
  if (before !== undefined && lasting(before).until > at && before <= now) return lasting(before);
  const next = schedule.nextRun(now);
  return next === null ? null : lasting(next);
}

/** Minutes from one occurrence to the next, at the least over the next ten; null when there are not two. @throws Error as above */
function shortestInterval(cron, timezone, at) {
  const runs = new Cron(cron, { timezone }).nextRuns(11, new Date(at));
  const gaps = runs.slice(1).map((run, index) => (run.getTime() - (runs[index]?.getTime() ?? 0)) / 60_000);
  return gaps.length === 0 ? null : Math.min(...gaps);
}

/** The memory with the windows as they are at a time: what is over is gone or waits for its next occurrence. */
function rolled(state, at) {
  const over = state.maintenance.filter(({ until }) => until <= at);
  if (over.length === 0) return state;
  const ends = over.map(({ until }) => until).sort();
  const windows = state.maintenance.flatMap((one) => {
    if (one.until > at) return [one];
    const next = one.again === null ? null : nextOf(one.again, at);
    return next === null ? [] : [{ ...one, ...next }];
  });
  return {
    ...state,
    maintenance: windows.sort((a, b) => (a.from < b.from ? -1 : 1)),
    maintained: [state.maintained ?? "", ends.at(-1) ?? ""].sort().at(-1) || null,
  };
}

/** Null also for what cannot be reckoned any more, e.g. a time zone that a newer worker does not know. */
function nextOf(again, at) {
  try {
    return occurrenceAt(again, at);
  } catch {
    return null;
  }
}

const MINUTE_MS = 60_000;

/** @throws InputError for what cannot be done; Error when the caller may not write into the memory. */
async function silence(windmill, input) {
  const by = windmill.permissionedAs.replace(/^u\//, "");
  let says = [];
  const state = await editable(windmill, (before) => {
    const now = Date.now();
    const at = new Date(now).toISOString();
    const doing = { by, at, reason: input.reason };
    const done = DO[input.what](rolled(before, at), input, doing, now);
    says = done.says;
    return done.state;
  });
  const known = state.incident?.acknowledged ?? null;
  return {
    what: input.what,
    summary: says.join(" "),
    acknowledged:
      known && state.incident
        ? { incident: state.incident.id, by: known.by, at: known.at, until: known.until, reason: known.reason }
        : null,
    maintenance: state.maintenance,
  };
}

async function editable(windmill, edit) {
  const { admin, folders } = await whoAmI(windmill);
  // Windmill would answer that there is no such memory, as it does to whoever may only read it.
  if (!admin && !folders.includes(FOLDER.slice(2))) throw new Error(READER);
  const state = await editState(windmill, edit);
  if (state !== null) return state;
  throw new InputError([
    "what: the health flow has remembered no check yet, so that it tells nobody anything. Run f/codex_pooler/connect, then f/codex_pooler/health.",
  ]);
}

const READER =
  "You may run this script, but not write in the folder f/codex_pooler, where the memory of the health flow is. Nothing was changed. Ask a workspace admin to make you a writer of the folder, or to run it for you.";

const DO = {
  acknowledge: (state, input, doing, now) => {
    if (input.begins !== "") throw new InputError(["begins: is for a maintenance. An acknowledgement begins now."]);
    return acknowledge(state, input.id, doing, input.until === "" ? null : endOf(input, now, now));
  },
  maintenance: (state, input, doing, now) => planMaintenance(state, wantedOf(input, doing.at, now), doing),
  lift: (state, { id }, { at }) => lift(state, id, at),
};

/** When something ends: after a length, counted from its beginning, or at a time. @throws InputError */
function endOf({ until, timezone }, begins, now) {
  const length = readLength(until);
  const end = length === null ? readTime(until, timezone, now) : new Date(begins + length).toISOString();
  if (end !== null) return end;
  const slip = until === "" ? "is missing" : "is neither a length nor a time";
  throw new InputError([
    `until: ${slip}. Write a length such as 2 h or 90 min, or a time such as 04:00 or 2026-11-29 04:00.`,
  ]);
}

/** @throws InputError */
function wantedOf(input, at, now) {
  const { begins, timezone } = input;
  if (isCron(begins)) return againOf(input, at);
  const from = begins === "" ? at : readTime(begins, timezone, now);
  if (from === null) {
    throw new InputError([
      'begins: is neither a time nor a cron expression. Write 04:00, 2026-11-29 04:00, or five fields such as "0 2 * * 0"; blank for now.',
    ]);
  }
  return { from, until: endOf(input, Date.parse(from), Date.parse(from)), again: null };
}

/** A window that comes again. It may not touch its own next occurrence: then it would never end. @throws InputError */
function againOf({ begins: cron, until, timezone }, at) {
  const length = readLength(until);
  if (length === null) {
    throw new InputError(["until: must be a length such as 2 h or 90 min for a maintenance that comes again."]);
  }
  const again = { cron, timezone, minutes: Math.max(1, Math.round(length / MINUTE_MS)) };
  const shortest = shortestInterval(cron, timezone, at);
  if (shortest !== null && again.minutes >= shortest) {
    throw new InputError([
      `until: is a length of ${again.minutes} min, and the maintenance comes again after ${shortest} min: it would never end. Give a shorter one.`,
    ]);
  }
  const first = occurrenceAt(again, at);
  if (first === null) throw new InputError(["begins: never comes."]);
  return { ...first, again };
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

/** The same for one that answers with a page, which is made of what may leave. */
const answerPage = async (render, work) => finish(await answer(work), render);
