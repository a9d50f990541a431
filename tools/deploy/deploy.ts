import { join } from "node:path";
import { BUNDLE, listDeployed } from "../build/deployed.ts";
import { planBuild } from "../build/plan.ts";
import { readReleases } from "../build/releases.ts";
import { Failure, Refusal } from "../shared/errors.ts";
import { preflight } from "../shared/preflight.ts";
import { copySyncTree } from "../shared/sync_tree.ts";
import { withTemporaryFolder } from "../shared/temporary.ts";
import type { Target } from "../shared/windmill_api.ts";
import { runWmill } from "../shared/wmill.ts";
import { type DeployPlan, describePlan, planOf, readDryRun } from "./plan.ts";
import { archive, findLeftovers, type Leftovers } from "./prune.ts";
import { untilSettled } from "./verify.ts";

/** How a deployment talks to its user. */
export interface Conversation {
  say(line: string): void;
  /** Asks whether to go on after the plan was shown. */
  confirm(): Promise<boolean>;
}

export interface DeployOptions {
  /** The repository's root folder. */
  root: string;
  /** Stop after showing the plan. */
  dryRun: boolean;
  /** Archive what a past release has left behind. */
  prune: boolean;
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
    const plan = await dryRun(target, folder);
    refuseDeletions(plan);
    const { scripts } = await listDeployed(options.root);
    const leftovers = await findLeftovers(target, await readReleases(options.root), scripts);
    for (const line of [...describePlan(plan), ...describeLeftovers(leftovers, options.prune)]) talk.say(line);
    const pushes = plan.items.length > 0 || plan.newFolder;
    const archives = options.prune ? leftovers.ours : [];
    if (!pushes && archives.length === 0) return "unchanged";
    if (options.dryRun) return "planned";
    if (!(await talk.confirm())) return "declined";

    if (pushes) {
      const started = Date.now();
      await push(target, folder, talk);
      await untilSettled(target, talk);
      const { items } = await dryRun(target, folder);
      if (items.length > 0) throw new Failure(differenceMessage(items));
      const seconds = Math.round((Date.now() - started) / 100) / 10;
      talk.say(`Deployed in ${seconds} s. Compared: what the workspace has is what is here, locks included.`);
    }
    // Last, so that nothing is gone before what replaces it is there.
    await archive(target, archives);
    if (archives.length > 0) talk.say(`Archived ${archives.length} script(s) of a past release.`);
    return "deployed";
  });
}

/** What a past release has left behind, as lines for a person. */
function describeLeftovers({ ours, changed }: Leftovers, prune: boolean): string[] {
  const lines = ours.map((path) => `  - ${prune ? "archive" : "left by a past release:"} script ${path}`);
  if (ours.length > 0) {
    lines.push(
      prune
        ? `${ours.length} script(s) of a past release to archive. Each is still what that release had put there; Windmill keeps archived scripts in its history.`
        : `${ours.length} script(s) of a past release are no longer used. Add --prune to archive them.`,
    );
  }
  const kept = changed.map(
    (path) => `  = left alone: ${path} was of a past release, and somebody has changed it since.`,
  );
  return [...lines, ...kept];
}

/** @throws {@link Refusal} when what would be pushed is not what its source says. */
async function prepareTree(root: string, tree: string): Promise<void> {
  const { writes, problems } = await planBuild(root);
  if (writes.length > 0 || problems.length > 0) {
    const files = [...problems, ...writes].map(({ file }) => `  ${file}`);
    throw new Refusal(
      `These files are not what their source says. Run npm run build first:\n${[...new Set(files)].join("\n")}`,
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
      "Nothing was changed. Compare wmill.yaml with the one that npm run build writes; if it is that one, this is a",
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
    `Somebody edited them meanwhile, or their deployment failed: open them in Windmill (${BUNDLE}). Deploying again is safe.`,
  ].join("\n");
}
