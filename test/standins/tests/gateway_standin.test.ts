import assert from "node:assert/strict";
import { request } from "node:http";
import { after, before, describe, it } from "node:test";
import { type PoolerStandin, startPooler } from "../gateway/pooler.ts";
import { type GatewayClient, gatewayClient, invalid, PLAIN } from "./gateway_client.ts";

/** Expectations come from codex-pooler-v1.md, sections 0 to 6. */

describe("the Codex Pooler stand-in: shapes, gates and validation", () => {
  let pooler: PoolerStandin;
  let gateway: GatewayClient;
  before(async () => {
    pooler = await startPooler();
    gateway = gatewayClient(pooler);
  });
  after(() => pooler.close());

  it("answers a plain completion in the documented shape", async () => {
    const { status, json, headers } = await gateway.chat();
    assert.equal(status, 200);
    assert.match(String(json.id), /^resp_/);
    assert.deepEqual(json.choices, [
      { index: 0, message: { role: "assistant", content: "ok" }, finish_reason: "stop" },
    ]);
    assert.deepEqual(Object.keys(json.usage as object), ["prompt_tokens", "completion_tokens", "total_tokens"]);
    assert.ok(headers.get("x-request-id"));
  });

  it("streams role, content and end, with a keepalive comment, and usage only on request", async () => {
    const { text, headers } = await gateway.chat({ stream: true });
    assert.equal(headers.get("content-type"), "text/event-stream");
    assert.ok(text.includes(": keepalive\n\n"));
    assert.ok(text.endsWith("data: [DONE]\n\n"));
    assert.ok(!text.includes('"usage"'));
    const asked = await gateway.chat({ stream: true, stream_options: { include_usage: true } });
    assert.match(asked.text, /"choices":\[\],"usage":\{"prompt_tokens"/);
  });

  it("calls a tool without ever saying finish_reason tool_calls, and takes the replayed call back", async () => {
    const tool = {
      type: "function",
      function: {
        name: "report",
        strict: true,
        parameters: {
          type: "object",
          properties: { value: { type: "string" } },
          required: ["value"],
          additionalProperties: false,
        },
      },
    };
    const { json } = await gateway.chat({ tools: [tool] });
    const choice = (json.choices as { message: { content: string; tool_calls: object[] }; finish_reason: string }[])[0];
    assert.equal(choice?.finish_reason, "stop");
    assert.equal(choice?.message.content, "");
    assert.deepEqual(Object.keys(choice?.message.tool_calls[0] ?? {}), ["id", "type", "function", "index"]);
    const replay = [
      ...PLAIN.messages,
      { role: "assistant", tool_calls: choice?.message.tool_calls },
      { role: "tool", tool_call_id: "call_1", content: "done" },
    ];
    const second = await gateway.chat({ tools: [tool], messages: replay });
    assert.equal(second.status, 200);
    assert.match(second.text, /"content":"ok"/);
  });

  it("passes its gates in the documented order", async () => {
    const nobody = { authorization: "" };
    assert.deepEqual(
      (await gateway.call("/v1/nope", { headers: nobody })).error,
      invalid("api_key_missing", "api key is required"),
    );
    assert.equal((await gateway.call("/chat/completions", { headers: nobody, body: PLAIN })).status, 404);
    const unknown = await gateway.call("/v1/nope");
    assert.deepEqual([unknown.status, unknown.text], [404, "Not Found"]);
    assert.match(unknown.headers.get("content-type") ?? "", /^text\/html/);
    const asJson = await gateway.call("/v1/nope", { headers: { accept: "application/json" } });
    assert.deepEqual(asJson.json, { errors: { detail: "Not Found" } });
    const unsupported = await gateway.call("/v1/embeddings", { body: {} });
    assert.equal(unsupported.status, 404);
    assert.deepEqual(unsupported.error, invalid("unsupported_endpoint", "Unsupported OpenAI /v1 endpoint"));
    const brokenJson = await gateway.call("/v1/chat/completions", { body: "{" });
    assert.deepEqual([brokenJson.status, brokenJson.text], [400, "Bad Request"]);
    await gateway.having("allowedIps", ["192.0.2.7"], async () => {
      const blocked = await gateway.call("/v1/models", { headers: nobody });
      assert.equal(blocked.status, 403);
      assert.deepEqual(blocked.error, invalid("access_denied", "client IP is not allowed"));
    });
    await gateway.having("v1Enabled", false, async () => {
      const off = await gateway.call("/v1/embeddings", { body: {} });
      assert.equal(off.status, 403);
      const message = "OpenAI /v1 compatibility is disabled for this pool";
      assert.deepEqual(off.error, invalid("v1_compatibility_disabled", message));
    });
    await gateway.having("poolEnabled", false, async () => {
      assert.deepEqual((await gateway.call("/v1/models")).error, invalid("api_key_missing", "api key is required"));
    });
  });

  it("redirects plain http to TLS unless it is local or a proxy says https", async () => {
    const named = await startPooler({ forceSsl: true });
    try {
      // fetch does not let a caller choose Host.
      const ask = (method: string, headers: Record<string, string>) =>
        new Promise<{ status: number | undefined; location: string | undefined }>((resolve, reject) => {
          const sent = request(`${named.url}/v1/models`, { method, headers }, (response) => {
            response.resume();
            resolve({ status: response.statusCode, location: response.headers.location });
          });
          sent.once("error", reject).end();
        });
      const location = "https://codex-pooler.example.com/v1/models";
      assert.deepEqual(await ask("GET", { host: "codex-pooler:4000" }), { status: 301, location });
      assert.deepEqual(await ask("POST", { host: "codex-pooler:4000" }), { status: 307, location });
      assert.equal((await ask("GET", { host: "codex-pooler", "x-forwarded-proto": "https" })).status, 401);
      assert.equal((await ask("GET", { host: "localhost:4000" })).status, 401);
    } finally {
      await named.close();
    }
  });

  it("refuses parameters, legacy functions, tools without parameters and bad messages", async () => {
    const cases: [object, string, string, string][] = [
      [{ logprobs: null }, "unsupported_parameter", "Unsupported parameter: logprobs", "logprobs"],
      [{ stop: null, seed: 1 }, "unsupported_parameter", "Unsupported parameter: seed", "seed"],
      [{ user: "me" }, "unsupported_parameter", "Unsupported parameter: user", "user"],
      [{ functions: [] }, "invalid_request", "legacy functions are not translatable", "functions"],
      [{ model: " " }, "invalid_request", "model is required", "model"],
      [{ max_tokens: 0 }, "invalid_request", "max_tokens must be a positive integer", "max_tokens"],
      [
        { tools: [{ type: "function", function: { name: "f" } }] },
        "invalid_request",
        "function tool requires nested function name and parameters",
        "tools",
      ],
      [
        { messages: [{ role: "assistant", content: null }] },
        "invalid_request",
        "messages must contain role/content objects",
        "messages",
      ],
      [{ model: "gpt-0-gone" }, "invalid_model", "model is not available for this pool", "model"],
    ];
    for (const [extra, code, message, param] of cases) {
      const { status, error } = await gateway.chat(extra);
      assert.equal(status, 400, message);
      assert.deepEqual(error, invalid(code, message, param));
    }
    assert.equal((await gateway.chat({ max_tokens: 128000, max_completion_tokens: 16, temperature: 0.2 })).status, 200);
    assert.equal((await gateway.chat({ model: " GPT-5.5 " })).status, 200);
  });

  it("enforces strict tool schemas and says where", async () => {
    const tool = (parameters: object, strict = true) => ({
      tools: [{ type: "function", function: { name: "test_run_flow", strict, parameters } }],
    });
    const optional = {
      type: "object",
      properties: { a: { type: "string" } },
      required: [],
      additionalProperties: false,
    };
    const refused = await gateway.chat(tool(optional));
    assert.equal(refused.status, 400);
    assert.deepEqual(
      refused.error,
      invalid(
        "invalid_function_parameters",
        "Invalid schema for function 'test_run_flow': strict json_schema object schemas must list every property in required (missing a)",
        "tools.0.parameters.required",
      ),
    );
    const untyped = { ...optional, properties: { a: {} }, required: ["a"] };
    assert.equal(
      ((await gateway.chat(tool(untyped))).error as { param: string }).param,
      "tools.0.parameters.properties.a.type",
    );
    assert.equal((await gateway.chat(tool(optional, false))).status, 200);
  });
});
