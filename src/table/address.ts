import { RUN_CHECK } from "./remedies.ts";
import type { Row } from "./row.ts";

const EDIT_BASE_URL = "Open Resources > {resource_path} > Edit and correct base_url.";
const EDIT_HEADERS = "Open Resources > {resource_path} > Edit and remove the header.";

/** Slips of the base URL and of the static headers. The rows without a match are raised by base_url.ts and headers.ts. */
export const ADDRESS_ROWS: readonly Row[] = [
  {
    code: "base-url-missing",
    layer: "resource",
    severity: "critical",
    owner: "workspace-admin",
    title: "{resource} has no base URL",
    cause:
      "Windmill needs base_url in the customai resource. It is empty, or the resource has the OAuth fields client_id, client_secret and token_url, which customai does not support.",
    remedy: [EDIT_BASE_URL, "It must be the gateway's address with /v1 at its end.", RUN_CHECK],
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
    remedy: [EDIT_BASE_URL, "Write the whole address, e.g. https://codex-pooler.example.com/v1.", RUN_CHECK],
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
    remedy: [EDIT_BASE_URL, "Append /v1, unless your gateway really serves /chat/completions without it."],
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
    remedy: [EDIT_BASE_URL, "Remove the slash at its end."],
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
function slips(rows: readonly (readonly [string, string, string, readonly string[]])[]): Row[] {
  return rows.map(([code, says, fix, explains]) => ({
    code,
    layer: "resource",
    severity: "critical",
    owner: "workspace-admin",
    title: `The base URL ${says}`,
    cause: `base_url in {resource} ${says}, so Windmill's requests cannot reach the gateway's API.`,
    remedy: [EDIT_BASE_URL, fix],
    repairable: true,
    match: [],
    explains,
    examples: [],
  }));
}
