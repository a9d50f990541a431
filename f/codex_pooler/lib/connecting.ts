import "eventsource-parser@3.1.1";
import "windmill-client@1.818.0";
import "zod@4.6.7";
import { tryCandidate } from "./candidate.ts";
import { applyChanges, type Change, undone, viewChange } from "./changes.ts";
import { checkConnection, probeCandidate, type Tried } from "./checking.ts";
import { type ConnectInput, InputError } from "./inputs.ts";
import { observe, seeResource } from "./observe.ts";
import { defaultPath, HEALTH_FLOW } from "./paths.ts";
import {
  chooseModels,
  consequences,
  type ModelChoice,
  planConnection,
  RESOURCE_TYPE,
  resourceValue,
  type Target,
} from "./planning.ts";
import type { Progress } from "./progress.ts";
import { type ChangeReport, type CheckReport, REPORT_VERSION } from "./report.ts";
import type { Secret } from "./secret.ts";
import type { Finding, Route } from "./shapes.ts";
import type { Windmill } from "./windmill.ts";
import * as resources from "./workspace/resources.ts";
import { readAiSettings, readStoredArguments } from "./workspace/settings.ts";
import * as variables from "./workspace/variables.ts";

/**
 * The walk of `connect`: observe, plan, try a candidate, apply, verify. Nothing live changes before the candidate has
 * answered, and everything is put back when the connection does not work for users afterwards.
 */
export async function connect(windmill: Windmill, input: ConnectInput, progress: Progress): Promise<ChangeReport> {
  progress.step("read what is there", 0.05);
  const target = await aim(windmill, input);
  const notes = await warnOfRawKey(windmill, input);

  if (input.mode === "plan") {
    const served = await listServed(windmill, target);
    const choice =
      served === null && input.models.length === 0
        ? openChoice(input)
        : chooseModels(input, served, target.observation.settings.view);
    const changes = planConnection(target, choice, input, "server");
    return report(windmill, input, {
      status: null,
      changes,
      notes: [...notes, ...consequences(target.observation, choice)],
      summary:
        changes.length === 0
          ? "Everything is as it should be already."
          : `${changes.length} change${changes.length === 1 ? "" : "s"}. Run it again with mode "apply" to make them; the gateway is tried first.`,
    });
  }

  progress.step("try the connection beside the live one", 0.15);
  const { choice, via, warnings } = await tryCandidate(
    windmill,
    target.resource_path,
    resourceValue(target),
    target.key,
    (candidate) => preflight(windmill, candidate, input, target),
  );
  const changes = planConnection(target, choice, input, via);
  const applied = await applyChanges(windmill, changes, progress);
  progress.step("check the connection as users reach it", 0.7);
  const verified = await verify(windmill, changes, applied.revert, progress);
  return report(windmill, input, {
    status: verified.status,
    changes,
    notes: [...notes, ...consequences(target.observation, choice), ...(await lostKeys(windmill, changes))],
    summary:
      changes.length === 0
        ? `Everything was as it should be already. ${verified.summary}`
        : `${changes.length} change${changes.length === 1 ? "" : "s"} made. ${verified.summary}`,
    verified,
    findings: [
      ...verified.findings,
      ...warnings.filter(({ code }) => !verified.findings.some((one) => one.code === code)),
    ],
  });
}

/** Fills in the defaults and checks what the input means in this workspace. Reads only. */
async function aim(windmill: Windmill, input: ConnectInput): Promise<Target> {
  const observation = await observe(windmill);
  if (!observation.caller.admin || observation.settings.own === null) {
    throw new InputError([
      `You run this as ${windmill.permissionedAs}, who is not an admin of the workspace ${windmill.workspace}. AI settings can be changed by admins only: ask one to run it.`,
    ]);
  }
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
  const [resource, stored, typeExists] = await Promise.all([
    seeResource(windmill, resource_path),
    readKey(windmill, secret_path),
    resources.resourceTypeExists(windmill, RESOURCE_TYPE.name),
  ]);
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
    resource_type_exists: typeExists,
  };
}

async function readKey(
  windmill: Windmill,
  path: string,
): Promise<(variables.StoredKey & { is_secret: boolean }) | null> {
  const info = await variables.findVariable(windmill, path);
  return info && { ...(await variables.readSecret(windmill, path)), is_secret: info.is_secret };
}

/** Which key has to be stored, or null when the stored one stays. Adds to `slips` what cannot be. */
function keyToStore(
  input: ConnectInput,
  path: string,
  stored: (variables.StoredKey & { is_secret: boolean }) | null,
  slips: string[],
): Secret | null {
  if (stored !== null && !stored.is_secret) {
    slips.push(
      `secret_path: the variable ${path} is not secret, so everybody who may read it sees the key. Make it secret, or give another path.`,
    );
    return null;
  }
  if (input.api_key !== null) {
    if (stored === null) return input.api_key;
    if (input.api_key.equals(stored.secret) && !stored.padded) return null;
    if (input.replace_secret) return input.api_key;
    slips.push(
      `api_key: the variable ${path} already holds a key (${stored.secret.prefix}). Leave api_key blank to use that one, choose another secret_path, or tick replace_secret to overwrite it.`,
    );
    return null;
  }
  if (stored === null) {
    slips.push(
      `secret_path: there is no variable ${path}. Type the key into api_key, or give the path of the variable that holds it.`,
    );
    return null;
  }
  if (stored.slip) slips.push(`secret_path: the key in ${path} ${stored.slip.says}. ${stored.slip.fix}`);
  else if (stored.padded && input.replace_secret) return stored.secret;
  else if (stored.padded) {
    slips.push(
      `secret_path: the key in ${path} has blanks or a line break around it, which breaks every request. Remove them there, or tick replace_secret to store it without them.`,
    );
  }
  return null;
}

/** A raw key among the stored arguments can only come from the API or the CLI: the form turns it into a reference. */
async function warnOfRawKey(windmill: Windmill, input: ConnectInput): Promise<string[]> {
  if (input.api_key === null) return [];
  const stored = await readStoredArguments(windmill).catch(() => null);
  const argument = stored?.api_key;
  if (typeof argument !== "string" || argument.startsWith("$")) return [];
  return [
    "The key was sent in plain text with this run (through the API or the CLI), so Windmill keeps it in the run's history, where everybody who sees the run can read it. Make a new key, store it in a secret variable and pass that variable's path as secret_path; then revoke this key.",
  ];
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
  models: [],
  default_model: input.default_model || null,
  metadata_model: input.metadata_model || null,
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

function refuse(tried: Tried): void {
  const blocking = tried.findings.filter(({ severity }) => severity === "critical");
  if (blocking.length === 0) return;
  throw new Error(`Nothing was changed, because the connection would not work:\n${blocking.map(inWords).join("\n")}`);
}

/** A finding for a red error box, which renders no HTML: cause first, then what to do. */
const inWords = (finding: Finding): string =>
  [
    `- ${finding.title}. ${finding.cause}`,
    ...finding.remedy.map((step, index) => `  ${index + 1}. ${step.replaceAll("\n", "\n     ")}`),
  ].join("\n");

/** Milliseconds that any of Windmill's processes may go on using credentials that it has cached (60 s), and some to spare. */
const CACHE_MS = 65_000;
const RECHECK_MS = 10_000;

/**
 * Checks as users do, without naming the resource. A failure is looked at again until every process must have dropped the
 * credentials it had cached.
 *
 * @throws Error when users are refused even then, after putting everything back.
 */
async function verify(
  windmill: Windmill,
  changes: readonly Change[],
  revert: () => Promise<string[]>,
  progress: Progress,
): Promise<CheckReport> {
  const until = performance.now() + (changes.length > 0 ? CACHE_MS : 0);
  for (;;) {
    const checked = await checkConnection(windmill, { depth: "chat" }, progress);
    if (checked.status !== "down") return checked;
    if (performance.now() + RECHECK_MS > until) {
      if (changes.length === 0) return checked;
      const causes = checked.findings.filter(({ severity }) => severity === "critical").map(inWords);
      throw await undone(
        new Error(`The connection worked when it was tried, but not as users reach it:\n${causes.join("\n")}`),
        revert,
      );
    }
    progress.step("not working yet: another process may still use what it had cached, looking again in 10 s", 0.8);
    await new Promise((resolve) => setTimeout(resolve, RECHECK_MS));
  }
}

/** Keys of the settings that were there before and that this server did not keep: it drops those it does not know. */
async function lostKeys(windmill: Windmill, changes: readonly Change[]): Promise<string[]> {
  const saved = changes.find((change) => change.kind === "save-ai-settings");
  if (!saved) return [];
  const kept = await readAiSettings(windmill);
  const lost = Object.keys(saved.after).filter((key) => (saved.after[key] ?? null) !== null && !(key in kept));
  return lost.length === 0
    ? []
    : [
        `This server does not know these AI settings and dropped them when the settings were saved: ${lost.join(", ")}. They were written by a newer version of Windmill.`,
      ];
}

function report(
  windmill: Windmill,
  input: ConnectInput,
  outcome: {
    status: ChangeReport["status"];
    changes: readonly Change[];
    notes: string[];
    summary: string;
    findings?: Finding[];
    verified?: Pick<ChangeReport, "probes" | "models">;
  },
): ChangeReport {
  return {
    version: REPORT_VERSION,
    command: "connect",
    mode: input.mode,
    status: outcome.status,
    applied: input.mode === "apply",
    summary: outcome.summary,
    workspace: windmill.workspace,
    changes: outcome.changes.map(viewChange),
    notes: outcome.notes,
    findings: outcome.findings ?? [],
    probes: outcome.verified?.probes ?? [],
    models: outcome.verified?.models ?? [],
  };
}
