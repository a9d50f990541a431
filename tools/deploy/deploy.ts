import { join } from "node:path";
import { BUNDLE } from "../metadata/bundle.ts";
import { planMetadata } from "../metadata/plan.ts";
import { Failure, Refusal } from "../shared/errors.ts";
import { preflight } from "../shared/preflight.ts";
import { copySyncTree, withTemporaryFolder } from "../shared/sync_tree.ts";
import type { Target } from "../shared/windmill_api.ts";
import { runWmill } from "../shared/wmill.ts";
import { type DeployPlan, describePlan, planOf, readDryRun } from "./plan.ts";
import { verify } from "./verify.ts";

/** How a deployment talks to its user. */
export interface Conversation {
  say(line: string): void;
  /** Asks whether to go on after the plan was shown. */
  confirm(): Promise<boolean>;
  /** Waits until the server has begun to re-lock what was pushed. */
  settle(): Promise<void>;
}

export interface DeployOptions {
  /** The repository's root folder. */
  root: string;
  /** Stop after showing the plan. */
  dryRun: boolean;
}

export type DeployResult = "deployed" | "unchanged" | "planned" | "declined";

const NEEDS_ADMIN = "Connecting changes the workspace's AI settings, which only its admins may.";

/** Page of a deployed script with its form: Windmill's own address for it. */
export const scriptPage = (target: Target, path: string): string =>
  `${target.baseUrl}/scripts/get/${path}?workspace=${encodeURIComponent(target.workspace)}`;

/** Page of a deployed raw app. */
export const appPage = (target: Target, path: string): string =>
  `${target.baseUrl}/apps_raw/get/${path}?workspace=${encodeURIComponent(target.workspace)}`;

/**
 * Deploys the bundle with the real wmill: shows the plan, refuses one that deletes anything, pushes, and compares afterwards.
 *
 * @throws {@link Refusal} before anything was changed, {@link Failure} after.
 */
export function deploy(target: Target, options: DeployOptions, talk: Conversation): Promise<DeployResult> {
  return withTemporaryFolder(async (folder) => {
    const place = await preflight(target, NEEDS_ADMIN);
    talk.say(
      `${target.baseUrl} is Windmill ${place.version}; deploying to "${target.workspace}" as ${place.username}.`,
    );

    await prepareTree(options.root, join(folder, "tree"));
    const compare = (): Promise<DeployPlan> => dryRun(target, folder);
    const plan = await compare();
    refuseDeletions(plan);
    for (const line of describePlan(plan)) talk.say(line);
    if (plan.items.length === 0 && !plan.newFolder) return "unchanged";
    if (options.dryRun) return "planned";
    if (!(await talk.confirm())) return "declined";

    await push(target, folder, talk);
    talk.say("Pushed. Waiting for Windmill to re-lock the scripts, to compare what it has with what is here ...");
    const different = await verify(target, compare, talk);
    if (different.length > 0) throw new Failure(differenceMessage(different));
    talk.say("Compared: every script, flow and app in the workspace is the one in this repository, locks included.");
    return "deployed";
  });
}

/** @throws {@link Refusal} when the repository's metadata does not fit its code: the server would answer with other locks. */
async function prepareTree(root: string, tree: string): Promise<void> {
  const { writes, problems } = await planMetadata(root);
  if (writes.length > 0 || problems.length > 0) {
    const files = [...problems, ...writes].map(({ file }) => `  ${file}`);
    throw new Refusal(
      `These files do not fit the code. Run npm run metadata first:\n${[...new Set(files)].join("\n")}`,
    );
  }
  await copySyncTree(root, tree);
}

async function dryRun(target: Target, folder: string): Promise<DeployPlan> {
  const run = await runWmill(target, folder, ["sync", "push", "--yes", "--dry-run", "--json-output"]);
  if (run.status !== 0) {
    throw new Refusal(
      `wmill could not compare with the workspace (exit code ${run.status}):\n${run.stdout}${run.stderr}`,
    );
  }
  return planOf(readDryRun(run.stdout));
}

function refuseDeletions(plan: DeployPlan): void {
  if (plan.refusals.length === 0) return;
  throw new Refusal(
    [
      "This push would do what a deployment of this bundle never may:",
      ...plan.refusals.map((line) => `  ${line}`),
      "Nothing was changed. Compare wmill.yaml with the one that npm run metadata writes; if it is that one, this is a",
      "difference in wmill or Windmill that this tool does not know: report it with the lines above.",
    ].join("\n"),
  );
}

/** Lines of wmill's that say nothing new: blank ones, the plan once more, and what is about to be done. */
const ALREADY_SAID = /^\s*$|^[+~] |^(Creating|Updating) .*\.\.\.$/;

/**
 * Deletions are refused by the plan and, should the workspace change in between, dropped by `--keep-deleted`.
 */
async function push(target: Target, folder: string, talk: Conversation): Promise<void> {
  const args = ["sync", "push", "--yes", "--keep-deleted", "--locks-required"];
  const run = await runWmill(target, folder, args, (line) => {
    if (!ALREADY_SAID.test(line)) talk.say(`  wmill: ${line}`);
  });
  if (run.status === 0) return;
  throw new Failure(
    `wmill stopped with exit code ${run.status} (see above). What it had pushed until then stays; nothing was deleted. ` +
      "Correct what it names and deploy again: the second run sends only what is missing.",
  );
}

function differenceMessage(different: DeployPlan["items"]): string {
  return [
    "After the push these still differ from the repository:",
    ...different.map(({ kind, path }) => `  ${kind} ${path}`),
    `Open them in Windmill (${BUNDLE}) and look at their deployment: a dependency job may have failed or still be running, or`,
    "somebody edited them meanwhile. Deploying again is safe.",
  ].join("\n");
}
