import { VariableService } from "windmill-client";
import * as z from "zod";
import { Secret } from "../core/secret.ts";
import { type KeySlip, keySlip } from "../inputs/pool_key.ts";
import { findResource } from "./resources.ts";
import { orNull, type Windmill } from "./windmill.ts";

/** Secret variables: one function per call, each answer parsed at this border. The only place that unwraps a key. */

/** A variable as far as this product looks at it. The value of a secret is never part of it. */
export const VariableInfo = z.looseObject({
  path: z.string(),
  is_secret: z.boolean(),
  description: z.string().nullish(),
  extra_perms: z.record(z.string(), z.unknown()).nullish(),
  /** ISO 8601: when Windmill deletes it by itself. */
  expires_at: z.string().nullish(),
});
export type VariableInfo = z.infer<typeof VariableInfo>;

/** Metadata of a variable without decrypting it; null when there is none that the caller may see. */
export const findVariable = (windmill: Windmill, path: string): Promise<VariableInfo | null> =>
  orNull(
    windmill.call(
      `Looking up the variable ${path}`,
      () => VariableService.getVariable({ workspace: windmill.workspace, path, decryptSecret: false }),
      VariableInfo,
    ),
  );

/** Secret variables that the caller may see, without their values, by path. */
export const listSecrets = async (windmill: Windmill): Promise<VariableInfo[]> => {
  const listed = await windmill.call(
    "Listing the secret variables",
    () => VariableService.listVariable({ workspace: windmill.workspace }),
    z.array(VariableInfo),
  );
  return listed.filter(({ is_secret }) => is_secret).sort((a, b) => (a.path < b.path ? -1 : 1));
};

/** A stored key, wrapped, with what its form alone says about it. */
export interface StoredKey {
  secret: Secret;
  /** Blanks or a line break around it, which break the request's header: Windmill's form stores one after Ctrl+Enter. */
  padded: boolean;
  slip: KeySlip | null;
}

/** Decrypts a variable. Windmill writes an audit entry for it. */
export async function readSecret(windmill: Windmill, path: string): Promise<StoredKey> {
  const value = await windmill.call(
    `Reading the variable ${path}`,
    () => VariableService.getVariableValue({ workspace: windmill.workspace, path }),
    z.string(),
  );
  windmill.secrets.learn(value, path);
  return { secret: new Secret(value), padded: value !== value.trim(), slip: keySlip(value.trim()) };
}

/** Creates a secret variable; fails when the path is taken. `expiresAt` (ISO 8601) lets Windmill delete it by itself. */
export const createSecret = (
  windmill: Windmill,
  path: string,
  secret: Secret,
  description: string,
  expiresAt?: string,
): Promise<unknown> => {
  windmill.secrets.learn(secret, path);
  return windmill.call(
    `Creating the secret variable ${path}`,
    () =>
      VariableService.createVariable({
        workspace: windmill.workspace,
        requestBody: {
          path,
          value: secret.unwrap(),
          is_secret: true,
          description,
          ...(expiresAt ? { expires_at: expiresAt } : {}),
        },
      }),
    z.unknown(),
  );
};

/** Replaces the value of a secret variable and nothing else of it. Windmill keeps no history of variables. */
export const replaceSecret = (windmill: Windmill, path: string, secret: Secret): Promise<unknown> => {
  windmill.secrets.learn(secret, path);
  return windmill.call(
    `Replacing the value of the secret variable ${path}`,
    () =>
      VariableService.updateVariable({
        workspace: windmill.workspace,
        path,
        requestBody: { value: secret.unwrap(), is_secret: true },
      }),
    z.unknown(),
  );
};

/**
 * Deletes a variable and nothing else. Windmill would also delete the resource at the same path, whosoever that is.
 *
 * @throws Error when a resource stands there; the variable stays then.
 */
export async function deleteVariable(windmill: Windmill, path: string): Promise<void> {
  if ((await findResource(windmill, path)) !== null) {
    throw new Error(
      `The variable ${path} was not deleted, because Windmill would delete the resource at the same path with it. Rename or delete that resource, and run this again.`,
    );
  }
  await windmill.call(
    `Deleting the variable ${path}`,
    () => VariableService.deleteVariable({ workspace: windmill.workspace, path }),
    z.unknown(),
  );
}
