import { lookup } from "node:dns/promises";
import { isPrivateAddress } from "../core/private_address.ts";
import type { Secret } from "../core/secret.ts";
import type { Outcome } from "../core/shapes.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { readBody, toFailure } from "./proxy.ts";

/**
 * The one request that goes past Windmill: a gateway's model list, asked from the worker, because a form that is about to make the
 * first connection has nothing that Windmill's proxy could use yet. Costs no tokens.
 */

/** Milliseconds for the list; a form waits for it. */
const TIMEOUT_MS = 8_000;

/**
 * Asks a gateway for its models with a key. Reports what came back, without what is known to be secret, never throwing. It makes one
 * attempt and follows no redirect, which would carry the key along.
 *
 * @param baseUrl a well-formed base URL.
 */
export async function askModels(
  { secrets }: Pick<Windmill, "secrets">,
  baseUrl: string,
  key: Secret,
): Promise<Outcome> {
  secrets.learn(key);
  return secrets.clean(await ask(baseUrl, key));
}

async function ask(baseUrl: string, key: Secret): Promise<Outcome> {
  const started = performance.now();
  const deadline = AbortSignal.timeout(TIMEOUT_MS);
  const elapsed = (): number => Math.round(performance.now() - started);
  try {
    const headers = { authorization: `Bearer ${key.unwrap()}`, accept: "application/json" };
    const response = await fetch(`${baseUrl}/models`, { redirect: "manual", signal: deadline, headers });
    const { body, truncated, broken } = await readBody(response);
    const location = response.headers.get("location");
    return {
      status: response.status,
      content_type: (response.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "",
      ...(location === null ? {} : { location }),
      body,
      truncated,
      ...(broken === undefined ? {} : { failure: toFailure(broken, deadline, TIMEOUT_MS, "aborted") }),
      ms: elapsed(),
    };
  } catch (error) {
    const failure = toFailure(error, deadline, TIMEOUT_MS, "network");
    return { status: null, content_type: "", body: "", truncated: false, failure, ms: elapsed() };
  }
}

/**
 * Whether an address is one that Windmill calls private, as this worker resolves it. False for a name that it cannot resolve: the
 * request says that better.
 */
export async function isPrivateUrl(baseUrl: string): Promise<boolean> {
  const host = new URL(baseUrl).hostname.replace(/^\[|\]$/g, "");
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.some(({ address }) => isPrivateAddress(address));
}
