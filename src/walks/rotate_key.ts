import { ownSettings } from "../change/admin.ts";
import { tryCandidate } from "../change/candidate.ts";
import type { Live } from "../change/detour.ts";
import type { Change } from "../change/handlers.ts";
import { type Plan, planOf } from "../change/plan.ts";
import { bearing, requireNoWorse, standingNotes } from "../change/standing_trouble.ts";
import { probeCandidate } from "../check/check.ts";
import { asRecord } from "../core/json.ts";
import type { ChangeReport } from "../core/report.ts";
import { Secret } from "../core/secret.ts";
import { COPY_DESCRIPTION, PREVIOUS_DESCRIPTION, PREVIOUS_LIFETIME_MS, previousPath } from "../core/temporary.ts";
import { factsOf } from "../diagnose/facts.ts";
import { InputError } from "../inputs/parse.ts";
import type { RotateInput } from "../inputs/rotate_key.ts";
import { chosenModels, configuredModels } from "../observe/ai_settings.ts";
import { without } from "../observe/drift.ts";
import { type Observation, observe, type ResourceSight } from "../observe/observe.ts";
import { readKey } from "../windmill/key_input.ts";
import type { Progress } from "../windmill/progress.ts";
import { findVariable, readSecret } from "../windmill/variables.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { completion } from "./off_the_copy.ts";
import { type Aim, runChange } from "./run_change.ts";

const COMMAND = "rotate_key";

/**
 * The command `rotate_key`: the new key is tried beside the live connection, swapped in, and looked at again when no process can
 * use the old one from its cache any more. Only then is the old key deleted. Both keys are good meanwhile, so nobody is refused.
 *
 * @throws what {@link runChange} throws.
 */
export const rotate = (windmill: Windmill, input: RotateInput, progress: Progress): Promise<ChangeReport> =>
  runChange(
    windmill,
    { ...input, name: COMMAND, confidential: input.new_key instanceof Secret ? { new_key: "given" } : {} },
    progress,
    () => aim(windmill, input),
  );

async function aim(windmill: Windmill, input: RotateInput): Promise<Aim> {
  const observation = await observe(windmill);
  const first = await completion(windmill, observation, { ...input, name: COMMAND });
  if (first) return first;
  const target = await targetOf(windmill, input, observation);
  const plan = await planFor(windmill, target);
  const settled = {
    plan,
    notes: [
      ...notesOn(input),
      ...(input.mode === "plan" ? ["The new key is tried when the plan is applied, before anything changes."] : []),
    ],
    verification: { past_the_cache: plan.changes.length > 0 },
  };
  return {
    ...settled,
    async prove(progress) {
      progress.step("try the new key beside the live one", 0.1);
      const { standing, warnings } = await tryKey(windmill, target, plan.live);
      return {
        ...settled,
        notes: [...settled.notes, ...standingNotes(standing)],
        findings: warnings,
        verification: { ...settled.verification, ...bearing(standing, factsOf(observation, null, [])) },
      };
    },
  };
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

/** Finds the connection and both keys. Reads only. */
async function targetOf(windmill: Windmill, input: RotateInput, observation: Observation): Promise<Target> {
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
  const next = given?.secret ?? (input.new_key === "stored" ? stored?.secret : input.new_key);
  if (slips.length > 0 || stored === null || !next) throw new InputError(slips);
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
    return "This workspace uses the instance's AI settings, whose key lives in the workspace admins: rotate it there, with scope instance.";
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

/** The changes; the old key is deleted only when the new one has proven itself. */
async function planFor(windmill: Windmill, target: Target): Promise<Plan> {
  const { secret_path, stored, next, kept, observation, resource } = target;
  const path = previousPath(secret_path);
  const keep = (secret: Secret): Change => ({
    ...{ kind: "create-secret", path, secret, description: PREVIOUS_DESCRIPTION, lifetime_ms: PREVIOUS_LIFETIME_MS },
  });
  const drop = (secret: Secret): Change => ({ kind: "delete-secret", path, secret, description: PREVIOUS_DESCRIPTION });
  // A run that died after the swap has left the old key: this one goes on where it ended.
  const before = kept !== null && stored.equals(next) ? kept : stored;
  const obsolete = kept !== null && before !== kept ? [drop(kept)] : [];
  const swapped: Change[] = before.equals(next)
    ? []
    : [keep(before), { kind: "replace-secret", path: secret_path, before, after: next }];
  return planOf(windmill, observation, {
    changes: [...obsolete, ...swapped],
    in_the_end: swapped.length > 0 ? [drop(before)] : [],
    beside: [resource.path],
  });
}

/**
 * Tries the new key beside the live one: it must serve every model that people may choose.
 *
 * @throws Error when people would be worse off; nothing has changed then.
 */
async function tryKey(windmill: Windmill, { observation, resource, next }: Target, live: Live | null) {
  const { view } = observation.settings;
  const models = chosenModels(view);
  const { base_url } = resource;
  const { max_tokens_per_model } = view;
  const tried = await tryCandidate(windmill, resource.path, asRecord(resource.value), next, (candidate) =>
    probeCandidate(windmill, candidate, { models, base_url, max_tokens_per_model }),
  );
  const standing = await requireNoWorse(windmill, tried, { live, asked: true, new_up_to: "key" });
  const missing = tried.served === null ? [] : without(configuredModels(view), tried.served);
  if (missing.length === 0) return { standing, warnings: tried.findings };
  throw new Error(
    `Nothing was changed, because the new key (${next.prefix}) does not serve ${missing.join(", ")}, which people may choose now. Let the gateway's operator allow these models for the key, or disable them first with f/codex_pooler/connect.`,
  );
}

function notesOn({ new_key, new_key_path }: RotateInput): string[] {
  if (new_key === "stored" && new_key_path === "") {
    return ["The key that was typed for this form is the live one already. To rotate again, type another one."];
  }
  const copied = new_key_path
    ? [`The key was copied from ${new_key_path}, which stays as it is: delete it when nothing else uses it.`]
    : [];
  return [...copied, "Afterwards revoke the old key in Codex Pooler: Windmill does not use it any more."];
}
