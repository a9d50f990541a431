import { applyChanges, UndoneError } from "../change/apply.ts";
import { refuse, tryCandidate } from "../change/candidate.ts";
import { changeReport, commit, ownSettings, planOrApply } from "../change/commit.ts";
import { COPY_DESCRIPTION } from "../change/detour.ts";
import type { Change } from "../change/handlers.ts";
import { PREVIOUS_DESCRIPTION, previousPath } from "../change/leftovers.ts";
import { type Plan, planOf, requirePlan } from "../change/plan.ts";
import { probeCandidate } from "../check/check.ts";
import { asRecord } from "../core/json.ts";
import type { ChangeReport } from "../core/report.ts";
import type { Secret } from "../core/secret.ts";
import { InputError } from "../inputs/parse.ts";
import type { RotateInput } from "../inputs/rotate_key.ts";
import { chosenModels, configuredModels } from "../observe/ai_settings.ts";
import { type Observation, observe, type ResourceSight } from "../observe/observe.ts";
import { forgetTypedKeys, readKey, warnOfOpenArguments } from "../windmill/key_input.ts";
import type { Progress } from "../windmill/progress.ts";
import { findVariable, readSecret } from "../windmill/variables.ts";
import type { Windmill } from "../windmill/windmill.ts";

const COMMAND = "rotate_key";

/**
 * The walk of `rotate_key`: the new key is tried beside the live connection, swapped in, and looked at again when no process can
 * use the old one from its cache any more. Only then is the old key retired. Both keys are good meanwhile, so nobody is refused.
 *
 * @throws InputError, LockedError, UndoneError, or Error when the new key does not work; each says what to do.
 */
export async function rotate(windmill: Windmill, input: RotateInput, progress: Progress): Promise<ChangeReport> {
  const walk = { plan: () => plan(windmill, input), apply: () => apply(windmill, input, progress) };
  return planOrApply(windmill, { command: COMMAND, mode: input.mode }, progress, walk);
}

/**
 * Deletes the old key.
 *
 * @throws Error when it could not be deleted; the new one is live then.
 */
async function retireOld(windmill: Windmill, retire: Change, progress: Progress): Promise<void> {
  try {
    await applyChanges(windmill, [retire], progress);
  } catch (error) {
    const why = error instanceof UndoneError ? error.why : "";
    throw new Error(
      `The new key is live and works, but the old one is still stored beside it. ${why}\nRun f/codex_pooler/rotate_key again with the same new key: it deletes the old one.`,
    );
  }
}

interface Target {
  observation: Observation;
  resource: Extract<ResourceSight, { state: "ok" }>;
  secret_path: string;
  stored: Secret;
  next: Secret;
  /** The old key that a run which died has kept; null when there is none. */
  kept: Secret | null;
}

async function plan(windmill: Windmill, input: RotateInput): Promise<ChangeReport> {
  const { plan } = await planFor(windmill, await aim(windmill, input));
  const notes = [
    ...(await notesOn(windmill, input)),
    "The new key is tried when the plan is applied, before anything changes.",
  ];
  return changeReport(windmill, { command: COMMAND, mode: "plan", plan, notes, verified: null });
}

async function apply(windmill: Windmill, input: RotateInput, progress: Progress): Promise<ChangeReport> {
  const target = await aim(windmill, input);
  const { plan, retire } = await planFor(windmill, target);
  await requirePlan(plan, input.plan_id);
  progress.step("try the new key beside the live one", 0.1);
  await prove(windmill, target);
  const swap = { ...plan, changes: plan.changes.filter((change) => change !== retire) };
  const past_the_cache = swap.changes.length > 0;
  const verified = await commit(windmill, { command: COMMAND, plan: swap, must_work: true, past_the_cache }, progress);
  if (retire) await retireOld(windmill, retire, progress);
  const notes = await notesOn(windmill, input);
  await forgetTypedKeys(windmill);
  return changeReport(windmill, { command: COMMAND, mode: "apply", plan, notes, verified });
}

/** Finds the connection and both keys. Reads only. */
async function aim(windmill: Windmill, input: RotateInput): Promise<Target> {
  const observation = await observe(windmill);
  ownSettings(windmill, observation);
  const { resource, secret } = observation;
  const slip = noKeyToRotate(observation);
  if (slip !== null || resource?.state !== "ok" || secret === null) throw new InputError([slip ?? NO_CONNECTION]);
  const stored = await readKey(windmill, secret.path);
  const given = input.new_key_path === "" ? null : await readKey(windmill, input.new_key_path);
  const slips: string[] = [];
  if (input.new_key_path === secret.path) {
    slips.push(`new_key_path: ${secret.path} is the variable of the live key itself. Give the path of another one.`);
  } else if (input.new_key_path !== "" && given === null) {
    slips.push(
      `new_key_path: there is no variable ${input.new_key_path}. Create a secret variable there that holds the new key.`,
    );
  } else if (given?.slip)
    slips.push(`new_key_path: the key in ${input.new_key_path} ${given.slip.says}. ${given.slip.fix}`);
  const next = input.new_key ?? given?.secret;
  if (slips.length > 0 || stored === null || next === undefined) throw new InputError(slips);
  const kept = await findVariable(windmill, previousPath(secret.path));
  return {
    observation,
    resource,
    secret_path: secret.path,
    stored: stored.secret,
    next,
    kept:
      kept?.description === PREVIOUS_DESCRIPTION
        ? (await readSecret(windmill, previousPath(secret.path))).secret
        : null,
  };
}

const NO_CONNECTION =
  "There is no connection of this workspace whose key could be rotated. Run f/codex_pooler/connect to make one.";

/** Why there is no key to rotate, or null. */
function noKeyToRotate({ settings, resource, secret }: Observation): string | null {
  if (settings.source === "instance") {
    return "This workspace uses the instance's AI settings, whose key lives in the workspace admins: rotate it there.";
  }
  if (resource?.state !== "ok") return NO_CONNECTION;
  if (resource.description === COPY_DESCRIPTION) {
    return "A change was cut short while people used a temporary copy of the connection. Run f/codex_pooler/repair first.";
  }
  if (resource.key.kind === "literal") {
    return `The resource ${resource.path} holds the key itself. Run f/codex_pooler/repair first: it moves the key into a secret variable.`;
  }
  if (secret?.state === "ok") return null;
  return `The resource ${resource.path} names no secret variable that could be read. Run f/codex_pooler/connect with a key.`;
}

/** The changes, and the last of them, which is made only when the new key has proven itself; null when there is none. */
async function planFor(windmill: Windmill, target: Target): Promise<{ plan: Plan; retire: Change | null }> {
  const { secret_path, stored, next, kept, observation, resource } = target;
  const path = previousPath(secret_path);
  const keep = (secret: Secret): Change => ({ kind: "create-secret", path, secret, description: PREVIOUS_DESCRIPTION });
  const drop = (secret: Secret): Change => ({ kind: "delete-secret", path, secret, description: PREVIOUS_DESCRIPTION });
  const changes: Change[] = [];
  // A run that died after the swap has left the old key: this one goes on where it ended.
  const before = kept !== null && stored.equals(next) ? kept : stored;
  if (kept !== null && before !== kept) changes.push(drop(kept));
  const retire = before.equals(next) ? null : drop(before);
  if (retire) changes.push(keep(before), { kind: "replace-secret", path: secret_path, before, after: next }, retire);
  return { plan: await planOf(windmill, observation, changes, [resource.path]), retire };
}

/**
 * Tries the new key beside the live one: it must serve every model that people may choose.
 *
 * @throws Error when people would be refused; nothing has changed then.
 */
async function prove(windmill: Windmill, { observation, resource, next }: Target): Promise<void> {
  const { view } = observation.settings;
  const tried = await tryCandidate(windmill, resource.path, asRecord(resource.value), next, (candidate) =>
    probeCandidate(windmill, candidate, chosenModels(view), resource.base_url),
  );
  refuse(tried);
  const served = tried.served?.map((id) => id.toLowerCase());
  const missing = configuredModels(view).filter((id) => served && !served.includes(id.toLowerCase()));
  if (missing.length === 0) return;
  throw new Error(
    `Nothing was changed, because the new key (${next.prefix}) does not serve ${missing.join(", ")}, which people may choose now. Let the gateway's operator allow these models for the key, or disable them first with f/codex_pooler/connect.`,
  );
}

async function notesOn(windmill: Windmill, input: RotateInput): Promise<string[]> {
  const notes = await warnOfOpenArguments(windmill, input.new_key === null ? {} : { new_key: "given" });
  if (input.new_key_path)
    notes.push(
      `The key was copied from ${input.new_key_path}, which stays as it is: delete it when nothing else uses it.`,
    );
  return [...notes, "Afterwards revoke the old key in Codex Pooler: Windmill does not use it any more."];
}
