import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ConnectInput } from "../../src/inputs/connect.ts";
import { InputError, parseInputs } from "../../src/inputs/parse.ts";
import { viewSettings } from "../../src/observe/ai_settings.ts";
import { chooseModels, type EnabledModels } from "../../src/walks/connect_models.ts";

const SERVED = ["gpt-5.5", "gpt-6-luna", "gpt-6-terra"];

const input = (more: Record<string, unknown> = {}) =>
  parseInputs(ConnectInput, { base_url: "https://g.example.com/v1", mode: "apply", ...more });

describe("choosing models", () => {
  const choose = (form: Record<string, unknown>, served: string[] | null = SERVED, own: Record<string, unknown> = {}) =>
    chooseModels(input(form), served, viewSettings(own), null);

  it("takes what the gateway lists when none are named, the first as default", () => {
    const choice = choose({});
    assert.deepEqual(choice.models, SERVED);
    assert.equal(choice.default_model, "gpt-5.5");
    assert.equal(choice.metadata_model, "gpt-5.5");
  });

  const refused: [string, Record<string, unknown>, string[] | null, RegExp][] = [
    [
      "a default model that is not served",
      { default_model: "gpt-4" },
      SERVED,
      /default_model: "gpt-4" is not served.*gpt-5\.5, gpt-6-luna/,
    ],
    ["another spelling", { metadata_model: "GPT-5.5" }, SERVED, /metadata_model:.*Write "gpt-5\.5"/],
    [
      "a default that is not among the models",
      { models: ["gpt-6-luna"], default_model: "gpt-5.5" },
      SERVED,
      /default_model: "gpt-5\.5" is not among models/,
    ],
    ["a model that is not served", { models: ["gpt-5.5", "gone"] }, SERVED, /models: "gone" is not served/],
    ["no names and no list", {}, null, /models: the gateway's model list could not be read/],
    ["an empty list", {}, [], /models: the gateway lists no model for this key/],
  ];
  for (const [name, form, served, expected] of refused) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => choose(form, served),
        (error: unknown) => error instanceof InputError && expected.test(error.message),
      );
    });
  }

  it("takes named models on trust when the gateway has no list", () => {
    assert.deepEqual(choose({ models: ["local"] }, null).models, ["local"]);
  });

  it("leaves a default of another provider alone", () => {
    const own = {
      default_model: { provider: "openai", model: "gpt-5" },
      metadata_model: { provider: "openai", model: "gpt-5" },
    };
    const choice = choose({}, SERVED, own);
    assert.equal(choice.default_model, null);
    assert.equal(choice.metadata_model, null);
  });

  it("replaces a default that would point nowhere, and says so", () => {
    const own = { default_model: { provider: "customai", model: "gone" } };
    const choice = choose({}, SERVED, own);
    assert.equal(choice.default_model, "gpt-5.5");
    assert.match(choice.notes.join(" "), /default_model was gone/);
  });
});

describe("choosing models in a workspace that is connected", () => {
  const settings = (models: string[]) =>
    viewSettings({
      providers: { customai: { resource_path: "u/admin/a", models } },
      default_model: { provider: "customai", model: models[0] },
      metadata_model: { provider: "customai", model: models[0] },
    });
  const choose = (form: object, enabled: EnabledModels, served: string[] | null = SERVED) =>
    chooseModels(input({ ...form }), served, settings([...enabled.models]), enabled);
  const enabled = (more: Partial<EnabledModels> = {}): EnabledModels => ({
    ...{ models: ["gpt-6-luna"], same_gateway: true, some_left_out: true },
    ...more,
  });
  const ids = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"), { minLength: 1 });

  it("leaves them as they are when none are named, whatever the gateway lists", () => {
    fc.assert(
      fc.property(ids, fc.option(ids), (models, served) => {
        const choice = choose({}, enabled({ models }), served);
        assert.deepEqual(
          [choice.models, choice.default_model, choice.metadata_model, choice.left_out],
          [models, null, null, null],
        );
      }),
    );
  });

  it("says which of them the gateway lists no more", () => {
    assert.match(choose({}, enabled({ models: ["gpt-6-luna", "old"] })).notes.join(" "), /any more: old\./);
  });

  it("takes every model that the gateway lists for *", () => {
    const choice = choose({ models: ["*"] }, enabled());
    assert.deepEqual([choice.models, choice.left_out], [SERVED, []]);
    assert.throws(() => input({ models: ["*", "a"] }), /models: "\*" stands for every model/);
  });

  it("takes those that another gateway lists too, and names the others", () => {
    const choice = choose({}, enabled({ models: ["gpt-6-luna", "mine"], same_gateway: false }));
    assert.deepEqual([choice.models, choice.left_out], [["gpt-6-luna"], ["gpt-5.5", "gpt-6-terra"]]);
    assert.match(choice.notes.join(" "), /also lists gpt-5\.5, gpt-6-terra/);
  });

  it("asks when another gateway lists none of them and some were left out on purpose, else takes its list", () => {
    const elsewhere = { models: ["mine"], same_gateway: false };
    assert.throws(() => choose({}, enabled(elsewhere)), /lists none of those that are enabled now \(mine\).*write \*/);
    assert.deepEqual(choose({}, enabled({ ...elsewhere, some_left_out: false })).models, SERVED);
  });
});
