import type { Secret } from "../core/secret.ts";
import type { ConnectInput } from "../inputs/connect.ts";
import { readStoredArguments } from "./settings.ts";
import * as variables from "./variables.ts";
import type { Windmill } from "./windmill.ts";

/** What the key in the form and the key in the workspace mean together. */

/** A stored key with its variable. */
export type FoundKey = variables.StoredKey & { is_secret: boolean };

/** The stored key with what is known of its variable; null when there is none. */
export async function readKey(windmill: Windmill, path: string): Promise<FoundKey | null> {
  const info = await variables.findVariable(windmill, path);
  return info && { ...(await variables.readSecret(windmill, path)), is_secret: info.is_secret };
}

/** Which key has to be stored, or null when the stored one stays. Adds to `slips` what cannot be. */
export function keyToStore(input: ConnectInput, path: string, stored: FoundKey | null, slips: string[]): Secret | null {
  if (stored !== null && !stored.is_secret) {
    slips.push(
      `secret_path: the variable ${path} is not secret, so everybody who may read it sees the key. Make it secret, or give another path.`,
    );
    return null;
  }
  if (input.api_key !== null) {
    if (stored === null) return input.api_key;
    if (input.api_key.equals(stored.secret) && !stored.padded) return null;
    if (input.replace_secret) return input.api_key;
    slips.push(
      `api_key: the variable ${path} already holds a key (${stored.secret.prefix}). Leave api_key blank to use that one, choose another secret_path, or tick replace_secret to overwrite it.`,
    );
    return null;
  }
  if (stored === null) {
    slips.push(
      `secret_path: there is no variable ${path}. Type the key into api_key, or give the path of the variable that holds it.`,
    );
    return null;
  }
  if (stored.slip) slips.push(`secret_path: the key in ${path} ${stored.slip.says}. ${stored.slip.fix}`);
  else if (stored.padded && input.replace_secret) return stored.secret;
  else if (stored.padded) {
    slips.push(
      `secret_path: the key in ${path} has blanks or a line break around it, which breaks every request. Remove them there, or tick replace_secret to store it without them.`,
    );
  }
  return null;
}

/**
 * A raw key among the stored arguments can only come from the API or the CLI: the form turns it into a reference.
 *
 * @param argument the name of the input with the key; `given` tells whether it was filled in.
 */
export async function warnOfRawKey(windmill: Windmill, argument: string, given: boolean): Promise<string[]> {
  if (!given) return [];
  const stored = await readStoredArguments(windmill).catch(() => null);
  const value = stored?.[argument];
  if (typeof value !== "string" || value.startsWith("$")) return [];
  return [
    `The key was sent in plain text with this run (through the API or the CLI), so Windmill keeps it in the run's history, where everybody who sees the run can read it. Make a new key, store it in a secret variable and run f/codex_pooler/rotate_key with that variable's path as new_key_path; then revoke this key.`,
  ];
}

/** Runs a walk; one that fails tells of a raw key too, which stays in the history of failed runs as well. */
export async function tellingOfRawKey<T>(
  windmill: Windmill,
  argument: string,
  given: boolean,
  walk: () => Promise<T>,
): Promise<T> {
  try {
    return await walk();
  } catch (error) {
    const warning = await warnOfRawKey(windmill, argument, given);
    if (error instanceof Error && warning.length > 0) error.message = [error.message, ...warning].join("\n");
    throw error;
  }
}

/** Where Windmill's forms put what people type into a password field (PasswordArgInput.svelte). */
const TYPED = /^\$var:(u\/[A-Za-z0-9_-]+\/secret_arg\/[A-Za-z0-9]+)$/;

/**
 * Deletes the short-lived variables that the form made of typed keys, once they are stored where they belong. Windmill deletes
 * them itself after a week, so a failure is not told.
 */
export async function forgetTypedKeys(windmill: Windmill): Promise<void> {
  const stored = await readStoredArguments(windmill).catch(() => ({}));
  const paths = Object.values(stored).flatMap((value) => TYPED.exec(typeof value === "string" ? value : "")?.[1] ?? []);
  await Promise.all(paths.map((path) => variables.deleteVariable(windmill, path).catch(() => undefined)));
}
