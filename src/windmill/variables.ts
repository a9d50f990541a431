import { VariableService } from "windmill-client";
import * as z from "zod";
import { Secret } from "../core/secret.ts";
import { type KeySlip, keySlip } from "../inputs/pool_key.ts";
import { orNull, type Windmill } from "./windmill.ts";

/** Secret variables: one function per call, each answer parsed at this border. The only place that unwraps a key. */

/** A variable as far as this product looks at it. The value of a secret is never part of it. */
export const VariableInfo = z.looseObject({
  path: z.string(),
  is_secret: z.boolean(),
  description: z.string().nullish(),
  extra_perms: z.record(z.string(), z.unknown()).nullish(),
});
export type VariableInfo = z.infer<typeof VariableInfo>;

/** Description of every secret variable that this product creates; it is how the product knows its own. */
export const SECRET_DESCRIPTION = "Pool API key for Windmill AI (made by f/codex_pooler/connect)";

/** Metadata of a variable without decrypting it; null when there is none that the caller may see. */
export const findVariable = (windmill: Windmill, path: string): Promise<VariableInfo | null> =>
  orNull(
    windmill.call(
      `Looking up the variable ${path}`,
      () => VariableService.getVariable({ workspace: windmill.workspace, path, decryptSecret: false }),
      VariableInfo,
    ),
  );

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

/** Deletes a variable. Windmill also deletes the resource at the same path, so only call it where that is meant. */
export const deleteVariable = (windmill: Windmill, path: string): Promise<unknown> =>
  windmill.call(
    `Deleting the variable ${path}`,
    () => VariableService.deleteVariable({ workspace: windmill.workspace, path }),
    z.unknown(),
  );
