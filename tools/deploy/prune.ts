import { z } from "zod";
import { BUNDLE } from "../build/deployed.ts";
import { hashOf, type Releases } from "../build/releases.ts";
import { callWindmill, type Target } from "../shared/windmill_api.ts";

/** What a past release has left in the workspace: scripts that this one no longer has. Nothing else is ever archived. */

export interface Leftovers {
  /** Paths of scripts that are still what a release had put there, sorted. */
  ours: string[];
  /** Paths at which somebody has put something else since. They are left alone. */
  changed: string[];
}

/** Scripts that are asked for at a time. */
const AT_ONCE = 8;
/** Scripts on a page of Windmill's list; its own limit is higher. */
const PER_PAGE = 500;

const Listed = z.array(z.looseObject({ path: z.string() }));
const Script = z.looseObject({ content: z.string(), archived: z.boolean().nullish() });

/**
 * Looks for what past releases have left behind.
 *
 * @param releases what each release has put into workspaces.
 * @param present paths of the scripts of this release.
 */
export async function findLeftovers(
  target: Target,
  releases: Releases,
  present: readonly string[],
): Promise<Leftovers> {
  const hashes = new Map<string, Set<string>>();
  for (const scripts of Object.values(releases)) {
    for (const [path, hash] of Object.entries(scripts)) {
      if (present.includes(path)) continue;
      hashes.set(path, (hashes.get(path) ?? new Set()).add(hash));
    }
  }
  const there = (await listScripts(target)).filter((path) => hashes.has(path)).sort();
  const found: Leftovers = { ours: [], changed: [] };
  for (let at = 0; at < there.length; at += AT_ONCE) {
    await Promise.all(
      there.slice(at, at + AT_ONCE).map(async (path) => {
        const { content } = await callWindmill(target, `w/${target.workspace}/scripts/get/p/${path}`, Script);
        found[hashes.get(path)?.has(hashOf(content)) ? "ours" : "changed"].push(path);
      }),
    );
  }
  return { ours: found.ours.sort(), changed: found.changed.sort() };
}

/** Paths of all scripts in the bundle's folder, also of those without a main, which Windmill calls libraries. */
async function listScripts(target: Target): Promise<string[]> {
  const paths = new Set<string>();
  // Until a page brings nothing new, whatever a server makes of the size that it was asked for.
  for (let page = 1, known = -1; known < paths.size; page++) {
    known = paths.size;
    const query = `path_start=${encodeURIComponent(`${BUNDLE}/`)}&include_without_main=true&per_page=${PER_PAGE}&page=${page}`;
    const listed = await callWindmill(target, `w/${target.workspace}/scripts/list?${query}`, Listed);
    for (const { path } of listed) paths.add(path);
  }
  return [...paths];
}

/** Archives scripts. Windmill keeps them in its history, and their runs too. */
export async function archive(target: Target, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await callWindmill(target, `w/${target.workspace}/scripts/archive/p/${path}`, z.unknown(), {});
  }
}
