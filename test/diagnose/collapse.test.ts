import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Outcome, Probe, ProbeKind, Route } from "../../src/core/shapes.ts";
import { diagnose } from "../../src/diagnose/collapse.ts";
import { statusOf } from "../../src/diagnose/status.ts";
import type { ProbedOutcome } from "../../src/probe/probed.ts";
import { outcomeOf } from "./signals.ts";

const MAIN = "gpt-5.5";
const CONTEXT = { base_url: "https://gw.example.com/v1", default_model: MAIN, served: [MAIN, "gpt-6-luna"] };

const error = (code: string, message = "upstream request failed", type = "server_error") =>
  outcomeOf({ body: JSON.stringify({ error: { message, type, code } }) });
const GUARD = outcomeOf({
  body: "Bad request: URL resolves to a private/internal IP address. If you need to use private/internal AI endpoints, set the ALLOW_PRIVATE_AI_BASE_URLS=true environment variable",
});
const REFUSED = outcomeOf({
  status: 500,
  body: "Error: error sending request for url (https://gw.example.com/v1/models): client error (Connect): tcp connect error: Connection refused (os error 111) @ai.rs:950:20",
});
const TIMEOUT = outcomeOf({ status: null, failure: { kind: "timeout", message: "no complete answer within 90 s" } });
const UNREACHED = outcomeOf({
  status: null,
  failure: { kind: "network", message: "ECONNREFUSED: connect ECONNREFUSED" },
});

function probed(
  route: Route,
  kind: ProbeKind,
  model: string | null,
  outcome: Outcome | "ok",
  candidate = false,
): ProbedOutcome {
  const ok = outcome === "ok";
  const answer = ok ? outcomeOf({ status: 200, body: "{}" }) : outcome;
  const probe: Probe = {
    id: [route, kind, model].filter(Boolean).join(":"),
    kind,
    route,
    model,
    candidate,
    ok,
    status: answer.status,
    ms: 1,
    code: null,
    excerpt: "",
  };
  return { probe, outcome: answer };
}

/** Every probe of a check at depth `chat`; `answers` per route, with exceptions by probe id. */
function check(
  answers: Record<Route, Outcome | "ok">,
  exceptions: Record<string, Outcome | "ok"> = {},
): ProbedOutcome[] {
  const routes: Route[] = ["server", "worker"];
  return routes.flatMap((route) =>
    (
      [
        ["models", null],
        ["chat", MAIN],
        ["chat", "gpt-6-luna"],
      ] as const
    ).map(([kind, model]) => {
      const id = [route, kind, model].filter(Boolean).join(":");
      return probed(route, kind, model, exceptions[id] ?? answers[route]);
    }),
  );
}

const codes = (all: readonly ProbedOutcome[], facts: { code: string; seen: string; model?: string }[] = []) =>
  diagnose(all, facts, CONTEXT).findings.map(({ code, severity }) => `${code} ${severity}`);

describe("one cause, one finding", () => {
  it("reports a fault that fails every probe once, with all the probes it explains", () => {
    const all = check({ server: REFUSED, worker: REFUSED });
    const { findings, probes } = diagnose(all, [], CONTEXT);
    assert.deepEqual(
      findings.map(({ code }) => code),
      ["connection-refused"],
    );
    assert.deepEqual(
      findings[0]?.probes,
      all.map(({ probe }) => probe.id),
    );
    assert.ok((findings[0]?.evidence.length ?? 0) <= 5);
    assert.ok(probes.every(({ code }) => code === "connection-refused"));
  });

  it("takes later failures on a dead route for consequences of the first obstacle", () => {
    const all = check({ server: REFUSED, worker: "ok" }, { "server:chat:gpt-6-luna": TIMEOUT });
    assert.deepEqual(codes(all), ["connection-refused critical"]);
    const { findings, probes } = diagnose(all, [], CONTEXT);
    assert.ok(findings[0]?.probes.includes("server:chat:gpt-6-luna"));
    assert.ok(
      findings[0]?.evidence.every(({ excerpt }) => !excerpt.includes("within 90 s")),
      "a consequence is no evidence",
    );
    assert.equal(probes.find(({ id }) => id === "server:chat:gpt-6-luna")?.code, "timeout");
  });

  it("keeps causes apart where the route works", () => {
    const all = check(
      { server: "ok", worker: "ok" },
      { "server:chat:gpt-6-luna": error("model_not_allowed"), "server:models": TIMEOUT },
    );
    assert.deepEqual(codes(all), ["model-not-allowed warning", "models-list-unavailable warning"]);
  });

  it("does not say which models are gone while the gateway cannot be asked", () => {
    const gone = { code: "model-not-served", seen: "", model: "gpt-0-gone" };
    assert.deepEqual(codes(check({ server: REFUSED, worker: REFUSED }), [gone]), ["connection-refused critical"]);
    assert.deepEqual(codes(check({ server: "ok", worker: "ok" }), [gone]), ["model-not-served warning"]);
  });

  it("names all models of one cause in one finding", () => {
    const gone = ["a-model", "b-model"].map((model) => ({ code: "model-not-served", seen: "", model }));
    const [one, ...more] = diagnose([], gone, CONTEXT).findings;
    assert.equal(more.length, 0);
    assert.equal(one?.title, "The gateway does not serve a-model, b-model");
    assert.match(one?.cause ?? "", /The gateway lists: /);
  });

  it("joins what the settings say with what a request says of the same thing", () => {
    const missing = outcomeOf({
      status: 404,
      body: "Not found: Could not find the resource u/admin/absent, update the resource path in the workspace settings",
    });
    const { findings } = diagnose(
      check({ server: missing, worker: missing }),
      [{ code: "resource-missing", seen: "u/admin/absent" }],
      CONTEXT,
    );
    assert.deepEqual(
      findings.map(({ code }) => code),
      ["resource-missing"],
    );
    assert.equal(findings[0]?.probes.length, 6);
  });

  it("lets a slip in the settings be the cause of what requests meet", () => {
    const notFound = outcomeOf({ body: "Not Found" });
    assert.deepEqual(
      codes(check({ server: notFound, worker: notFound }), [
        { code: "base-url-no-v1", seen: "https://gw.example.com" },
      ]),
      ["base-url-no-v1 critical"],
    );
    assert.deepEqual(codes(check({ server: "ok", worker: "ok" }), [{ code: "base-url-no-v1", seen: "" }]), [
      "base-url-no-v1 warning",
    ]);
  });

  it("reports both processes when both have the guard up, since each has its own environment", () => {
    assert.deepEqual(codes(check({ server: GUARD, worker: GUARD })), [
      "private-address-server critical",
      "private-address-worker critical",
    ]);
  });

  it("does not report a gateway that merely has no usage figures", () => {
    const all = [
      ...check({ server: "ok", worker: "ok" }),
      probed("server", "usage", null, outcomeOf({ body: "Not Found" })),
    ];
    assert.deepEqual(codes(all), []);
  });
});

describe("severity", () => {
  it("is a warning when only the worker route is concerned and the default model works on the server route", () => {
    assert.deepEqual(codes(check({ server: "ok", worker: GUARD })), ["private-address-worker warning"]);
    assert.deepEqual(codes(check({ server: GUARD, worker: "ok" })), ["private-address-server critical"]);
  });

  it("is a warning for models other than the default one, critical for the default one", () => {
    const gone = error("invalid_model", "model is not available for this pool", "invalid_request_error");
    assert.deepEqual(
      codes(check({ server: "ok", worker: "ok" }, { "server:chat:gpt-6-luna": gone, "worker:chat:gpt-6-luna": gone })),
      ["model-refused warning"],
    );
    assert.deepEqual(codes(check({ server: "ok", worker: "ok" }, { [`server:chat:${MAIN}`]: gone })), [
      "model-refused critical",
    ]);
  });

  it("stays critical for a feature of the default model, though a plain question works", () => {
    const all = [
      ...check({ server: "ok", worker: "ok" }),
      probed(
        "server",
        "stream",
        MAIN,
        outcomeOf({
          status: 200,
          content_type: "application/json",
          body: '{"choices":[{"message":{"content":"ok"}}]}',
        }),
      ),
    ];
    assert.deepEqual(codes(all), ["stream-ignored critical"]);
  });

  it("puts the most severe first, then the earliest on a request's way", () => {
    const all = check(
      { server: "ok", worker: GUARD },
      {
        [`server:chat:${MAIN}`]: error("quota_exhausted"),
        "server:chat:gpt-6-luna": error("api_key_policy_limit_exceeded"),
      },
    );
    assert.deepEqual(codes(all, [{ code: "schedule-off", seen: "" }]), [
      "private-address-worker critical",
      "key-limit-reached critical",
      "quota-exhausted critical",
      "schedule-off info",
    ]);
  });
});

describe("what neighbours tell", () => {
  it("a limit that only large requests meet is Windmill's reservation", () => {
    const all = [
      ...check({ server: "ok", worker: "ok" }),
      probed("server", "tools", MAIN, error("api_key_policy_limit_exceeded")),
    ];
    assert.deepEqual(codes(all), ["key-limit-below-reservation critical"]);
    assert.deepEqual(codes(check({ server: error("api_key_policy_limit_exceeded"), worker: "ok" })).slice(0, 1), [
      "key-limit-reached critical",
    ]);
  });

  it("a `Not Found` for one model only is about the model", () => {
    const all = check({ server: "ok", worker: "ok" }, { "server:chat:gpt-6-luna": outcomeOf({ body: "Not Found" }) });
    assert.deepEqual(codes(all), ["model-refused warning"]);
    const gone = outcomeOf({ body: "Not Found" });
    const both = { "server:chat:gpt-6-luna": gone, "worker:chat:gpt-6-luna": gone };
    assert.deepEqual(
      diagnose(check({ server: "ok", worker: "ok" }, both), [], { ...CONTEXT, served: [MAIN] }).findings.map(
        ({ code }) => code,
      ),
      ["model-not-served"],
    );
  });

  it("a model that answers is not gone for not being listed, nor one that answered when it was last asked", () => {
    const fact = { code: "model-not-served", seen: "", model: "gpt-6-luna" };
    assert.deepEqual(codes(check({ server: "ok", worker: "ok" }), [fact]), ["model-unlisted info"]);
    const lists = [probed("server", "models", null, "ok"), probed("worker", "models", null, "ok")];
    const known = { ...CONTEXT, answered: ["gpt-6-luna"] };
    assert.deepEqual(
      diagnose(lists, [fact], known).findings.map(({ code }) => code),
      ["model-unlisted"],
    );
    assert.deepEqual(codes(lists, [fact]), ["model-not-served warning"]);
  });

  it("nothing of this gateway stops people whose chat goes to another provider", () => {
    const all = check({ server: error("api_key_expired"), worker: error("api_key_expired") });
    const elsewhere = { ...CONTEXT, default_model: null, chat_elsewhere: true };
    assert.deepEqual(
      diagnose(all, [], elsewhere).findings.map(({ severity }) => severity),
      ["warning"],
    );
  });
});

describe("status", () => {
  const of = (all: readonly ProbedOutcome[], facts: { code: string; seen: string }[] = []) =>
    statusOf(diagnose(all, facts, CONTEXT).findings);

  it("is down when people are refused, degraded when something will hurt, healthy otherwise", () => {
    assert.equal(of(check({ server: GUARD, worker: "ok" })), "down");
    assert.equal(of(check({ server: "ok", worker: GUARD })), "degraded");
    assert.equal(of(check({ server: "ok", worker: "ok" })), "healthy");
    assert.equal(
      of(check({ server: "ok", worker: "ok" }), [{ code: "instance-settings-in-use", seen: "" }]),
      "healthy",
    );
    assert.equal(of([], [{ code: "ai-not-configured", seen: "" }]), "down");
  });

  it("is unknown when the job cannot reach the server that people use", () => {
    assert.equal(of(check({ server: UNREACHED, worker: "ok" })), "unknown");
    assert.equal(of(check({ server: UNREACHED, worker: GUARD })), "unknown", "the server may be open");
    assert.equal(
      of(check({ server: UNREACHED, worker: error("api_key_expired") })),
      "down",
      "the key is the same everywhere",
    );
    assert.equal(of(check({ server: "ok", worker: UNREACHED })), "degraded");
  });
});
