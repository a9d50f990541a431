import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { classify } from "../../src/diagnose/match.ts";
import { ERROR_FAMILIES, type ErrorCode } from "../standins/gateway/pooler/errors.ts";
import { gatewaySays, signalOf, windmillFails } from "./signals.ts";

/**
 * Wordings that are not in the table's own examples: other gateways, other proxies, other systems' connection errors. Expected
 * codes are written from what the product that says it means by it.
 */

/** `[name, body, code]`: what gateways and the servers in front of them send. */
const GATEWAYS = fixture<[string, unknown, string]>("gateway_errors");
/** `[words, code]`: what follows `error sending request for url (...): `. */
const TRANSPORT = fixture<[string, string]>("connection_errors");

function fixture<T>(name: string): T[] {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), "utf8")) as T[];
}

const openai = (message: string, type: string, code: string) => ({ error: { message, type, param: null, code } });

/** Codex Pooler's `error.code`s, from sections 2 to 4 of the facts on it. */
const POOLER: Readonly<Record<ErrorCode, string>> = {
  access_denied: "ip-not-allowed",
  settings_unavailable: "gateway-starting",
  api_key_missing: "key-refused",
  api_key_disabled: "key-disabled",
  api_key_expired: "key-expired",
  api_key_paused: "key-disabled",
  api_key_revoked: "key-disabled",
  api_key_runtime_epoch_stale: "key-changed",
  api_key_policy_malformed: "key-policy-malformed",
  api_key_policy_limit_exceeded: "key-limit-reached",
  v1_compatibility_disabled: "v1-disabled",
  unsupported_endpoint: "endpoint-unsupported",
  websocket_upgrade_required: "endpoint-unsupported",
  invalid_request: "request-refused",
  unsupported_parameter: "unsupported-parameter",
  invalid_function_parameters: "strict-schema-refused",
  invalid_json_schema: "output-schema-refused",
  unsupported_input_image_format: "images-refused",
  server_is_overloaded: "gateway-overloaded",
  reasoning_effort_not_allowed: "reasoning-not-allowed",
  invalid_model: "model-not-served",
  model_not_allowed: "model-not-allowed",
  unsupported_model_capability: "model-lacks-capability",
  no_eligible_backend: "no-healthy-account",
  no_compatible_backend: "no-compatible-account",
  quota_exhausted: "quota-exhausted",
  quota_evidence_unavailable: "quota-unknown",
  session_assignment_unavailable: "pinned-session",
  session_start_conflict: "pinned-session",
  pinned_continuation_unavailable: "pinned-session",
  pinned_continuation_reauth_required: "pinned-session",
  gateway_reservation_failed: "gateway-accounting",
  gateway_accounting_failed: "gateway-accounting",
  upstream_request_failed: "upstream-unreachable",
  upstream_error: "upstream-failed",
  upstream_response_missing: "upstream-failed",
  context_length_exceeded: "context-too-long",
  rate_limit_exceeded: "rate-limited",
  misalignment_policy_violation: "safety-refused",
};

const HOSTS = [
  "http://127.0.0.1:9/v1/models",
  "http://[::1]:4000/v1/chat/completions",
  "http://[fe80::1]:4000/v1/models",
];

describe("wordings beyond the table's examples", () => {
  for (const [name, body, code] of GATEWAYS) {
    it(`${name} -> ${code}`, () => assert.equal(classify(gatewaySays(body)).code, code));
  }

  for (const [why, code] of TRANSPORT) {
    it(`${why.slice(0, 90)} -> ${code}`, () => {
      for (const url of HOSTS) assert.equal(classify(windmillFails(why, url)).code, code, url);
    });
  }

  it("knows every error family of Codex Pooler by its code", () => {
    for (const [code, expected] of Object.entries(POOLER)) {
      const { envelope, message } = ERROR_FAMILIES[code as ErrorCode];
      const type = envelope === "open" ? "invalid_request_error" : "server_error";
      assert.equal(classify(gatewaySays(openai(message, type, code))).code, expected, code);
    }
  });

  it("takes a 401 with type server_error for an upstream account, not for the key", () => {
    const rejected = openai("upstream request failed", "server_error", "invalid_api_key");
    assert.equal(classify(gatewaySays(rejected)).code, "upstream-account-rejected");
    const own = openai("Incorrect API key provided", "invalid_request_error", "invalid_api_key");
    assert.equal(classify(gatewaySays(own)).code, "key-refused");
  });

  it("reads the same words in an AI agent step's failure", () => {
    const refused = "client error (Connect): tcp connect error: Connection refused (os error 111)";
    for (const body of [
      `Failed to call API: error sending request for url (http://gw:4000/v1/chat/completions): ${refused}`,
      `Internal: Failed to call API: error sending request for url (http://gw:4000/v1/chat/completions): ${refused} @ai_executor.rs:1290:9`,
    ]) {
      assert.equal(classify(signalOf({ status: null, body })).code, "connection-refused", body);
    }
  });

  it("reads the gateway's own status where an AI agent step keeps it", () => {
    const step = (status: string, body: string): string =>
      `Internal: API error calling https://gw.example.com/v1/chat/completions: HTTP status client error (${status}) for url (https://gw.example.com/v1/chat/completions) - ${body}`;
    const cases = [
      [
        step(
          "401 Unauthorized",
          '{"error":{"message":"api key is required","type":"invalid_request_error","code":"api_key_missing","param":null}}',
        ),
        "key-refused",
      ],
      [
        step(
          "401 Unauthorized",
          '{"error":{"message":"upstream request failed","type":"server_error","code":"upstream_status"}}',
        ),
        "upstream-account-rejected",
      ],
      [step("429 Too Many Requests", ""), "rate-limited"],
      [step("404 Not Found", "Not Found"), "endpoint-not-found"],
      [step("502 Bad Gateway", "<html><head><title>502 Bad Gateway</title></head></html>"), "gateway-proxy-error"],
    ] as const;
    for (const [body, code] of cases) assert.equal(classify(signalOf({ status: null, body })).code, code, body);
  });
});
