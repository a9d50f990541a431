import { RUN_CHECK } from "./remedies.ts";
import type { Row } from "./row.ts";

/** The way from the browser or the job to Windmill: the token, and what stands in front of Windmill. */
export const TOKEN_ROWS: readonly Row[] = [
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
