import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import type { Page } from "playwright-core";
import { poolKey } from "../standins/gateway/pooler.ts";
import { jobsOf } from "../standins/windmill/jobs/run.ts";
import { schemaOf, shownFields } from "../world/form.ts";
import { leaksOf } from "../world/leaks.ts";
import { WORKSPACE } from "../world/world.ts";
import { faultsOf } from "./axe.ts";
import { FORM_STATES, type FormStage, filled, startFormStage } from "./form_stage.ts";

/** Forms and results in a real browser: people follow what is on the screen. */

/** Every piece of it is unlike any other text. */
const TYPED_KEY = `sk-cxp-0123456789ab-${"Qz7Lm2Xv9Rt4Wn8Yb3Hc6Jd1Kf5Pg0Sa_TuEiOxQwVr"}`;

let stage: FormStage;
before(async () => {
  stage = await startFormStage();
});
beforeEach(() => stage.reset());
after(() => stage.close());

/** The ids of the fields that are shown. */
const fieldsOf = async (page: Page): Promise<string[]> =>
  (await page.locator("form .field > :is(input, select, textarea)").evaluateAll((all) => all.map(({ id }) => id))).map(
    (id) => id.replace("field-", ""),
  );

const shownIn = (page: Page, field: string): Promise<string> => page.locator(`#field-${field}`).inputValue();

/** Clicks "Run" and waits for the result's page. */
async function run(page: Page): Promise<void> {
  await Promise.all([page.waitForURL(/\/run\//), page.getByRole("button", { name: "Run" }).click()]);
  await filled(page);
}

/** Clicks a link and waits for the form that it opens. */
async function click(page: Page, name: string): Promise<void> {
  await Promise.all([page.waitForURL(/\/scripts\/get\//), page.getByRole("link", { name }).click()]);
  await filled(page);
}

const textOf = async (page: Page): Promise<string> => (await page.textContent("#result")) ?? "";

describe("forms and results", { concurrency: false }, () => {
  it("connect: the form asks little, offers what the key serves, and the plan's link applies exactly that, and back", async () => {
    stage.world.pooler.keys.set(TYPED_KEY, poolKey());
    const page = await stage.open(stage.formOf("connect"));
    assert.deepEqual(await fieldsOf(page), shownFields(schemaOf("connect")));
    await page.fill("#field-base_url", `${stage.world.pooler.url}/v1`);
    await page.locator("#field-api_key").pressSequentially(TYPED_KEY);
    await page.waitForSelector(`#field-api_key[data-stored="${TYPED_KEY.length}"]`);
    await page.focus("#field-default_model");
    await page.waitForSelector('#field-default_model option[value="gpt-6-luna"]', { state: "attached" });
    await page.selectOption("#field-default_model", "gpt-6-luna");
    await page.check("#field-more");
    assert.deepEqual(await fieldsOf(page), shownFields(schemaOf("connect"), { more: true }));
    await page.selectOption("#field-models", ["gpt-5.5", "gpt-6-luna"]);
    await filled(page);
    stage.world.windmill.processes.server.allowPrivate = true;
    stage.world.windmill.processes.worker.allowPrivate = true;
    await run(page);
    assert.match(await textOf(page), /Plan: nothing was changed/);
    await click(page, "Apply exactly this plan");
    assert.deepEqual(
      [await shownIn(page, "mode"), await shownIn(page, "default_model"), await shownIn(page, "base_url")],
      ["apply", "gpt-6-luna", `${stage.world.pooler.url}/v1`],
    );
    assert.match((await page.textContent("form")) ?? "", /Linked to variable u\/admin\/secret_arg\//);
    assert.equal(await shownIn(page, "api_key"), "");
    assert.match(await shownIn(page, "plan_id"), /^[0-9a-f]{12}$/);
    assert.ok(!(await fieldsOf(page)).includes("headers"), "what is not filled in stays hidden");
    await run(page);
    assert.match(await textOf(page), /Windmill AI works/);
    await click(page, "Undo this");
    const chosen = page.locator("#field-snapshot option:checked");
    assert.match((await chosen.textContent()) ?? "", /^\d{4}-\d\d-\d\d \d\d:\d\d UTC, connect by u\/admin/);
    await run(page);
    assert.match(await textOf(page), /Done/);
    assert.deepEqual(stage.world.workspace.aiConfig ?? {}, {});
    const seen = JSON.stringify(await page.evaluate("[location.href, document.documentElement.outerHTML]"));
    for (const piece of [TYPED_KEY.slice(20, 28), TYPED_KEY.slice(-8)]) assert.ok(!seen.includes(piece));
    assert.deepEqual(leaksOf(stage.world, TYPED_KEY), []);
  });

  it("drops a choice that is not offered any more, and the script then does what a blank does", async () => {
    await stage.world.runConnect({ default_model: "gpt-6-luna" });
    stage.world.pooler.models.splice(stage.world.pooler.models.indexOf("gpt-6-terra"), 1);
    const fields = { base_url: "http://codex-pooler.example.com/v1", default_model: "gpt-6-terra", mode: "apply" };
    const page = await stage.open(stage.formOf("connect", fields));
    assert.equal(await shownIn(page, "default_model"), "");
    await run(page);
    const { default_model } = stage.world.workspace.aiConfig as unknown as { default_model: { model: string } };
    assert.equal(default_model.model, "gpt-6-luna");
  });

  it("trouble: from the check to the repair's plan to the repair, by what is on the screen", async () => {
    const state = FORM_STATES.find(({ name }) => name === "check of trouble that can be repaired");
    const page = await stage.open((await state?.arrange(stage)) ?? "");
    await click(page, "Plan the repair");
    assert.equal(await shownIn(page, "mode"), "plan");
    await run(page);
    await click(page, "Apply exactly this plan");
    await run(page);
    assert.match(await textOf(page), /Windmill AI works/);
  });

  it("a fleet's line leads to the check of that workspace", async () => {
    const state = FORM_STATES.find(({ name }) => name === "fleet");
    const page = await stage.open((await state?.arrange(stage)) ?? "");
    await Promise.all([page.waitForURL(/\/run\/(?!.*\/)/), page.getByRole("link", { name: "nosuch" }).click()]);
    await filled(page);
    const [, id] = /\/run\/([^?]+)/.exec(page.url()) ?? [];
    assert.equal(jobsOf(stage.world.windmill, WORKSPACE).find((job) => job.id === id)?.args.workspace, "nosuch");
  });

  for (const { name, shows, arrange } of FORM_STATES) {
    it(`shows what it must, fits, and has no serious fault for those who see little: ${name}`, async () => {
      const url = await arrange(stage);
      for (const { dark, width } of [
        { dark: false, width: 1280 },
        { dark: true, width: 360 },
      ]) {
        const page = await stage.open(url, { dark }, { viewport: { width, height: 800 } });
        const text = await page.evaluate(
          "document.body.innerText + [...document.querySelectorAll('option')].map((one) => one.textContent).join()",
        );
        const missing = shows.filter((words) => !words.test(String(text).replace(/\s+/g, " ")));
        assert.deepEqual(missing, [], String(text).slice(0, 1500));
        assert.doesNotMatch(String(text), /undefined|NaN|\[object/);
        await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
        assert.deepEqual(await faultsOf(page.mainFrame()), []);
        assert.ok(Number(await page.evaluate("document.documentElement.scrollWidth")) <= width, `${width} pixels wide`);
        await page.context().close();
      }
    });
  }
});
