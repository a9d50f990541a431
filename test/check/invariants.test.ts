import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Conclusion, conclude, type Seen, upheld } from "../../src/check/conclude.ts";
import { type Breach, breachesOf, emptyChanges, RULES } from "../../src/check/invariants.ts";
import { Depth, type Finding, type Outcome, type Probe, type ProbeKind, type Route } from "../../src/core/shapes.ts";
import { configuredModels } from "../../src/observe/ai_settings.ts";
import { judgeModels } from "../../src/probe/replies.ts";
import { planProbes, type Sent } from "../../src/probe/send.ts";
import { TABLE } from "../../src/table/table.ts";
import { exampleSignal, outcomeOf } from "../diagnose/signals.ts";
import { intentWith, observationOf, PATH, settingsWith } from "../world/observations.ts";

/**
 * Nothing that a check says contradicts what it saw, whatever workspace it met and whatever came back.
 *
 * That each rule can fail is tried in two ways. Below, a conclusion is spoilt once per rule, and the rule must say so. And, by hand, the
 * code itself was made wrong in these ways, each of which let the property fail with the rule behind it:
 * - collapse.ts: `refine` without its last lines (an invalid_model is model-not-served, listed or not): "a model that the list holds ..."
 * - collapse.ts: `asAnswered` left out, or `answers` of one way only: "a model that answered is not gone"
 * - templates.ts: {nearest} from `served` without taking the finding's own models out: "a replacement is never the thing replaced"
 * - compose.ts: `headline` always "People are refused.", always "People are served, ...": the two rules about people
 * - compose.ts: HEALTHY.chat for every status: "every model answers ..."; HEALTHY.free: "the gateway answers over both routes ..."
 * - severity.ts: `calm` without its lines on info, and on blind causes of a worker: "every model answers ...", "the status is ..."
 * - collapse.ts: `present` = all probes: "what was there before ..."
 * - collapse.ts: `fromProbe` for every probe, fine or not: "a finding explains requests that failed"
 * - match.ts: CONDITIONS.route always true: "a process is blamed only for its own answers"
 * - feature_rows.ts: stale probes counted, or `missing` never filled: "a feature works only ..."
 * - status.ts: warnings ignored: "the status is that of the findings"
 */

const MODELS = ["gpt-5.5", "gpt-6-luna", "GPT-6-Terra"];
const ROUTES: readonly Route[] = ["server", "worker"];

/** Answers of all kinds: good ones, every example of the table, and what nobody has thought of. */
const EXAMPLES = TABLE.flatMap(({ examples }) => examples.map((example) => exampleSignal(example).outcome));
const text = JSON.stringify({ choices: [{ message: { content: "ok" }, finish_reason: "stop" }] });
const GONE = outcomeOf({
  body: JSON.stringify({ error: { message: "model is not available", code: "invalid_model" } }),
});
/** A refusal that is only a warning. */
const MINOR = outcomeOf({ status: 401, body: "Not authorized: Variable exists but you don't have access to it:" });
const anyOutcome: fc.Arbitrary<Outcome> = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(GONE, MINOR) },
  { weight: 3, arbitrary: fc.constantFrom(...EXAMPLES) },
  {
    weight: 1,
    arbitrary: fc
      .record({ status: fc.constantFrom(200, 302, 400, 401, 403, 404, 500, 503), body: fc.string() })
      .map(outcomeOf),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom("timeout" as const, "network" as const)
      .map((kind) => outcomeOf({ status: null, failure: { kind, message: "no answer" } })),
  },
);

const listOf = (ids: readonly string[]): Outcome =>
  outcomeOf({
    status: 200,
    content_type: "application/json",
    body: JSON.stringify({ data: ids.map((id) => ({ id })) }),
  });

function sentOf(
  kind: ProbeKind,
  route: Route,
  model: string | null,
  candidate: boolean,
  outcome: Outcome,
  ok: boolean,
): Sent {
  const listed = kind === "models" ? judgeModels(outcome) : null;
  const fine = listed ? listed.ok : ok;
  const probe: Probe = {
    ...{
      id: [route, kind, model, candidate ? "by-path" : null].filter((part) => part !== null).join(":"),
      kind,
      route,
    },
    ...{ model, candidate, ok: fine, status: outcome.status, ms: 10, code: null, excerpt: "" },
  };
  return { probe, outcome, ...(listed?.ok && listed.models ? { models: listed.models } : {}) };
}

/** Settings of a workspace: models of ours, roles that point to them, to others or nowhere, and slips. */
const anySettings = fc.record({
  models: fc.subarray([...MODELS, "unknown-model"]),
  main: fc.constantFrom<unknown>(
    ...Array.from({ length: 3 }, () => ({ provider: "customai", model: "gpt-5.5" })),
    { provider: "customai", model: "unknown-model" },
    { provider: "openai", model: "gpt-4o" },
    null,
    "damaged",
  ),
  metadata: fc.constantFrom<unknown>({ provider: "customai", model: "gpt-6-luna" }, null),
  others: fc.boolean(),
  hidden: fc.boolean(),
});

const anyObservation = fc
  .record({
    settings: anySettings,
    value: fc.constantFrom<unknown>(
      // Most workspaces are sound.
      ...Array.from({ length: 6 }, () => undefined),
      null,
      ["no object"],
      { base_url: "https://gw.example.com", api_key: "" },
      { base_url: "$var:u/a/b", api_key: `$var:${PATH}`, headers: { host: "x" } },
    ),
    version: fc.constantFrom("CE v1.743.0", "CE v1.795.0"),
    admin: fc.boolean(),
    drifted: fc.boolean(),
  })
  .map(({ settings, value, version, admin, drifted }) =>
    observationOf({
      own: settingsWith({
        providers: {
          customai: { resource_path: PATH, models: settings.models },
          ...(settings.others ? { openai: { resource_path: "u/a/b", models: ["gpt-4o"] } } : {}),
        },
        default_model: settings.main,
        metadata_model: settings.metadata,
        ...(settings.hidden ? { copilot_disabled: true } : {}),
      }),
      ...(value === undefined ? {} : { value }),
      more: {
        server_version: version,
        caller: { username: "x", admin },
        intent: drifted ? intentWith({ models: ["gpt-6-luna"] }) : null,
      },
    }),
  );

/** What a check has seen: each probe that it would send, with an answer, and routes that may still use what was before. */
const anySeen: fc.Arbitrary<Seen> = fc
  .record({
    observation: anyObservation,
    depth: fc.constantFrom(...Depth.options),
    /** The list of models as most answers give it, and what comes instead of it now and then. */
    list: fc.subarray([...MODELS, "another"]),
    good: fc.constantFrom(0, 0.5, 0.9, 1, 1),
    dice: fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
    answers: fc.infiniteStream(anyOutcome),
    trouble: anyOutcome,
    same: fc.boolean(),
    stale: fc.oneof(
      { weight: 2, arbitrary: fc.constant<Route[]>([]) },
      { weight: 1, arbitrary: fc.subarray([...ROUTES]) },
    ),
    answered: fc.subarray([...MODELS]),
  })
  .map(({ observation, depth, list, good, dice, answers, trouble, same, stale, answered }) => {
    const next = (): Outcome => (same ? trouble : (answers.next().value as Outcome));
    const isGood = (): boolean => (dice.next().value as number) < good;
    const { view } = observation.settings;
    const asked = view.connection === null ? [] : planProbes({ depth, view, candidate: null });
    const live = asked.map(({ row: { kind }, route, model }): Sent => {
      const fine = isGood();
      const outcome = fine ? (kind === "models" ? listOf(list) : outcomeOf({ status: 200, body: text })) : next();
      return sentOf(kind, route, model, false, outcome, fine);
    });
    const direct =
      observation.resource?.state === "ok"
        ? ROUTES.map((route) => sentOf("models", route, null, true, isGood() ? listOf(list) : next(), false))
        : [];
    const sent = [...live, ...direct].map((one) =>
      stale.includes(one.probe.route) && !one.probe.candidate ? { ...one, probe: { ...one.probe, stale: true } } : one,
    );
    const routes = stale.filter((route) => sent.some(({ probe }) => probe.stale && probe.route === route));
    return {
      observation,
      sent,
      depth,
      answered,
      not_asked: 0,
      server_url: "https://windmill.example.com",
      age: {
        stale: routes.map((route) => ({
          ...{ route, until: "2026-11-24T10:01:00.000Z", over_at: 0, seen: "another list" },
          refused: sent.some(({ probe }) => probe.stale && probe.route === route && !probe.ok),
        })),
        switched: [],
      },
    };
  });

const breaches = (seen: Seen, conclusion: Conclusion): Breach[] => breachesOf({ ...seen, ...conclusion });

/** A step of the property's runs: enough for some thousand workspaces in a few seconds. */
const RUNS = 3_000;

describe("what a check says", () => {
  it("contradicts nothing that it saw", () => {
    fc.assert(
      fc.property(anySeen, (seen) => {
        const conclusion = conclude(seen);
        assert.deepEqual(
          breaches(seen, conclusion).map(
            ({ rule, code, feature }) => `${rule} (${code ?? feature ?? conclusion.summary})`,
          ),
          [],
        );
      }),
      { numRuns: RUNS, includeErrorInReport: true },
    );
  });

  it("meets every kind of status and dozens of causes among these workspaces", () => {
    const met = { status: new Set<string>(), codes: new Set<string>() };
    fc.assert(
      fc.property(anySeen, (seen) => {
        const { status, findings } = conclude(seen);
        met.status.add(status);
        for (const { code } of findings) met.codes.add(code);
      }),
      { numRuns: 600 },
    );
    assert.deepEqual([...met.status].sort(), ["degraded", "down", "healthy", "unknown"]);
    assert.ok(met.codes.size > 60, `${met.codes.size} causes`);
  });
});

/** A sound workspace with all probes answered, but for one model that is refused. */
function sample(): Seen {
  const observation = observationOf();
  const { view } = observation.settings;
  const sent = planProbes({ depth: "features", view, candidate: null }).map(({ row: { kind }, route, model }) =>
    sentOf(
      kind,
      route,
      model,
      false,
      kind === "models" ? listOf(configuredModels(view)) : outcomeOf({ status: 200, body: text }),
      true,
    ),
  );
  return {
    observation,
    sent,
    depth: "features",
    answered: [],
    not_asked: 0,
    server_url: "",
    age: { stale: [], switched: [] },
  };
}

const finding = (more: Partial<Finding>): Finding => ({
  ...{
    code: "x",
    layer: "model",
    severity: "warning",
    owner: "wait",
    title: "t",
    cause: "c",
    remedy: [],
    repairable: false,
  },
  ...{ evidence: [], probes: [] },
  ...more,
});
const ofModel = (model: string) => [{ route: null, model, status: null, excerpt: "" }];

/** A sound conclusion made wrong, by the rule that must say so. */
const SPOILT: Readonly<
  Record<string, (seen: Seen, sound: Conclusion) => { seen?: Seen; conclusion?: Partial<Conclusion> }>
> = {
  "a model that the list holds is not gone": () => ({
    conclusion: { findings: [finding({ code: "model-not-served", evidence: ofModel("GPT-5.5") })] },
  }),
  "a model that answered is not gone": (seen) => ({
    seen: { ...seen, sent: seen.sent.filter(({ probe }) => probe.kind !== "models") },
    conclusion: { findings: [finding({ code: "model-not-served", evidence: ofModel("gpt-5.5") })] },
  }),
  "a replacement is never the thing replaced": () => ({
    conclusion: {
      findings: [finding({ remedy: ["Replace gpt-5.5 by gpt-5.5, also where it is the default model."] })],
    },
  }),
  "people are refused only where a request of theirs was": () => ({
    conclusion: { summary: "People are refused. t." },
  }),
  "people are served only where a request of theirs was answered": (seen) => ({
    seen: { ...seen, sent: [] },
    conclusion: { summary: "People are served, but something needs a look.", features: [] },
  }),
  "every model answers only where every one has, over both routes, with what is there now": (seen, { summary }) => ({
    seen: { ...seen, sent: seen.sent.filter(({ probe }) => probe.route === "server" || probe.kind !== "chat") },
    conclusion: { summary, features: [] },
  }),
  "the gateway answers over both routes only where it has given its list over both": (seen) => ({
    seen: { ...seen, sent: seen.sent.filter(({ probe }) => probe.route === "server") },
    conclusion: { summary: "The gateway answers over both routes. No model was asked.", features: [] },
  }),
  "what was there before proves nothing but that it is still in use": (seen) => {
    const [first, ...rest] = seen.sent as [Sent, ...Sent[]];
    const old: Sent = { ...first, probe: { ...first.probe, ok: false, stale: true } };
    return { seen: { ...seen, sent: [old, ...rest] }, conclusion: { findings: [finding({ probes: [old.probe.id] })] } };
  },
  "a finding explains requests that failed": (seen) => ({
    conclusion: { findings: [finding({ probes: [seen.sent[0]?.probe.id ?? ""] })] },
  }),
  "a process is blamed only for its own answers": () => ({
    conclusion: { findings: [finding({ code: "private-address-server", probes: ["worker:chat:gpt-5.5"] })] },
  }),
  "a feature works only where what it sends was answered": (seen, { features }) => ({
    seen: { ...seen, sent: seen.sent.filter(({ probe }) => probe.kind !== "tools") },
    conclusion: { features },
  }),
  "the status is that of the findings": () => ({ conclusion: { status: "healthy", findings: [finding({})] } }),
};

describe("each rule", () => {
  it("has a conclusion here that breaks it", () => {
    assert.deepEqual(Object.keys(SPOILT).sort(), RULES.map(({ name }) => name).sort());
  });

  for (const [rule, spoil] of Object.entries(SPOILT)) {
    it(`is broken by a conclusion made wrong, which then makes way for what was seen: ${rule}`, () => {
      const seen = sample();
      const sound = conclude(seen);
      assert.deepEqual(breaches(seen, sound), []);
      assert.equal(sound.status, "healthy");
      const spoilt = spoil(seen, sound);
      const wrong = { ...sound, ...spoilt.conclusion };
      const at = spoilt.seen ?? seen;
      assert.ok(
        breaches(at, wrong).some((breach) => breach.rule === rule),
        JSON.stringify(breaches(at, wrong)),
      );
      const said = upheld(wrong, at);
      assert.deepEqual(breaches(at, said), []);
      const words = said.findings.find(({ code }) => code === "signs-contradict");
      assert.ok(words?.evidence[0]?.excerpt.includes(rule.slice(0, 60)), words?.evidence[0]?.excerpt);
      assert.equal(upheld(sound, seen), sound, "what contradicts nothing stays as it is");
    });
  }
});

describe("a plan", () => {
  it("changes something wherever it says so", () => {
    const change = (before: unknown, after: unknown) => ({
      ...{ action: "change" as const, target: "workspace AI settings", needs: "", undo: "" },
      differences: [{ path: "default_model.model", before, after }],
    });
    assert.equal(emptyChanges([change("a", "b"), change("a", null)]).length, 0);
    assert.equal(emptyChanges([change("gpt-5.5", "GPT-5.5"), change("a", "a")]).length, 2);
  });
});
