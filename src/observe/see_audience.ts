import type { Audience } from "../core/features.ts";
import { type FolderInfo, findFolder } from "../windmill/folders.ts";
import { findResource } from "../windmill/resources.ts";
import { findVariable } from "../windmill/variables.ts";
import { isForbidden, type Windmill } from "../windmill/windmill.ts";
import { audienceOf, type Folders, folderOf, HIDDEN, OF_THE_INSTANCE, type Shared } from "./audience.ts";
import type { Observation } from "./observe.ts";

/** Reads for whom AI agent steps work. */

/** The folders of some paths, as far as the caller may see them. */
async function foldersOf(windmill: Windmill, paths: readonly string[]): Promise<Folders> {
  const names = [...new Set(paths.flatMap((path) => folderOf(path) ?? []))];
  const found = await Promise.all(
    names.map(async (name): Promise<[string, FolderInfo][]> => {
      try {
        const info = await findFolder(windmill, name);
        return info ? [[name, info]] : [];
      } catch (error) {
        if (isForbidden(error)) return [];
        throw error;
      }
    }),
  );
  return Object.fromEntries(found.flat());
}

/**
 * For whom agent steps work with the connection that was observed; null without one.
 *
 * @param in_full whether folders are looked at, which costs a request each; else they are named as such.
 */
export async function seeAudience(
  windmill: Windmill,
  { resource, secret, settings }: Observation,
  in_full: boolean,
): Promise<Audience | null> {
  if (settings.view.connection === null) return null;
  if (settings.source === "instance") return OF_THE_INSTANCE;
  if (resource?.state === "hidden" || secret?.state === "hidden") return HIDDEN;
  if (resource?.state !== "ok") return null;
  const items: Shared[] = [
    { path: resource.path, with: resource.shared_with ?? [] },
    ...(secret ? [{ path: secret.path, with: secret.shared_with ?? [] }] : []),
  ];
  const paths = items.map(({ path }) => path);
  return audienceOf(items, in_full ? await foldersOf(windmill, paths) : {});
}

/**
 * For whom agent steps will work with a resource and a secret at these paths, whether they are there already or not.
 *
 * @throws WindmillError when Windmill does not answer.
 */
export async function audienceAt(windmill: Windmill, resource_path: string, secret_path: string): Promise<Audience> {
  const [resource, secret, folders] = await Promise.all([
    findResource(windmill, resource_path),
    findVariable(windmill, secret_path),
    foldersOf(windmill, [resource_path, secret_path]),
  ]);
  const shared = (item: { extra_perms?: Record<string, unknown> | null | undefined } | null): string[] =>
    Object.keys(item?.extra_perms ?? {});
  return audienceOf(
    [
      { path: resource_path, with: shared(resource) },
      { path: secret_path, with: shared(secret) },
    ],
    folders,
  );
}
