import { createCipheriv, createDecipheriv } from "node:crypto";
import { internal } from "./errors.ts";
import type { Variable, Workspace } from "./store.ts";

/** Windmill encrypts with a key and no per-secret salt, so equal secrets of a workspace have equal ciphertexts. */
const IV = Buffer.alloc(16);

/** Base64 of the AES-256 ciphertext under the workspace's key. */
export function encrypt(workspace: Workspace, plain: string): string {
  const cipher = createCipheriv("aes-256-cbc", workspace.key, IV);
  return Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]).toString("base64");
}

/** @throws ApiError 500 when the ciphertext was not made with the workspace's present key */
export function decrypt(workspace: Workspace, path: string, ciphertext: string): string {
  try {
    const decipher = createDecipheriv("aes-256-cbc", workspace.key, IV);
    return Buffer.concat([decipher.update(ciphertext, "base64"), decipher.final()]).toString("utf8");
  } catch {
    throw internal(`Error decrypting variable ${path}: wrong key or data`, "variables.rs:93:16");
  }
}

/** A variable's value in plain text. */
export function plainValue(workspace: Workspace, variable: Variable): string {
  return variable.isSecret && variable.value !== ""
    ? decrypt(workspace, variable.path, variable.value)
    : variable.value;
}
