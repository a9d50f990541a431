import { sameJson } from "../core/json.ts";
import * as resources from "../windmill/resources.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { changed, created, deleted, type HandlersOf, StaleError, swap } from "./change.ts";

const writeAccess = (path: string): string => `Write access to ${path}.`;

/** Changes of resources and of the resource type. */
export const RESOURCES: HandlersOf<
  "create-resource-type" | "delete-resource-type" | "create-resource" | "replace-resource" | "delete-resource"
> = {
  "create-resource-type": {
    view: ({ name }) => ({
      action: "create",
      target: `resource type ${name}`,
      differences: [],
      needs: "A member of the workspace.",
      undo: `Delete the resource type ${name}.`,
    }),
    apply: async (windmill, type) => {
      await resources.createResourceType(windmill, type);
    },
    revert: (windmill, { name }) => dropResourceType(windmill, name),
  },
  "delete-resource-type": {
    view: ({ name }) => ({
      action: "delete",
      target: `resource type ${name}`,
      differences: [],
      needs: "An admin of the workspace.",
      undo: `Add the resource type ${name} again (Resources, Resource types).`,
    }),
    apply: (windmill, { name }) => dropResourceType(windmill, name),
    revert: async (windmill, type) => {
      if (!(await resources.resourceTypeExists(windmill, type.name)))
        await resources.createResourceType(windmill, type);
    },
  },
  "create-resource": {
    view: ({ path, value, resource_type }) => ({
      action: "create",
      target: `resource ${path} (${resource_type})`,
      differences: created(value),
      needs: writeAccess(path),
      undo: `Delete the resource ${path}.`,
    }),
    apply: async (windmill, { path, value, resource_type, description }) => {
      await resources.createResource(windmill, { path, value, resource_type, description });
    },
    revert: (windmill, { path, value }) => dropResource(windmill, path, value),
  },
  "replace-resource": {
    view: ({ path, before, after }) => ({
      action: "change",
      target: `resource ${path}`,
      differences: changed(before, after),
      needs: writeAccess(path),
      undo: `Restore the version before in the resource's history (Resources, ${path}, History).`,
    }),
    apply: (windmill, { path, before, after }) => swapResource(windmill, path, before, after),
    revert: (windmill, { path, before, after }) => swapResource(windmill, path, after, before),
  },
  "delete-resource": {
    view: ({ path, value, resource_type }) => ({
      action: "delete",
      target: `resource ${path} (${resource_type})`,
      differences: deleted(value),
      needs: writeAccess(path),
      undo: `Create the resource ${path} again with the values shown as before.`,
    }),
    apply: (windmill, { path, value }) => dropResource(windmill, path, value),
    revert: async (windmill, { path, value, resource_type, description }) => {
      const current = await resources.findResource(windmill, path);
      if (current === null) await resources.createResource(windmill, { path, value, resource_type, description });
      // Emptied, so that nothing goes with it, but not deleted any more.
      else if (sameJson(current.value, {})) await resources.replaceResourceValue(windmill, path, value);
    },
  },
};

async function dropResourceType(windmill: Windmill, name: string): Promise<void> {
  if (await resources.resourceTypeExists(windmill, name)) await resources.deleteResourceType(windmill, name);
}

/** Deletes a resource that still has the value, or that was emptied by a run that did not get further. */
async function dropResource(windmill: Windmill, path: string, value: unknown): Promise<void> {
  const current = await resources.findResource(windmill, path);
  if (current === null) return;
  if (!sameJson(current.value, value) && !sameJson(current.value, {})) throw new StaleError(`The resource ${path}`);
  await resources.deleteResourceOnly(windmill, path);
}

const swapResource = (windmill: Windmill, path: string, expected: unknown, next: unknown): Promise<void> =>
  swap(
    `The resource ${path}`,
    async () => (await resources.findResource(windmill, path))?.value,
    sameJson,
    [expected, next],
    () => resources.replaceResourceValue(windmill, path, next),
  );
