import { InputError } from "../inputs/parse.ts";
import type { RawAiSettings } from "../observe/ai_settings.ts";
import type { Observation } from "../observe/observe.ts";
import { whoAmI } from "../windmill/settings.ts";
import type { Windmill } from "../windmill/windmill.ts";

/** Commands that change something are for workspace admins. */

const notAdmin = (windmill: Windmill): InputError =>
  new InputError([
    `You run this as ${windmill.permissionedAs}, who is not an admin of the workspace ${windmill.workspace}. AI settings can be changed by admins only: ask one to run it.`,
  ]);

/**
 * Lets admins pass.
 *
 * @throws InputError for everybody else, before anything is touched.
 */
export async function requireAdmin(windmill: Windmill): Promise<void> {
  const caller = await whoAmI(windmill);
  if (!caller.admin) throw notAdmin(windmill);
}

/**
 * The workspace's own AI settings, which nobody may replace without having read them.
 *
 * @throws InputError when the caller may not read them.
 */
export function ownSettings(windmill: Windmill, { settings }: Observation): RawAiSettings {
  if (settings.own === null) throw notAdmin(windmill);
  return settings.own;
}
