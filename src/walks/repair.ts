import { ownSettings } from "../change/admin.ts";
import { withIntent } from "../change/intent.ts";
import { asItHurts, isNoWorse, isSameTrouble } from "../change/no_worse.ts";
import { type Plan, planOf } from "../change/plan.ts";
import type { ChangeReport } from "../core/report.ts";
import type { Finding } from "../core/shapes.ts";
import type { RepairInput } from "../inputs/repair.ts";
import { changesOf } from "../repair/draft.ts";
import { type Mending, mend } from "../repair/repairs.ts";
import { driftNotes, leftToPeople, openNotes, summaryOf, untouched } from "../repair/report.ts";
import { look, type Sight } from "../repair/scene.ts";
import { prove } from "../repair/trial.ts";
import { wishAfter } from "../repair/wish.ts";
import type { Progress } from "../windmill/progress.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { completion } from "./off_the_copy.ts";
import { type Aim, runChange } from "./run_change.ts";

const COMMAND = "repair";

/**
 * The command `repair`: check, let the table of repairs change a draft of the connection, prove what concerns the resource beside
 * the live one, apply, check again. What only a person can mend is said, and is no reason to put the rest back.
 *
 * @throws what {@link runChange} throws.
 */
export const repair = (windmill: Windmill, input: RepairInput, progress: Progress): Promise<ChangeReport> =>
  runChange(windmill, { ...input, name: COMMAND }, progress, () => aim(windmill, input, progress));

async function aim(windmill: Windmill, input: RepairInput, progress: Progress): Promise<Aim> {
  const sight = await look(windmill, input, progress);
  const first = await completion(windmill, sight.present, { ...input, name: COMMAND });
  if (first) return first;
  return {
    ...(await aimWith(windmill, sight)),
    prove: async () => aimWith(windmill, await prove(windmill, sight, progress)),
  };
}

/** The repairs of what was seen. */
async function aimWith(windmill: Windmill, sight: Sight): Promise<Aim> {
  const mending = mend(sight.scene);
  const { input } = sight.scene;
  const left = leftToPeople(sight.scene, mending);
  const mended = new Set(mending.done.flatMap(({ signs }) => signs));
  const before = asItHurts(sight.report.findings, sight.report.connection.default_elsewhere ?? null);
  const plan = await planFor(windmill, sight, mending);
  return {
    plan,
    notes: [
      ...driftNotes(sight.scene, sight.drift),
      ...mending.notes,
      ...(input.mode === "plan" ? openNotes(sight.scene, sight.base_urls) : []),
      ...mending.people.map(({ why }) => why),
      ...untouched(sight.scene),
    ],
    findings: input.mode === "plan" ? left : [],
    checked: sight.report,
    verification: {
      depth: input.depth,
      may_stay: (after, when) =>
        when === "at_once" ? isSameTrouble(before, after, mended) : isNoWorse(before, after, mended),
    },
    complete: (report) => withRepairs(report, plan, sight, mending, left),
  };
}

/** The changes, with the record of what is wanted from now on in front of them. */
async function planFor(windmill: Windmill, { scene, present, via }: Sight, { draft }: Mending): Promise<Plan> {
  const own = ownSettings(windmill, present);
  const made = changesOf(scene, draft, via);
  const wish = wishAfter(scene, draft, made);
  const changes = wish === null ? made : withIntent(windmill, made, wish, present.intent, own, draft.limits);
  return planOf(windmill, present, { changes, beside: scene.resource ? [scene.resource.path] : [] });
}

/** The report with what was repaired, and what is left to people. */
function withRepairs(
  report: ChangeReport,
  plan: Plan,
  { scene }: Sight,
  mending: Mending,
  left: readonly Finding[],
): ChangeReport {
  const open = left.filter(({ severity }) => severity !== "info").length;
  const writes = plan.changes.length > 0;
  return {
    ...report,
    summary: summaryOf(report, open, scene.input.accept_drift && writes),
    applied: report.mode === "apply" && writes,
    repairs: mending.done.map(({ codes, does }) => ({ codes: [...codes], does })),
  };
}
