import type { Secret } from "../core/secret.ts";
import * as variables from "../windmill/variables.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { type HandlersOf, StaleError, swap } from "./change.ts";

const writeAccess = (path: string): string => `Write access to ${path}.`;

/** Changes of secret variables. */
export const SECRETS: HandlersOf<"create-secret" | "replace-secret" | "delete-secret"> = {
  "create-secret": {
    view: ({ path, secret }) => ({
      action: "create",
      target: `secret variable ${path}`,
      differences: [{ path: "value", before: null, after: secret.prefix }],
      needs: writeAccess(path),
      undo: `Delete the variable ${path}.`,
    }),
    apply: async (windmill, { path, secret, description, lifetime_ms }) => {
      if (await isMade(windmill, path, secret, description)) return;
      const end = lifetime_ms === undefined ? undefined : new Date(Date.now() + lifetime_ms).toISOString();
      await variables.createSecret(windmill, path, secret, description, end);
    },
    revert: (windmill, { path, secret }) => deleteSecret(windmill, path, secret),
  },
  "replace-secret": {
    view: ({ path, before, after }) => ({
      action: "change",
      target: `secret variable ${path}`,
      differences: [{ path: "value", before: before.prefix, after: after.prefix }],
      needs: writeAccess(path),
      undo: "The old key is put back when a later step fails; afterwards Windmill does not keep it.",
    }),
    apply: (windmill, { path, before, after }) => swapSecret(windmill, path, before, after),
    revert: (windmill, { path, before, after }) => swapSecret(windmill, path, after, before),
  },
  "delete-secret": {
    view: ({ path, secret }) => ({
      action: "delete",
      target: `secret variable ${path}`,
      differences: [{ path: "value", before: secret.prefix, after: null }],
      needs: writeAccess(path),
      undo: `Create the variable again with the key; Windmill keeps a deleted one in the trash for three days.`,
    }),
    apply: (windmill, { path, secret }) => deleteSecret(windmill, path, secret),
    revert: async (windmill, { path, secret, description }) => {
      if ((await variables.findVariable(windmill, path)) !== null) return;
      await variables.createSecret(windmill, path, secret, description);
    },
  },
};

/** Whether a run that was cut short has made the variable already. */
async function isMade(windmill: Windmill, path: string, secret: Secret, description: string): Promise<boolean> {
  const found = await variables.findVariable(windmill, path);
  if (found === null || !found.is_secret || found.description !== description) return false;
  return (await variables.readSecret(windmill, path)).secret.equals(secret);
}

const swapSecret = (windmill: Windmill, path: string, expected: Secret, next: Secret): Promise<void> =>
  swap(
    `The secret variable ${path}`,
    () => variables.readSecret(windmill, path),
    (current, wanted) => current.secret.equals(wanted.secret) && (!current.padded || wanted.padded),
    [
      { secret: expected, padded: true, slip: null },
      { secret: next, padded: false, slip: null },
    ],
    () => variables.replaceSecret(windmill, path, next),
  );

/** Deletes a variable that still holds the key. */
async function deleteSecret(windmill: Windmill, path: string, secret: Secret): Promise<void> {
  if ((await variables.findVariable(windmill, path)) === null) return;
  const current = await variables.readSecret(windmill, path);
  if (!current.secret.equals(secret)) throw new StaleError(`The secret variable ${path}`);
  await variables.deleteVariable(windmill, path);
}
