/** What is wrong with a gateway's base URL before anybody calls it. One row per slip; the code is a row of the diagnosis table. */

export interface BaseUrlSlip {
  code: string;
  /** What is wrong, completing "base_url ...". */
  says: string;
  /** What to do about it. */
  fix: string;
}

interface Rule extends BaseUrlSlip {
  applies(text: string, url: URL | null): boolean;
}

const path = (url: URL | null): string => url?.pathname.replace(/\/+$/, "") ?? "";

/** In the order in which a person would notice them; the first that applies is the one to report. */
const RULES: readonly Rule[] = [
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
export function baseUrlSlip(text: string): BaseUrlSlip | null {
  const url = parseUrl(text);
  const rule = RULES.find((candidate) => candidate.applies(text, url));
  return rule ? { code: rule.code, says: rule.says, fix: rule.fix } : null;
}

/** `URL.parse` for Node 20. */
function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** A base URL without the blanks around it and the slashes at its end. */
export const tidyBaseUrl = (text: string): string => text.trim().replace(/\/+$/, "");

/** Ends of a path that Windmill appends itself. */
const ENDPOINT = /\/+(chat\/completions|chat|completions|models|usage|responses|embeddings)$/;
/** Hosts without a dot are names inside a network, such as a Compose service: https is rarely spoken there. */
const INNER_HOST = /^[^./:]+(:\d+)?(\/|$)/;

/**
 * Well-formed base URLs that a person may have meant, most likely first; which of them is right only the gateway can tell. All
 * but `known` ones keep the host, so that the key goes nowhere else.
 *
 * @param known addresses that were right before.
 */
export function likelyBaseUrls(text: string, known: readonly string[] = []): string[] {
  const bare = text.replace(/\s+/g, "");
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(bare)
    ? [bare]
    : INNER_HOST.test(bare)
      ? [`http://${bare}`, `https://${bare}`]
      : [`https://${bare}`];
  const urls = [...whole.flatMap(variants), ...known.map(tidyBaseUrl)];
  return [...new Set(urls)].filter((url) => url !== text && baseUrlSlip(url) === null);
}

/** The address without what does not belong into it; as it stands, with /v1, and with nothing but /v1. */
function variants(text: string): string[] {
  const url = parseUrl(text);
  if (url === null || url.host === "") return [];
  let base = path(url);
  while (ENDPOINT.test(base)) base = base.replace(ENDPOINT, "").replace(/\/+$/, "");
  const paths = base.endsWith("/v1") ? [base.replace(/(\/v1)+$/, "/v1"), "/v1"] : [`${base}/v1`, "/v1"];
  return paths.map((one) => `${url.protocol}//${url.host}${one}`);
}

/**
 * Whether a key that one address gets may also be sent to the other without asking anybody: the same scheme, host and port, or the
 * same host over TLS on the port that belongs to it. A host's ports may be other people's, and http is open to everybody on the way.
 */
export function isSamePlace(from: string, to: string): boolean {
  const [a, b] = [parseUrl(from), parseUrl(to)];
  if (a === null || b === null || a.hostname === "" || a.hostname !== b.hostname) return false;
  if (a.protocol === b.protocol) return a.port === b.port;
  return a.protocol === "http:" && b.protocol === "https:" && a.port === b.port;
}
