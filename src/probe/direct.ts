import { lookup } from "node:dns/promises";
import { isPrivateAddress } from "../core/private_address.ts";
import type { Secret } from "../core/secret.ts";
import type { Outcome } from "../core/shapes.ts";
import { readBody, toFailure } from "./proxy.ts";

/**
 * The one request that goes past Windmill: a gateway's model list, asked from the worker, because a form that is about to make the
 * first connection has nothing that Windmill's proxy could use yet. Costs no tokens.
 */

/** Milliseconds for the list; a form waits for it. */
const TIMEOUT_MS = 8_000;

/**
 * Asks a gateway for its models with a key. Reports what came back, without the key, never throwing. It makes one attempt and follows no
 * redirect, which would carry the key along.
 *
 * @param baseUrl a well-formed base URL.
 */
export async function askModels(baseUrl: string, key: Secret): Promise<Outcome> {
  const started = performance.now();
  const deadline = AbortSignal.timeout(TIMEOUT_MS);
  // The second and last place where a key is unwrapped: what it is sent in stays in this function.
  const text = key.unwrap();
  const clean = (words: string): string =>
    formsOf(text).reduce((rest, form) => rest.replaceAll(form, key.prefix), words);
  try {
    const response = await fetch(`${baseUrl}/models`, {
      redirect: "manual",
      signal: deadline,
      headers: { authorization: `Bearer ${text}`, accept: "application/json" },
    });
    const { body, truncated, broken } = await readBody(response);
    const location = response.headers.get("location");
    return {
      status: response.status,
      content_type: (response.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "",
      ...(location === null ? {} : { location: clean(location) }),
      body: clean(body),
      truncated,
      ...(broken === undefined ? {} : { failure: cleaned(toFailure(broken, deadline, TIMEOUT_MS, "aborted"), clean) }),
      ms: Math.round(performance.now() - started),
    };
  } catch (error) {
    const failure = cleaned(toFailure(error, deadline, TIMEOUT_MS, "network"), clean);
    return {
      status: null,
      content_type: "",
      body: "",
      truncated: false,
      failure,
      ms: Math.round(performance.now() - started),
    };
  }
}

/** The ways in which an answer may repeat a key. */
const formsOf = (text: string): string[] => [
  ...new Set([
    text,
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text),
    btoa(text),
    btoa(text).replace(/=+$/, ""),
  ]),
];

const cleaned = (
  { kind, message }: NonNullable<Outcome["failure"]>,
  clean: (words: string) => string,
): NonNullable<Outcome["failure"]> => ({ kind, message: clean(message) });

/**
 * Whether an address is one that Windmill calls private, as this worker resolves it. False for a name that it cannot resolve: the
 * request says that better.
 */
export async function isPrivateUrl(baseUrl: string): Promise<boolean> {
  const host = new URL(baseUrl).hostname.replace(/^\[|\]$/g, "");
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.some(({ address }) => isPrivateAddress(address));
}
