import assert from "node:assert/strict";
import type { HealthState } from "../../src/health/state.ts";
import { INTENT } from "../../src/observe/intent.ts";
import { allowJobs, deployed } from "../standins/windmill/jobs/run.ts";
import { memoriesIn } from "../world/health_memory.ts";
import { HEALTH } from "../world/world.ts";
import { incidentOf, memoryOf, monthOfTicks, TROUBLES } from "./memory.ts";
import { APP, type Stage } from "./stage.ts";

/** What the page can be shown: one row per state, how it comes about, and what must be read then. */
export interface State {
  name: string;
  /** Makes it; returns how to end what the stage's own reset does not know of. */
  arrange(stage: Stage): (() => void) | undefined;
  /** Texts that the page must show. */
  shows: readonly RegExp[];
  /** Whether the page goes on waiting. */
  waits?: boolean;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Text that would run if any part of it were taken for markup. */
export const MARKUP = `<img src=x onerror="parent.hacked=1;window.hacked=1"><script>window.hacked=1</script>`;

function appOf({ world }: Stage) {
  const app = deployed(world.workspace).apps.get(APP);
  const schedule = deployed(world.workspace).schedules.get(HEALTH);
  assert.ok(app && schedule);
  return { app, schedule };
}

/** A memory far beyond its own limits, with names that nobody would choose. */
function excess({ world, healthy, down }: Stage) {
  const now = world.windmill.clock.now();
  const long = "model-with-a-very-long-name-".repeat(8);
  const state = memoryOf(now, down);
  const [model] = healthy.models;
  const [finding] = down.findings;
  assert.ok(model && finding);
  const findings = Array.from({ length: 12 }, (_, index) => ({
    ...finding,
    code: `${finding.code}-${index}`,
    cause: finding.cause.repeat(20),
  }));
  const incidents = Array.from({ length: 50 }, (_, index) => {
    const [trouble] = TROUBLES;
    assert.ok(trouble);
    return incidentOf(now, { ...trouble, from: (index + 1) * 14 * HOUR, length: HOUR });
  });
  const models = Array.from({ length: 60 }, (_, index) => ({
    ...{ ...model, id: `${long}${index}`, is_default: false },
    asked_at: new Date(now).toISOString(),
  }));
  const at = new Date(now).toISOString();
  const open = findings.map((one) => ({ finding: one, depth: "free" as const, first: at, last: at }));
  const last = state.last && { ...state.last, status: "down" as const };
  const whole: HealthState = { ...state, status: "down", last, models, incidents, open };
  return { state: whole, history: monthOfTicks(now) };
}

export const STATES: readonly State[] = [
  {
    name: "healthy",
    arrange: (stage) => void stage.rememberMonth("healthy"),
    shows: [
      /Windmill AI works/,
      /Since \w{3} \d+ \w{3}, \d\d:\d\d \(2 d\)/,
      /Last check\s*4 min ago/,
      /Next in \d min/,
    ],
  },
  {
    name: "down",
    arrange: (stage) => void stage.rememberMonth("down"),
    shows: [
      /Windmill AI does not work/,
      /\(2 h 10 min\)/,
      /The Windmill server refuses the gateway's private address/,
      /To be done by the operator of Windmill/,
      /ALLOW_PRIVATE_AI_BASE_URLS=true/,
    ],
  },
  {
    name: "degraded",
    arrange: (stage) => void stage.rememberMonth("degraded"),
    shows: [
      /Windmill AI works, with a problem/,
      /\(50 min\)/,
      /The Windmill workers refuse the gateway's private address/,
      /Agent steps\s*Does not work/i,
    ],
  },
  {
    name: "not connected",
    arrange: (stage) => void stage.world.workspace.resources.delete(INTENT),
    shows: [/Not connected yet/, /Connect this workspace/],
  },
  {
    name: "not checked yet",
    arrange: () => undefined,
    shows: [/Connected, and not checked yet/, /codex-pooler\.example\.com/],
  },
  {
    name: "stale",
    arrange(stage) {
      stage.rememberMonth("healthy", 3 * HOUR - 240_000);
      appOf(stage).schedule.enabled = false;
      return undefined;
    },
    shows: [/Windmill AI worked 3 h ago/, /Last check 3 h ago: the schedule is off\./, /Schedule is off/],
  },
  {
    name: "a year old",
    arrange(stage) {
      stage.rememberMonth("down", 365 * DAY);
      Object.assign(appOf(stage).schedule, { enabled: false, error: "script was archived" });
      return undefined;
    },
    shows: [
      /Windmill AI did not work 365 d ago/,
      /Windmill switched the schedule off: script was archived/,
      /1\s*incident/,
    ],
  },
  {
    name: "damaged",
    arrange(stage) {
      stage.rememberMonth("down");
      const [memory] = memoriesIn(stage.world.workspace);
      assert.ok(memory);
      memory.value = {
        ...(memory.value as object),
        since: 7,
        incidents: [{ id: 3 }, null],
        models: "none",
        features: {},
        history: { version: 1, models: ["gpt-5.5"], ticks: [[1, 2]], hours: [null, { h: "x" }] },
      };
      return undefined;
    },
    shows: [/A part of the memory could not be read/, /Windmill AI does not work/],
  },
  {
    name: "garbage",
    arrange: (stage) => void stage.remember("garbage", [1, 2, 3]),
    shows: [/A part of the memory could not be read/, /Connected, and not checked yet/],
  },
  {
    name: "huge",
    arrange(stage) {
      const { state, history } = excess(stage);
      stage.remember(state, history);
      return undefined;
    },
    shows: [/Windmill AI does not work/, /model-with-a-very-long-name/, /\d+\s*incidents?/],
  },
  {
    name: "hostile",
    arrange(stage) {
      const now = stage.world.windmill.clock.now();
      const state = memoryOf(now, stage.down);
      const [finding] = stage.down.findings;
      const [model] = stage.healthy.models;
      const [feature] = stage.healthy.features;
      assert.ok(finding && model && feature && state.last);
      const texts = { title: MARKUP, cause: MARKUP, remedy: [`${MARKUP}\n${MARKUP}`, `\`${MARKUP}\``] };
      const evidence = [{ route: "server" as const, model: MARKUP, status: 400, excerpt: MARKUP }];
      const { at } = state.last;
      const open = [{ finding: { ...finding, ...texts, evidence }, depth: "free" as const, first: at, last: at }];
      const features = [{ ...feature, why: MARKUP, tried_at: at }];
      const [trouble] = TROUBLES;
      assert.ok(trouble);
      const incident = incidentOf(now, { ...trouble, from: HOUR, length: undefined, title: MARKUP });
      const last = {
        ...state.last,
        run_url: "javascript:alert(1)//run/0194f8a2-1c3d-7e5f-8a9b-0c1d2e3f4a5b",
        server_version: MARKUP,
      };
      stage.remember(
        {
          ...state,
          status: "down",
          last,
          features,
          incident,
          models: [{ ...model, id: MARKUP, asked_at: at }],
          open,
        },
        { ...monthOfTicks(now), models: [MARKUP] },
      );
      return undefined;
    },
    shows: [/<img src=x onerror/],
  },
  {
    name: "no permission",
    arrange(stage) {
      stage.rememberMonth("down");
      const refusal = "Not authorized: Resource exists but you don't have access to it";
      const end = stage.world.windmill.intercept(({ path }) =>
        /\/f\/codex_pooler\/(health_|intent)/.test(path)
          ? { takesEffect: false, show: { status: 401, body: refusal } }
          : undefined,
      );
      return () => void end();
    },
    shows: [/The app may not read what it shows/, /An admin of the workspace has to deploy the bundle again/],
  },
  {
    name: "publisher gone",
    arrange(stage) {
      stage.rememberMonth("down");
      // As when the person who deployed the app has lost the folder since.
      Object.assign(appOf(stage).app.policy, { on_behalf_of: "u/member", on_behalf_of_email: "member@windmill.dev" });
      return undefined;
    },
    shows: [/The app may not read what it shows/, /An admin of the workspace has to deploy the bundle again/],
  },
  {
    name: "error",
    arrange(stage) {
      const end = stage.world.windmill.intercept(({ path }) =>
        path.endsWith("/resources/list")
          ? { takesEffect: false, show: { status: 500, body: "Internal: the database is on fire" } }
          : undefined,
      );
      return () => void end();
    },
    shows: [/The dashboard could not be read/, /the database is on fire/, /Try again/],
  },
  {
    name: "loading",
    arrange({ world }) {
      allowJobs(world.windmill, 0);
      return () => allowJobs(world.windmill, Number.POSITIVE_INFINITY);
    },
    shows: [/Reading what is known/],
    waits: true,
  },
];

/** The state of that name. */
export function stateNamed(name: string): State {
  const state = STATES.find((one) => one.name === name);
  assert.ok(state, name);
  return state;
}
