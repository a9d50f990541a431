import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { refusedField } from "../../src/diagnose/refused_field.ts";
import { finding } from "../../src/diagnose/wording.ts";

const openai = (message: string, param: string | null = null): string =>
  JSON.stringify({ error: { message, type: "invalid_request_error", param, code: "unsupported_parameter" } });

describe("a refused field", () => {
  it("is the one that the message or its param names, not the one in its advice", () => {
    const cases = [
      [openai("Unsupported value: 'temperature' does not support 0.2 with this model.", "temperature"), /temperature/],
      [openai("stream_options: Extra inputs are not permitted"), /stream_options/],
      [
        JSON.stringify({
          error: {
            message:
              "litellm.UnsupportedParamsError: x does not support parameters: ['response_format'], for model=x. To drop these, set `litellm.drop_params=True`. send allowed_openai_params=['tools']. Received Model Group=x",
          },
        }),
        /output schema/,
      ],
      [openai("messages.2.tool_calls.0.index: Extra inputs are not permitted", "messages"), /sends back/],
      [openai("Unsupported parameter: logprobs", "logprobs"), /does not send by itself/],
      [openai("Unsupported parameter: zorbl", "zorbl"), /^a field of the request$/],
    ] as const;
    for (const [body, name] of cases) assert.match(refusedField(body).name, name, body);
  });

  it("says which features break and that the others work, and is a warning where chats do not send it", () => {
    const refused = (text: string) => finding("unsupported-parameter", [{ status: 400, text }]);
    const temperature = refused(openai("Unsupported value: 'temperature' does not support 0.2 with this model."));
    assert.equal(temperature.severity, "warning");
    assert.equal(temperature.owner, "workspace-admin");
    assert.match(temperature.title, /temperature that an AI agent step sets/);
    assert.match(temperature.cause, /Only AI agent steps that set a temperature send it.*chats, summaries.*work/);
    assert.match(temperature.remedy.join(" "), /Leave the temperature of the AI agent step empty/);
    const tools = refused(openai("tools.0.function.strict: Extra inputs are not permitted"));
    assert.equal(tools.severity, "critical");
    assert.match(tools.cause, /Plain questions, summaries.*work/);
    assert.equal(refused("Unsupported parameter: zorbl").severity, "critical");
  });
});
