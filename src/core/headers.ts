import { mayCarryCredential } from "./credentials.ts";
import { looksLikeCredential } from "./redact.ts";

/**
 * Which static headers may stand in the resource's `headers`. Windmill sends them with every request of every user, after its
 * own, and takes them as they stand: unlike in `api_key`, it resolves no `$var:` there, so it has no secret place for them. What
 * replaces the pool key or belongs to one person is refused. A credential of its own that a proxy in front of the gateway asks
 * for (Azure API Management, Cloudflare Access) is accepted and told of, because without it such a gateway cannot be used.
 */

export interface HeaderSlip {
  /** A row of the diagnosis table. */
  code: "credential-header" | "session-header" | "forbidden-header" | "malformed-header";
  /** Why the header must not be there, completing "header <name> ...". */
  says: string;
}

interface Rule extends HeaderSlip {
  names: RegExp;
}

/** Effects per name from the gateway's source (docs/windmill.md, Codex Pooler) and from Windmill's proxy. */
const RULES: readonly Rule[] = [
  {
    code: "credential-header",
    says: "carries a credential that is sent instead of the pool key, or that belongs to one person",
    names: /^(authorization|proxy-authorization|cookie|set-cookie)$/,
  },
  {
    code: "session-header",
    says: "pins the requests of all users to one session or upstream account",
    names:
      /^(x-codex-.+|(x-)?session[-_]id|x-session-affinity|idempotency-key|x-request-id|x-client-request-id|conversation[-_]id)$/,
  },
  {
    code: "forbidden-header",
    says: "belongs to the request itself and breaks it when it is set by hand",
    names:
      /^(host|content-type|content-length|content-encoding|transfer-encoding|connection|upgrade|te|trailer|accept|accept-encoding|expect|x-forwarded-(for|host)|x-real-ip|forwarded)$/,
  },
];

/** Header names and values that HTTP allows; anything else makes Windmill fail with `builder error`. */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** What is wrong with one static header, or null when it may stay. */
export function headerSlip(name: string, value: string): HeaderSlip | null {
  if (!NAME.test(name) || !VALUE.test(value)) {
    return { code: "malformed-header", says: "is not a valid HTTP header" };
  }
  const rule = RULES.find(({ names }) => names.test(name.toLowerCase()));
  if (rule) return { code: rule.code, says: rule.says };
  // Under a name that is there for a credential it is meant; the gateway's own keys are meant nowhere.
  if (looksLikeCredential(value) && (!mayCarryCredential(name) || /[a-z]{2,3}-cxp-/i.test(value))) {
    return { code: "credential-header", says: "has a value that looks like a key" };
  }
  return null;
}

/** The headers that hold a credential which may stay: everybody who may read the resource sees it. */
export const readableCredentials = (headers: Readonly<Record<string, string>>): string[] =>
  Object.entries(headers).flatMap(([name, value]) =>
    mayCarryCredential(name) && headerSlip(name, value) === null ? [name] : [],
  );
