import assert from "node:assert/strict";
import type { Browser, BrowserContextOptions, Frame, Page } from "playwright-core";
import { CHECK_NOW } from "../../src/core/paths.ts";
import { ChangeReport, CheckReport } from "../../src/core/report.ts";
import { INTENT } from "../../src/observe/intent.ts";
import { type Look, type Pages, startPages } from "../standins/pages/server.ts";
import { deployed, jobsOf } from "../standins/windmill/jobs/run.ts";
import { seedResource } from "../standins/windmill/seed.ts";
import { putMemory } from "../world/health_memory.ts";
import { HEALTH, PRIVATE_ADDRESS, reportOf, startDeployedWorld, WORKSPACE, type World } from "../world/world.ts";
import { startBrowser } from "./browser.ts";
import { memoryOf, monthOfTicks, TROUBLES, type Trouble } from "./memory.ts";

/** A connected workspace with the dashboard in it, opened in a browser: what the tests of the page and its image live in. */

export const APP = "f/codex_pooler/dashboard";

export interface Stage {
  world: World;
  pages: Pages;
  browser: Browser;
  /** A check of the connection as it is, and one of it with a private address: what memories are made of. */
  healthy: CheckReport;
  down: CheckReport;
  /** Puts a memory and a history into the workspace; null takes them out. */
  remember(state: unknown, history?: unknown): void;
  /** A month that ended well, or with an incident that was still open, some milliseconds ago. */
  rememberMonth(end: "healthy" | "degraded" | "down", ago?: number): void;
  /** Puts everything back that a state has changed. */
  reset(): void;
  /** Opens the dashboard and waits until it shows something else than that it is loading, unless told otherwise. */
  open(look?: Look, context?: BrowserContextOptions): Promise<Opened>;
  close(): Promise<void>;
}

export interface Opened {
  page: Page;
  /** The app itself. */
  app: Frame;
  /** Addresses that the browser asked for. */
  requests: string[];
  /** What the page wrote as errors. */
  errors: string[];
  close(): Promise<void>;
}

/** Milliseconds to wait for something on the page: a run of a script takes one second, on a busy machine several. */
const PATIENCE_MS = 15_000;

/** The incidents that are still open, in months that end with one. */
const OPEN: Record<"down" | "degraded", Trouble> = {
  down: {
    ...{ from: 130 * 60_000, length: undefined, status: "down", code: "private-address-server" },
    title: "The Windmill server refuses the gateway's private address",
  },
  degraded: {
    ...{ from: 50 * 60_000, length: undefined, status: "degraded", code: "private-address-worker" },
    title: "The Windmill workers refuse the gateway's private address",
  },
};

/** What a check finds when only the workers refuse the gateway: people are served, agent steps are not. */
function withoutAgents(healthy: CheckReport, down: CheckReport): CheckReport {
  const findings = down.findings
    .filter(({ code }) => code === "private-address-worker")
    .map((finding) => ({ ...finding, severity: "warning" as const }));
  const broken = down.features.filter(({ feature }) => feature === "agent steps");
  return {
    ...healthy,
    status: "degraded",
    findings,
    models: healthy.models.map((model) => ({ ...model, worker: "failed" })),
    features: healthy.features.map((row) => broken.find(({ feature }) => feature === row.feature) ?? row),
  };
}

/** Starts everything; takes as long as a deployment. */
export async function startStage(): Promise<Stage> {
  const world = await startDeployedWorld();
  const { windmill, workspace } = world;
  reportOf(await world.runConnect({ schedule: "every 5 minutes" }), ChangeReport);
  const healthy = reportOf(await world.runCheck({ depth: "features" }), CheckReport);
  world.moveGateway(PRIVATE_ADDRESS);
  const down = reportOf(await world.runCheck({ depth: "chat" }), CheckReport);
  await world.reset();
  reportOf(await world.runConnect({ schedule: "every 5 minutes" }), ChangeReport);
  // As an admin does who shares the app with everybody: the app alone, not the folder with its states.
  const app = deployed(workspace).apps.get(APP);
  assert.ok(app, "the push has created the app");
  app.extraPerms = { "g/all": false };
  const policy = { ...app.policy };
  const intent = workspace.resources.get(INTENT)?.value ?? null;
  const schedule = deployed(workspace).schedules.get(HEALTH);
  const due = jobsOf(windmill, WORKSPACE).find((job) => job.schedulePath === HEALTH && job.phase === "queued");
  assert.ok(schedule && due, "connect has made the schedule, and Windmill has queued its first run");
  // The next run stays due: nothing is to be remembered but what a test puts there.
  windmill.clock.stop();
  const pages = await startPages(windmill.url, WORKSPACE, windmill.member.token);
  const browser = await startBrowser();

  const put = (path: string, value: unknown): void => {
    workspace.resources.delete(path);
    if (value !== null) seedResource(windmill.store, workspace, path, value, { resourceType: "state" });
  };
  const stage: Stage = {
    world,
    pages,
    browser,
    healthy,
    down,
    remember(state, history = null) {
      const whole = typeof state === "object" && state !== null ? { ...state, history } : state;
      putMemory(windmill.store, workspace, whole);
    },
    rememberMonth(end, ago = 0) {
      const now = windmill.clock.now() - ago;
      const open = end === "healthy" ? undefined : OPEN[end];
      const report = {
        healthy: { ...healthy, findings: healthy.findings.filter(({ severity }) => severity === "info") },
        degraded: withoutAgents(healthy, down),
        down,
      }[end];
      stage.remember(memoryOf(now, report, open), monthOfTicks(now, open ? [open, ...TROUBLES] : TROUBLES));
    },
    reset() {
      stage.remember(null);
      put(CHECK_NOW, null);
      put(INTENT, intent);
      Object.assign(app.policy, policy);
      Object.assign(schedule, { enabled: true, error: null });
      Object.assign(due, { scheduledFor: new Date(windmill.clock.now() + 4 * 60_000).toISOString() });
    },
    async open(look = {}, options = {}) {
      const context = await browser.newContext({
        viewport: { width: 1280, height: 900 },
        locale: "en-GB",
        timezoneId: "Etc/UTC",
        ...options,
      });
      context.setDefaultTimeout(PATIENCE_MS);
      const page = await context.newPage();
      const requests: string[] = [];
      const errors: string[] = [];
      page.on("request", (request) => requests.push(request.url()));
      page.on("pageerror", (error) => errors.push(String(error)));
      page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
      await page.goto(pages.appPage(APP, look));
      const app = await frameOf(page);
      return { page, app, requests, errors, close: () => context.close() };
    },
    async close() {
      await browser.close();
      await Promise.all([pages.close(), world.close()]);
    },
  };
  stage.reset();
  return stage;
}

/** The frame of the app once its bundle runs. */
async function frameOf(page: Page): Promise<Frame> {
  const element = await page.waitForSelector("iframe");
  const frame = await element.contentFrame();
  assert.ok(frame);
  await frame.waitForSelector("main");
  return frame;
}

/** Waits until the dashboard shows what it has read, or that it could not. */
export const settled = async ({ app }: Opened): Promise<void> => {
  await app.waitForSelector('main[aria-busy="false"]');
};
