import { ownSettings } from "../change/admin.ts";
import { removeCandidate } from "../change/candidate.ts";
import type { Change } from "../change/handlers.ts";
import { findLeftover } from "../change/leftovers.ts";
import { planOf } from "../change/plan.ts";
import { recordPaths } from "../change/records.ts";
import { asRecord, sameJson } from "../core/json.ts";
import type { ChangeReport } from "../core/report.ts";
import { candidatePath, PREVIOUS_DESCRIPTION, previousPath } from "../core/temporary.ts";
import { forgetMemory } from "../health/memory.ts";
import type { DisconnectInput } from "../inputs/disconnect.ts";
import { InputError } from "../inputs/parse.ts";
import { isConfigured, type ModelRef, type RawAiSettings, withoutConnection } from "../observe/ai_settings.ts";
import { type Intent, intentPath } from "../observe/intent.ts";
import { type Observation, observe } from "../observe/observe.ts";
import { readRecord } from "../windmill/moving.ts";
import type { Progress } from "../windmill/progress.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { removeMade } from "./removal.ts";
import { type Aim, runChange } from "./run_change.ts";

const COMMAND = "disconnect";

/**
 * The command `disconnect`: takes the provider out of the AI settings, which ends the connection for everybody at once, and then
 * removes what this product has made, and nothing else. What it does not remove is named.
 *
 * @throws what {@link runChange} throws.
 */
export const disconnect = (windmill: Windmill, input: DisconnectInput, progress: Progress): Promise<ChangeReport> =>
  runChange(windmill, { ...input, name: COMMAND }, progress, () => aim(windmill, input));

/** Finds what there is to remove. */
async function aim(windmill: Windmill, input: DisconnectInput): Promise<Aim> {
  const observation = await observe(windmill);
  const own = ownSettings(windmill, observation);
  const { intent } = observation;
  const settings = settingsAfter(own, intent, input);
  const removal = await removeMade(windmill, observation);
  const beside = [...new Set([...(intent ? [intent.resource_path, ...intent.made.resources] : [])])];
  const secrets = [...new Set([...(intent ? [intent.secret_path, ...intent.made.secrets] : [])])];
  const previous = await Promise.all(
    secrets.map((path) => findLeftover(windmill, previousPath(path), PREVIOUS_DESCRIPTION)),
  );
  const saved: Change[] = sameJson(own, settings)
    ? []
    : [{ kind: "save-ai-settings", before: { ...own }, after: settings, via: "server" }];
  const parts = [...removal.changes, ...previous.flatMap((one) => one.changes)];
  const records = input.keep_records ? endedIntent(windmill, intent, parts) : await recordsOf(windmill);
  const changes = [...saved, ...parts, ...records];
  return {
    plan: await planOf(windmill, observation, { changes, beside }),
    notes: [...notRemoved(removal.left), ...consequences(observation, own)],
    verification: null,
    async afterwards() {
      for (const path of beside) await removeCandidate(windmill, candidatePath(path));
      // A tick that was under way may have written it again.
      if (!input.keep_records) await forgetMemory(windmill);
    },
  };
}

/** The record of what was asked for, which nobody asks for any more, and of what was made, without what goes. */
function endedIntent(windmill: Windmill, intent: Intent | null, gone: readonly Change[]): Change[] {
  if (intent === null) return [];
  const goes = (kind: Change["kind"], path?: string): boolean =>
    gone.some((change) => change.kind === kind && (path === undefined || ("path" in change && change.path === path)));
  const { made } = intent;
  const after: Intent = {
    ...intent,
    active: false,
    made: {
      resource_type: made.resource_type && !goes("delete-resource-type"),
      schedule: made.schedule && !goes("delete-schedule"),
      secrets: made.secrets.filter((path) => !goes("delete-secret", path)),
      resources: made.resources.filter((path) => !goes("delete-resource", path)),
      limits: [],
    },
  };
  return sameJson(intent, after) ? [] : [{ kind: "write-record", path: intentPath(windmill), before: intent, after }];
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
  const found = await Promise.all(
    recordPaths(windmill).map(async (path) => ({ path, before: await readRecord(windmill, path) })),
  );
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
