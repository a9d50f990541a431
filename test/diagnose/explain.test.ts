import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { main } from "../../src/commands/explain.ts";
import { explainText, PASTE_LIMIT } from "../../src/diagnose/explain.ts";

const codes = (text: string): string[] => explainText(text).findings.map(({ code }) => code);

/** Per gateway of ui-toasts.json: the true cause, and whether its words have other causes too. */
const TOASTS: Readonly<Record<string, readonly [string, "explained" | "ambiguous"]>> = {
  "model not served": ["model-not-served", "explained"],
  "key refused": ["key-refused", "explained"],
  "key policy limit": ["key-limit-reached", "ambiguous"],
  "quota exhausted": ["quota-exhausted", "ambiguous"],
  "rate limited": ["rate-limited", "explained"],
  "v1 switched off": ["v1-disabled", "explained"],
  redirect: ["redirect", "ambiguous"],
  "sign-in page 200": ["sign-in-page", "ambiguous"],
  "empty object 200": ["empty-object", "ambiguous"],
  "error in 200": ["error-in-200", "ambiguous"],
  "stream without text": ["empty-content", "ambiguous"],
  "stream ignored": ["stream-ignored", "ambiguous"],
  "connection refused": ["connection-refused", "explained"],
  "missing /v1": ["endpoint-not-found", "explained"],
  "private address, server guarded": ["private-address-server", "ambiguous"],
};

describe("explaining what people see", () => {
  it("reads every recorded toast", () => {
    const file = new URL("../recordings/ui-toasts.json", import.meta.url);
    const toasts = JSON.parse(readFileSync(file, "utf8")) as { gateway: string; toast: string | null }[];
    const seen = toasts.filter((one): one is { gateway: string; toast: string } => one.toast !== null);
    assert.deepEqual(seen.map(({ gateway }) => gateway).sort(), Object.keys(TOASTS).sort());
    for (const { gateway, toast } of seen) {
      const [code, status] = TOASTS[gateway] ?? [];
      const explained = explainText(toast);
      assert.equal(explained.status, status, gateway);
      assert.ok(
        explained.findings.some((one) => one.code === code),
        `${gateway}: ${codes(toast).join(", ")}`,
      );
      assert.match(explained.next, /f\/codex_pooler\/check/);
    }
  });

  it("lists the causes of a message without its code by likelihood, and says what tells them apart", () => {
    const { findings, status } = explainText("Failed to send request: 400 upstream request failed");
    assert.equal(status, "ambiguous");
    assert.deepEqual(
      findings.slice(0, 3).map(({ code }) => code),
      ["quota-exhausted", "key-limit-below-reservation", "key-limit-reached"],
    );
    assert.ok(findings.slice(0, 3).every(({ tells_apart }) => tells_apart !== ""));
  });

  it("takes the server for the likelier one of two processes with the same words", () => {
    const text =
      "Failed to send request: 400 Bad request: URL resolves to a private/internal IP address. If you need to use private/internal AI endpoints, set the ALLOW_PRIVATE_AI_B... Show more";
    assert.deepEqual(codes(text), ["private-address-server", "private-address-worker"]);
    assert.deepEqual(codes("400 Bad request: URL tar... Show more"), [
      "private-address-server",
      "private-address-worker",
    ]);
  });

  const SINGLE: readonly (readonly [string, string])[] = [
    ["Invalid key: Error: 400 API key is missing or invalid", "key-refused"],
    ["Invalid key: TypeError: Cannot read properties of undefined (reading 'content')", "no-choices"],
    ["Could not validate key within 10s", "timeout"],
    ['Failed to send request: 400 "Unauthorized"', "key-refused"],
    ['Failed to send request: 400 {"detail":"Not Found"}', "endpoint-not-found"],
    ["Failed to send request: 400 status code (no body)", "empty-error"],
    ["Failed to send request: 401 Not authorized: Unauthorized", "windmill-token-refused"],
    ["Failed to send request: 502 <html><head><title>502 Bad Gateway</title></head></html>", "windmill-front-error"],
    ["Failed to send request: 400 <html>\r\n<head><title>502 Bad Gateway</title></head></html>", "gateway-proxy-error"],
    ["Failed to send request: 500 Internal: AI resource not configured @ai.rs:1:2", "ai-not-configured"],
    ["Failed to generate code: No code block found", "no-code-block"],
    ["Agent worker does not support ai agent jobs", "agent-worker-unsupported"],
    ["Error code: 429 - {'error': {'message': 'Rate limit reached for gpt-5.5'}}", "rate-limited"],
    [
      '2026-11-24T09:00:00Z  INFO job=01a2 step=a\n2026-11-24T09:00:01Z ERROR windmill: Internal: API error calling http://gw:4000/v1/chat/completions: HTTP status client error (401 Unauthorized) for url (http://gw:4000/v1/chat/completions) - {"error":{"message":"api key is expired","type":"invalid_request_error","code":"api_key_expired","param":null}}\n2026-11-24T09:00:02Z  INFO done',
      "key-expired",
    ],
    [
      '{"error":{"name":"Error","message":"Internal: API error calling http://gw/v1/chat/completions: HTTP status server error (503 Service Unavailable) for url (http://gw/v1/chat/completions) - {\\"error\\":{\\"message\\":\\"upstream request failed\\",\\"type\\":\\"server_error\\",\\"code\\":\\"quota_exhausted\\"}}"}}',
      "quota-exhausted",
    ],
  ];
  for (const [text, code] of SINGLE) {
    it(`${text.slice(0, 70).replace(/\s+/g, " ")} -> ${code}`, () => assert.deepEqual(codes(text), [code]));
  }

  it("names every cause that a log holds", () => {
    const log = [
      "starting",
      "Failed to call API: error sending request for url (http://gw/v1/chat/completions): client error (Connect): dns error: failed to lookup address information: Name or service not known",
      '{"error":{"message":"api key is disabled","type":"invalid_request_error","code":"api_key_disabled","param":null}}',
    ].join("\n");
    assert.deepEqual(codes(log).sort(), ["host-not-found", "key-disabled"]);
  });

  it("says that it does not know rather than guess", () => {
    const { status, findings } = explainText("purple monkey dishwasher");
    assert.equal(status, "unrecognised");
    assert.deepEqual(
      findings.map(({ code }) => code),
      ["unrecognised"],
    );
    assert.equal(findings[0]?.evidence[0]?.excerpt, "purple monkey dishwasher");
  });

  it("asks for a text when there is none", () => {
    for (const text of ["", "  \n\t "]) assert.throws(() => explainText(text), /Paste the error/);
  });

  it("reads the beginning of a text that is far too long", () => {
    const text = `Failed to send request: 400 Bad request: Provider CustomAI not configured${" x".repeat(PASTE_LIMIT)}`;
    assert.deepEqual(codes(text), ["provider-missing"]);
  });

  it("renders what was pasted as text, without its key", async () => {
    const key = `sk-cxp-0123456789ab-${"B".repeat(43)}`;
    const result = await main(`Failed to send request: 400 <img src=x onerror=alert(1)> ${key} [a](javascript:b)`);
    assert.equal(result.wm_renderer, "html");
    assert.doesNotMatch(result.html, /<img|<script|<style/);
    assert.ok(!JSON.stringify(result).includes("BBBBBBBB"));
    assert.ok(result.html.includes("sk-cxp-0123456789ab"));
  });
});
