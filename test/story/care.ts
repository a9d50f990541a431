import assert from "node:assert/strict";
import { z } from "zod";
import { ChangeReport } from "../../src/core/report.ts";
import { poolKey } from "../standins/gateway/pooler.ts";
import type { Run } from "../standins/windmill/jobs/run.ts";
import { ask, askMeanwhile } from "../world/browser_client.ts";
import { leaksOf } from "../world/leaks.ts";
import { wholeOf } from "../world/workspace_contents.ts";
import { errorOf, KEY, reportOf, type World, writesOf } from "../world/world.ts";
import type { Screen } from "./screen.ts";
import type { Step } from "./tell.ts";

/** The story goes on: what broke is repaired, the key is rotated, a change is undone, and everything goes again. */

const MODEL = "gpt-5.5";
const NEW_KEY = `sk-cxp-ba9876543210-${"Zx8Cv3Bn6Mq1Lw5Ke9Jr2Ht7Gy4Fu0Di_aSdPoIuYtRe"}`;

/** The model that people chat with unless they choose another. */
const defaultModel = ({ workspace }: World): string =>
  z.object({ default_model: z.object({ model: z.string() }) }).parse(workspace.aiConfig).default_model.model;

/**
 * @param before what the workspace held when the bundle was deployed and nothing was connected.
 * @param screen what the admin looks at: the page of the tick that found the trouble.
 */
export const careSteps = (before: () => unknown, screen: Screen): readonly Step[] => [
  {
    title: "Repair shows its plan, by the link on the tick's page",
    expected: "what it would change, before and after; nothing changed",
    async run(world) {
      const writes = writesOf(world).length;
      const plan = reportOf(await screen.click(world, "Plan the repair"), ChangeReport);
      assert.equal(writesOf(world).length, writes, "a plan writes nothing");
      const places = plan.changes.flatMap(({ differences }) => differences);
      const moved = places.find(({ path }) => path === "default_model.model");
      assert.ok(moved, `the plan moves the default model: ${JSON.stringify(plan.changes)}`);
      return `default_model.model: ${moved.before} -> ${moved.after}`;
    },
  },
  {
    title: "Repair applies exactly that plan",
    expected: "people are served again",
    async run(world) {
      repaired = await screen.click(world, "Apply exactly this plan");
      const report = reportOf(repaired, ChangeReport);
      assert.equal(report.status, "healthy");
      return `${report.summary} Default model: ${defaultModel(world)}`;
    },
  },
  {
    title: "A rotation to a key that the gateway refuses",
    expected: "nothing changed, nobody noticed",
    async run(world) {
      const model = defaultModel(world);
      const before = wholeOf(world.workspace);
      const rotation = world.run("rotate_key", { mode: "apply", new_key_path: await bringKey(world) });
      const { result: run, refused } = await askMeanwhile(world, rotation, model);
      assert.match(errorOf(run), /Nothing was changed/);
      assert.deepEqual(refused, []);
      const { variables: _all, ...rest } = wholeOf(world.workspace) as Record<string, unknown>;
      const { variables: _those, ...was } = before as Record<string, unknown>;
      assert.deepEqual(rest, was);
      return errorOf(run).split("\n").slice(0, 2).join(" ");
    },
  },
  {
    title: "A rotation to a good key (a minute: Windmill caches keys that long)",
    expected: "a client that keeps asking is never refused",
    async run(world) {
      world.pooler.keys.set(NEW_KEY, poolKey());
      const model = defaultModel(world);
      screen.show(await world.run("rotate_key", { new_key_path: NEW_KEY_PATH }));
      const rotation = screen.click(world, "Apply exactly this plan");
      const { result: run, served, refused } = await askMeanwhile(world, rotation, model);
      assert.equal(reportOf(run, ChangeReport).status, "healthy");
      assert.deepEqual(refused, []);
      world.pooler.keys.delete(KEY);
      assert.equal((await ask(world, model)).status, 200, "the old key is not used any more");
      return `${served} requests served, 0 refused; the old key can be revoked`;
    },
  },
  {
    title: "The pool serves the model again, and the repair is undone, by the link on its page",
    expected: "the settings as they were before the repair",
    async run(world) {
      world.pooler.models.unshift(MODEL);
      assert.ok(repaired, "there was a repair");
      screen.show(repaired);
      const report = reportOf(await screen.click(world, "Undo this"), ChangeReport);
      assert.equal(report.status, "healthy");
      assert.equal(defaultModel(world), MODEL);
      return `${report.notes[0]} Default model: ${defaultModel(world)}`;
    },
  },
  {
    title: "Disconnect",
    expected: "the workspace as it was before connect, compared whole",
    async run(world) {
      screen.show(await world.run("disconnect"));
      const report = reportOf(await screen.click(world, "Apply exactly this plan"), ChangeReport);
      world.workspace.variables.delete(NEW_KEY_PATH);
      assert.deepEqual(wholeOf(world.workspace), before());
      return report.changes.map(({ action, target }) => `${action} ${target}`).join(", ");
    },
  },
  {
    title: "The keys",
    expected: "in no argument, result, log, error, state, history or alert",
    async run(world) {
      assert.deepEqual([...leaksOf(world, KEY), ...leaksOf(world, NEW_KEY)], []);
      return "nowhere";
    },
  },
];

/** The run whose page leads back to before the repair. */
let repaired: Run | undefined;

/** The variable into which the admin of the story puts the new key. */
const NEW_KEY_PATH = "u/admin/new_pool_key";

/** The admin stores the new key, which the gateway does not know yet. */
async function bringKey(world: World): Promise<string> {
  await world.storeSecret(NEW_KEY_PATH, NEW_KEY);
  return NEW_KEY_PATH;
}
