import { ownSettings } from "../change/admin.ts";
import { type Examined, examine } from "../check/check.ts";
import { apartFrom, defaultPath } from "../core/paths.ts";
import type { CheckReport } from "../core/report.ts";
import { Secret } from "../core/secret.ts";
import type { Finding, Layer, Route } from "../core/shapes.ts";
import { copyPath } from "../core/temporary.ts";
import { factsOf } from "../diagnose/facts.ts";
import { isSamePlace, likelyBaseUrls, tidyBaseUrl } from "../inputs/base_url.ts";
import type { RepairInput } from "../inputs/repair.ts";
import { type Drift, driftOf, ownView, wishOf } from "../observe/drift.ts";
import { isForeign, type Observation, type ResourceSight, seeResource, seeSecret } from "../observe/observe.ts";
import { rowOf } from "../table/table.ts";
import type { Progress } from "../windmill/progress.ts";
import { findVariable, readSecret } from "../windmill/variables.ts";
import type { Windmill } from "../windmill/windmill.ts";
import type { KeyPlace, Scene } from "./draft.ts";
import { type Found, findGoodResource, findWishedResource } from "./good_resource.ts";
import { redirectTargets } from "./redirects.ts";
import { ADDRESS_CODES, RESOURCE_CODES } from "./repairs.ts";

/** Gathers what repairs look at. Reads only. */

/** A scene with what the rest of the walk needs. */
export interface Sight {
  scene: Scene;
  /** What is there, as it is. */
  present: Observation;
  /** Where that differs from what was asked for. */
  drift: readonly Drift[];
  report: CheckReport;
  /** Base URLs to try, the likeliest first; none where the present one stays. */
  base_urls: readonly string[];
  /** The process by which the settings are saved: the server's, if it can be reached from here. */
  via: Route;
}

/**
 * Checks the connection and looks around for what can mend it.
 *
 * @throws InputError when the caller may not read the settings, or when a given resource does not answer.
 */
export async function look(windmill: Windmill, input: RepairInput, progress: Progress): Promise<Sight> {
  const examined = await examine(windmill, { depth: input.depth, patient: true }, progress);
  const { observation: present, report, served } = examined;
  ownSettings(windmill, present);
  progress.step("look for what can mend it", 0.4);
  const found = await otherResource(windmill, examined, input);
  const resource = found === null ? present.resource : found.resource;
  const observation = found?.resource ? await seenWith(windmill, present, found.resource) : present;
  const known = found?.served ?? served;
  const seen = found === null ? examined : seenAnew(present, observation, known);
  const facts = new Set(seen.facts.map(({ code }) => code));
  const codes = new Set([...facts, ...countingCodes(report, found)]);
  const base_urls = likely(observation, resource, codes, report.findings, input);
  const scene: Scene = {
    observation,
    resource,
    remake: found?.remake ?? null,
    no_resource: found?.why ?? "",
    unfinished: isUnfinished(present),
    findings: report.findings,
    facts,
    codes,
    served: known,
    refused: refusedModels(report),
    input,
    base_url: base_urls[0] ?? null,
    tried_urls: [],
    old_key: await oldKeyOf(windmill, observation),
    key_place: await keyPlaceFor(windmill, observation, resource, input),
    wished_secret: await wishedSecret(windmill, observation, resource),
  };
  const reached = report.probes.some(({ route, status }) => route === "server" && status !== null);
  return {
    scene,
    present,
    drift: seen.drift,
    report,
    base_urls,
    via: reached || found?.server_reachable ? "server" : "worker",
  };
}

/** The resource that users need where the present one is none, or that is to be put back; null where the present one stays. */
async function otherResource(
  windmill: Windmill,
  { observation: present, served, facts, drift: differences }: Examined,
  input: RepairInput,
): Promise<Found | null> {
  const unfinished = isUnfinished(present) ? await wishedAsItIs(windmill, present, served) : null;
  if (unfinished) return unfinished;
  const bad = facts.some(({ code }) => RESOURCE_CODES.includes(code)) || isEmpty(present.resource);
  if (bad) return findGoodResource(windmill, present, input.resource_path);
  const drift = input.accept_drift ? [] : differences.map(({ place }) => place);
  if (drift.includes("connection")) return findGoodResource(windmill, present, input.resource_path);
  return drift.includes("resource") ? findWishedResource(windmill, present) : null;
}

/** Whether people are on the temporary copy of a connection, where a run that died has left them. */
function isUnfinished(present: Observation): boolean {
  const path = ownView(present).connection?.resource_path ?? "";
  return path !== "" && copyPath(path) === path;
}

/** The resource that was asked for, which the dead run was about to change, to be repaired while nobody uses it. */
async function wishedAsItIs(
  windmill: Windmill,
  present: Observation,
  served: readonly string[] | null,
): Promise<Found | null> {
  const wish = wishOf(present);
  const resource = wish && (await seeResource(windmill, wish.resource_path));
  if (resource?.state !== "ok") return null;
  return { resource, remake: null, served: served && [...served], server_reachable: true, why: "" };
}

const isEmpty = (resource: ResourceSight | null): boolean => resource?.state === "malformed" && resource.value === null;

/** The observation as it would be with another resource. */
async function seenWith(windmill: Windmill, present: Observation, resource: ResourceSight): Promise<Observation> {
  const secret =
    resource.state === "ok" && resource.key.kind === "reference" ? await seeSecret(windmill, resource.key.path) : null;
  return { ...present, resource, secret };
}

/** Layers of findings that do not depend on which resource is used. */
const ELSEWHERE: ReadonlySet<Layer> = new Set<Layer>(["workspace-settings", "key-policy", "model", "schedule"]);

/** What would be wrong with another resource, and where the workspace as it is differs from what was asked for, by its list. */
const seenAnew = (
  present: Observation,
  observation: Observation,
  served: readonly string[] | null,
): Pick<Examined, "facts" | "drift"> => ({
  facts: factsOf(observation, served, driftOf(observation, served)),
  drift: driftOf(present, served),
});

/** Codes of what was found, without what does not hold for the resource that will be used. */
function countingCodes({ findings, probes }: CheckReport, found: Found | null): string[] {
  // Asked by its path, past the cache, it answers: then the address is right, and Windmill still uses the former one.
  const answers = probes.some(({ kind, candidate, ok }) => kind === "models" && candidate && ok);
  const counts = ({ code }: Finding): boolean =>
    found?.resource
      ? ELSEWHERE.has(rowOf(code).layer) || RESOURCE_CODES.includes(code)
      : !(answers && ADDRESS_CODES.includes(code));
  return findings.filter(counts).map(({ code }) => code);
}

/** Base URLs that may be meant. The key is offered to no other host than the present one and the one that was asked for. */
function likely(
  observation: Observation,
  resource: ResourceSight | null,
  codes: ReadonlySet<string>,
  findings: readonly Finding[],
  input: RepairInput,
): string[] {
  if (resource?.state !== "ok") return [];
  const wish = wishOf(observation);
  const wished = wish?.resource_path === resource.path ? [wish.base_url] : [];
  if (ADDRESS_CODES.some((code) => codes.has(code))) {
    return [...new Set([...redirected(resource.base_url, findings), ...likelyBaseUrls(resource.base_url, wished)])];
  }
  return input.accept_drift ? [] : wished.filter((url) => url !== tidyBaseUrl(resource.base_url));
}

/** Where a redirect leads that the live key may follow. */
const redirected = (base_url: string, findings: readonly Finding[]): string[] =>
  redirectTargets(findings).flatMap((target) => (isSamePlace(base_url, target) ? likelyBaseUrls(target) : []));

const REFUSED: ReadonlySet<string> = new Set(["model-not-served", "model-refused"]);

/** Ids that the gateway refuses as unknown when they are asked, listed or not. */
const refusedModels = ({ probes }: CheckReport): string[] => [
  ...new Set(probes.flatMap(({ code, model }) => (REFUSED.has(code ?? "") && model !== null ? [model] : []))),
];

/** What stands where a key that lies open would be moved; null where none does. */
async function keyPlaceFor(
  windmill: Windmill,
  observation: Observation,
  resource: ResourceSight | null,
  input: RepairInput,
): Promise<KeyPlace | null> {
  if (resource?.state !== "ok" || resource.key.kind !== "literal") return null;
  const usual = wishOf(observation)?.secret_path || defaultPath(windmill.permissionedAs);
  const path = input.secret_path || (usual && isForeign(resource, usual) ? apartFrom(usual) : usual);
  if (!path) return { path: "", state: "nowhere" };
  const info = await findVariable(windmill, path);
  if (info === null) return { path, state: "free" };
  const open = literalKey(resource.value);
  const same = info.is_secret && (await readSecret(windmill, path)).secret.equals(open);
  return { path, state: same ? "same" : "taken" };
}

/** The old key that a rotation has left, with which its variable is known for the same when it is deleted. */
async function oldKeyOf(windmill: Windmill, { old_key }: Observation): Promise<Scene["old_key"]> {
  return old_key && { path: old_key.path, secret: (await readSecret(windmill, old_key.path)).secret };
}

const literalKey = (value: unknown): Secret => {
  const { api_key, apiKey } = value as { api_key?: string; apiKey?: string };
  return new Secret(api_key || apiKey || "");
};

async function wishedSecret(
  windmill: Windmill,
  observation: Observation,
  resource: ResourceSight | null,
): Promise<Scene["wished_secret"]> {
  const wish = wishOf(observation);
  if (wish === null || resource?.path !== wish.resource_path) return "none";
  return (await seeSecret(windmill, wish.secret_path)).state === "ok" ? "usable" : "none";
}
