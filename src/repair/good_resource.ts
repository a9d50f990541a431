import { probeCandidate } from "../check/check.ts";
import { defaultPath } from "../core/paths.ts";
import { isTemporaryPath } from "../core/temporary.ts";
import { InputError } from "../inputs/parse.ts";
import { PROVIDER } from "../observe/ai_settings.ts";
import { ownView, wishOf } from "../observe/drift.ts";
import type { Intent } from "../observe/intent.ts";
import { type Observation, type ResourceSight, seeResource, seeSecret } from "../observe/observe.ts";
import { listResources } from "../windmill/resources.ts";
import type { Windmill } from "../windmill/windmill.ts";

/** Looks for a resource that users can be served from, where the one in the AI settings is missing, empty or not the wanted one. */

/** What the search came to. */
export interface Found {
  /** A resource that answered when it was asked by its path, or the one to make; null when there is neither. */
  resource: ResourceSight | null;
  /** The value to make the resource with. */
  remake: Record<string, unknown> | null;
  /** Ids that the gateway lists for it; null where nobody was asked. */
  served: string[] | null;
  server_reachable: boolean;
  /** Why there is none, in words; "" where there is one. */
  why: string;
}

/**
 * The first resource that answers: the given one, the one that was asked for, the one at the default path, and those in folders or of
 * the caller that use the key that was asked for. All others are only named: which key everybody uses is nothing to guess. Where none
 * answers, the one that was asked for is made again, if its secret is still there.
 *
 * @param given path from the form; "" for none.
 * @throws InputError when a resource was given and does not answer.
 */
export async function findGoodResource(windmill: Windmill, observation: Observation, given: string): Promise<Found> {
  const wish = wishOf(observation);
  const listed = (await listResources(windmill, PROVIDER)).filter((path) => !isTemporaryPath(path)).sort();
  const ours = given ? [] : await withKeyOf(windmill, wish, listed);
  const paths = given ? [given] : [wish?.resource_path, defaultPath(windmill.permissionedAs), ...ours];
  const distinct = new Set(paths.filter((path): path is string => Boolean(path)));
  for (const path of distinct) {
    const found = await ask(windmill, path);
    if (found) return found;
  }
  if (given) throw new InputError([`resource_path: the resource ${given} does not answer. Choose another one.`]);
  const others = listed.filter((path) => !distinct.has(path));
  return (await remade(windmill, observation)) ?? nothing(observation, [...distinct], others);
}

/** Resources in folders and of the caller's own that use the key that was asked for: that is where the connection was moved to. */
async function withKeyOf(windmill: Windmill, wish: Intent | null, listed: readonly string[]): Promise<string[]> {
  if (wish === null) return [];
  const mine = listed.filter((path) => path.startsWith("f/") || path.startsWith(`${windmill.permissionedAs}/`));
  const seen = await Promise.all(mine.map((path) => seeResource(windmill, path)));
  return seen.flatMap((one) =>
    one.state === "ok" && one.key.kind === "reference" && one.key.path === wish.secret_path ? [one.path] : [],
  );
}

/** The resource that was asked for, if it answers: the present one is no worse than any other. */
export async function findWishedResource(windmill: Windmill, observation: Observation): Promise<Found | null> {
  const wish = wishOf(observation);
  return wish && ask(windmill, wish.resource_path);
}

/** Asks a resource by its path; null when it is none, or does not answer. */
async function ask(windmill: Windmill, path: string): Promise<Found | null> {
  const resource = await seeResource(windmill, path);
  if (resource.state !== "ok" || resource.type !== PROVIDER) return null;
  const { findings, served, server_reachable } = await probeCandidate(windmill, path, {
    models: [],
    base_url: resource.base_url,
  });
  if (findings.some(({ severity }) => severity === "critical")) return null;
  return { resource, remake: null, served, server_reachable, why: "" };
}

/** The wanted resource made again, where nothing stands at its path and its secret is still there. */
async function remade(windmill: Windmill, observation: Observation): Promise<Found | null> {
  const wish = wishOf(observation);
  if (wish === null) return null;
  const [resource, secret] = await Promise.all([
    seeResource(windmill, wish.resource_path),
    seeSecret(windmill, wish.secret_path),
  ]);
  const empty = resource.state === "missing" || (resource.state === "malformed" && resource.value === null);
  if (!empty || secret.state !== "ok") return null;
  const remake = { api_key: `$var:${wish.secret_path}`, base_url: wish.base_url, headers: {} };
  return { resource, remake, served: null, server_reachable: false, why: "" };
}

function nothing(observation: Observation, asked: readonly string[], others: readonly string[]): Found {
  const path = ownView(observation).connection?.resource_path;
  const why = [
    path ? `The AI settings name ${path}, which cannot be used.` : "The AI settings name no resource.",
    asked.length > 0 ? `None of these answers: ${asked.join(", ")}.` : "",
    others.length > 0
      ? `These were never asked for and were not tried, because their keys are for something else: ${others.join(", ")}. To use one for everybody, name it as resource_path.`
      : "",
    "Else run f/codex_pooler/connect with a key: it makes a resource.",
  ];
  return { resource: null, remake: null, served: null, server_reachable: false, why: why.filter(Boolean).join(" ") };
}
