import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { FAULTS, type FaultName, type PoolerStandin, STANDIN_KEY, startPooler } from "../gateway/pooler.ts";
import { type GatewayClient, gatewayClient, PLAIN } from "./gateway_client.ts";

/** Expectations come from codex-pooler-v1.md, sections 0 to 6. */

describe("the Codex Pooler stand-in: keys, limits and faults", () => {
  let pooler: PoolerStandin;
  let gateway: GatewayClient;
  before(async () => {
    pooler = await startPooler();
    gateway = gatewayClient(pooler);
  });
  after(() => pooler.close());

  it("tells keys apart by their state, and takes the scheme literally", async () => {
    const states = { paused: "api_key_disabled", revoked: "api_key_disabled", expired: "api_key_expired" } as const;
    const key = pooler.keys.get(STANDIN_KEY);
    assert.ok(key);
    for (const [state, code] of Object.entries(states)) {
      key.state = state as keyof typeof states;
      const { status, error } = await gateway.call("/v1/models");
      assert.deepEqual([status, (error as { code: string }).code], [401, code]);
    }
    key.state = "active";
    for (const authorization of [`bearer ${STANDIN_KEY}`, `Bearer Bearer ${STANDIN_KEY}`, "Bearer sk-cxp-unknown-x"]) {
      assert.equal((await gateway.call("/v1/models", { headers: { authorization } })).status, 401, authorization);
    }
  });

  it("counts the client's maximum against the key's limits", async () => {
    const key = pooler.keys.get(STANDIN_KEY);
    assert.ok(key);
    key.limits = { max_tokens_per_day: 100_000 };
    const refused = await gateway.chat({ max_tokens: 128_000 });
    assert.equal(refused.status, 401);
    const error = refused.error as { code: string; type: string; message: string };
    assert.deepEqual([error.code, error.type], ["api_key_policy_limit_exceeded", "invalid_request_error"]);
    assert.match(
      error.message,
      /^api key policy max_tokens_per_day exceeded for total_tokens in daily window: attempted \d+, max 100000$/,
    );
    assert.equal((await gateway.chat({ max_tokens: 4096 })).status, 200);
    const { json } = await gateway.call("/v1/usage");
    const limits = json.limits as {
      limit_type: string;
      limit_window: string;
      max_value: number;
      remaining_value: number;
    }[];
    assert.deepEqual([limits.length, limits[0]?.limit_type, limits[0]?.limit_window], [1, "total_tokens", "daily"]);
    assert.equal(limits[0]?.max_value, 100_000);
    assert.ok((limits[0]?.remaining_value ?? 0) < 100_000);
    key.limits = { max_output_tokens_per_request: 500 };
    assert.equal((await gateway.chat({ max_tokens: 16 })).status, 401, "at least 512 output tokens are reserved");
    key.limits = {};
    assert.equal((await gateway.call("/v1/usage?x=1")).status, 400);
  });

  it("shows and serves the models that the key allows, and replaces an enforced one silently", async () => {
    const key = pooler.keys.get(STANDIN_KEY);
    assert.ok(key);
    const ids = async () => ((await gateway.call("/v1/models")).json.data as { id: string }[]).map(({ id }) => id);
    assert.deepEqual(await ids(), ["gpt-5.5", "gpt-6-luna", "gpt-6-terra"]);
    key.allowedModels = ["GPT-6-LUNA"];
    assert.deepEqual(await ids(), ["gpt-6-luna"]);
    const forbidden = await gateway.chat();
    assert.equal(forbidden.status, 403);
    assert.deepEqual(forbidden.error, {
      message: "upstream request failed",
      type: "server_error",
      code: "model_not_allowed",
    });
    key.allowedModels = null;
    key.enforcedModel = "gpt-6-terra";
    assert.equal((await gateway.chat({ model: "no-such-model" })).json.model, "gpt-6-terra");
    key.enforcedModel = null;
  });

  it("redacts upstream and routing errors on chat, and keeps the status of an upstream refusal", async () => {
    const expected: [FaultName, number, string][] = [
      ["no_eligible_backend", 503, "no_eligible_backend"],
      ["quota_exhausted", 503, "quota_exhausted"],
      ["upstream_request_failed", 502, "upstream_request_failed"],
      ["upstream_401", 401, "invalid_api_key"],
      ["upstream_429", 429, "rate_limit_exceeded"],
    ];
    for (const [fault, status, code] of expected) {
      await gateway.broken(fault, async () => {
        const answer = await gateway.chat();
        assert.equal(answer.status, status, fault);
        assert.deepEqual(answer.error, { message: "upstream request failed", type: "server_error", code });
        assert.equal((await gateway.call("/v1/models")).status, 200, `${fault} leaves the list alone`);
      });
    }
    await gateway.broken("server_is_overloaded", async () => {
      const { status, error } = await gateway.chat({ model: "unknown" });
      assert.equal(status, 503);
      const message = "gateway route class is temporarily overloaded";
      assert.deepEqual(error, { message, type: "server_error", code: "server_is_overloaded", param: null });
    });
  });

  it("fails streams in the three documented ways", async () => {
    await gateway.broken("stream_error_before_role", async () => {
      const { text } = await gateway.chat({ stream: true });
      assert.match(text, /^data: \{"error":\{"message":"upstream request failed","type":"server_error","code":/);
      assert.ok(!text.includes("[DONE]"));
    });
    await gateway.broken("stream_error_after_output", async () => {
      const { text } = await gateway.chat({ stream: true });
      assert.match(text, /stream interrupted before terminal response event/);
      assert.ok(!text.includes("[DONE]"));
    });
    await gateway.broken("stream_empty", async () => {
      const { text } = await gateway.chat({ stream: true });
      assert.match(text, /"finish_reason":"stop"\}\]\}\n\ndata: \[DONE\]\n\n$/);
      assert.ok(!text.includes('"content"'));
    });
  });

  it("switches a fault for one model, one path, one form or a number of times, and can break every request", async () => {
    await gateway.having("faults", [{ name: "quota_exhausted", model: "gpt-5.5", times: 1 }], async () => {
      assert.equal((await gateway.chat({ model: "gpt-6-luna" })).status, 200);
      assert.equal((await gateway.chat()).status, 503);
      assert.equal((await gateway.chat()).status, 200);
    });
    await gateway.having("faults", [{ name: "login_200", path: "/v1/models" }], async () => {
      assert.match((await gateway.call("/v1/models")).text, /Sign in/);
      assert.equal((await gateway.chat()).status, 200);
    });
    await gateway.having("faults", [{ name: "upstream_500", stream: true }], async () => {
      assert.equal((await gateway.chat()).status, 200);
      assert.equal((await gateway.chat({ stream: true })).status, 500);
    });
    await gateway.broken("hang", () =>
      assert.rejects(
        fetch(`${pooler.baseUrl}/models`, { signal: AbortSignal.timeout(50) }).then(() => undefined),
        { name: "TimeoutError" },
      ),
    );
  });

  it("has a working answer behind every named fault", async () => {
    const waits: FaultName[] = ["hang", "slow_headers", "stream_hangs"];
    for (const name of Object.keys(FAULTS) as FaultName[]) {
      if (waits.includes(name)) continue;
      await gateway.broken(name, async () => {
        for (const stream of [false, true]) {
          // An answer that breaks off is an answer too; the stand-in's own failures are 500 and say so.
          const text = await gateway.chat({ stream }).then((answer) => answer.text, String);
          assert.doesNotMatch(text, /^stand-in failed/, name);
        }
        await gateway.call("/v1/models");
      });
    }
  });

  it("logs every request with its key and counts tokens", async () => {
    const before = { requests: pooler.requests.length, tokens: pooler.tokens.total };
    await gateway.call("/v1/models", { headers: { authorization: "Bearer nobody" } });
    const { json } = await gateway.chat({ max_tokens: 7 });
    const [list, completion] = pooler.requests.slice(before.requests);
    assert.deepEqual([list?.method, list?.path, list?.key, list?.status], ["GET", "/v1/models", "nobody", 401]);
    assert.deepEqual(
      [completion?.path, completion?.key, completion?.status],
      ["/v1/chat/completions", STANDIN_KEY, 200],
    );
    assert.deepEqual(completion?.body, { ...PLAIN, max_tokens: 7 });
    assert.equal(pooler.tokens.total - before.tokens, (json.usage as { total_tokens: number }).total_tokens);
  });
});
