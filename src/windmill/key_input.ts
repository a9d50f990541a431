import { isKeyLike } from "../core/address.ts";
import { credentialsIn } from "../core/credentials.ts";
import { isPath } from "../core/paths.ts";
import { looksLikeCredential } from "../core/redact.ts";
import { Secret } from "../core/secret.ts";
import { isTellable } from "../core/secret_forms.ts";
import type { ConnectInput } from "../inputs/connect.ts";
import { STORED_MARK } from "../inputs/pool_key.ts";
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

/** Inputs that hold a key, or the path of one: a key that lands in the wrong one of them is a key all the same. */
const KEY_FIELDS = /^(?:api_key|new_key)$/;
const KEY_PATH_FIELDS = /^(?:secret_path|new_key_path)$/;

const KEY_LIES_OPEN =
  "The key was sent in plain text with this run (through the API or the CLI), so Windmill keeps it in the run's history, where everybody who sees the run can read it. Make a new key, store it in a secret variable and run f/codex_pooler/rotate_key with that variable's path as new_key_path; then revoke this key.";

const liesOpen = (name: string): string =>
  `The input ${name} holds a credential in plain text, and Windmill keeps it in this run's history, where everybody who sees the run can read it. Make it invalid where it came from. In headers, write $var: and the path of a secret variable instead: Windmill fills in its value for the run and keeps the reference.`;

/** What kind of credential stands in an argument, in clear; null when there is none. */
function openCredential(name: string, value: unknown): "key" | "other" | null {
  if (typeof value === "string" && (value.startsWith("$") || value.trim() === "")) return null;
  if (KEY_FIELDS.test(name)) return typeof value === "string" ? "key" : null;
  const text = typeof value === "string" ? value : "";
  const isKey = !text.includes("://") && (looksLikeCredential(text) || isKeyLike(text.trim()));
  if (KEY_PATH_FIELDS.test(name)) {
    return !isPath(text) && (isKey || (isTellable(text) && !/[\s/]/.test(text))) ? "key" : null;
  }
  return isKey || credentialsIn({ [name]: value }).some(isTellable) ? "other" : null;
}

/**
 * Warns of what lies open among the run's arguments: only the API and the CLI send a key in clear, the form turns it into a
 * reference. The scripts get both resolved, so the arguments are looked at as Windmill has stored them.
 *
 * @param inputs the arguments as the script got them: Windmill is asked only where one of them can be a credential.
 */
export async function warnOfOpenArguments(windmill: Windmill, inputs: object): Promise<string[]> {
  const suspects = Object.entries(inputs).filter(([name, value]) => openCredential(name, value) !== null);
  if (suspects.length === 0) return [];
  const stored = await readStoredArguments(windmill).catch((): Record<string, unknown> => ({}));
  const kinds = suspects.map(([name]) => ({ name, kind: openCredential(name, stored[name]) }));
  const others = kinds.filter(({ kind }) => kind === "other").map(({ name }) => liesOpen(name));
  return [...(kinds.some(({ kind }) => kind === "key") ? [KEY_LIES_OPEN] : []), ...others];
}

/** Where Windmill's forms put what people type into a password field (PasswordArgInput.svelte). */
const TYPED = /^\$var:(u\/[A-Za-z0-9_-]+\/secret_arg\/[A-Za-z0-9]+)$/;

/**
 * Takes typed keys out of the short-lived variables that the form made of them, once they are stored where they belong. The variables
 * stay until Windmill deletes them after a week, because "Run again" refers to them; what stands in them then means a blank field. A
 * failure is not told: the key is gone after that week all the same.
 */
export async function forgetTypedKeys(windmill: Windmill): Promise<void> {
  const stored = await readStoredArguments(windmill).catch(() => ({}));
  const paths = Object.values(stored).flatMap((value) => TYPED.exec(typeof value === "string" ? value : "")?.[1] ?? []);
  const mark = new Secret(STORED_MARK);
  await Promise.all(paths.map((path) => variables.replaceSecret(windmill, path, mark).catch(() => undefined)));
}
