import {
  type Answer,
  DONE_FRAME,
  dataFrame,
  HTML_TYPE,
  json,
  KEEPALIVE,
  type Listener,
  listen,
  readBody,
  send,
  text,
} from "./http.ts";

/**
 * The gateway that stood behind the recorded Windmill server: it does what the first segment of the path says, so a resource
 * chooses its behaviour by its `base_url` (`http://host/keyexpired/v1`). Its bodies are those of test/recordings/ai-proxy.json;
 * the recordings keep a gateway's 4xx and 5xx as Windmill's 400, so those statuses here are the ones Codex Pooler uses.
 */

interface ChatRequest {
  model: string;
  stream?: boolean;
  tools?: { function: { name: string } }[];
  logprobs?: unknown;
  messages?: { role: string }[];
}

type Scenario = (chat: ChatRequest, path: string) => Answer;

/** What the slow scenario waits; the recorded client gave up after 1 s. */
const SLOW_MS = 5_000;

const STREAM_TYPE = "text/event-stream; charset=utf-8";
const COMPLETION = { id: "chatcmpl-1", created: 1_795_440_000 };

function refusal(status: number, code: string, message: string, param: string | null = null): Answer {
  const type = status >= 500 || message === REDACTED ? "server_error" : "invalid_request_error";
  return json(status, { error: { message, type, param, code } });
}

const REDACTED = "upstream request failed";

function completion(model: string, content: string): Answer {
  return json(200, {
    id: COMPLETION.id,
    object: "chat.completion",
    created: COMPLETION.created,
    model,
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
    usage: { prompt_tokens: 12, completion_tokens: 2, total_tokens: 14 },
  });
}

function chunk(model: string, delta: object, finish_reason: string | null = null): string {
  const choices = [{ index: 0, delta, finish_reason }];
  return dataFrame({ id: COMPLETION.id, object: "chat.completion.chunk", created: COMPLETION.created, model, choices });
}

function stream(frames: readonly string[], end: Answer["end"] = "complete"): Answer {
  return { status: 200, headers: { "content-type": STREAM_TYPE }, body: { stream: frames }, end, delayMs: 0 };
}

function textFrames(model: string): string[] {
  const words = [chunk(model, { content: "o" }), chunk(model, { content: "k" })];
  return [chunk(model, { role: "assistant" }), KEEPALIVE, ...words, chunk(model, {}, "stop"), DONE_FRAME];
}

function toolCallFrames(model: string, name: string): string[] {
  const call = (part: object) => chunk(model, { tool_calls: [{ index: 0, ...part }] });
  return [
    chunk(model, { role: "assistant" }),
    call({ id: "call_1", type: "function", function: { name, arguments: "" } }),
    call({ function: { arguments: '{"value"' } }),
    call({ function: { arguments: ':"ok"}' } }),
    chunk(model, {}, "stop"),
    DONE_FRAME,
  ];
}

function good(chat: ChatRequest): Answer {
  if (!chat.stream) return completion(chat.model, "ok");
  const tool = chat.tools?.[0]?.function.name;
  const answered = chat.messages?.at(-1)?.role === "tool";
  return stream(tool && !answered ? toolCallFrames(chat.model, tool) : textFrames(chat.model));
}

/** How the gateway answers a chat completion, by the first segment of its path. */
export const SCENARIOS = {
  ok: good,
  modelsempty: good,
  keymissing: () => refusal(401, "api_key_missing", "API key is missing or invalid"),
  keyexpired: () => refusal(401, "api_key_expired", "API key is expired"),
  limit: () => refusal(401, "api_key_policy_limit_exceeded", REDACTED),
  v1off: () => refusal(403, "v1_compatibility_disabled", "OpenAI v1 compatibility is disabled for this pool"),
  quota: () => refusal(503, "quota_exhausted", REDACTED),
  overloaded: () => refusal(503, "server_is_overloaded", REDACTED),
  html200: () => text(200, HTML_TYPE, "<!doctype html><html><body>Sign in</body></html>"),
  empty200: () => json(200, {}),
  redirect: (_chat, path) => {
    const answer = text(307, HTML_TYPE, "");
    answer.headers.location = `https://codex-pooler.example.com${path}`;
    return answer;
  },
  emptycontent: (chat) => completion(chat.model, ""),
  errorin200: () => json(200, { error: { message: "no", type: "server_error", code: "x" } }),
  slow: (chat) => ({ ...good(chat), delayMs: SLOW_MS }),
  streamerror: (chat) => {
    const error = { message: REDACTED, type: "server_error", code: "upstream_error", param: null };
    return stream([chunk(chat.model, { role: "assistant" }), dataFrame({ error })]);
  },
  streamcut: (chat) => stream(textFrames(chat.model).slice(0, 3), "cut"),
  nostream: (chat) => completion(chat.model, "ok"),
} as const satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof SCENARIOS;

/** Which scenario stood behind each entry of ai-proxy.json that reached the gateway. The other entries never left Windmill. */
export const SCENARIO_OF_ENTRY: Readonly<Record<string, ScenarioName>> = {
  "chat ok": "ok",
  "models ok": "ok",
  "models empty": "modelsempty",
  "model not found": "ok",
  "embeddings unsupported": "ok",
  "chat with logprobs": "ok",
  "unknown route": "ok",
  "chat keymissing": "keymissing",
  "chat keyexpired": "keyexpired",
  "chat limit": "limit",
  "chat v1off": "v1off",
  "chat quota": "quota",
  "chat overloaded": "overloaded",
  "chat html200": "html200",
  "chat empty200": "empty200",
  "chat redirect": "redirect",
  "chat emptycontent": "emptycontent",
  "chat errorin200": "errorin200",
  "chat slow, client gives up at 1 s": "slow",
  "stream ok": "ok",
  "stream tool call": "ok",
  "stream streamerror": "streamerror",
  "stream streamcut": "streamcut",
  "stream nostream": "nostream",
  "authorization header overrides key": "ok",
  "trailing slash in base_url": "ok",
  "literal key": "ok",
  "empty key": "ok",
  "configured, private allowed": "ok",
  "member uses workspace config": "ok",
};

const MODELS = ["gpt-6-luna", "gpt-6-terra", "gpt-5.5"];
const UNSERVED_MODEL = "gpt-0-gone";

function models(scenario: ScenarioName): Answer {
  const ids = scenario === "modelsempty" ? [] : MODELS;
  const data = ids.map((id) => ({ id, object: "model", created: 0, owned_by: "codex-pooler" }));
  return json(200, { object: "list", data });
}

/** A key is good when it looks like a Pool API key; an older Windmill sends two headers, and then the first counts. */
function hasKey(authorization: string | undefined): boolean {
  return /^Bearer sk-cxp-\S+$/.test(authorization ?? "");
}

function route(method: string, path: string, authorization: string | undefined, body: string): Answer {
  const [, scenario = "", rest = ""] = /^\/([^/]+)\/v1\/(.*)$/.exec(path) ?? [];
  if (!Object.hasOwn(SCENARIOS, scenario)) return text(404, HTML_TYPE, "Not Found");
  const name = scenario as ScenarioName;
  if (!hasKey(authorization)) return SCENARIOS.keymissing();
  if (method === "GET" && rest === "models") return models(name);
  if (method !== "POST") return text(404, HTML_TYPE, "Not Found");
  if (rest === "embeddings") return refusal(404, "unsupported_endpoint", "unsupported endpoint");
  if (rest !== "chat/completions") return text(404, HTML_TYPE, "Not Found");
  const chat = JSON.parse(body) as ChatRequest;
  if ("logprobs" in chat) {
    return refusal(400, "unsupported_parameter", "unsupported parameter: logprobs", "logprobs");
  }
  if (chat.model === UNSERVED_MODEL) {
    return refusal(400, "invalid_model", `model ${UNSERVED_MODEL} is not available`, "model");
  }
  return (SCENARIOS[name] as Scenario)(chat, path);
}

/** Starts the gateway of the recordings on a free port of this machine. Scenario `x` is at `{url}/x/v1`. */
export function startScriptedGateway(port = 0): Promise<Listener> {
  return listen(
    async (request, response) => {
      const body = await readBody(request);
      const answer = route(request.method ?? "GET", request.url ?? "/", request.headers.authorization, body);
      answer.headers["x-request-id"] = "req_golden";
      await send(response, answer);
    },
    "127.0.0.1",
    port,
  );
}
