import { RUN_CHECK, RUN_REPAIR, STORE_KEY } from "./remedies.ts";
import type { Row } from "./row.ts";

/** The secret variable that holds the gateway's key. */
export const SECRET_ROWS: readonly Row[] = [
  {
    code: "secret-missing",
    layer: "secret",
    severity: "critical",
    owner: "workspace-admin",
    title: "{secret} is not there",
    cause:
      "The resource's api_key references a variable that does not exist, was moved, or, for a request that names the resource itself (X-Resource-Path), is hidden from its caller.",
    remedy: [
      "Look for it under Variables. If it was moved, correct api_key in {resource} to `$var:<its path>`.",
      "If it is gone, make a new Pool API key and run f/codex_pooler/connect with it.",
      RUN_CHECK,
    ],
    match: [{ windmill: /^Not found: Variable not found when resolving/, unless_status: [400] }],
    examples: [
      {
        status: 404,
        body: "Not found: Variable not found when resolving `$var:u/admin/absent`",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "secret-undecryptable",
    layer: "secret",
    severity: "critical",
    owner: "workspace-admin",
    title: "Windmill cannot decrypt {secret}",
    cause:
      "The variable was stored with another encryption key than the workspace has now: the key was changed without re-encrypting, or the variable came from another instance.",
    remedy: [
      "Store the key again: Variables > {secret_path} > Edit.",
      "Every other secret variable of the workspace is affected too.",
      RUN_CHECK,
    ],
    match: [{ windmill: /^Internal: Error decrypting variable/, unless_status: [400] }],
    examples: [
      {
        status: 500,
        body: "Internal: Error decrypting variable u/admin/pooler: invalid padding @variables.rs:812:9",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "key-not-set",
    layer: "secret",
    severity: "critical",
    owner: "workspace-admin",
    title: "{resource} has no key",
    cause: "api_key is empty, so Windmill sends no key and the gateway refuses every request.",
    remedy: ["Run f/codex_pooler/connect with a Pool API key.", RUN_CHECK],
    match: [],
    explains: ["key-refused", "key-not-sent"],
    examples: [],
  },
  {
    code: "literal-key-in-resource",
    layer: "secret",
    severity: "warning",
    owner: "workspace-admin",
    title: "The key stands in the resource in plain text",
    cause:
      "api_key in {resource} holds the key itself. Everybody who may read the resource sees it, and a sync writes it into files.",
    remedy: [
      "Store the key in a secret variable and set api_key in {resource} to `$var:<its path>`.",
      "Then make a new Pool API key with f/codex_pooler/rotate_key, since the old one was readable and stays in the resource's history.",
      "Revoke the old key in Codex Pooler's admin pages.",
    ],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "secret-not-secret",
    layer: "secret",
    severity: "warning",
    owner: "workspace-admin",
    title: "{secret} is not marked as secret",
    cause: "Windmill stores and shows a variable that is not secret in plain text, so the key is readable.",
    remedy: ["Open Variables > {secret_path} > Edit, switch Secret on, and save.", STORE_KEY],
    match: [],
    examples: [],
  },
  {
    code: "secret-shared",
    layer: "secret",
    severity: "warning",
    owner: "workspace-admin",
    title: "More people than needed may read {secret}",
    cause:
      "Windmill reads the secret with its own rights, so nobody but its owner needs to. Whoever may read the variable can take the gateway's key away.",
    remedy: ["Open Variables > {secret_path} > Share and remove the extra permissions, or move it to u/<owner>/."],
    match: [],
    examples: [],
  },
  {
    code: "old-key-kept",
    layer: "secret",
    severity: "warning",
    owner: "workspace-admin",
    title: "An old key is still stored beside {secret}",
    cause:
      "A run of f/codex_pooler/rotate_key was cut short, so the key that it was to replace is still kept in a variable of its own. It goes on working until somebody revokes it; Windmill deletes the variable a week after it was made.",
    remedy: [
      "Run f/codex_pooler/rotate_key again with the same new key: it brings the rotation to its end.",
      "Revoke the old key in Codex Pooler's admin pages.",
      RUN_REPAIR,
    ],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "key-malformed",
    layer: "secret",
    severity: "warning",
    owner: "workspace-admin",
    title: "The stored credential does not look like a Pool API key",
    cause:
      "A Pool API key is sk-cxp-, 12 hex digits, a hyphen and 43 characters. An MCP token, a browser or upstream account token, or the bare prefix can never work on /v1.",
    remedy: ["Make a Pool API key for Windmill alone in Codex Pooler's admin pages.", STORE_KEY],
    match: [],
    explains: ["key-refused"],
    examples: [],
  },
];
