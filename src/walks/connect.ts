import { tryCandidate } from "../change/candidate.ts";
import { withIntent } from "../change/intent.ts";
import { planOf } from "../change/plan.ts";
import { bearing, standingNotes } from "../change/standing_trouble.ts";
import { probeCandidate } from "../check/check.ts";
import { readableCredentials } from "../core/headers.ts";
import type { ChangeReport } from "../core/report.ts";
import type { Route } from "../core/shapes.ts";
import { factsOf } from "../diagnose/facts.ts";
import type { ConnectInput } from "../inputs/connect.ts";
import { ownModel } from "../observe/ai_settings.ts";
import { agentStepsNote } from "../observe/audience.ts";
import { observe } from "../observe/observe.ts";
import { audienceAt } from "../observe/see_audience.ts";
import type { Progress } from "../windmill/progress.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { type ModelChoice, needsList, openChoice } from "./connect_models.ts";
import { consequences, limitKey, planConnection, resourceValue, type Target } from "./connect_plan.ts";
import { targetOf } from "./connect_target.ts";
import { choiceOf, tryTarget } from "./connect_trial.ts";
import { completion } from "./off_the_copy.ts";
import { type Aim, runChange } from "./run_change.ts";

const COMMAND = "connect";

/**
 * The command `connect`: makes the connection, or changes what differs. Nothing live changes before a candidate has answered, and
 * everything is put back when the connection does not work for users afterwards.
 *
 * @throws what {@link runChange} throws.
 */
export const connect = (windmill: Windmill, input: ConnectInput, progress: Progress): Promise<ChangeReport> =>
  runChange(
    windmill,
    {
      ...{ ...input, name: COMMAND },
      confidential: { ...(input.api_key === null ? {} : { api_key: "given" }), headers: input.headers ?? {} },
    },
    progress,
    async () => {
      const observation = await observe(windmill);
      const first = await completion(windmill, observation, { ...input, name: COMMAND });
      if (first) return first;
      const target = await targetOf(windmill, input, observation);
      return input.mode === "plan" ? aimOfPlan(windmill, input, target) : aimOfApply(windmill, input, target);
    },
  );

/** What a plan shows: the gateway is asked only over the connection that is live already, because a plan stores no key. */
async function aimOfPlan(windmill: Windmill, input: ConnectInput, target: Target): Promise<Aim> {
  const served = await listServed(windmill, target);
  const open = served === null && needsList(input, target.enabled);
  return {
    ...(await aimAt(windmill, target, open ? openChoice(input) : choiceOf(input, served, target), input, "server")),
    open,
  };
}

/** What is applied: the trial shows what the gateway serves. */
async function aimOfApply(windmill: Windmill, input: ConnectInput, target: Target): Promise<Aim> {
  return {
    ...(await aimAt(windmill, target, openChoice(input), input, "server")),
    open: true,
    async prove(progress) {
      progress.step("try the connection beside the live one", 0.15);
      const { choice, via, warnings, standing } = await tryCandidate(
        windmill,
        target.resource_path,
        resourceValue(target),
        target.key,
        (candidate) => tryTarget(windmill, candidate, input, target),
      );
      const aim = await aimAt(windmill, target, choice, input, via);
      const { observation } = target;
      return {
        ...aim,
        notes: [...aim.notes, ...standingNotes(standing)],
        findings: warnings,
        verification: bearing(standing, factsOf(observation, null, [])),
      };
    },
  };
}

/** What will lie open in the resource. */
function readableNote({ headers }: ConnectInput): string[] {
  const readable = readableCredentials(headers ?? {});
  if (readable.length === 0) return [];
  return [
    `${readable.join(", ")} seems to hold a credential. Windmill has no secret place for headers: whoever may read the resource or its history sees it, so let it open this gateway and nothing else.`,
  ];
}

/** For whom AI agent steps will work, where that is not everybody. */
async function forWhom(windmill: Windmill, { resource_path, secret_path }: Target): Promise<string[]> {
  const note = agentStepsNote(await audienceAt(windmill, resource_path, secret_path));
  return note === null ? [] : [note];
}

/** The changes that make the connection, with the record of what was asked for. */
async function aimAt(
  windmill: Windmill,
  target: Target,
  choice: ModelChoice,
  input: ConnectInput,
  via: Route,
): Promise<Aim> {
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
  const limits = Object.keys(choice.limits).map(limitKey);
  const recorded = withIntent(windmill, changes, wish, observation.intent, own ?? {}, limits);
  return {
    plan: await planOf(windmill, observation, { changes: recorded, beside: [resource_path] }),
    notes: [...readableNote(input), ...(await forWhom(windmill, target)), ...consequences(target, choice)],
    verification: {},
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
  return live
    ? (await probeCandidate(windmill, target.resource_path, { models: [], base_url: target.base_url })).served
    : null;
}
