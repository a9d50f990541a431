import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import type { Frame } from "playwright-core";
import { deployed, idle, jobsOf } from "../standins/windmill/jobs/run.ts";
import { WORKSPACE } from "../world/world.ts";
import { faultsOf } from "./axe.ts";
import { APP, type Opened, type Stage, settled, startStage } from "./stage.ts";
import { STATES, stateNamed } from "./states.ts";

/** The dashboard in a real browser: the bundle that wmill uploaded, and the scripts that it runs, as a member of the workspace. */

let stage: Stage;
const open: Opened[] = [];
let endState: (() => void) | undefined;

before(async () => {
  stage = await startStage();
});
after(() => stage.close());
afterEach(async () => {
  endState?.();
  endState = undefined;
  await Promise.all(open.splice(0).map((one) => one.close()));
  await idle(stage.world.windmill);
  stage.reset();
});

/** Arranges a state and opens the page on it. */
async function show(name: string, ...how: Parameters<Stage["open"]>): Promise<Opened> {
  const state = stateNamed(name);
  endState = state.arrange(stage);
  return look(state.waits === true, ...how);
}

async function look(waits: boolean, ...how: Parameters<Stage["open"]>): Promise<Opened> {
  const opened = await stage.open(...how);
  open.push(opened);
  if (!waits) await settled(opened);
  return opened;
}

/** What people see: hidden texts and breaks are as they are on the screen. */
// biome-ignore lint/performance/useDomNodeTextContent: the text as it is shown is what is looked at
const textOf = (app: Frame): Promise<string> => app.innerText("#root");

describe("the dashboard", { concurrency: false }, () => {
  for (const { name, shows } of STATES) {
    it(`says what is the matter: ${name}`, async () => {
      const opened = await show(name);
      const text = await textOf(opened.app);
      const missing = shows.filter((words) => !words.test(text));
      assert.deepEqual(missing, [], text.slice(0, 600));
      assert.deepEqual(text.match(/cannot be shown|undefined|NaN|Invalid Date|\[object/g), null);
      assert.deepEqual(opened.errors, []);
    });
  }

  it("runs nothing of a text that looks like markup, and follows no address out of it", async () => {
    const { app, page } = await show("hostile");
    assert.equal(await app.locator("img, #root script").count(), 0);
    for (const place of [app, page.mainFrame()]) assert.equal(await place.evaluate("window.hacked"), undefined);
    const links = await app.locator("a").evaluateAll((all) => all.map((one) => (one as HTMLAnchorElement).protocol));
    assert.ok(links.length > 0 && links.every((protocol) => protocol === "http:"), links.join());
  });

  it("asks nobody but Windmill for anything, and reads the data once", async () => {
    const before = jobsOf(stage.world.windmill, WORKSPACE).length;
    const { requests, page } = await show("down");
    await page.waitForLoadState("networkidle");
    assert.equal(jobsOf(stage.world.windmill, WORKSPACE).length, before + 1);
    const own = new RegExp(`^(blob:)?${stage.pages.url}/`);
    assert.deepEqual(
      requests.filter((url) => !own.test(url)),
      [],
    );
  });

  const VIEWS = [
    { state: "down", dark: false, width: 1280 },
    { state: "healthy", dark: true, width: 1280 },
    { state: "huge", dark: false, width: 360 },
    { state: "not connected", dark: true, width: 360 },
    { state: "loading", dark: false, width: 1280 },
    { state: "error", dark: true, width: 1280 },
  ];
  for (const { state, dark, width } of VIEWS) {
    const words = `${state}, ${dark ? "dark" : "light"}, ${width} pixels wide`;
    it(`has no serious fault for those who see little or use the keyboard, and fits: ${words}`, async () => {
      const { app } = await show(state, { dark }, { viewport: { width, height: 800 } });
      assert.equal(await app.evaluate("document.documentElement.classList.contains('dark')"), dark);
      await app.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
      assert.deepEqual(await faultsOf(app), []);
      assert.ok(Number(await app.evaluate("document.documentElement.scrollWidth")) <= width);
    });
  }

  it("does not jump while it fills", async () => {
    const opened = await show("loading");
    await opened.app.evaluate(() => {
      const total = { shift: 0 };
      Object.assign(window, { total });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) total.shift += (entry as PerformanceEntry & { value: number }).value;
      }).observe({ type: "layout-shift", buffered: true });
    });
    stage.rememberMonth("healthy");
    endState?.();
    await settled(opened);
    await opened.app.waitForSelector(".uplot");
    const shift = Number(await opened.app.evaluate("window.total.shift"));
    // "Good" by the measure that browsers themselves publish.
    assert.ok(shift < 0.1, String(shift));
  });

  for (const sandbox of [false, true]) {
    const where = sandbox ? "in a sandbox" : "on Windmill's own origin";
    it(`copies environment lines ${where}`, async () => {
      const { app, page } = await show("down", { sandbox }, { permissions: ["clipboard-read", "clipboard-write"] });
      const button = app.getByRole("button", { name: "Copy ALLOW_PRIVATE_AI_BASE_URLS=true" }).first();
      await button.click();
      await app.waitForFunction((element) => element?.textContent === "Copied", await button.elementHandle());
      assert.equal(await page.evaluate("navigator.clipboard.readText()"), "ALLOW_PRIVATE_AI_BASE_URLS=true");
      await app.getByRole("button", { name: "Copy these lines" }).first().click();
      await page.waitForFunction("navigator.clipboard.readText().then((text) => text.startsWith('services:'))");
    });

    it(`opens Windmill's own forms and runs ${where}`, async () => {
      const { app, page } = await show("down", { sandbox });
      const hrefs = await app.locator("a").evaluateAll((all) => all.map((one) => (one as HTMLAnchorElement).href));
      const address = (path: string): string => `${stage.pages.url}${path}?workspace=${WORKSPACE}`;
      for (const script of ["check", "repair", "rotate_key", "undo", "connect"]) {
        assert.ok(hrefs.includes(address(`/scripts/get/f/codex_pooler/${script}`)), script);
      }
      for (const path of ["/runs/f/codex_pooler/health", "/run/0194f8a2-1c3d-7e5f-8a9b-0c1d2e3f4a5b"]) {
        assert.ok(hrefs.includes(address(path)), path);
      }
      const [tab] = await Promise.all([
        page.context().waitForEvent("page"),
        app.getByRole("link", { name: "Repair Plans" }).click(),
      ]);
      assert.equal(tab.url(), address("/scripts/get/f/codex_pooler/repair"));
    });
  }

  it("shows 24 hours, 7 days or 30 days, with the keyboard too, and opens the incident that is clicked", async () => {
    const { app } = await show("down");
    const cells = (): Promise<number> => app.locator(".timeline svg g").count();
    assert.equal(await cells(), 48);
    await app.getByRole("radio", { name: "7 days" }).check();
    assert.equal(await cells(), 56);
    await app.getByRole("radio", { name: "7 days" }).press("ArrowRight");
    assert.equal(await cells(), 60);
    const marker = app.getByRole("button", { name: /The pool has used up its quota/ });
    await marker.click();
    const incident = app.locator("details[open] summary", { hasText: "The pool has used up its quota" });
    await incident.waitFor();
    assert.match((await incident.textContent()) ?? "", /5 h/);
    assert.equal(await incident.evaluate((element) => element === document.activeElement), true);
  });

  it("goes along when Windmill's theme changes", async () => {
    const { app, page } = await show("healthy");
    await page.evaluate("document.documentElement.classList.add('dark')");
    await app.waitForSelector("html.dark");
  });

  it("follows the browser's theme where Windmill's is out of reach", async () => {
    const { app } = await show("healthy", { sandbox: true }, { colorScheme: "dark" });
    await app.waitForSelector("html.dark");
  });

  it("looks once for two people who press Check now together, writes nothing but that look, and shows the key's prefix", async () => {
    const { windmill, pooler } = stage.world;
    pooler.requests.length = 0;
    await stage.world.runCheck({ depth: "free" });
    const once = pooler.requests.length;
    const [one, two] = [await show("healthy"), await look(false)];
    const from = windmill.requests.length;
    const press = ({ app }: Opened) => app.getByRole("button", { name: "Check now" }).click();
    await Promise.all([press(one), press(two)]);
    await Promise.all([one, two].map(({ app }) => app.getByText(/^Check now, just now:/).waitFor()));
    const said = await Promise.all([one, two].map(({ app }) => app.locator(".look").textContent()));
    assert.equal(said.filter((text) => text?.includes("Checked now.")).length, 1, said.join("\n"));
    assert.equal(said.filter((text) => text?.includes("less than a minute ago")).length, 1, said.join("\n"));
    assert.equal(pooler.requests.length, 2 * once, "the gateway is asked as often as by one check");
    const writes = windmill.requests
      .slice(from)
      .filter(({ jobId, method, path }) => jobId !== null && method !== "GET" && !path.includes("/ai/proxy/"))
      .map(({ method, path, body }) => `${method} ${path} ${/f\/codex_pooler\/\w+/.exec(body)?.[0] ?? ""}`);
    assert.ok(writes.length > 0);
    for (const write of writes) assert.match(write, /f\/codex_pooler\/check_now(_lock)?\b|\/job_metrics\//);
    await one.app.getByRole("button", { name: "Reload" }).click();
    await one.app.getByText(/^sk-cxp-[0-9a-f]{12}…$/).waitFor();
  });

  it("runs as who deployed it for whoever looks, who is known by name", async () => {
    const { app } = await show("healthy");
    assert.match(await textOf(app), /for member@windmill\.dev/);
    const run = jobsOf(stage.world.windmill, WORKSPACE).findLast(({ path }) => path.endsWith("/dashboard_data"));
    assert.equal(run?.identity.username, "admin");
    assert.equal(run?.createdBy, "member");
  });

  it("is small enough to be there at once", () => {
    const { js = "", css = "" } = deployed(stage.world.workspace).apps.get(APP)?.versions.at(-1) ?? {};
    assert.ok(js.length > 0);
    assert.ok(js.length + css.length < 250_000, `${js.length} + ${css.length} bytes`);
  });
});
