import { ResourceService } from "windmill-client";
import * as z from "zod";
import { sameJson } from "../core/json.ts";
import { HEALTH_STATE } from "../core/paths.ts";
import { createState, deleteState, readState } from "./resources.ts";
import { orNull, type Windmill, WindmillError } from "./windmill.ts";

/**
 * A state that several jobs change as a whole, one after the other and without a lock. Windmill cannot change a resource only if it
 * still is what was read, but it moves one to another path only if it is there (`UPDATE ... WHERE path`, update_resource in
 * backend/windmill-store/src/resources.rs). So each version stands at a path of its own, `<base>/<number>`, and whoever moves
 * version n to n + 1 with a new value has changed exactly what it has read. That is one call of the API for a change; nothing goes
 * to the trash, and a job that dies leaves nothing locked.
 */

/** A version of a moving state. */
export interface Version {
  number: number;
  value: unknown;
}

/** How often a reader looks where it has moved to while it reads. */
const READS = 20;

/** The present version; null when there is none that the caller may see. */
export async function readVersion(windmill: Windmill, base: string): Promise<Version | null> {
  for (let attempt = 1; ; attempt++) {
    const [number] = await versionsOf(windmill, base);
    if (number === undefined) return null;
    const found = await orNull(
      windmill.call(
        `Reading the state ${at(base, number)}`,
        () => ResourceService.getResourceValue({ workspace: windmill.workspace, path: at(base, number) }),
        z.unknown().transform((value) => ({ value })),
      ),
    );
    if (found !== null) return { number, ...found };
    if (attempt === READS) throw new WindmillError(`Reading the state ${base}`, null, "it is changed all the time");
  }
}

const at = (base: string, number: number): string => `${base}/${number}`;

/** The numbers of the versions that there are, the highest first; one as a rule. */
async function versionsOf(windmill: Windmill, base: string): Promise<number[]> {
  const listed = await windmill.call(
    `Looking for the state ${base}`,
    () => ResourceService.listResource({ workspace: windmill.workspace, resourceType: "state", pathStart: base }),
    z.array(z.looseObject({ path: z.string() })),
  );
  const numbers = listed.flatMap(({ path }) => {
    const [, number] = path.startsWith(`${base}/`) ? (/^(\d{1,15})$/.exec(path.slice(base.length + 1)) ?? []) : [];
    return number === undefined ? [] : [Number(number)];
  });
  return numbers.sort((a, b) => b - a);
}

/**
 * Puts a value in the place of the version that was read; null for where there was none.
 *
 * @returns false when somebody else was faster: read again, and decide again. The very first change may have been taken although it
 *   says so, so it must be one that can be told when it comes again.
 * @throws WindmillError when Windmill refuses, or does not say whether it did it and did not.
 */
export async function replaceVersion(
  windmill: Windmill,
  base: string,
  before: Version | null,
  value: unknown,
): Promise<boolean> {
  const number = before === null ? 0 : before.number + 1;
  const path = at(base, number);
  try {
    if (before === null) await createState(windmill, path, value);
    else await move(windmill, at(base, before.number), path, value);
    return await isLatest(windmill, base, number);
  } catch (error) {
    if (!(error instanceof WindmillError)) throw error;
    if (error.status === 404 || (error.status === 400 && error.said.includes("already exists"))) return false;
    if (error.status !== null && error.status < 500) throw error;
    // The answer may have got lost on the way back.
    const now = await readVersion(windmill, base);
    if (now?.number === before?.number) throw error;
    return now !== null && now.number === number && sameJson(now.value, value);
  }
}

/**
 * Whether a version that was just written is the latest. Only the first place can be taken twice, by one who read before there was any
 * version and makes it after the first one has moved on: what he made goes again, and he reads again.
 */
async function isLatest(windmill: Windmill, base: string, number: number): Promise<boolean> {
  if (number > 1) return true;
  const [latest = number, ...older] = await versionsOf(windmill, base);
  for (const one of older) await orNull(deleteState(windmill, at(base, one)));
  return latest <= number;
}

const move = (windmill: Windmill, from: string, to: string, value: unknown): Promise<unknown> =>
  windmill.call(
    `Writing the state ${to}`,
    () =>
      ResourceService.updateResource({ workspace: windmill.workspace, path: from, requestBody: { path: to, value } }),
    z.unknown(),
  );

/** Deletes every version, also one that moves meanwhile. Its value must reference no variable: Windmill would delete that too. */
export async function deleteVersions(windmill: Windmill, base: string): Promise<void> {
  for (let attempt = 1; attempt <= READS; attempt++) {
    const numbers = await versionsOf(windmill, base);
    if (numbers.length === 0) return;
    for (const number of numbers) await orNull(deleteState(windmill, at(base, number)));
  }
}

/** A record of the product: the moving state of that name, or the state at the path itself; null when there is neither. */
export async function readRecord(windmill: Windmill, path: string): Promise<unknown> {
  const moving = path === HEALTH_STATE ? await readVersion(windmill, path) : null;
  return moving?.value ?? (await readState(windmill, path));
}
