import type { FeatureRow } from "../core/features.ts";
import type { Depth, ModelRow, Status } from "../core/shapes.ts";
import { hurts } from "./open.ts";
import { type HealthState, type KnownFeature, type KnownModel, LIMITS, type OpenFinding } from "./state.ts";

/** What is known of each model and each feature: its last answer, and when it was asked for. Pure. */

/** What a check says of them. */
interface Rows {
  at: string;
  depth: Depth;
  models: readonly ModelRow[];
  features: readonly FeatureRow[];
}

/** Models with the last answers of those that this check did not ask. */
export function takeModels(before: readonly KnownModel[], { at, models }: Rows): KnownModel[] {
  return models.slice(0, LIMITS.models).map((row) => {
    if (row.server !== "not-tested" || row.worker !== "not-tested") return { ...row, asked_at: at };
    const old = before.find(({ id }) => id === row.id);
    if (!old) return { ...row, asked_at: null };
    const { server, worker, ms, asked_at } = old;
    return { ...row, server, worker, ms, asked_at };
  });
}

/** Models after a change of the settings: how they answered under others is not how they answer. */
export const forgetAnswers = (models: readonly KnownModel[]): KnownModel[] =>
  models.map((row) => ({ ...row, server: "not-tested", worker: "not-tested", ms: null, asked_at: null }));

type Features = Pick<HealthState, "features" | "features_tried">;

const untried = ({ state }: FeatureRow): boolean => state === "not-tested";

/**
 * Features with the last results of those that this check did not try. What fails because models fail is no result of the features:
 * it ends when models answer again.
 *
 * @param open what is open after the check. @param status what it measured together with that.
 */
export function takeFeatures(
  before: Features,
  { at, depth, features }: Rows,
  open: readonly OpenFinding[],
  status: Status,
): Features {
  const old = (rows: readonly KnownFeature[], { feature }: FeatureRow): KnownFeature | undefined =>
    rows.find((row) => row.feature === feature && row.tried_at !== null);
  const known = (row: FeatureRow): KnownFeature => {
    const last = old(before.features, row);
    const holds = last !== undefined && (last.state !== "broken" || stands(last, open, status));
    return (holds ? last : old(before.features_tried, row)) ?? { ...row, tried_at: null };
  };
  const shown = features.map((row) => (untried(row) ? known(row) : { ...row, tried_at: at }));
  if (depth !== "features") return { features: shown, features_tried: before.features_tried };
  const own = new Set(open.filter((one) => one.depth === "features").map(({ finding }) => finding.code));
  const ofModels = ({ state, code = "" }: FeatureRow): boolean => state === "broken" && !own.has(code);
  const tried = features.flatMap((row): KnownFeature[] => {
    if (!untried(row) && !ofModels(row)) return [{ ...row, tried_at: at }];
    return before.features_tried.filter(({ feature }) => feature === row.feature);
  });
  return { features: shown, features_tried: tried };
}

/** Whether a feature that was seen broken is still known to be: its cause is open, or nothing works that it needs. */
function stands({ code = "" }: FeatureRow, open: readonly OpenFinding[], status: Status): boolean {
  if (status === "down" || status === "unknown") return true;
  return open.some(({ finding }) => hurts(finding) && finding.code === code);
}

/** Features after a change of the settings: that they worked under others is not known to hold; that they were broken may. */
export const forgetWorking = (features: readonly KnownFeature[]): KnownFeature[] =>
  features.map((row) =>
    row.state === "works"
      ? { ...row, state: "not-tested", why: "It worked before the settings, the resource or the intent were changed." }
      : row,
  );
