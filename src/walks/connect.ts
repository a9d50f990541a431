import { refuse, tryCandidate } from "../change/candidate.ts";
import { changeReport, commit, ownSettings, planOrApply } from "../change/commit.ts";
import { withIntent } from "../change/intent.ts";
import { type Plan, planOf, requirePlan } from "../change/plan.ts";
import { probeCandidate } from "../check/check.ts";
import { readableCredentials } from "../core/headers.ts";
import { defaultPath, HEALTH_FLOW, readRunnable } from "../core/paths.ts";
import type { ChangeReport } from "../core/report.ts";
import { RESOURCE_TYPE } from "../core/resource_type.ts";
import type { Finding, Route } from "../core/shapes.ts";
import type { ConnectInput } from "../inputs/connect.ts";
import { InputError } from "../inputs/parse.ts";
import { ownModel } from "../observe/ai_settings.ts";
import { observe, seeResource } from "../observe/observe.ts";
import { forgetTypedKeys, keyToStore, readKey, warnOfOpenArguments } from "../windmill/key_input.ts";
import type { Progress } from "../windmill/progress.ts";
import { runnableExists } from "../windmill/runnables.ts";
import * as variables from "../windmill/variables.ts";
import type { Windmill } from "../windmill/windmill.ts";
import {
  ALL_SERVED,
  chooseModels,
  consequences,
  type ModelChoice,
  planConnection,
  resourceValue,
  type Target,
} from "./connect_plan.ts";

/**
 * The walk of `connect`: observe, plan, try a candidate, apply, verify. Nothing live changes before the candidate has
 * answered, and everything is put back when the connection does not work for users afterwards.
 *
 * @throws InputError, LockedError, UndoneError, or Error when the candidate does not work; each says what to do.
 */
export async function connect(windmill: Windmill, input: ConnectInput, progress: Progress): Promise<ChangeReport> {
  const walk = { plan: () => plan(windmill, input), apply: () => apply(windmill, input, progress) };
  return planOrApply(windmill, { command: COMMAND, mode: input.mode }, progress, walk);
}

const COMMAND = "connect";

async function plan(windmill: Windmill, input: ConnectInput): Promise<ChangeReport> {
  const target = await aim(windmill, input);
  const served = await listServed(windmill, target);
  const open = served === null && input.models.length === 0;
  const choice = open ? openChoice(input) : chooseModels(input, served, target.observation.settings.view);
  const plan = await planFor(windmill, target, choice, input, "server");
  const notes = [...(await notesOnSecrets(windmill, input)), ...consequences(target.observation, choice)];
  const report = await changeReport(windmill, { command: COMMAND, mode: "plan", plan, notes, verified: null });
  // The models of an open plan are chosen when it is applied, so there is no such plan to hold on to.
  return open ? { ...report, plan_id: "" } : report;
}

async function apply(windmill: Windmill, input: ConnectInput, progress: Progress): Promise<ChangeReport> {
  const target = await aim(windmill, input);
  progress.step("try the connection beside the live one", 0.15);
  const { choice, via, warnings } = await tryCandidate(
    windmill,
    target.resource_path,
    resourceValue(target),
    target.key,
    (candidate) => preflight(windmill, candidate, input, target),
  );
  const plan = await planFor(windmill, target, choice, input, via);
  await requirePlan(plan, input.plan_id);
  const verified = await commit(windmill, { command: COMMAND, plan, must_work: true }, progress);
  const open = await notesOnSecrets(windmill, input);
  await forgetTypedKeys(windmill);
  return changeReport(windmill, {
    command: COMMAND,
    mode: "apply",
    plan,
    notes: [...open, ...consequences(target.observation, choice)],
    verified,
    findings: warnings,
  });
}

/** What lies open in the run's arguments, and what will lie open in the resource. */
async function notesOnSecrets(windmill: Windmill, { api_key, headers }: ConnectInput): Promise<string[]> {
  const readable = readableCredentials(headers);
  const note = `${readable.join(", ")} seems to hold a credential. Windmill has no secret place for headers: whoever may read the resource or its history sees it, so let it open this gateway and nothing else.`;
  return [
    ...(await warnOfOpenArguments(windmill, { ...(api_key === null ? {} : { api_key: "given" }), headers })),
    ...(readable.length > 0 ? [note] : []),
  ];
}

/** The changes that make the connection, with the record of what was asked for. */
function planFor(
  windmill: Windmill,
  target: Target,
  choice: ModelChoice,
  input: ConnectInput,
  via: Route,
): Promise<Plan> {
  const { observation, resource_path, secret_path, base_url } = target;
  const { view, own } = observation.settings;
  const wish = {
    active: true,
    resource_path,
    secret_path,
    base_url,
    models: choice.models,
    default_model: choice.default_model ?? ownModel(view.default_model),
    metadata_model: choice.metadata_model ?? ownModel(view.metadata_model),
    left_out: choice.left_out ?? observation.intent?.left_out ?? [],
    schedule_off: input.schedule === null ? (observation.intent?.schedule_off ?? false) : input.schedule === "off",
  };
  const changes = planConnection(target, choice, input, via);
  const recorded = withIntent(windmill, changes, wish, observation.intent, own ?? {});
  return planOf(windmill, observation, recorded, [resource_path]);
}

/** Fills in the defaults and checks what the input means in this workspace. Reads only. */
async function aim(windmill: Windmill, input: ConnectInput): Promise<Target> {
  const observation = await observe(windmill);
  ownSettings(windmill, observation);
  const fallback = defaultPath(windmill.permissionedAs);
  const pick = (field: "secret_path" | "resource_path"): string => {
    const path = input[field] || fallback;
    if (path) return path;
    throw new InputError([
      `${field}: there is no default for ${windmill.permissionedAs}, because Windmill accepts no such path. Give one, e.g. f/codex_pooler/gateway.`,
    ]);
  };
  const secret_path = pick("secret_path");
  const resource_path = pick("resource_path");
  const [resource, stored] = await Promise.all([seeResource(windmill, resource_path), readKey(windmill, secret_path)]);
  const slips: string[] = [];
  if ((resource.state === "ok" || resource.state === "malformed") && resource.type !== RESOURCE_TYPE.name) {
    slips.push(
      `resource_path: ${resource_path} is a resource of the type ${resource.type}, not ${RESOURCE_TYPE.name}. Choose another path.`,
    );
  }
  const schedule = observation.schedule;
  if (input.schedule !== null && schedule !== null && schedule.script_path !== HEALTH_FLOW) {
    slips.push(
      `schedule: ${schedule.path} is a schedule of somebody else's (it runs ${schedule.script_path}). Rename it first.`,
    );
  }
  if (input.alert_webhook_path && (await variables.findVariable(windmill, input.alert_webhook_path)) === null) {
    slips.push(
      `alert_webhook_path: there is no variable ${input.alert_webhook_path}. Create a secret variable there that holds the webhook's address.`,
    );
  }
  const runnable = readRunnable(input.alert_runnable);
  if (runnable && !(await runnableExists(windmill, runnable))) {
    slips.push(`alert_runnable: there is no ${runnable.kind} ${runnable.path} that you can run.`);
  }
  const key = keyToStore(input, secret_path, stored, slips);
  if (slips.length > 0) throw new InputError(slips);
  return {
    observation,
    resource_path,
    secret_path,
    resource,
    stored: stored?.secret ?? null,
    key,
    base_url: input.base_url,
    headers: input.headers,
    resource_type_exists: observation.has_resource_type,
  };
}

/** The model list over the connection as it stands, when the target is that connection already; null when it is not known. */
async function listServed(windmill: Windmill, target: Target): Promise<string[] | null> {
  const { resource } = target;
  const live =
    resource.state === "ok" &&
    target.key === null &&
    resource.base_url === target.base_url &&
    resource.key.kind === "reference" &&
    resource.key.path === target.secret_path;
  return live ? (await probeCandidate(windmill, target.resource_path, [], target.base_url)).served : null;
}

/** A plan's models when the gateway cannot be asked before the candidate exists. */
const openChoice = (input: ConnectInput): ModelChoice => ({
  models: [ALL_SERVED],
  default_model: input.default_model || null,
  metadata_model: input.metadata_model || null,
  left_out: [],
  notes: [
    "models is blank, so every model that the gateway lists will be enabled. The list is read when the plan is applied: a plan stores no key to ask with.",
  ],
});

interface Preflight {
  choice: ModelChoice;
  via: Route;
  warnings: Finding[];
}

/**
 * Tries the candidate: lists models, chooses, and asks the default and the metadata model.
 *
 * @throws Error when users would be refused; nothing live has changed then.
 */
async function preflight(
  windmill: Windmill,
  candidate: string,
  input: ConnectInput,
  target: Target,
): Promise<Preflight> {
  const listed = await probeCandidate(windmill, candidate, [], target.base_url);
  refuse(listed);
  const choice = chooseModels(input, listed.served, target.observation.settings.view);
  const asked = [choice.default_model ?? choice.models[0], choice.metadata_model].filter(
    (id) => id !== null && id !== undefined,
  );
  const tried = await probeCandidate(windmill, candidate, [...new Set(asked)], target.base_url);
  refuse(tried);
  return { choice, via: tried.server_reachable ? "server" : "worker", warnings: tried.findings };
}
