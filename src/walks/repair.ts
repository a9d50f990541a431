import { changeReport, commit, ownSettings, planOrApply } from "../change/commit.ts";
import { withIntent } from "../change/intent.ts";
import { type Plan, planOf, requirePlan } from "../change/plan.ts";
import type { ChangeReport } from "../core/report.ts";
import type { RepairInput } from "../inputs/repair.ts";
import { changesOf } from "../repair/draft.ts";
import { isNoWorse, isSameTrouble } from "../repair/no_worse.ts";
import { type Mending, mend } from "../repair/repairs.ts";
import { driftNotes, leftToPeople, openNotes, summaryOf, untouched } from "../repair/report.ts";
import { look, type Sight } from "../repair/scene.ts";
import { prove } from "../repair/trial.ts";
import { wishAfter } from "../repair/wish.ts";
import type { Progress } from "../windmill/progress.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { wayHome } from "./way_home.ts";

const COMMAND = "repair";

/**
 * The walk of `repair`: check, let the table of repairs change a draft of the connection, prove what concerns the resource beside
 * the live one, apply, check again. What only a person can mend is said, and is no reason to put the rest back.
 *
 * @throws InputError, LockedError or UndoneError; each says what to do.
 */
export async function repair(windmill: Windmill, input: RepairInput, progress: Progress): Promise<ChangeReport> {
  return planOrApply(windmill, { command: COMMAND, mode: input.mode }, progress, {
    plan: async () => {
      const sight = await look(windmill, input, progress);
      const home = await wayHome(windmill, sight.present);
      if (home)
        return changeReport(windmill, {
          command: COMMAND,
          mode: "plan",
          plan: home,
          notes: [HOME_FIRST],
          verified: null,
        });
      const mending = mend(sight.scene);
      return report(windmill, "plan", sight, mending, await planFor(windmill, sight, mending), null);
    },
    apply: () => apply(windmill, input, progress),
  });
}

async function apply(windmill: Windmill, input: RepairInput, progress: Progress): Promise<ChangeReport> {
  let seen = await look(windmill, input, progress);
  const home = await wayHome(windmill, seen.present);
  if (home) {
    const bound = input.plan_id !== "";
    await requirePlan(home, input.plan_id);
    const verified = await commit(windmill, { command: COMMAND, plan: home, must_work: bound }, progress);
    // A plan that was shown is made as it was shown; without one, repair goes on from there.
    if (bound) return changeReport(windmill, { command: COMMAND, mode: "apply", plan: home, notes: [MORE], verified });
    seen = await look(windmill, input, progress);
  }
  const sight = await prove(windmill, seen, progress);
  const mending = mend(sight.scene);
  const plan = await planFor(windmill, sight, mending);
  await requirePlan(plan, input.plan_id);
  if (plan.changes.length === 0) return report(windmill, "apply", sight, mending, plan, sight.report);
  const mended = new Set(mending.done.flatMap(({ signs }) => signs));
  const before = sight.report.findings;
  const wish = {
    command: COMMAND,
    plan,
    must_work: true,
    depth: input.depth,
    bears: (after: typeof before, when: "at_once" | "in_the_end") =>
      when === "at_once" ? isSameTrouble(before, after, mended) : isNoWorse(before, after, mended),
  };
  const verified = await commit(windmill, wish, progress);
  return report(windmill, "apply", sight, mending, plan, verified);
}

const HOME_FIRST =
  "An earlier change was cut short while people used a temporary copy of the connection: this brings it to its end. What else there is to repair shows in the next plan; without a plan_id, both are done in one run.";
const MORE = "Run f/codex_pooler/repair again to see whether anything else is to be repaired.";

/** The changes, with the record of what is wanted from now on in front of them. */
async function planFor(windmill: Windmill, { scene, present, via }: Sight, { draft }: Mending): Promise<Plan> {
  const own = ownSettings(windmill, present);
  const changes = changesOf(scene, draft, via);
  const wish = wishAfter(scene, draft, changes);
  const recorded = wish === null ? changes : withIntent(windmill, changes, wish, present.intent, own, draft.limits);
  return planOf(windmill, present, recorded, scene.resource ? [scene.resource.path] : []);
}

async function report(
  windmill: Windmill,
  mode: "plan" | "apply",
  sight: Sight,
  mending: Mending,
  plan: Plan,
  verified: Sight["report"] | null,
): Promise<ChangeReport> {
  const left = leftToPeople(sight.scene, mending);
  const notes = [
    ...driftNotes(sight.scene, sight.present),
    ...mending.notes,
    ...(mode === "plan" ? openNotes(sight.scene, sight.base_urls) : []),
    ...mending.people.map(({ why }) => why),
    ...untouched(sight.scene),
  ];
  const findings = mode === "plan" ? left : [];
  const made = await changeReport(windmill, { command: COMMAND, mode, plan, notes, verified, findings });
  return {
    ...made,
    summary: summaryOf(
      made,
      left.filter(({ severity }) => severity !== "info").length,
      sight.scene.input.accept_drift && plan.changes.length > 0,
    ),
    applied: mode === "apply" && plan.changes.length > 0,
    repairs: mending.done.map(({ codes, does }) => ({ codes: [...codes], does })),
  };
}
