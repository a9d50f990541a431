import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { any, boolean, i32, optional, type Read, string, struct } from "../shape.ts";
import { isBun } from "./library.ts";
import { signatureOf } from "./signature.ts";
import type { Script } from "./state.ts";

/** Settings of a script that are kept and shown as they were sent, if they were. In the order of the export. */
export const SCRIPT_SETTINGS = [
  "envs",
  "cache_ttl",
  "dedicated_worker",
  "ws_error_handler_muted",
  "priority",
  "tag",
  "delete_after_secs",
  "restart_unless_cancelled",
  "visible_to_runner_only",
  "codebase",
  "has_preprocessor",
  "on_behalf_of_email",
  "labels",
] as const;

/** The body of `scripts/create`. */
export const NEW_SCRIPT = struct("NewScript", {
  path: string,
  summary: string,
  description: string,
  content: string,
  language: string,
  parent_hash: optional(string),
  auto_parent: optional(boolean),
  schema: optional(any),
  lock: optional(any),
  kind: optional(string),
  timeout: optional(i32),
  ...(Object.fromEntries(SCRIPT_SETTINGS.map((name) => [name, optional(any)])) as Record<
    (typeof SCRIPT_SETTINGS)[number],
    ReturnType<typeof optional<unknown>>
  >),
});
type NewScript = Read<typeof NEW_SCRIPT>;

/** The version of a script that a deployment makes. */
export function newVersion(sent: NewScript, parent: Script | undefined, createdBy: string, createdAt: string): Script {
  const { path, content, language, summary, description, kind = "script", timeout } = sent;
  const lock = Array.isArray(sent.lock) ? sent.lock.join("\n") : typeof sent.lock === "string" ? sent.lock : "";
  const settings = Object.fromEntries(
    SCRIPT_SETTINGS.flatMap((name) => (sent[name] === undefined || sent[name] === null ? [] : [[name, sent[name]]])),
  );
  const parentHashes = parent ? ancestorsOf(parent) : [];
  const version = {
    path,
    content,
    language,
    summary,
    description,
    kind,
    schema: sent.schema ?? null,
    timeout,
    settings,
  };
  return {
    ...version,
    hash: hashOf([version, lock, parentHashes, createdAt]),
    parentHashes,
    // Only bun has a dependency job here; an empty lock of another language is final.
    lock: lock === "" && isBun({ language }) ? null : lock,
    lockErrorLogs: null,
    autoKind: isBun({ language }) ? signatureOf(content).autoKind : null,
    archived: false,
    createdBy,
    createdAt,
    extraPerms: parent?.extraPerms ?? {},
  };
}

/**
 * The version that a re-lock makes of a script when an import of it changed: the same, without a lock until the job is over
 * (`clone_script` in backend/windmill-common/src/scripts.rs).
 */
export function relockedVersion(base: Script, createdAt: string): Script {
  const parentHashes = ancestorsOf(base);
  const hash = hashOf([base.path, parentHashes, createdAt]);
  return { ...base, hash, parentHashes, lock: null, lockErrorLogs: null, archived: false, createdAt };
}

/** The hashes of a version and those before it, newest first. */
const ancestorsOf = ({ hash, parentHashes }: Script): string[] => [hash, ...parentHashes];

const hashOf = (parts: unknown[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);

/** Whether a deployment would change nothing. */
export function isSame(script: Script, current: Script): boolean {
  const compared = ({ content, language, summary, description, kind, schema, timeout, settings, lock }: Script) => [
    content,
    language,
    summary,
    description,
    kind,
    timeout,
    lock ?? "",
    schema,
    settings,
  ];
  return isDeepStrictEqual(compared(script), compared(current));
}
