import { FIND_REQUEST, FROM_INSIDE, RUN_CHECK } from "./remedies.ts";
import type { Row } from "./row.ts";

/** A 200 that is no answer. People see "The model returned no response", or nothing at all. */

const NO_RESPONSE = /^The model returned no response\b/i;

const message = (content: unknown) => ({
  id: "chatcmpl-1",
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
});
const chunk = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const json = { status: 200, content_type: "application/json", kind: "chat" } as const;
const sse = { status: 200, content_type: "text/event-stream", kind: "stream" } as const;

export const ANSWER_ROWS: readonly Row[] = [
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
