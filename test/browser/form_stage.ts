import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { ChangeReport, CheckReport } from "../../src/core/report.ts";
import { type Pages, startPages } from "../standins/pages/server.ts";
import { type Run, runFlow } from "../standins/windmill/jobs/run.ts";

import { PRIVATE_ADDRESS, reportOf, startDeployedWorld, WORKSPACE, type World } from "../world/world.ts";
import { startBrowser } from "./browser.ts";

/** A workspace with the bundle in it, and Windmill's pages of its forms and runs in a browser, as an admin sees them. */
export interface FormStage {
  world: World;
  pages: Pages;
  browser: Browser;
  /** The address of a script's form. */
  formOf(script: string, fields?: Record<string, unknown>): string;
  /** The address of a run's page. */
  pageOf(run: Run): string;
  /** Opens a page and waits until it is filled. */
  open(url: string, look?: { dark?: boolean }, options?: BrowserContextOptions): Promise<Page>;
  /** Makes the workspace empty again. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds to wait for something on a page: a run of a script takes one second, on a busy machine several. */
const PATIENCE_MS = 20_000;

export async function startFormStage(): Promise<FormStage> {
  const world = await startDeployedWorld();
  const pages = await startPages(world.windmill.url, WORKSPACE, world.windmill.admin.token);
  const browser = await startBrowser();
  const stage: FormStage = {
    world,
    pages,
    browser,
    formOf(script, fields = {}) {
      const filled = Object.entries(fields).map(([name, value]) => [name, JSON.stringify(value)]);
      const hash = new URLSearchParams(filled as [string, string][]).toString();
      return `${pages.url}/scripts/get/f/codex_pooler/${script}?workspace=${WORKSPACE}${hash === "" ? "" : `#${hash}`}`;
    },
    pageOf: ({ id }) => `${pages.url}/run/${id}?workspace=${WORKSPACE}`,
    async open(url, { dark = false } = {}, options = {}) {
      pages.dark = dark;
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-GB", ...options });
      context.setDefaultTimeout(PATIENCE_MS);
      const page = await context.newPage();
      await page.goto(url);
      await filled(page);
      return page;
    },
    async reset() {
      await world.reset();
      // The address that people use is that of the pages; the API behind it is Windmill's.
      world.windmill.store.settings.set("base_url", pages.url);
    },
    async close() {
      await browser.close();
      await Promise.all([pages.close(), world.close()]);
    },
  };
  await stage.reset();
  return stage;
}

/** Waits until a page shows what it has to show: a form with its drop-downs, or a result. */
export async function filled(page: Page): Promise<void> {
  if (new URL(page.url()).pathname.startsWith("/run/")) {
    await page.waitForSelector('#result[aria-busy="false"]');
    return;
  }
  await page.waitForSelector("html[data-ready]");
  await page.waitForFunction("document.querySelectorAll('form .field').length > 0 && window.settled()");
  await page.waitForFunction("document.querySelector('[aria-busy]') === null");
}

/** A page that people come to, and what they must find there. */
export interface FormState {
  name: string;
  shows: readonly RegExp[];
  /** Brings the workspace there and answers the page's address. */
  arrange(stage: FormStage): Promise<string>;
}

const MODEL = "gpt-5.5";
const connected = async ({ world }: FormStage, filledIn: object = {}): Promise<Run> => {
  const run = await world.runConnect({ schedule: "every 5 minutes", ...filledIn });
  reportOf(run, ChangeReport);
  return run;
};
const withoutModel = async (stage: FormStage): Promise<void> => {
  await connected(stage);
  stage.world.pooler.models.splice(stage.world.pooler.models.indexOf(MODEL), 1);
  await stage.world.expireCaches();
};

export const FORM_STATES: readonly FormState[] = [
  {
    name: "form of a first connect",
    shows: [/Gateway URL/, /Pool API key/, /Give the gateway's address and the key first\./, /More options/],
    arrange: async ({ formOf }) => formOf("connect"),
  },
  {
    name: "form of connect with all its options",
    shows: [/Models by hand/, /Server address/, /How the health flow watches/],
    arrange: async ({ formOf }) => formOf("connect", { more: true }),
  },
  {
    name: "form of connect over a connection",
    shows: [/What is set now, else the first model/, /gpt-6-luna/],
    async arrange(stage) {
      await connected(stage);
      return stage.formOf("connect", { base_url: "http://codex-pooler.example.com/v1" });
    },
  },
  {
    name: "form of undo",
    shows: [/The last change that is not undone yet/, /connect by u\/admin: AI settings/],
    async arrange(stage) {
      await connected(stage);
      return stage.formOf("undo");
    },
  },
  {
    name: "plan of a first connect",
    shows: [/Plan: nothing was changed/, /Apply exactly this plan/, /\+ gpt-6-luna/, /headers\.x-team/],
    async arrange(stage) {
      const filledIn = { mode: "plan", models: [MODEL, "gpt-6-luna"], headers: { "x-team": "a" } };
      return stage.pageOf(await stage.world.runConnect(filledIn));
    },
  },
  {
    name: "applied change",
    shows: [/Done/, /Undo this/, /Windmill AI works/],
    arrange: async (stage) => stage.pageOf(await connected(stage)),
  },
  {
    name: "change of a long list",
    shows: [/\+ 188 more/, /200 in all/],
    async arrange(stage) {
      await connected(stage, { models: [MODEL] });
      stage.world.pooler.models = [MODEL, ...Array.from({ length: 200 }, (_, index) => `model-${index}`)];
      const models = stage.world.pooler.models.slice(1);
      return stage.pageOf(await stage.world.runConnect({ api_key: "", mode: "plan", models }));
    },
  },
  {
    name: "check of trouble that can be repaired",
    shows: [/Windmill AI does not work/, /Plan the repair/],
    async arrange(stage) {
      await withoutModel(stage);
      const run = await stage.world.runCheck();
      reportOf(run, CheckReport);
      return stage.pageOf(run);
    },
  },
  {
    name: "check of trouble that only people can mend",
    shows: [/Windmill AI does not work/, /ALLOW_PRIVATE_AI_BASE_URLS/],
    async arrange(stage) {
      await connected(stage);
      stage.world.moveGateway(PRIVATE_ADDRESS);
      return stage.pageOf(await stage.world.runCheck());
    },
  },
  {
    name: "plan of a repair",
    shows: [/Apply exactly this plan/, /default_model\.model/],
    async arrange(stage) {
      await withoutModel(stage);
      return stage.pageOf(await stage.world.run("repair", { depth: "chat" }));
    },
  },
  {
    name: "tick of the health flow in trouble",
    shows: [/Plan the repair/],
    async arrange(stage) {
      await withoutModel(stage);
      const { steps } = await stage.world.tick();
      return stage.pageOf(steps.remember as Run);
    },
  },
  {
    name: "error of a plan that is out of date",
    shows: [/plan_id: the workspace or the input has changed since/],
    async arrange(stage) {
      await connected(stage);
      const late = { api_key: "", models: [MODEL], plan_id: "0123456789ab" };
      return stage.pageOf(await stage.world.runConnect(late));
    },
  },
  {
    name: "fleet",
    shows: [/There is no such workspace/, /Windmill AI is not configured/],
    async arrange({ world, pageOf }) {
      await world.storeSecret("u/admin/token", world.windmill.admin.token);
      const workspaces = [WORKSPACE, "nosuch"].map((workspace) => ({ workspace, token_path: "u/admin/token" }));
      const args = { workspaces, fleet_path: "", depth: "free", parallelism: 2 };
      return pageOf(await runFlow(world.windmill, WORKSPACE, "f/codex_pooler/fleet", args, world.target.token));
    },
  },
];
