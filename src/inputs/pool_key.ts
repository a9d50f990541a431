/** What can be said of a credential by its form alone, before anybody sends it. */

export interface KeySlip {
  /** What is wrong, completing "The key ...". Never holds the key. */
  says: string;
  fix: string;
}

const POOL_KEY_FIX = "Create a Pool API key in Codex Pooler's admin pages and use the whole text, sk-cxp- and all.";

/**
 * Credentials that can never work on `/v1`: the gateway answers 401 `api_key_missing` to each of them. Forms from the
 * gateway's source (docs/windmill.md, Codex Pooler).
 */
const NEVER_WORKS: readonly (KeySlip & { form: RegExp })[] = [
  {
    form: /^bearer\s/i,
    says: 'starts with "Bearer "',
    fix: "Leave that word out: Windmill adds it, and the gateway refuses it twice.",
  },
  {
    form: /\s/,
    says: "has blanks or line breaks inside",
    fix: "Copy the key again, in one piece.",
  },
  {
    form: /^\$(var|res|jsonvar|encrypted):/,
    says: "is a reference that was not resolved",
    fix: "Give the key itself, or name its variable in secret_path.",
  },
  {
    form: /^mcp-cxp-/,
    says: "is an operator MCP token, which /v1 refuses",
    fix: POOL_KEY_FIX,
  },
  {
    form: /^eyJ[A-Za-z0-9_-]*\./,
    says: "is a JWT (a browser session or an upstream account token), which /v1 refuses",
    fix: POOL_KEY_FIX,
  },
  {
    form: /^sk-cxp-[0-9a-f]{12}-?$/,
    says: "is only the prefix of a Pool API key, the part that is shown in lists",
    fix: "Use the whole key. It is shown once, when it is made; if it is lost, make a new one.",
  },
  {
    form: /[^\x21-\x7e]/,
    says: "has characters that cannot stand in an HTTP header",
    fix: "Copy the key again, without the text around it.",
  },
];

/**
 * What a key that was typed into a form is replaced by once it is stored where it belongs: "Run again" submits a reference to the
 * same short-lived variable. It means what a blank field means.
 */
export const STORED_MARK = "(stored)";

/** Why a (trimmed) credential cannot be a working Pool API key, or null when it may be one. */
export function keySlip(key: string): KeySlip | null {
  const slip = NEVER_WORKS.find(({ form }) => form.test(key));
  return slip ? { says: slip.says, fix: slip.fix } : null;
}
