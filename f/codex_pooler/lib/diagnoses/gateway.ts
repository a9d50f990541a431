import { FROM_INSIDE, RUN_CHECK } from "./remedies.ts";
import type { Row } from "./row.ts";

/** The gateway's door: redirects, what stands in front of it, and paths. */

const EDIT_BASE_URL = "Open Resources > {resource} > Edit and correct base_url.";
const REDIRECTS = [301, 302, 303, 307, 308];

const page = (title: string, words = title) =>
  `<html><head><title>${title}</title></head><body><center><h1>${words}</h1></center></body></html>`;

export const GATEWAY_ROWS: readonly Row[] = [
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
        location: /\b(?:log-?in|sign-?in|sign_in|sso|saml|oauth2?|oidc|authorize|authn?|realms|cdn-cgi\/access|accounts\.google|portal|captive)\b/i,
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
    match: [{ status: REDIRECTS, location: /^/ }],
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
  {
    code: "ip-not-allowed",
    layer: "gateway-path",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway does not allow the address that {process} calls from",
    cause: "The gateway has a list of allowed client addresses, and that of {process} is not on it. The key was not looked at.",
    remedy: [
      "Add the outgoing address of {process} to the gateway's allowed addresses. The server and the workers may have different ones.",
      "Behind a reverse proxy: check that the gateway trusts its X-Forwarded-For, else it sees the proxy's address.",
    ],
    match: [
      { code: ["access_denied", "ip_not_authorized", "ip_not_allowed", "ip_blocked"] },
      { text: /\bip (?:address )?(?:is )?not (?:allowed|authorized|permitted|whitelisted)|client IP|your IP\b.{0,60}(?:blocked|not allowed|denied)/i },
    ],
    examples: [
      { body: { error: { message: "client IP is not allowed", type: "invalid_request_error", code: "access_denied", param: null } } },
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
        text: /just a moment|attention required|checking your browser|cf-chl|captcha|access denied.{0,80}(?:reference #|akamai|sucuri|imperva|incident id)|error code: 10(?:06|07|08|09|10|20)\b|enable javascript and cookies|request unsuccessful\. incapsula|security check|web application firewall/i,
      },
    ],
    examples: [
      { body: page("Just a moment...", "Enable JavaScript and cookies to continue"), content_type: "text/plain" },
      { body: "error code: 1020", content_type: "text/plain" },
      { body: page("Attention Required! | Cloudflare", "Sorry, you have been blocked"), content_type: "text/plain" },
    ],
  },
  {
    code: "front-asks-password",
    layer: "gateway-path",
    severity: "critical",
    owner: "gateway-operator",
    title: "A reverse proxy in front of the gateway asks for its own password",
    cause: "The answer is a web page with status 401, not the gateway's JSON: a proxy in front of it wants its own authentication.",
    remedy: [
      "Exempt the gateway's path /v1 from the proxy's authentication: the gateway checks its own keys there.",
      "Or use an address in base_url that does not go through that proxy.",
    ],
    match: [{ page: true, said: [401, 407] }],
    examples: [{ body: page("401 Authorization Required"), content_type: "text/plain" }],
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
      "If it is JSON: look at what the key {key} may do, in the gateway's admin pages.",
    ],
    match: [{ said: [403] }, { type: ["permission_error", "permission_denied", "forbidden", "accessdenied", "permissiondenied"] }],
    examples: [
      { body: page("403 Forbidden"), content_type: "text/plain" },
      { body: { detail: "Forbidden" } },
      { body: { type: "error", error: { type: "permission_error", message: "Your API key does not have permission" } } },
    ],
  },
  {
    code: "v1-disabled",
    layer: "gateway-path",
    severity: "critical",
    owner: "gateway-operator",
    title: "The pool has its /v1 API switched off",
    cause: "The key is good, but its pool does not allow the OpenAI-compatible API, which is the only one Windmill uses.",
    remedy: ["In Codex Pooler's admin pages open the pool of key {key} and switch OpenAI /v1 compatibility on.", RUN_CHECK],
    match: [
      { code: ["v1_compatibility_disabled"] },
      { text: /OpenAI \/?v1 compatibility is disabled/i },
    ],
    examples: [
      {
        body: {
          error: { message: "OpenAI /v1 compatibility is disabled for this pool", type: "invalid_request_error", code: "v1_compatibility_disabled", param: null },
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
      { body: { error: { message: "Unsupported OpenAI /v1 endpoint", type: "invalid_request_error", code: "unsupported_endpoint", param: null } } },
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
    remedy: [EDIT_BASE_URL, "It must be the OpenAI-compatible base: for Codex Pooler <address>/v1, not /backend-api/codex/v1; for Ollama <address>/v1, not /api.", RUN_CHECK],
    repairable: true,
    match: [
      { problem: ["no-list"], kind: ["models"] },
      { problem: ["no-list"] },
    ],
    examples: [
      { status: 200, body: { models: [{ slug: "gpt-5.5" }] }, kind: "models", content_type: "application/json" },
      { status: 200, body: { object: "list", data: [{ name: "x" }] }, kind: "models", content_type: "application/json" },
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
      EDIT_BASE_URL,
      "It must end in /v1: Windmill appends /chat/completions and /models itself.",
      FROM_INSIDE,
    ],
    repairable: true,
    match: [
      { said: [404, 405, 410] },
      { code: ["not_found", "endpoint_not_found", "unknown_url", "invalid_url", "route_not_found", "resource_not_found"] },
      { type: ["not_found_error", "not_found", "notfounderror", "notfound"] },
      {
        text: /no route matched|unexpected endpoint or method|invalid url \(|cannot (?:get|post) \/|(?:path|url|route|endpoint|page) (?:was )?not found|unknown (?:endpoint|path|route|url)|404 page not found|no such (?:endpoint|route)|missing authentication token/i,
      },
    ],
    tells_apart: "If /models works and only chat says `not found`, it is the model that is not found.",
    explains: ["models-list-unavailable"],
    examples: [
      { body: "Not Found", content_type: "text/plain" },
      { body: "404 page not found\n", content_type: "text/plain" },
      { body: { detail: "Not Found" } },
      { body: page("404 Not Found"), content_type: "text/plain" },
      { body: { message: "no Route matched with those values" } },
      { body: { errors: { detail: "Not Found" } } },
      { status: 200, body: { error: "Unexpected endpoint or method. (POST /chat/completions)" }, content_type: "application/json", kind: "chat" },
      { body: { error: { message: "Invalid URL (POST /chat/completions)", type: "invalid_request_error", param: null, code: null } } },
    ],
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
    match: [
      { page: true, said: [500, 502, 503, 520, 521, 522, 523, 525, 526, 527, 530] },
      { said: [502, 520, 521, 522, 523, 525, 526, 530] },
      {
        text: /^(?:upstream connect error|no healthy upstream|no available server|invalid response was received from the upstream|\W{0,3}502 bad gateway|\W{0,3}bad gateway|error code: 5(?:0[23]|2\d|30)|no server is available to handle|the origin web server|the upstream server is currently unavailable)|failure to get a peer from the ring-balancer|an invalid response was received from the upstream server|argo tunnel error|origin dns error|web server is down|application failed to respond|dial tcp \S{1,200} connect: connection refused/i,
      },
    ],
    tells_apart: "If the error page stands in front of Windmill itself, it arrives as 502 or 503; the gateway's arrives as 400.",
    examples: [
      { body: `${page("502 Bad Gateway")}\n<hr><center>nginx/1.27.2</center>`, content_type: "text/plain" },
      { body: "Bad Gateway", content_type: "text/plain" },
      { body: "no available server\n", content_type: "text/plain" },
      { body: "upstream connect error or disconnect/reset before headers. reset reason: connection failure", content_type: "text/plain" },
      { body: page("503 Service Temporarily Unavailable"), content_type: "text/plain" },
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
    match: [
      { transport: /timed out|timeout|deadline has elapsed/i },
      { said: [408, 504, 524, 598, 599] },
      { code: ["timeout", "request_timeout", "upstream_timeout", "gateway_timeout", "request_decompression_timeout", "deadline_exceeded"] },
      { type: ["timeout_error", "timeout", "request_timeout"] },
      {
        text: /litellm\.Timeout|APITimeoutError|gateway time-?out|upstream (?:request|response) time-?d? ?out|(?:request|operation|endpoint request) timed out|timeout exceeded|context deadline exceeded|read timed out/i,
      },
    ],
    examples: [
      { body: page("504 Gateway Time-out"), content_type: "text/plain" },
      { body: "upstream request timeout", content_type: "text/plain" },
      { body: { error: { message: "litellm.Timeout: APITimeoutError - Request timed out", type: "None", param: "None", code: "408" } } },
      {
        status: 500,
        body: "Error: error sending request for url (https://gw.example.com/v1/chat/completions): operation timed out @ai.rs:950:20",
        content_type: "text/plain",
      },
      { body: { message: "Endpoint request timed out" } },
    ],
  },
];
