import type { Audience } from "../core/features.ts";
import type { FolderInfo } from "../windmill/folders.ts";

/**
 * For whom what Windmill does with a person's own rights works: AI agent steps, and the models that the chat offers for them (since
 * Windmill 1.794). Both need to read the resource and the secret that its key names. Chat, fixes and summaries do not: the proxy reads
 * both with Windmill's own rights. Pure.
 */

/** An item that has to be read, with whom it is shared beside those that its path says. */
export interface Shared {
  path: string;
  /** `u/<user>` and `g/<group>`. */
  with: readonly string[];
}

/** What is known of folders, by their names; a folder that is not there was not looked at, or may not be seen. */
export type Folders = Readonly<Record<string, FolderInfo>>;

/** Every member of a workspace is in this group. */
const ALL = "g/all";

/** What every member gets over the proxy. */
export const EVERYBODY: Audience = {
  scope: "everybody",
  who: [],
  says: "Every member of the workspace: Windmill reads the resource and the key with its own rights.",
};

/** The folder that a path lies in; null for a path of a user or a group. */
export const folderOf = (path: string): string | null => /^f\/([^/]+)\//.exec(path)?.[1] ?? null;

/** Who may read an item, as `u/<user>`, `g/<group>`, and `f/<folder>` for those who may read a folder that was not looked at. */
function readersOf({ path, with: shared }: Shared, folders: Folders): string[] {
  const folder = folderOf(path);
  if (folder === null) return [path.split("/").slice(0, 2).join("/"), ...shared];
  const info = folders[folder];
  const own = info ? [...(info.owners ?? []), ...Object.keys(info.extra_perms ?? {})] : [`f/${folder}`];
  return [...own, ...shared];
}

/**
 * Who may read all of these items. Admins always may.
 *
 * @param items the resource, and the variable with its key where it names one.
 */
export function audienceOf(items: readonly Shared[], folders: Folders = {}): Audience {
  const lists = items.map((item) => [...new Set(readersOf(item, folders))]);
  const limited = lists.filter((list) => !list.includes(ALL));
  const [first, ...others] = limited;
  if (first === undefined)
    return { ...EVERYBODY, says: "Every member of the workspace: all may read the resource and the key." };
  const who = first.filter((one) => others.every((list) => list.includes(one)));
  if (who.length > 0) {
    return {
      scope: "readers",
      who,
      says: `Admins, and who may read both the resource and its key: ${named(who)}. Who can read both can read the key.`,
    };
  }
  // Somebody may be in a group of one list and named in the other: who that is, only Windmill knows.
  if (limited.every((list) => list.some((one) => !one.startsWith("u/")))) {
    return {
      scope: "readers",
      who: [],
      says: `Admins, and who is among ${limited.map(named).join(" and also among ")}.`,
    };
  }
  return { scope: "admins", who: [], says: "Admins only: nobody else may read both the resource and its key." };
}

/** The same for settings of the instance, whose resource lies in another workspace. */
export const OF_THE_INSTANCE: Audience = {
  scope: "nobody",
  who: [],
  says: "Nobody here: the resource of the instance's settings lies in the workspace admins, where no step of this workspace can name it.",
};

/** The same for a caller who may not see the rights. */
export const HIDDEN: Audience = {
  scope: "readers",
  who: [],
  says: "Admins, and who may read both the resource and its key. You may not, so your own steps cannot use it.",
};

const KINDS: Readonly<Record<string, (name: string) => string>> = {
  u: (name) => name,
  g: (name) => (name === "all" ? "every member" : `the group ${name}`),
  f: (name) => `whoever may read the folder ${name}`,
};

/** Principals as people call them, a few of them by name. */
function named(who: readonly string[]): string {
  const words = who.slice(0, NAMED).map((one) => {
    const [kind = "", name = ""] = one.split("/");
    return KINDS[kind]?.(name) ?? one;
  });
  return [...words, ...(who.length > NAMED ? [`${who.length - NAMED} more`] : [])].join(", ");
}
const NAMED = 8;

/**
 * What a plan should say of the people for whom AI agent steps will work; null where that is everybody.
 *
 * @param audience of the resource and the secret as they will be.
 */
export const agentStepsNote = ({ scope, says }: Audience): string | null =>
  scope === "everybody"
    ? null
    : `Chat, fixes and summaries will work for every member. AI agent steps, and the models that the chat offers for them, go with the rights of the person. They will work for: ${says} To let more people have them, put resource and secret into a folder that these may read; they can then read the key too, so it must be a limited one.`;
