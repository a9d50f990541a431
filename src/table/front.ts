import { webPage } from "./examples.ts";
import { says } from "./phrases.ts";
import { FROM_INSIDE, RUN_CHECK } from "./remedies.ts";
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
      { gist: says("link", "late") },
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
