import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { Outcome, ProbeKind } from "../../src/core/shapes.ts";
import { viewSettings } from "../../src/observe/ai_settings.ts";
import { agentToolResultBody, type ChatBody } from "../../src/probe/bodies.ts";
import { askProbe, FEATURE_PROBES, probeModels } from "../../src/probe/feature_probes.ts";
import { resolveMaxTokens } from "../../src/probe/max_tokens.ts";
import { type FaultName, type PoolerStandin, startPooler } from "../standins/gateway/pooler.ts";
import { sendTo } from "../standins/tests/gateway_client.ts";

/** Expectations come from docs/windmill.md, ui-chat-requests.json and the setup guide. */

const MODEL = "gpt-5.5";
const MAX = 128_000;

const AGENT_KINDS = ["agent", "agent-tools", "agent-schema", "agent-temperature", "agent-max-tokens"] as const;

function probe(kind: ProbeKind) {
  const found = FEATURE_PROBES.find((row) => row.kind === kind);
  assert.ok(found, kind);
  return found;
}

function bodyOf(kind: ProbeKind): ChatBody {
  const body = probe(kind).body?.(MODEL, MAX);
  assert.ok(body, kind);
  return body;
}

describe("the table of feature probes", () => {
  it("has one row per probe kind", () => {
    assert.deepEqual(FEATURE_PROBES.map(({ kind }) => kind).sort(), [...ProbeKind.options].sort());
  });

  it("asks for no tokens at depth free, and for one completion per model at depth chat", () => {
    const at = (depth: string) => FEATURE_PROBES.filter((row) => row.depth === depth);
    assert.ok(at("free").every((row) => row.method === "GET" && row.body === undefined));
    assert.deepEqual(
      at("chat").map(({ kind }) => kind),
      ["chat"],
    );
  });

  it("sends an agent step's request over the worker route, and the UI's over the server route", () => {
    for (const kind of AGENT_KINDS) assert.deepEqual(probe(kind).routes, ["worker"], kind);
    for (const kind of ["metadata", "summary", "stream", "tools", "large", "strict-tools"] as const) {
      assert.deepEqual(probe(kind).routes, ["server"], kind);
    }
    assert.deepEqual(probe("models").routes, ["server", "worker"]);
  });

  it("asks each probe for the models that Windmill uses for the features behind it", () => {
    const view = viewSettings({
      providers: { customai: { resource_path: "u/a/b", models: ["m1", "m2"] } },
      default_model: { provider: "customai", model: "m1" },
      metadata_model: { provider: "customai", model: "m3" },
    });
    const models = (kind: ProbeKind) => probeModels(probe(kind), view);
    assert.deepEqual(models("models"), [null]);
    assert.deepEqual(models("chat"), ["m1", "m2", "m3"]);
    assert.deepEqual(models("stream"), ["m1"]);
    assert.deepEqual(models("summary"), ["m3"]);
    assert.deepEqual(models("metadata"), ["m3"]);
    assert.deepEqual(models("tools"), ["m1"]);
    assert.deepEqual(models("connection-check"), ["m1"]);
    const elsewhere = viewSettings({ default_model: { provider: "anthropic", model: "x" } });
    assert.deepEqual(probeModels(probe("tools"), elsewhere), []);
  });
});

describe("the bodies of the probes", () => {
  it("are the ones that Windmill sends, in its key order", () => {
    const orders: Partial<Record<ProbeKind, string[]>> = {
      chat: ["model", "messages", "max_tokens", "stream"],
      metadata: ["model", "messages", "max_tokens", "stream"],
      summary: ["model", "messages", "max_tokens", "stream"],
      stream: ["model", "messages", "max_tokens", "stream"],
      tools: ["model", "messages", "tools", "max_tokens", "stream"],
      large: ["model", "messages", "tools", "max_tokens", "stream"],
      "strict-tools": ["model", "messages", "tools", "max_tokens", "stream"],
      agent: ["model", "messages", "stream", "stream_options"],
      "agent-tools": ["model", "messages", "tools", "stream", "stream_options"],
      "agent-schema": ["model", "messages", "response_format", "stream", "stream_options"],
      "agent-temperature": ["model", "messages", "temperature", "stream", "stream_options"],
      "agent-max-tokens": ["model", "messages", "max_completion_tokens", "stream", "stream_options"],
      "connection-check": ["model", "messages", "stream", "max_completion_tokens"],
    };
    for (const [kind, keys] of Object.entries(orders))
      assert.deepEqual(Object.keys(bodyOf(kind as ProbeKind)), keys, kind);
  });

  it("have the key order of the recorded chat page", async () => {
    const path = new URL("../recordings/ui-chat-requests.json", import.meta.url);
    const recorded = JSON.parse(await readFile(path, "utf8")) as { key_order: string[]; body: object }[];
    const [chat, , title] = recorded;
    assert.deepEqual(Object.keys(bodyOf("tools")), chat?.key_order);
    assert.deepEqual(Object.keys(bodyOf("large")), chat?.key_order);
    assert.deepEqual(Object.keys(bodyOf("metadata")), title?.key_order);
    const { messages: _m, ...rest } = probe("metadata").body?.("gpt-6-luna", 8192) ?? { messages: [] };
    assert.deepEqual(rest, title?.body);
  });

  it("are those of the Test key button and of the setup guide, to the letter", () => {
    assert.equal(
      JSON.stringify(bodyOf("chat")),
      `{"model":"gpt-5.5","messages":[{"role":"user","content":"this is a test, simply reply with 'ok'"}],"max_tokens":4096,"stream":false}`,
    );
    assert.equal(
      JSON.stringify(bodyOf("connection-check")),
      `{"model":"gpt-5.5","messages":[{"role":"user","content":"Reply with only: ok"}],"stream":false,"max_completion_tokens":16}`,
    );
  });

  it("ask for the resolved tokens: in full in a chat, at most 4096 for titles and summaries, none in an agent step", () => {
    for (const kind of ["stream", "tools", "large", "strict-tools"] as const) {
      assert.equal(bodyOf(kind).max_tokens, MAX, kind);
    }
    assert.equal(bodyOf("metadata").max_tokens, 4096);
    assert.equal(bodyOf("summary").max_tokens, 4096);
    for (const kind of AGENT_KINDS) assert.equal(bodyOf(kind).max_tokens, undefined, kind);
    assert.equal(probe("chat").body?.(MODEL, 1000).max_tokens, 1000);
  });

  it("set the trap of docked flow chat: strict, with an optional property and Windmill's own keys", () => {
    const { function: tool } = bodyOf("strict-tools").tools?.[0] ?? assert.fail("no tool");
    const { properties, required } = tool.parameters as { properties: Record<string, object>; required: string[] };
    assert.deepEqual(Object.keys(tool), ["strict", "name", "description", "parameters"]);
    assert.equal(tool.strict, true);
    // Windmill spreads the stored schema between these two (buildSchemaForTool).
    assert.deepEqual(
      [Object.keys(tool.parameters)[0], Object.keys(tool.parameters).at(-1)],
      ["type", "additionalProperties"],
    );
    assert.equal(tool.parameters.additionalProperties, false);
    assert.ok("$schema" in tool.parameters && "order" in tool.parameters);
    assert.ok(Object.keys(properties).length > required.length);
    assert.ok(Object.values(properties).some((property) => "default" in property));
  });
});

describe("a turn in the size of AI sessions", () => {
  it("has the tools and the bytes of the recorded page", () => {
    for (const model of [MODEL, "m"]) {
      const body = probe("large").body?.(model, MAX);
      assert.ok(body?.tools);
      const bytes = JSON.stringify(body).length;
      assert.ok(bytes >= 83_000 && bytes < 84_000, `${bytes} bytes`);
      assert.equal(body.tools.length, 70);
      assert.equal(new Set(body.tools.map(({ function: { name } }) => name)).size, 70);
      const strict = body.tools.map(({ function: { strict: said } }) => String(said));
      assert.deepEqual(
        ["true", "false", "undefined"].map((word) => strict.filter((one) => one === word).length),
        [24, 42, 4],
      );
      assert.ok((body.messages[0]?.content?.length ?? 0) >= 16_000);
    }
  });
});

describe("an agent step", () => {
  it("says nothing that nobody has set, and nothing of strictness", () => {
    const [tool] = bodyOf("agent-tools").tools ?? [];
    assert.deepEqual(Object.keys(tool?.function ?? {}), ["name", "description", "parameters"]);
    assert.equal(JSON.stringify(bodyOf("agent")).includes("temperature"), false);
  });

  it("asks for structured output by a format, and models named claude by a tool that must be called", () => {
    assert.deepEqual(Object.keys(bodyOf("agent-schema").response_format?.json_schema ?? {}), [
      "name",
      "schema",
      "strict",
    ]);
    const claude = probe("agent-schema").body?.("claude-sonnet-5", MAX);
    assert.deepEqual(Object.keys(claude ?? {}), [
      "model",
      "messages",
      "tools",
      "tool_choice",
      "stream",
      "stream_options",
    ]);
    assert.equal(claude?.tool_choice, "required");
    assert.equal(claude?.tools?.[0]?.function.name, "structured_output");
  });

  it("replays its tool call without index, and what was said as a message of its own", () => {
    const calls = [{ index: 0, id: "c1", type: "function", function: { name: "t", arguments: "{}" } }];
    const [, , said, called, result] = agentToolResultBody(bodyOf("agent-tools"), "I will.", calls).messages;
    assert.deepEqual(said, { role: "assistant", content: "I will." });
    assert.deepEqual(called, {
      role: "assistant",
      tool_calls: [{ id: "c1", function: { name: "t", arguments: "{}" }, type: "function" }],
    });
    assert.deepEqual(Object.keys(result ?? {}), ["role", "content", "tool_call_id"]);
  });
});

describe("resolveMaxTokens", () => {
  it("goes by the id's parts in Windmill's order, unless the settings say otherwise", () => {
    const expected = {
      "gpt-5.5": 128000,
      "my-gpt-5-claude-opus": 128000,
      "claude-sonnet-4": 64000,
      "gemini-2.5-pro": 64000,
      "claude-haiku-4": 64000,
      "gpt-4.1": 32768,
      "claude-opus-4": 32000,
      "gpt-4o-mini": 16384,
      "codestral-2501": 16384,
      "gpt-4-turbo": 4096,
      "gpt-3.5-turbo": 4096,
      "gpt-6-luna": 8192,
      "GPT-5": 8192,
    };
    for (const [model, tokens] of Object.entries(expected)) assert.equal(resolveMaxTokens(model, {}), tokens, model);
    for (const model of ["claude-opus-4-5", "claude-opus-4.8", "claude-opus-5", "claude-fable-5", "claude-mythos-5"]) {
      assert.equal(resolveMaxTokens(model, {}), 64_000, model);
      assert.equal(resolveMaxTokens(model, {}, "CE v1.790.0"), 64_000, model);
      assert.equal(resolveMaxTokens(model, {}, "CE v1.788.0"), model.includes("opus") ? 32_000 : 8_192, model);
    }
    assert.equal(resolveMaxTokens("gemini-3-pro", {}, "EE v1.795.0"), 64_000);
    assert.equal(resolveMaxTokens("gemini-3-pro", {}, "CE v1.743.0"), 8_192);
    assert.equal(resolveMaxTokens("gpt-5.5", { "customai:gpt-5.5": 9000, "openai:gpt-5.5": 1 }), 9000);
    assert.equal(resolveMaxTokens("gpt-5.5", { "openai:gpt-5.5": 1 }), 128000);
  });
});

describe("the probes against the Codex Pooler stand-in", () => {
  let pooler: PoolerStandin;
  before(async () => {
    pooler = await startPooler();
  });
  after(() => pooler.close());

  async function ask(kind: ProbeKind, fault?: FaultName, timeoutMs?: number) {
    pooler.faults = fault ? [{ name: fault }] : [];
    const row = probe(kind);
    return askProbe(row, row.models === "none" ? null : MODEL, MAX, sendTo(pooler, timeoutMs));
  }

  it("pass, all but the strict schema, which the gateway refuses by design", async () => {
    for (const kind of ProbeKind.options) {
      const { verdict, outcomes } = await ask(kind);
      if (kind !== "strict-tools")
        assert.equal(verdict.ok, true, `${kind}: ${JSON.stringify(verdict)} ${outcomes[0]?.body}`);
      else {
        assert.deepEqual(verdict, { ok: false, problem: { kind: "refused", detail: "" } });
        assert.match(outcomes[0]?.body ?? "", /invalid_function_parameters/);
      }
      for (const outcome of outcomes) Outcome.parse(outcome);
    }
  });

  it("tell what was said, listed and used", async () => {
    const listed = await ask("models");
    assert.deepEqual(listed.verdict, { ok: true, models: ["gpt-5.5", "gpt-6-luna", "gpt-6-terra"] });
    const plain = await ask("chat");
    assert.match(plain.outcomes[0]?.body ?? "", /"content":"ok"/);
    assert.equal(
      plain.verdict.ok && plain.verdict.tokens,
      JSON.parse(plain.outcomes[0]?.body ?? "").usage.total_tokens,
    );
    const chat = await ask("stream");
    assert.equal("tokens" in chat.verdict, false, "Windmill's chat does not ask for usage, so none comes");
    const agent = await ask("agent");
    assert.ok(agent.verdict.ok && (agent.verdict.tokens ?? 0) > 0);
  });

  it("replay the tool call with its index and without content, then the tool's result", async () => {
    const before = pooler.requests.length;
    const { verdict, outcomes } = await ask("tools");
    assert.equal(verdict.ok, true);
    assert.equal(outcomes.length, 2);
    const [first, second] = pooler.requests.slice(before).map(({ body }) => body as ChatBody);
    assert.deepEqual(Object.keys(second ?? {}), Object.keys(first ?? {}));
    assert.deepEqual(second?.messages.slice(0, 2), first?.messages);
    const [assistant, tool] = second?.messages.slice(2) ?? [];
    assert.deepEqual(Object.keys(assistant ?? {}), ["role", "tool_calls"]);
    const [call] = assistant?.tool_calls ?? [];
    assert.deepEqual(Object.keys(call ?? {}), ["index", "id", "type", "function"]);
    assert.deepEqual(JSON.parse(call?.function.arguments ?? ""), { value: "ok" });
    assert.deepEqual(Object.keys(tool ?? {}), ["role", "tool_call_id", "content"]);
    assert.equal(tool?.tool_call_id, call?.id);
  });

  it("ask an agent step's request once more without stream_options, as the worker does", async () => {
    const before = pooler.requests.length;
    const { verdict, outcomes } = await ask("agent", "refuses_stream_options");
    assert.equal(verdict.ok, true);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      [400, 200],
    );
    const retried = pooler.requests[before + 1]?.body as ChatBody;
    assert.equal(retried.stream_options, undefined);
    const { stream_options: _dropped, ...rest } = bodyOf("agent");
    assert.deepEqual(retried, rest);
    for (const kind of AGENT_KINDS) {
      const { verdict } = await ask(kind, "refuses_stream_options");
      assert.equal(verdict.ok, true, kind);
    }
    assert.equal((await ask("stream", "refuses_stream_options")).outcomes.length, 1);
  });

  const CAUGHT: readonly [FaultName, ProbeKind, string][] = [
    ["html_200", "chat", "html"],
    ["login_200", "models", "html"],
    ["login_200", "stream", "html"],
    ["empty_object_200", "chat", "empty-object"],
    ["empty_object_200", "stream", "empty-object"],
    ["empty_object_200", "usage", "empty-object"],
    ["error_object_200", "metadata", "error-object-in-200"],
    ["error_object_200", "agent", "error-object-in-200"],
    ["empty_body_200", "chat", "not-json"],
    ["not_json_200", "connection-check", "not-json"],
    ["no_choices", "chat", "no-choices"],
    ["null_choices", "chat", "no-choices"],
    ["empty_content", "chat", "empty-content"],
    ["empty_content", "stream", "empty-content"],
    ["empty_content", "agent", "empty-content"],
    ["body_cut", "chat", "stream-cut"],
    ["models_empty", "models", "empty-list"],
    ["models_backend_shape", "models", "no-list"],
    ["models_missing", "models", "refused"],
    ["ignores_stream", "stream", "not-a-stream"],
    ["ignores_stream", "tools", "not-a-stream"],
    ["ignores_stream", "agent", "not-a-stream"],
    ["stream_as_text", "stream", "not-a-stream"],
    ["stream_cut", "stream", "stream-cut"],
    ["stream_without_end", "stream", "stream-cut"],
    ["stream_bad_frame", "agent", "stream-cut"],
    ["stream_empty", "stream", "empty-content"],
    ["stream_empty", "tools", "empty-content"],
    ["stream_no_frames", "agent", "empty-content"],
    ["stream_error_before_role", "agent", "error-frame"],
    ["stream_error_after_output", "stream", "error-frame"],
    ["ignores_tools", "tools", "no-tool-call"],
    ["unknown_tool", "tools", "no-tool-call"],
    ["bad_tool_arguments", "tools", "bad-arguments"],
    ["refuses_replayed_tool_calls", "tools", "refused"],
    ["refuses_max_tokens", "stream", "refused"],
    ["refuses_large_max_tokens", "stream", "refused"],
    ["refuses_max_completion_tokens", "agent-max-tokens", "refused"],
    ["login_redirect", "chat", "refused"],
    ["quota_exhausted", "tools", "refused"],
  ];

  for (const [fault, kind, problem] of CAUGHT) {
    it(`${kind} catches ${fault} as ${problem}`, async () => {
      const { verdict } = await ask(kind, fault);
      assert.equal(verdict.ok ? "works" : verdict.problem.kind, problem);
    });
  }

  it("leave a stream that hangs to the diagnosis, which sees the time-out", async () => {
    const { verdict, outcomes } = await ask("stream", "stream_hangs", 100);
    assert.equal(outcomes[0]?.failure?.kind, "timeout");
    assert.equal(verdict.ok ? "works" : verdict.problem.kind, "refused");
  });

  it("find what only their own shape shows: a smaller probe stays green", async () => {
    const green: readonly [FaultName, ProbeKind][] = [
      ["refuses_large_max_tokens", "chat"],
      ["ignores_stream", "chat"],
      ["ignores_tools", "stream"],
      ["refuses_replayed_tool_calls", "stream"],
      ["refuses_max_completion_tokens", "stream"],
      ["refuses_max_completion_tokens", "agent"],
    ];
    for (const [fault, kind] of green) assert.equal((await ask(kind, fault)).verdict.ok, true, `${kind} with ${fault}`);
  });

  it("carry the error of a frame, so that it can be diagnosed", async () => {
    const { verdict } = await ask("stream", "stream_error_before_role");
    assert.ok(!verdict.ok);
    const { code, type, message } = verdict.problem.error ?? assert.fail("no error");
    assert.deepEqual(
      { code, type, message },
      {
        code: "rate_limit_exceeded",
        type: "server_error",
        message: "upstream request failed",
      },
    );
  });
});
