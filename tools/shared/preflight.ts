import { z } from "zod";
import { Refusal } from "./errors.ts";
import { ApiFailure, callWindmill, type Target } from "./windmill_api.ts";

const WhoAmI = z.looseObject({
  username: z.string(),
  email: z.string(),
  is_admin: z.boolean(),
  is_super_admin: z.boolean().optional(),
});

/** Which Windmill a tool talks to, and as whom. */
export interface Place {
  /** What the server says of its version, e.g. `CE v1.788.0`. */
  version: string;
  username: string;
  email: string;
}

/**
 * Checks, by reading only, that there is a Windmill with this workspace and that the token is an admin's.
 *
 * @param why the admin's rights are needed, as a sentence.
 * @throws {@link Refusal}
 */
export async function preflight(target: Target, why: string): Promise<Place> {
  const version = await ask(target, "version", z.string().regex(/\bv?\d+\.\d+/));
  // Asked first, because a superadmin gets an answer from whoami for a workspace that does not exist.
  const exists = await ask(target, "workspaces/exists", z.boolean(), { id: target.workspace });
  if (!exists) {
    throw new Refusal(
      `${target.baseUrl} has no workspace "${target.workspace}". Its id stands in the URL of its pages after ?workspace=.`,
    );
  }
  const me = await ask(target, `w/${target.workspace}/users/whoami`, WhoAmI);
  if (!me.is_admin && me.is_super_admin !== true) {
    throw new Refusal(
      `${me.username} (${me.email}) is no admin of "${target.workspace}". ${why} Use the token of an admin in WM_TOKEN.`,
    );
  }
  return { version, username: me.username, email: me.email };
}

/**
 * Calls Windmill's API by reading.
 *
 * @throws {@link Refusal} for a failed call, with what to do about it.
 */
export async function ask<T>(target: Target, path: string, shape: z.ZodType<T>, body?: unknown): Promise<T> {
  try {
    return await callWindmill(target, path, shape, body);
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    throw new Refusal(`${error.message}\n${remedy(error, target)}`);
  }
}

function remedy({ status }: ApiFailure, { baseUrl, workspace }: Target): string {
  if (status === null) return `Check that ${baseUrl} is Windmill's address and that this machine reaches it.`;
  if (status === 401) return `The token in WM_TOKEN is not valid there, or not for "${workspace}": create a new one.`;
  if (status === 403) return "The token in WM_TOKEN may not do this: use one without scopes, of a workspace admin.";
  if (status >= 300 && status < 400)
    return "Use the address that it points to, without a sign-in page in front of the API.";
  return `Check that ${baseUrl} is Windmill itself and not a page in front of it, and that it is healthy.`;
}
