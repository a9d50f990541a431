import { ACCOUNT_ROWS } from "./accounts.ts";
import { ADDRESS_ROWS } from "./address.ts";
import { ANSWER_ROWS } from "./answers.ts";
import { CONNECTION_ROWS } from "./connection.ts";
import { FRONT_ROWS } from "./front.ts";
import { GATEWAY_ROWS } from "./gateway.ts";
import { GUARD_ROWS } from "./guard.ts";
import { HEALTH_ROWS } from "./health.ts";
import { KEY_ROWS } from "./key.ts";
import { KEY_POLICY_ROWS } from "./key_policy.ts";
import { LIMIT_ROWS } from "./limits.ts";
import { MODEL_ROWS } from "./model.ts";
import { MODEL_SEEN_ROWS } from "./model_seen.ts";
import { QUOTA_ROWS } from "./quota.ts";
import { REDIRECT_ROWS } from "./redirect.ts";
import { REQUEST_ROWS } from "./request.ts";
import { RESOURCE_ROWS } from "./resource.ts";
import type { Row } from "./row.ts";
import { SECRET_ROWS } from "./secrets.ts";
import { SETTINGS_ROWS } from "./settings.ts";
import { TLS_ROWS } from "./tls.ts";
import { TOKEN_ROWS } from "./token.ts";
import { UNDERSTOOD_ROWS } from "./understood.ts";
import { UPSTREAM_ROWS } from "./upstream.ts";

/** The diagnosis table, in the order of a request's way: an earlier row wins among equally strong matches. */
export const TABLE: readonly Row[] = [
  ...TOKEN_ROWS,
  ...SETTINGS_ROWS,
  ...UNDERSTOOD_ROWS,
  ...RESOURCE_ROWS,
  ...ADDRESS_ROWS,
  ...SECRET_ROWS,
  ...GUARD_ROWS,
  ...CONNECTION_ROWS,
  ...TLS_ROWS,
  ...REDIRECT_ROWS,
  ...FRONT_ROWS,
  ...GATEWAY_ROWS,
  ...KEY_ROWS,
  ...KEY_POLICY_ROWS,
  ...QUOTA_ROWS,
  ...MODEL_ROWS,
  ...MODEL_SEEN_ROWS,
  ...ACCOUNT_ROWS,
  ...UPSTREAM_ROWS,
  ...LIMIT_ROWS,
  ...REQUEST_ROWS,
  ...ANSWER_ROWS,
  ...HEALTH_ROWS,
];

const BY_CODE: ReadonlyMap<string, Row> = new Map(TABLE.map((row) => [row.code, row]));

/** The code of what nothing fits. */
export const UNRECOGNISED = "unrecognised";

/**
 * The row of a code.
 *
 * @throws Error for a code that no row has: a mistake in the program, not in its input.
 */
export function rowOf(code: string): Row {
  const row = BY_CODE.get(code);
  if (!row) throw new Error(`There is no row "${code}" in the diagnosis table.`);
  return row;
}

/** Whether the code says that nothing could be measured, so that the status is unknown rather than down. */
export const isBlind = (code: string): boolean => BY_CODE.get(code)?.blind === true;
