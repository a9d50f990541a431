import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { viewChange } from "../../src/change/handlers.ts";
import { isNoWorse, isProven, isSameTrouble, passingTrouble } from "../../src/change/no_worse.ts";
import { asRecord } from "../../src/core/json.ts";
import { HEALTH_FLOW, HEALTH_SCHEDULE } from "../../src/core/paths.ts";
import { Secret } from "../../src/core/secret.ts";
import { factsOf } from "../../src/diagnose/facts.ts";
import { finding } from "../../src/diagnose/wording.ts";
import { likelyBaseUrls } from "../../src/inputs/base_url.ts";
import { viewSettings } from "../../src/observe/ai_settings.ts";
import { driftOf } from "../../src/observe/drift.ts";
import { changesOf, drafted } from "../../src/repair/draft.ts";
import { mend, REPAIRS } from "../../src/repair/repairs.ts";
import { fittingTokens } from "../../src/repair/settings.ts";
import { wishAfter } from "../../src/repair/wish.ts";
import { TABLE } from "../../src/table/table.ts";
import { BASE_URL, connected, intent, model, observed, PATH, sceneOf, valued } from "./repair_fixture.ts";

const KEY = `sk-cxp-0123456789ab-${"k".repeat(43)}`;
const customai = (settings: Readonly<Record<string, unknown>>) => asRecord(asRecord(settings.providers).customai);

describe("the table of repairs", () => {
  it("has a row for every diagnosis that says it can be repaired, and for no other", () => {
    const mended = REPAIRS.flatMap(({ codes }) => codes);
    assert.deepEqual(
      mended.toSorted(),
      TABLE.filter(({ repairable }) => repairable)
        .map(({ code }) => code)
        .toSorted(),
    );
    assert.equal(new Set(mended).size, mended.length, "one row per code");
  });

  it("is named at the end of the remedy of every finding that can be repaired", () => {
    for (const { code, repairable } of TABLE) {
      const { remedy } = finding(code, []);
      assert.equal(/f\/codex_pooler\/repair: it shows/.test(remedy.at(-1) ?? ""), repairable === true, code);
    }
  });

  it("changes nothing where nothing is wrong", () => {
    const scene = sceneOf(observed(connected()));
    const { draft, done, people } = mend(scene);
    assert.deepEqual([changesOf(scene, draft, "server"), done, people], [[], [], []]);
  });
});

describe("an old key that a rotation has left", () => {
  const old_key = { path: "u/admin/codex_pooler_previous_key", secret: new Secret(KEY) };
  const seen = observed(connected(), undefined, { old_key: { path: old_key.path } });

  it("is deleted when the present one is not refused", () => {
    const scene = sceneOf(seen, { old_key });
    const { draft, done } = mend(scene);
    assert.deepEqual(
      changesOf(scene, draft, "server").map(({ kind }) => kind),
      ["delete-secret"],
    );
    assert.deepEqual(
      done.map(({ codes }) => codes),
      [["old-key-kept"]],
    );
  });

  it("stays as the way back while the present one is refused", () => {
    const scene = sceneOf(seen, { old_key, findings: [finding("key-disabled", [])] });
    const { draft, people } = mend(scene);
    assert.deepEqual(changesOf(scene, draft, "server"), []);
    assert.match(people[0]?.why ?? "", /new_key_path u\/admin\/codex_pooler_previous_key/);
  });
});

/** Settings of others, with keys that this code does not know. */
const others = fc.record(
  {
    custom_prompts: fc.dictionary(fc.constantFrom("script", "flow", "global"), fc.string({ maxLength: 20 })),
    model_pricing: fc.jsonValue({ maxDepth: 2 }),
    "future-key": fc.jsonValue({ maxDepth: 2 }),
    code_completion_model: fc.constantFrom({ provider: "openai", model: "codestral" }, model("gpt-5.5")),
  },
  { requiredKeys: [] },
);
const foreignProviders = fc.dictionary(
  fc.constantFrom("openai", "anthropic", "mistral"),
  fc.record({
    resource_path: fc.constantFrom("u/a/x", "f/b/y"),
    models: fc.uniqueArray(fc.constantFrom("gpt-4o", "claude-5", "gpt-5.5")),
    extra: fc.jsonValue({ maxDepth: 1 }),
  }),
);
const ids = ["gpt-5.5", "GPT-5.5", "gpt-6-luna", "gpt-6-terra", "gone-1", "gone-2"];
const role = fc.option(
  fc.oneof(
    fc.constantFrom(...ids).map(model),
    fc.constantFrom("openai", "nowhere").map((provider) => ({ provider, model: "m" })),
  ),
  { nil: undefined },
);
const settings = fc
  .record({
    others,
    foreignProviders,
    models: fc.uniqueArray(fc.constantFrom(...ids), { minLength: 1 }),
    ours: fc.dictionary(fc.constantFrom("web_search_enabled", "x"), fc.jsonValue({ maxDepth: 1 })),
    default_model: role,
    metadata_model: role,
    limits: fc.dictionary(fc.constantFrom("openai:gpt-4o", "customai:gpt-5.5", "customai:other"), fc.nat()),
  })
  .map(({ others: foreign, foreignProviders: providers, models, ours, default_model, metadata_model, limits }) => ({
    ...foreign,
    providers: { ...providers, customai: { ...ours, resource_path: PATH, models } },
    ...(default_model ? { default_model } : {}),
    ...(metadata_model ? { metadata_model } : {}),
    max_tokens_per_model: limits,
  }));
const values = fc.record({
  api_key: fc.constantFrom(`$var:${PATH}`, KEY, `$var:u/a/other`),
  base_url: fc.constantFrom(
    BASE_URL,
    `${BASE_URL}/`,
    ` ${BASE_URL}`,
    "https://g.example.com",
    `${BASE_URL}/chat/completions`,
    "g.example.com/v1",
  ),
  headers: fc.dictionary(
    fc.constantFrom("x-team", "cookie", "x-codex-session-id", "host"),
    fc.constantFrom("a", "b c"),
  ),
  organization_id: fc.string({ maxLength: 5 }),
});
const wishes = fc.option(fc.constantFrom(intent(), intent({ active: false }), intent({ left_out: [] })), { nil: null });

describe("any repair of any settings", () => {
  const scenes = fc.tuple(settings, values, wishes, fc.option(fc.subarray(ids), { nil: null }), fc.boolean());

  it("leaves everything of others bit for bit as it was", () => {
    fc.assert(
      fc.property(scenes, ([own, value, wish, served, accept_drift]) => {
        const scene = sceneOf(observed(own, value, { intent: wish }), { served }, { accept_drift });
        const after = mend(scene).draft.settings;
        const strip = (all: Readonly<Record<string, unknown>>): unknown => {
          const { providers, default_model: _d, metadata_model: _m, code_completion_model, ...rest } = all;
          const { customai: mine, ...foreign } = asRecord(providers);
          const { models: _ids, ...kept } = asRecord(mine);
          const completion =
            asRecord(code_completion_model).provider === "customai" ? undefined : code_completion_model;
          return { rest, foreign, kept, completion: completion ?? null };
        };
        assert.deepEqual(strip(after), strip(own));
        const { organization_id, headers } = asRecord(mend(scene).draft.value);
        assert.deepEqual(organization_id, value.organization_id);
        assert.equal(asRecord(headers)["x-team"], value.headers["x-team"]);
      }),
    );
  });

  it("leaves a state in which there is nothing more to repair", () => {
    fc.assert(
      fc.property(scenes, ([own, value, wish, served, accept_drift]) => {
        const scene = sceneOf(observed(own, value, { intent: wish }), { served }, { accept_drift });
        const { draft } = mend(scene);
        const changes = changesOf(scene, draft, "server");
        const kept = wishAfter(scene, draft, changes);
        const next = drafted(scene, draft);
        const again = sceneOf({ ...next, intent: kept ? intent(kept) : wish }, { served });
        const second = mend(again);
        assert.deepEqual(changesOf(again, second.draft, "server").map(viewChange), []);
      }),
      { numRuns: 300 },
    );
  });

  it("names only models that are enabled, and never one that is known to be gone", () => {
    fc.assert(
      fc.property(scenes, ([own, value, wish, served]) => {
        const scene = sceneOf(observed(own, value, { intent: wish }), { served });
        const { draft, people } = mend(scene);
        const { models } = customai(draft.settings);
        const used = [draft.settings.default_model, draft.settings.metadata_model].map(asRecord);
        for (const ref of used.filter(({ provider }) => provider === "customai")) {
          assert.ok((models as string[]).includes(ref.model as string) || people.length > 0);
        }
        if (served === null || served.length === 0 || people.length > 0) return;
        const known = served.map((id) => id.toLowerCase());
        for (const id of models as string[]) assert.ok(known.includes(id.toLowerCase()), id);
      }),
    );
  });

  it("shows no key and no cookie in its changes", () => {
    fc.assert(
      fc.property(scenes, ([own, value]) => {
        const scene = sceneOf(observed(own, { ...value, headers: { cookie: "sid=hush", ...value.headers } }));
        const text = JSON.stringify(changesOf(scene, mend(scene).draft, "server").map(viewChange));
        assert.ok(!text.includes("k".repeat(9)));
        assert.ok(!text.includes("hush"));
      }),
    );
  });
});

describe("the stand-in for a model that is gone", () => {
  const enabled = (models: string[], more: object = {}) =>
    connected({ providers: { customai: { resource_path: PATH, models } }, ...more });
  const after = (own: Record<string, unknown>, served: string[], form: object = {}, wish = intent()) => {
    const { draft, people } = mend(sceneOf(observed(own, valued(), { intent: wish }), { served }, form));
    return { models: customai(draft.settings).models, main: asRecord(draft.settings.default_model).model, people };
  };

  it("is the nearest of those that are enabled, also where a nearer one is served", () => {
    const got = after(enabled(["gpt-5.5", "gpt-5.4", "gpt-6-luna"]), ["gpt-5.6", "gpt-6-luna", "gpt-5.4"]);
    assert.deepEqual([got.models, got.main], [["gpt-5.4", "gpt-6-luna"], "gpt-5.4"]);
  });

  it("is none that exclude_models names", () => {
    const got = after(enabled(["gpt-5.5", "gpt-5.4", "gpt-6-luna"]), ["gpt-6-luna", "gpt-5.4"], {
      exclude_models: ["gpt-5.4"],
    });
    assert.equal(got.main, "gpt-6-luna");
  });

  it("is enabled anew only where none of the enabled ones is left, for each of them the nearest", () => {
    const got = after(enabled(["gpt-5.5", "gpt-5.5-mini"]), ["gpt-5.6", "gpt-5.6-mini", "other"]);
    assert.deepEqual([got.models, got.main], [["gpt-5.6", "gpt-5.6-mini"], "gpt-5.6"]);
  });

  it("is none that was left out when the connection was made, unless allow_models lets it in", () => {
    const refused = after(enabled(["gpt-5.5"]), ["gpt-6-terra"]);
    assert.deepEqual([refused.models, refused.people.length], [["gpt-5.5"], 1]);
    const allowed = after(enabled(["gpt-5.5"]), ["gpt-6-terra"], { allow_models: ["gpt-6-terra"] });
    assert.deepEqual([allowed.models, allowed.main], [["gpt-6-terra"], "gpt-6-terra"]);
  });

  it("replaces an id that the list has, but the gateway refuses", () => {
    const scene = sceneOf(observed(connected()), { refused: ["gpt-5.5"] });
    assert.equal(asRecord(mend(scene).draft.settings.default_model).model, "gpt-6-luna");
  });

  it("is not looked for while the gateway's list is not known", () => {
    const scene = sceneOf(observed(connected()), { served: null });
    assert.deepEqual(mend(scene).done, []);
  });
});

describe("likely base URLs", () => {
  for (const [text, expected] of [
    [` ${BASE_URL}\n`, [BASE_URL]],
    ["https://g.example.com", [BASE_URL]],
    [`${BASE_URL}/chat/completions`, [BASE_URL]],
    [`${BASE_URL}/models/`, [BASE_URL]],
    [`${BASE_URL}/`, [BASE_URL]],
    ["https://g.example.com/v1/v1", [BASE_URL]],
    ["https://user:pass@g.example.com/v1?x=1#y", [BASE_URL]],
    ["https://g.example.com/backend-api/codex/v1", [BASE_URL]],
    ["https://g.example.com/pool/models", ["https://g.example.com/pool/v1", BASE_URL]],
    ["g.example.com/v1", [BASE_URL]],
    ["codex-pooler:4000", ["http://codex-pooler:4000/v1", "https://codex-pooler:4000/v1"]],
    ["$var:u/admin/address", []],
    ["", []],
    [BASE_URL, []],
  ] as const) {
    it(`of ${JSON.stringify(text)} are ${expected.join(", ") || "none"}`, () => {
      assert.deepEqual(likelyBaseUrls(text), expected);
    });
  }

  it("keep the host, whatever was written, but for the known ones", () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (url) => {
        for (const one of likelyBaseUrls(url)) assert.equal(new URL(one).host, new URL(url).host);
      }),
    );
    assert.deepEqual(likelyBaseUrls("$var:u/a/b", [`${BASE_URL}/`]), [BASE_URL]);
  });
});

describe("the token limit that fits", () => {
  const evidence = (excerpt: string) => [{ route: null, model: "gpt-5.5", status: null, excerpt }];
  for (const [code, text, reserved, tokens] of [
    ["key-limit-below-reservation", "100000 tokens daily, Windmill reserves 128000", 128_000, 16_384],
    ["key-limit-below-reservation", "20000 tokens daily, Windmill reserves 128000", 128_000, 5_000],
    ["key-limit-below-reservation", "1500 tokens daily, Windmill reserves 128000", 128_000, null],
    [
      "key-limit-below-reservation",
      "api key policy max_output_tokens_per_request exceeded for output_tokens in request window: attempted 128000, max 12000",
      128_000,
      12_000,
    ],
    [
      "token-limit-refused",
      "max_tokens is too large: 128000. This model supports at most 4096 completion tokens",
      128_000,
      4_096,
    ],
    ["token-limit-refused", "the valid range of max_tokens is [1, 5000]", 8_192, 5_000],
    ["key-limit-below-reservation", "upstream request failed", 128_000, 16_384],
    ["token-limit-refused", "max_tokens is out of range", 8_192, 4_096],
  ] as const) {
    it(`is ${tokens ?? "none"} for "${text}"`, () => {
      assert.equal(fittingTokens({ code, evidence: evidence(text) }, reserved), tokens);
    });
  }
});

describe("the schedule of the health check", () => {
  const schedule = {
    ...{ path: HEALTH_SCHEDULE, schedule: "0 0 * * * *", timezone: "Etc/UTC", script_path: HEALTH_FLOW, is_flow: true },
    ...{ enabled: false, args: { alert_webhook_path: "u/admin/hook" } },
  };
  const changes = (more: object, form: Partial<Parameters<typeof intent>[0]> = {}) => {
    const scene = sceneOf(
      observed(connected(), valued(), { schedule: { ...schedule, ...more }, intent: intent(form) }),
    );
    return { people: mend(scene).people, made: changesOf(scene, mend(scene).draft, "server") };
  };

  it("is switched on with what it had, also where Windmill switched it off for an error", () => {
    for (const error of [null, "u/gone is no member any more"]) {
      const [change] = changes({ error }).made;
      assert.ok(change?.kind === "replace-schedule");
      assert.deepEqual(
        [change.spec.enabled, change.spec.schedule, change.spec.args],
        [true, schedule.schedule, schedule.args],
      );
    }
  });

  it("stays off where connect was asked for that, and where it is somebody else's", () => {
    assert.deepEqual(changes({}, { schedule_off: true }).made, []);
    const foreign = changes({ script_path: "f/team/other" });
    assert.deepEqual(foreign.made, []);
    assert.match(foreign.people[0]?.why ?? "", /somebody else's/);
  });
});

describe("a workspace that lives on the instance's settings", () => {
  it("gets no settings of its own by a repair, because they would hide the instance's", () => {
    const theirs = { providers: { openai: { resource_path: "u/a/o", models: ["gpt-4o"] } } };
    const seen = observed({}, valued(), { intent: null });
    const instance = { ...seen.settings, source: "instance" as const, effective: theirs, view: viewSettings(theirs) };
    const limit = finding("key-limit-below-reservation", [{ model: "gpt-5.5", text: "100000 tokens daily" }]);
    const scene = sceneOf({ ...seen, settings: instance }, { findings: [limit] });
    assert.ok(scene.codes.has("provider-missing"));
    const { draft, people } = mend(scene);
    assert.deepEqual(changesOf(scene, draft, "server"), []);
    assert.match(people.map(({ why }) => why).join(" "), /lives on the instance's AI settings/);
  });
});

describe("drift", () => {
  const says = (own: Record<string, unknown>, value: unknown = valued(), served: string[] | null = null): string[] =>
    driftOf(observed(own, value), served).map((one) => one.says);

  it("is nothing where all is as it was asked for, was never asked for, or was disconnected", () => {
    assert.deepEqual(says(connected()), []);
    for (const wish of [null, intent({ active: false })]) {
      assert.deepEqual(driftOf(observed({}, null, { intent: wish }), null), []);
    }
  });

  it("names what was asked for and what is there, and no key", () => {
    const own = connected({
      providers: { customai: { resource_path: "u/b/other", models: ["gpt-6-luna", "gpt-6-terra", "new"] } },
      default_model: { provider: "openai", model: "gpt-4o" },
    });
    assert.deepEqual(says(own, valued({ api_key: KEY, base_url: "https://other.example.com/v1" }), ["gpt-5.5"]), [
      `the resource ${PATH} was asked for, and the AI settings name u/b/other`,
      "gpt-5.5 was asked for and is not enabled",
      "gpt-6-terra was left out and is enabled",
      "the default model gpt-5.5 was asked for, and it is openai:gpt-4o",
      `the gateway ${BASE_URL} was asked for, and the resource says https://other.example.com/v1`,
      `the key in ${PATH} was asked for, and the resource uses one that stands in it`,
    ]);
  });

  it("does not miss a model that the gateway does not serve any more", () => {
    const own = connected({ providers: { customai: { resource_path: PATH, models: ["gpt-6-luna"] } } });
    assert.equal(says(own, valued(), ["gpt-6-luna"]).length, 0);
  });

  it("is no finding of its own where another one says it more exactly", () => {
    const own = connected();
    delete own.default_model;
    const codes = (settled: Record<string, unknown>) =>
      factsOf(observed(settled), null, driftOf(observed(settled), null))
        .map(({ code }) => code)
        .filter((code) => code !== "schedule-missing");
    assert.deepEqual(codes(own), ["no-default-model"]);
    assert.deepEqual(codes(connected({ default_model: model("gpt-6-luna") })), ["settings-drift"]);
  });
});

describe("what may stay after a repair", () => {
  const of = (...codes: string[]) => codes.map((code) => finding(code, []));

  it("is what stopped people before, untouched by the repair", () => {
    assert.ok(isSameTrouble(of("key-disabled"), of("key-disabled"), new Set(["no-default-model"])));
    assert.ok(!isSameTrouble(of("endpoint-not-found"), of("endpoint-not-found"), new Set(["endpoint-not-found"])));
    assert.ok(!isSameTrouble(of("key-disabled"), of("connection-refused"), new Set()));
  });

  it("is what shows behind the cause that is mended, but nothing that stops people earlier", () => {
    const mended = new Set(["base-url-endpoint", "endpoint-not-found"]);
    assert.ok(isNoWorse(of("base-url-endpoint"), of("key-disabled"), mended));
    assert.ok(!isNoWorse(of("base-url-endpoint"), of("endpoint-not-found"), mended));
    assert.ok(!isNoWorse(of("key-disabled"), of("connection-refused"), new Set()));
    assert.ok(!isNoWorse([], of("key-disabled"), new Set()), "what worked must work");
  });

  it("proves another address by a gateway's own refusal, not by a web page or by silence", () => {
    const mended = new Set(["base-url-endpoint", "endpoint-not-found"]);
    assert.ok(isProven(of("base-url-endpoint"), of("key-disabled"), mended, true));
    assert.ok(isProven(of("base-url-endpoint"), [], mended, true));
    assert.ok(!isProven(of("base-url-endpoint"), of("html-page"), mended, true));
    assert.ok(!isProven(of("base-url-endpoint", "host-not-found"), of("host-not-found"), mended, true));
  });

  it("takes a failure that was not there a moment ago for no proof of anything", () => {
    assert.deepEqual(
      passingTrouble(of("base-url-endpoint"), of("timeout", "html-page")).map(({ code }) => code),
      ["timeout"],
    );
    assert.deepEqual(passingTrouble(of("timeout"), of("timeout")), []);
  });

  it("lets the trouble of before be where the address stays, but gives up nothing that works", () => {
    const mended = new Set(["literal-key-in-resource"]);
    assert.ok(isProven(of("connection-refused", "literal-key-in-resource"), of("connection-refused"), mended, false));
    assert.ok(!isProven([], of("key-disabled"), mended, false));
  });
});
