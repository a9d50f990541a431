import { candidatePath, removeCandidate } from "../change/candidate.ts";
import { changeReport, commit, ownSettings, planOrApply } from "../change/commit.ts";
import type { Change } from "../change/handlers.ts";
import { PREVIOUS_DESCRIPTION, previousPath, removeTemporary } from "../change/leftovers.ts";
import { type Plan, planOf, requirePlan } from "../change/plan.ts";
import { RECORDS } from "../change/records.ts";
import { asRecord, sameJson } from "../core/json.ts";
import type { ChangeReport } from "../core/report.ts";
import type { DisconnectInput } from "../inputs/disconnect.ts";
import { InputError } from "../inputs/parse.ts";
import { isConfigured, type ModelRef, type RawAiSettings, withoutConnection } from "../observe/ai_settings.ts";
import type { Intent } from "../observe/intent.ts";
import { type Observation, observe } from "../observe/observe.ts";
import type { Progress } from "../windmill/progress.ts";
import { readState } from "../windmill/resources.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { removeMade } from "./removal.ts";

const COMMAND = "disconnect";

/**
 * The walk of `disconnect`: takes the provider out of the AI settings, which ends the connection for everybody at once, and then
 * removes what this product has made, and nothing else. What it does not remove is named.
 *
 * @throws InputError, LockedError or UndoneError; each says what to do.
 */
export async function disconnect(
  windmill: Windmill,
  input: DisconnectInput,
  progress: Progress,
): Promise<ChangeReport> {
  return planOrApply(windmill, { command: COMMAND, mode: input.mode }, progress, {
    plan: async () => {
      const { plan, notes } = await aim(windmill, input);
      return changeReport(windmill, { command: COMMAND, mode: "plan", plan, notes, verified: null });
    },
    apply: async () => {
      const { plan, notes, paths } = await aim(windmill, input);
      await requirePlan(plan, input.plan_id);
      await commit(windmill, { command: COMMAND, plan, must_work: false }, progress);
      for (const path of paths) await removeCandidate(windmill, candidatePath(path));
      return changeReport(windmill, { command: COMMAND, mode: "apply", plan, notes, verified: null });
    },
  });
}

interface Aim {
  plan: Plan;
  notes: string[];
  /** Paths of resources beside which a candidate may stand. */
  paths: string[];
}

/** Finds what there is to remove. Reads only. */
async function aim(windmill: Windmill, input: DisconnectInput): Promise<Aim> {
  const observation = await observe(windmill);
  const own = ownSettings(windmill, observation);
  const { intent } = observation;
  const settings = settingsAfter(own, intent, input);
  const removal = await removeMade(windmill, observation);
  const paths = [...new Set([...(intent ? [intent.resource_path, ...intent.made.resources] : [])])];
  const secrets = [...new Set([...(intent ? [intent.secret_path, ...intent.made.secrets] : [])])];
  const previous = await Promise.all(
    secrets.map((path) => removeTemporary(windmill, previousPath(path), PREVIOUS_DESCRIPTION)),
  );
  const saved: Change[] = sameJson(own, settings)
    ? []
    : [{ kind: "save-ai-settings", before: { ...own }, after: settings, via: "server" }];
  const records = input.keep_records ? [] : await recordsOf(windmill);
  const changes = [...saved, ...removal.changes, ...previous.flat(), ...records];
  const plan = await planOf(windmill, observation, changes, paths);
  return { plan, notes: [...notRemoved(removal.left), ...consequences(observation, own)], paths };
}

/** The settings without the connection; default and metadata model go where the input says, else where they were before connect. */
function settingsAfter(own: RawAiSettings, intent: Intent | null, input: DisconnectInput): Record<string, unknown> {
  const slips: string[] = [];
  const instead = (key: "default_model" | "metadata_model"): unknown => {
    const wish = input[key];
    if (wish === "none") return null;
    if (wish === "") {
      const former = intent?.before[key] ?? null;
      return isConfigured(own, former) ? former : null;
    }
    const [provider = "", ...model] = wish.split(":");
    const ref: ModelRef = { provider, model: model.join(":") };
    if (!isConfigured(own, ref))
      slips.push(`${key}: ${wish} is not enabled in the AI settings. Enable it there first, or choose another.`);
    return ref;
  };
  const departure = {
    default_model: instead("default_model"),
    metadata_model: instead("metadata_model"),
    limits: intent?.made.limits ?? [],
    keep_providers: intent?.before.providers ?? true,
  };
  if (slips.length > 0) throw new InputError(slips);
  return withoutConnection(own, departure);
}

/** The product's own records; the intent comes last, because it says what is still to be removed. */
async function recordsOf(windmill: Windmill): Promise<Change[]> {
  const found = await Promise.all(RECORDS.map(async (path) => ({ path, before: await readState(windmill, path) })));
  return found.filter(({ before }) => before !== null).map((record): Change => ({ kind: "delete-record", ...record }));
}

const notRemoved = (left: readonly string[]): string[] => (left.length > 0 ? [`Not removed: ${left.join("; ")}.`] : []);

function consequences({ settings, resource, intent }: Observation, own: RawAiSettings): string[] {
  const notes: string[] = [];
  if (
    settings.source === "workspace" &&
    settings.instance_providers.length > 0 &&
    Object.keys(asRecord(own.providers)).length === 1
  ) {
    notes.push(
      `Without providers of its own, this workspace uses the instance's AI settings again: ${settings.instance_providers.join(", ")}.`,
    );
  }
  const path = resource?.path ?? intent?.resource_path;
  if (path) notes.push(`AI agent steps of flows that use the resource ${path} stop working.`);
  if (intent === null)
    notes.push("There is no record of what f/codex_pooler/connect has made here, so only the AI settings are touched.");
  notes.push("The key itself stays valid: revoke it in Codex Pooler.");
  return notes;
}
