import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { DashboardData, dashboardData, type Sources } from "../../src/dashboard/data.ts";
import { type HealthState, newState } from "../../src/health/state.ts";
import { takeTick } from "../../src/health/tick.ts";
import { DEFAULTS, tick } from "../health/health_fixture.ts";

const NOW = Date.parse("2026-11-25T12:00:00Z");
const AT = "2026-11-25T11:00:00.000Z";

const INTENT = {
  active: true,
  base_url: "https://user:hidden@pool.example.com:8443/v1?key=hidden",
  resource_path: "u/admin/gateway",
  default_model: "gpt-5.5",
  metadata_model: null,
};
const NOTHING: Sources = {
  now: NOW,
  workspace: "team",
  windmill_url: "https://windmill.example.com",
  viewer: "member@example.com",
  memory: { value: null },
  intent: null,
  resource_changed_at: null,
  secret_changed_at: null,
  schedule: null,
  failed: [],
  look: null,
};
const shown = (sources: Partial<Sources>): DashboardData => dashboardData({ ...NOTHING, ...sources });
const LOOK = { at: AT, status: "healthy", summary: "It works.", findings: [], key_prefix: "sk-cxp-0123456789ab…" };

describe("the data of the dashboard", () => {
  it("have their shape whatever is stored, and never fail", () => {
    const stored = fc.record({
      state: fc.oneof(
        fc.jsonValue(),
        fc.record({ version: fc.constant(2), status: fc.constant("down"), since: fc.jsonValue() }),
      ),
      history: fc.jsonValue(),
      look: fc.jsonValue(),
      changed: fc.oneof(fc.constant(null), fc.string()),
      base_url: fc.string(),
    });
    fc.assert(
      fc.property(stored, ({ state, history, look, changed, base_url }) => {
        const made = shown({
          memory: { value: typeof state === "object" && state !== null ? { ...state, history } : state },
          look,
          resource_changed_at: changed,
          secret_changed_at: changed,
          intent: { ...INTENT, base_url },
        });
        assert.deepEqual(DashboardData.parse(made), made);
      }),
    );
  });

  const MEMORIES: { it: string; sources: Partial<Sources>; memory: DashboardData["memory"] }[] = [
    { it: "nothing is remembered", sources: {}, memory: "none" },
    { it: "all can be read", sources: { memory: { value: newState("healthy", AT) } }, memory: "ok" },
    { it: "it may not be read", sources: { memory: "hidden" }, memory: "hidden" },
    { it: "the state is damaged", sources: { memory: { value: { status: "down" } } }, memory: "damaged" },
    {
      it: "the history is damaged",
      sources: { memory: { value: { ...newState("healthy", AT), history: [] } } },
      memory: "damaged",
    },
    { it: "it is of another kind", sources: { memory: { value: 7 } }, memory: "damaged" },
  ];
  for (const { it: title, sources, memory } of MEMORIES) {
    it(`say so when ${title}`, () => assert.equal(shown(sources).memory, memory));
  }

  it("tell whether the workspace is connected, as far as that may be read", () => {
    assert.equal(shown({ intent: null }).connected, false);
    assert.equal(shown({ intent: { ...INTENT, active: false } }).connected, false);
    assert.equal(shown({ intent: INTENT }).connected, true);
    assert.equal(shown({ intent: "hidden" }).connected, null);
  });

  it("show the gateway's host and nothing else of its address", () => {
    assert.equal(shown({ intent: INTENT }).connection?.gateway, "pool.example.com:8443");
    assert.ok(!JSON.stringify(shown({ intent: INTENT })).includes("hidden"));
  });

  it("show the prefix of a key only when the key has not been changed since somebody looked at it", () => {
    const prefix = (secret_changed_at: string | null) =>
      shown({ intent: INTENT, look: LOOK, secret_changed_at }).connection?.key_prefix;
    assert.equal(prefix("2026-11-25T10:59:59.000Z"), LOOK.key_prefix);
    assert.equal(prefix("2026-11-25T11:00:01.000Z"), null);
    assert.equal(prefix(null), LOOK.key_prefix);
  });

  it("prefer the run that Windmill has queued to what the expression says", () => {
    const schedule = { cron: "0 */5 * * * *", timezone: "Etc/UTC", enabled: true, error: "", args: {} };
    const queued = "2026-11-25T12:07:00Z";
    assert.equal(shown({ schedule: { ...schedule, queued } }).schedule?.next, queued);
    assert.equal(shown({ schedule: { ...schedule, enabled: false, queued: null } }).schedule?.next, null);
  });

  it("say how often there is a check, and which runs failed since the last one that is remembered", () => {
    const schedule = { cron: "0 */15 * * * *", timezone: "Etc/UTC", enabled: true, error: "", queued: null, args: {} };
    const failed = [
      { id: "b", at: "2026-11-25T11:50:00.000Z" },
      { id: "a", at: "2026-11-25T11:35:00.000Z" },
    ];
    assert.deepEqual(shown({ schedule, failed }).watch, {
      interval_s: 900,
      failed: { count: 2, at: "2026-11-25T11:50:00.000Z", job: "b" },
    });
    const ticks = [0, 7, 20, 27, 34].map((minute) => [NOW - (60 - minute) * 60_000, 0, 0, 40, 0]);
    const memory = { value: { ...newState("healthy", AT), history: { version: 1, models: [], ticks, hours: [] } } };
    const byHand = { ...schedule, cron: "0 3,10,23,30,37 * * * *" };
    assert.deepEqual(shown({ schedule: byHand, memory }).watch, { interval_s: 420, failed: null });
    assert.deepEqual(shown({}).watch, { interval_s: null, failed: null });
  });

  it("have the headline by the rules that the schedule gives the flow", () => {
    const down = [1, 2].reduce(
      (state: HealthState | null, index) =>
        takeTick(state, tick(NOW - (20 - index * 5) * 60_000, index === 2 ? [{ code: "x" }] : []), DEFAULTS),
      null,
    );
    const schedule = { cron: "0 */5 * * * *", timezone: "Etc/UTC", enabled: true, error: "", queued: null };
    const says = (args: Record<string, unknown>) =>
      shown({ memory: { value: down }, schedule: { ...schedule, args } }).health?.headline.says.join();
    assert.match(says({}) ?? "", /after 1 more check/);
    assert.match(says({ failures_before_alert: 4 }) ?? "", /after 3 more checks/);
    assert.match(says({ failures_before_alert: "many" }) ?? "", /after 1 more check/);
  });

  it("carry the job of the last check only when its address is one of a run", () => {
    const job = (run_url: string) => {
      const last = {
        at: AT,
        status: "healthy",
        depth: "free",
        fingerprint: "",
        by: "",
        connection: null,
        server_version: "",
      } as const;
      return shown({ memory: { value: { ...newState("healthy", AT), last: { ...last, run_url } } } }).last?.job;
    };
    const id = "0194f8a2-1c3d-7e5f-8a9b-0c1d2e3f4a5b";
    assert.equal(job(`https://windmill.example.com/run/${id}?workspace=team`), id);
    assert.equal(job("javascript:alert(1)"), null);
  });
});
