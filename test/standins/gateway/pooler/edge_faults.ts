import { type Answer, HTML_TYPE, json, text } from "../http.ts";
import type { Fault } from "./faults.ts";
import { presentedKey } from "./gates.ts";

/** What stands in front of a gateway, or instead of it: proxies, sign-in pages, other servers, hostile texts. */

const SIGN_IN = `<!DOCTYPE html>
<html><head><title>Sign in</title></head><body><form action="/login" method="post"><input name="password" type="password"></form></body></html>`;

const NGINX_502 =
  "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.27.2</center>\r\n</body>\r\n</html>\r\n";

const MEGABYTE = 1024 * 1024;

/** Fits every reader's idea of slow without making a test wait for long. */
const SLOW_HEADERS_MS = 3_000;

const edge = (answer: Fault["answer"]): Fault => ({ point: "edge", answer });

/** A well-formed error whose message is not what a reader expects. */
function errorWith(message: string, code = "upstream_error"): Fault {
  return edge(() => json(400, { error: { message, type: "invalid_request_error", code, param: null } }));
}

/** A refusal of the key that repeats it, as gateways do (LiteLLM puts it whole into `error.param`). */
function refusalThatSays(words: (key: string) => string): Fault {
  return edge((call) => {
    const message = words(presentedKey(call.headers) ?? "");
    return json(401, { error: { message, type: "invalid_request_error", code: "invalid_api_key", param: null } });
  });
}

function redirect(status: number, location: string): Answer {
  return { status, headers: { location }, body: { text: "" }, end: "complete", delayMs: 0 };
}

/** Ids that try to break out of a table, a shell line, a log line and a page. */
export const HOSTILE_MODEL_IDS = [
  "gpt-5.5\u001b[2K\u0007",
  "gpt-5.5\n| injected | row |",
  "<img src=x onerror=alert(1)>",
  "[click](javascript:alert(1))",
  "`gpt` {{7*7}} %s",
  "gpt-5.5\u202Egnp",
];

export const EDGE_FAULTS = {
  html_200: edge(() => text(200, HTML_TYPE, "<!doctype html><html><body>Welcome to the gateway</body></html>")),
  login_200: edge(() => text(200, HTML_TYPE, SIGN_IN)),
  login_redirect: edge(() => redirect(302, "https://sso.example.com/login?next=%2Fv1%2Fchat%2Fcompletions")),
  empty_object_200: edge(() => json(200, {})),
  error_object_200: edge(() => json(200, { error: { message: "no", type: "server_error", code: "x" } })),
  empty_body_200: edge(() => text(200, "application/json", "")),
  not_json_200: edge(() => text(200, "application/json", "ok")),
  proxy_502: edge(() => text(502, "text/html", NGINX_502)),
  internal_error: edge(() => text(500, HTML_TYPE, "Internal Server Error")),
  slow_headers: edge((_call, proceed) => ({ ...proceed(), delayMs: SLOW_HEADERS_MS })),
  hang: edge((_call, proceed) => ({ ...proceed(), end: "silent" })),
  unknown_code: errorWith("the gateway is on a holiday", "gateway_on_holiday"),
  huge_error_text: errorWith("x".repeat(10 * MEGABYTE)),
  control_characters: errorWith("bad\u0000 \u001b[31mred\u001b[0m\r\nsecond line\u0007\u202Edesrever\u2028separated"),
  markdown_in_error: errorWith(
    "# Heading\n| a | b |\n[click](javascript:alert(1)) ![x](https://evil.example/x.png) ``` **bold**",
  ),
  html_in_error: errorWith("<script>alert(1)</script><img src=x onerror=alert(1)>"),
  key_in_error: refusalThatSays((key) => `key ${key} is not valid here (Authorization: Bearer ${key})`),
  key_encoded_in_error: refusalThatSays(
    (key) =>
      `${Buffer.from(`Bearer ${key}`).toString("base64")} ${encodeURIComponent(key)} Basic ${Buffer.from(`windmill:${key}`).toString("base64")}`,
  ),
  key_shortened_in_error: refusalThatSays(
    (key) =>
      `${JSON.stringify(JSON.stringify({ key }))} ${key.slice(0, 6)}…${key.slice(-4)} ${Buffer.from(key).toString("hex")}`,
  ),
  windmill_prefix_in_error: edge(() =>
    text(
      400,
      "text/plain",
      "Bad request: URL targets a private/internal IP address. If you need to use private/internal AI endpoints, set the ALLOW_PRIVATE_AI_BASE_URLS=true environment variable",
    ),
  ),
  models_empty: { point: "models", answer: () => json(200, { object: "list", data: [] }) },
  models_missing: { point: "models", answer: () => text(404, HTML_TYPE, "Not Found") },
  models_backend_shape: { point: "models", answer: () => json(200, { models: [{ slug: "gpt-5.5" }] }) },
  hostile_model_names: {
    point: "models",
    answer: () => json(200, { object: "list", data: HOSTILE_MODEL_IDS.map((id) => ({ id, object: "model" })) }),
  },
} as const satisfies Record<string, Fault>;
