import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ConnectInput } from "../../src/inputs/connect.ts";
import { InputError, parseInputs } from "../../src/inputs/parse.ts";
import { STORED_MARK } from "../../src/inputs/pool_key.ts";

const KEY = `sk-cxp-0123456789ab-${"k".repeat(43)}`;
const GOOD = { base_url: "https://codex-pooler.example.com/v1" };

/** What each mistake is told; the words are those that a person needs to find the field and the fix. */
const MISTAKES: [name: string, input: Record<string, unknown>, expected: RegExp][] = [
  ["another scheme", { base_url: "ftp://gateway/v1" }, /base_url: is not an http or https address/],
  ["no scheme", { base_url: "codex-pooler.example.com/v1" }, /base_url: is not an http or https address/],
  ["a query", { base_url: "https://g.example.com/v1?x=1" }, /base_url: has a query/],
  ["user info", { base_url: "https://me:pw@g.example.com/v1" }, /base_url: has a user name or password/],
  ["no /v1", { base_url: "https://g.example.com/" }, /base_url: does not end in \/v1/],
  [
    "an endpoint",
    { base_url: "https://g.example.com/v1/chat/completions" },
    /base_url: names one endpoint.*End it at \/v1/,
  ],
  ["a reference", { base_url: "$var:u/admin/url" }, /base_url: is a reference.*api_key only/],
  ["blanks inside", { base_url: "https://g.example.com/ v1" }, /base_url: has blanks/],
  ["an MCP token", { api_key: `mcp-cxp-0123456789ab-${"m".repeat(43)}` }, /api_key: is an operator MCP token/],
  ["a JWT", { api_key: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln" }, /api_key: is a JWT/],
  ["only the prefix", { api_key: "sk-cxp-0123456789ab" }, /api_key: is only the prefix/],
  ["a Bearer in front", { api_key: `Bearer ${KEY}` }, /api_key: starts with "Bearer "/],
  [
    "blanks inside the key",
    { api_key: `${KEY.slice(0, 30)} ${KEY.slice(30)}` },
    /api_key: has blanks or line breaks inside/,
  ],
  ["letters that no header carries", { api_key: `${KEY}…` }, /api_key: has characters/],
  ["a path with a reference", { secret_path: "$var:u/admin/key" }, /secret_path: Write the path alone/],
  ["a path that Windmill refuses", { resource_path: "my key" }, /resource_path: is not a path that Windmill accepts/],
  ["a path without a name", { secret_path: "u/admin" }, /secret_path: is not a path that Windmill accepts/],
  ["a credential header", { headers: { Authorization: "Basic abc" } }, /headers: Authorization carries a credential/],
  ["a key as a header's value", { headers: { "x-route": KEY } }, /headers: x-route has a value that looks like a key/],
  ["a session header", { headers: { "x-codex-session-id": "a" } }, /headers: x-codex-session-id pins the requests/],
  ["an idempotency key", { headers: { "idempotency-key": "a" } }, /headers: idempotency-key pins/],
  ["half a check", { watch: { failures_before_alert: 1.5 } }, /watch\.failures_before_alert: must be a whole number/],
  ["no check at all", { watch: { successes_before_recovery: 0 } }, /watch\.successes_before_recovery: .* 1 to 100/],
  ["a reminder of a century", { watch: { remind_every: "876000" } }, /watch\.remind_every: .* 0 to 720/],
  ["another word", { watch: { fail_job_when: "always" } }, /watch\.fail_job_when: is "always".*never, down, degraded/],
  ["a misspelt watch", { watch: { remind_evry: 1 } }, /watch\.remind_evry: is not known\. Known are: .*remind_every/],
  ["a header of the request", { headers: { Host: "x" } }, /headers: Host belongs to the request/],
  ["a header with a line break", { headers: { "x-route": "a\nb" } }, /headers: x-route is not a valid HTTP header/],
  ["no headers beside some", { headers: { "-": "", "x-route": "a" } }, /headers: "-" stands for no headers/],
  ["a header that is no text", { headers: { "x-route": 3 } }, /headers: x-route has a value that is not a text/],
  [
    "another interval",
    { schedule: "every 3 minutes" },
    /schedule: is "every 3 minutes"\. Choose one of: off, every 5 minutes/,
  ],
  ["another mode", { mode: "force" }, /mode: is "force"\. Choose one of: plan, apply/],
  ["a server address with a query", { server_url: "http://windmill?x" }, /server_url: is not an http\(s\) address/],
  ["models that are no list", { models: "gpt-5.5" }, /models: has a value of the wrong kind/],
];

describe("inputs of connect", () => {
  for (const [name, input, expected] of MISTAKES) {
    it(`refuses ${name}, naming the field and the fix`, () => {
      assert.throws(
        () => parseInputs(ConnectInput, { ...GOOD, ...input }),
        (error: unknown) =>
          error instanceof InputError && expected.test(error.message) && !error.message.includes(KEY.slice(20)),
      );
    });
  }

  it("names all mistakes at once", () => {
    assert.throws(
      () => parseInputs(ConnectInput, { base_url: "ftp://x", secret_path: "x", schedule: "x" }),
      /base_url:[\s\S]*secret_path:[\s\S]*schedule:/,
    );
  });

  it("takes what the form sends for fields that were left alone", () => {
    const input = parseInputs(ConnectInput, {
      ...GOOD,
      api_key: "",
      secret_path: "",
      models: [],
      headers: {},
      default_model: null,
      mode: "plan",
    });
    assert.equal(input.api_key, null);
    assert.equal(input.headers, null);
    assert.equal(input.schedule, null);
    assert.equal(input.mode, "plan");
  });

  it("takes the newline away that Windmill's form adds to a key, and slashes from the URL", () => {
    const input = parseInputs(ConnectInput, { base_url: " https://g.example.com/v1// ", api_key: ` ${KEY}\n` });
    assert.equal(input.api_key?.unwrap(), KEY);
    assert.equal(input.base_url, "https://g.example.com/v1");
  });

  it("keeps the order of models and drops blanks and repetitions", () => {
    assert.deepEqual(parseInputs(ConnectInput, { ...GOOD, models: [" b ", "a", "", "b"] }).models, ["b", "a"]);
  });

  it("takes nothing for what a connection that is there has, and a sign for no headers at all", () => {
    assert.deepEqual(parseInputs(ConnectInput, {}).base_url, "");
    assert.deepEqual(parseInputs(ConnectInput, { headers: { "-": "" } }).headers, {});
  });

  it("takes a key that a run before has stored for a blank field", () => {
    assert.equal(parseInputs(ConnectInput, { ...GOOD, api_key: STORED_MARK }).api_key, null);
  });

  it("allows routing metadata", () => {
    const headers = { "x-forwarded-proto": "https", "x-team": "data" };
    assert.deepEqual(parseInputs(ConnectInput, { ...GOOD, headers }).headers, headers);
  });

  it("accepts a key of another gateway, since any OpenAI-compatible one may stand behind customai", () => {
    assert.equal(parseInputs(ConnectInput, { ...GOOD, api_key: "local-key-1" }).api_key?.unwrap(), "local-key-1");
  });
});
