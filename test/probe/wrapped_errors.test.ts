import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { errorIn } from "../../src/probe/error_bodies.ts";
import { layersOf } from "../../src/probe/wrapped_errors.ts";

/** The innermost part of a body's error, as far as these tests ask. */
function innermost(body: unknown) {
  const error = errorIn(body);
  assert.ok(error);
  const [layer] = layersOf(error);
  assert.ok(layer);
  return { message: layer.message, said: layer.said, upstream: layer.upstream };
}

const liteLlm = (message: string, code = "400") => ({ error: { message, type: null, param: null, code } });

describe("an error inside an error", () => {
  it("is the provider's JSON behind a class name, without the gateway's own advice behind it", () => {
    assert.deepEqual(
      innermost(
        liteLlm(
          'litellm.BadRequestError: DeepseekException - {"error":{"message":"Invalid max_tokens value","code":"x"}}. Received Model Group=a\nAvailable Model Group Fallbacks=None',
        ),
      ),
      { message: "Invalid max_tokens value", said: 400, upstream: true },
    );
  });

  it("is what Python printed, quotes of both kinds included", () => {
    const printed = "{'error': {'message': \"It's too much\", 'type': 'tokens', 'code': 'rate_limit_exceeded'}}";
    assert.deepEqual(
      innermost(liteLlm(`litellm.RateLimitError: RateLimitError: GroqException - Error code: 429 - ${printed}`)),
      { message: "It's too much", said: 429, upstream: true },
    );
  });

  it("is in metadata.raw, as text or as JSON, through two gateways as well", () => {
    const raw = JSON.stringify({ error: { message: "Insufficient balance" } });
    const openRouter = {
      error: { message: "Provider returned error", code: 429, metadata: { raw, provider_name: "D" } },
    };
    const said = { message: "Insufficient balance", said: 429, upstream: true };
    assert.deepEqual(innermost(openRouter), said);
    assert.deepEqual(
      innermost(liteLlm(`litellm.RateLimitError: OpenrouterException - ${JSON.stringify(openRouter)}`)),
      said,
    );
    const text = { error: { message: "Provider returned error", code: 429, metadata: { raw: "slow down" } } };
    assert.deepEqual(innermost(text), { ...said, message: "slow down" });
  });

  it("is the provider's where one-api put its id behind it, and the gateway's own where the type says so", () => {
    const behind = (type: string) => ({ error: { message: "no (request id: 20260101abc)", type } });
    assert.deepEqual(innermost(behind("invalid_request_error")), { message: "no", said: null, upstream: true });
    assert.deepEqual(innermost(behind("one_api_error")), { message: "no", said: null, upstream: false });
  });

  it("is a page's words where the provider sent a page", () => {
    const page = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";
    assert.match(
      innermost(liteLlm(`litellm.InternalServerError: OpenAIException - ${page}`)).message,
      /^502 Bad Gateway: nginx/,
    );
  });

  it("is nothing where a message merely has braces", () => {
    const message = 'Expected {"a": 1} or {b}, got [';
    assert.deepEqual(innermost({ error: { message } }), { message, said: null, upstream: false });
  });
});
