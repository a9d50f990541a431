import { ResourceService } from "windmill-client";
import * as z from "zod";
import { orNull, type Windmill } from "./windmill.ts";

/** Resources, resource types and states: one function per call, each answer parsed at this border. */

/** A resource with its raw value: `$var:` references are not resolved. */
export const ResourceInfo = z.looseObject({
  path: z.string(),
  value: z.unknown(),
  resource_type: z.string(),
  description: z.string().nullish(),
  extra_perms: z.record(z.string(), z.unknown()).nullish(),
});
export type ResourceInfo = z.infer<typeof ResourceInfo>;

/** A resource with its raw value; null when there is none. Credentials that stand in it are known from then on. */
export async function findResource(windmill: Windmill, path: string): Promise<ResourceInfo | null> {
  const found = await orNull(
    windmill.call(
      `Looking up the resource ${path}`,
      () => ResourceService.getResource({ workspace: windmill.workspace, path }),
      ResourceInfo,
    ),
  );
  windmill.secrets.learnFrom(found?.value);
  return found;
}

/** Creates a resource; fails when the path is taken, atomically. */
export const createResource = (
  windmill: Windmill,
  resource: { path: string; value: unknown; resource_type: string; description?: string },
): Promise<unknown> =>
  windmill.call(
    `Creating the resource ${resource.path}`,
    () => ResourceService.createResource({ workspace: windmill.workspace, requestBody: resource }),
    z.unknown(),
  );

/** Replaces the value of a resource. Windmill keeps the old one in the resource's history. */
export const replaceResourceValue = (windmill: Windmill, path: string, value: unknown): Promise<unknown> =>
  windmill.call(
    `Changing the resource ${path}`,
    () => ResourceService.updateResourceValue({ workspace: windmill.workspace, path, requestBody: { value } }),
    z.unknown(),
  );

/**
 * Deletes a resource and nothing else. Windmill would also delete every variable that its value references by `$var:`,
 * whoever uses it, so the value is emptied first.
 */
export async function deleteResourceOnly(windmill: Windmill, path: string): Promise<void> {
  await replaceResourceValue(windmill, path, {});
  await windmill.call(
    `Deleting the resource ${path}`,
    () => ResourceService.deleteResource({ workspace: windmill.workspace, path }),
    z.unknown(),
  );
}

/** Paths of the resources of a type that the caller may see. */
export const listResources = async (windmill: Windmill, type: string): Promise<string[]> => {
  const listed = await windmill.call(
    `Listing the resources of the type ${type}`,
    () => ResourceService.listResource({ workspace: windmill.workspace, resourceType: type }),
    z.array(z.looseObject({ path: z.string() })),
  );
  return listed.map(({ path }) => path);
};

/** Whether a resource type exists in the workspace. */
export const resourceTypeExists = (windmill: Windmill, name: string): Promise<boolean> =>
  windmill.call(
    `Looking up the resource type ${name}`,
    () => ResourceService.existsResourceType({ workspace: windmill.workspace, path: name }),
    z.boolean(),
  );

/** Creates a resource type for the workspace. */
export const createResourceType = (
  windmill: Windmill,
  type: { name: string; schema: unknown; description: string },
): Promise<unknown> =>
  windmill.call(
    `Creating the resource type ${type.name}`,
    () => ResourceService.createResourceType({ workspace: windmill.workspace, requestBody: type as never }),
    z.unknown(),
  );

/** Deletes a resource type of the workspace. */
export const deleteResourceType = (windmill: Windmill, name: string): Promise<unknown> =>
  windmill.call(
    `Deleting the resource type ${name}`,
    () => ResourceService.deleteResourceType({ workspace: windmill.workspace, path: name }),
    z.unknown(),
  );

/** The resource type under which Windmill keeps states: no history, not exported by `wmill sync`. */
const STATE_TYPE = "state";

/** Reads a state kept at a path; null when there is none yet. */
export const readState = (windmill: Windmill, path: string): Promise<unknown> =>
  orNull(
    windmill.call(
      `Reading the state ${path}`,
      () => ResourceService.getResourceValue({ workspace: windmill.workspace, path }),
      z.unknown(),
    ),
  );

/** Makes a state at a path, without secrets; fails when the path is taken, atomically. */
export const createState = (windmill: Windmill, path: string, value: unknown): Promise<unknown> =>
  createResource(windmill, { path, value: windmill.secrets.clean(value), resource_type: STATE_TYPE });

/** Deletes a state whose value references no variable; {@link deleteResourceOnly} is for every other one. */
export const deleteState = (windmill: Windmill, path: string): Promise<unknown> =>
  windmill.call(
    `Deleting the state ${path}`,
    () => ResourceService.deleteResource({ workspace: windmill.workspace, path }),
    z.unknown(),
  );

/** Writes a state at a path, without secrets, creating it when needed. */
export const writeState = (windmill: Windmill, path: string, value: unknown): Promise<unknown> =>
  windmill.call(
    `Writing the state ${path}`,
    () =>
      ResourceService.createResource({
        workspace: windmill.workspace,
        updateIfExists: true,
        requestBody: { path, value: windmill.secrets.clean(value), resource_type: STATE_TYPE },
      }),
    z.unknown(),
  );
