import assert from "node:assert/strict";
import { dependencyJobs, deployed } from "../standins/windmill/jobs/run.ts";
import { WORKSPACE } from "../world/world.ts";
import type { Step } from "./tell.ts";

/** The first step: the bundle comes into a workspace that holds other people's work. */
export const DEPLOY: Step = {
  title: "Deploy with wmill sync push",
  expected: "one script per command is there in seconds, and Windmill locks none of them anew",
  async run(world) {
    const started = performance.now();
    await world.deploy();
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const { scripts, flows, apps } = deployed(world.workspace);
    const ours = (paths: Iterable<string>): number =>
      [...paths].filter((path) => path.startsWith("f/codex_pooler/")).length;
    const { items, made } = dependencyJobs(world.windmill, WORKSPACE);
    assert.deepEqual(
      items.filter(({ kind }) => kind === "script"),
      [],
    );
    return `${ours(scripts.keys())} scripts, ${ours(flows.keys())} flows and ${ours(apps.keys())} app in ${seconds} s; ${made} dependency jobs, none for a script`;
  },
};
