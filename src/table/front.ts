import { webPage } from "./examples.ts";
import { RUN_CHECK } from "./remedies.ts";
import type { Row } from "./row.ts";

/** What stands in front of the gateway: address lists, firewalls, reverse proxies. */
export const FRONT_ROWS: readonly Row[] = [
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
    match: [
      { code: ["access_denied", "ip_not_authorized", "ip_not_allowed", "ip_blocked"] },
      {
        text: /\bip (?:address )?(?:is )?not (?:allowed|authorized|permitted|whitelisted)|client IP|your IP\b.{0,60}(?:blocked|not allowed|denied)/i,
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
        text: /just a moment|attention required|checking your browser|cf-chl|captcha|access denied.{0,80}(?:reference #|akamai|sucuri|imperva|incident id)|error code: 10(?:06|07|08|09|10|20)\b|enable javascript and cookies|request unsuccessful\. incapsula|security check|web application firewall/i,
      },
    ],
    examples: [
      { body: webPage("Just a moment...", "Enable JavaScript and cookies to continue"), content_type: "text/plain" },
      { body: "error code: 1020", content_type: "text/plain" },
      { body: webPage("Attention Required! | Cloudflare", "Sorry, you have been blocked"), content_type: "text/plain" },
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
    match: [{ page: true, said: [401, 407] }],
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
    match: [
      { said: [403] },
      { type: ["permission_error", "permission_denied", "forbidden", "accessdenied", "permissiondenied"] },
    ],
    examples: [
      { body: webPage("403 Forbidden"), content_type: "text/plain" },
      { body: { detail: "Forbidden" } },
      {
        body: { type: "error", error: { type: "permission_error", message: "Your API key does not have permission" } },
      },
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
      { page: true, text: /service (?:temporarily )?unavailable|bad gateway/i },
      { said: [502, 520, 521, 522, 523, 525, 526, 530] },
      {
        text: /^(?:upstream connect error|no healthy upstream|no available server|invalid response was received from the upstream|\W{0,3}502 bad gateway|\W{0,3}bad gateway|error code: 5(?:0[23]|2[0-35-9]|30)|no server is available to handle|the origin web server|the upstream server is currently unavailable)|failure to get a peer from the ring-balancer|an invalid response was received from the upstream server|argo tunnel error|origin dns error|web server is down|application failed to respond|dial tcp \S{1,200} connect: connection refused/i,
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
    match: [
      { transport: /timed out|timeout|deadline has elapsed/i },
      { said: [408, 504, 524, 598, 599] },
      {
        code: [
          "timeout",
          "request_timeout",
          "upstream_timeout",
          "gateway_timeout",
          "request_decompression_timeout",
          "deadline_exceeded",
        ],
      },
      { type: ["timeout_error", "timeout", "request_timeout"] },
      {
        text: /litellm\.Timeout|APITimeoutError|gateway time-?out|upstream (?:request|response) time-?d? ?out|(?:request|operation|endpoint request) timed out|timeout exceeded|context deadline exceeded|read timed out/i,
      },
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
