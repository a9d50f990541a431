import type { z } from "zod";

/** Which workspace of which Windmill a tool talks to, as whom. */
export interface Target {
  /** Origin of the server, without a slash at its end. */
  baseUrl: string;
  workspace: string;
  /** A user's API token. Never printed, and never on the command line of a child process. */
  token: string;
}

/** Milliseconds after which a request is given up: these calls answer in well under a second on a healthy server. */
const TIMEOUT_MS = 20_000;

/** Characters of an answer that an error message quotes. */
const EXCERPT = 200;

/** A request that did not bring what was asked for. The message says what came instead; it never holds the token. */
export class ApiFailure extends Error {
  override readonly name = "ApiFailure";
  /** HTTP status, or null when no answer arrived. */
  readonly status: number | null;
  /** The answer's text, cut. Empty when none arrived. */
  readonly body: string;

  constructor(message: string, status: number | null, body = "") {
    super(message);
    this.status = status;
    this.body = body;
  }
}

/** The text without the token, for everything that a person or a log may see. */
export const withoutToken = (text: string, token: string): string =>
  token === "" ? text : text.replaceAll(token, "<WM_TOKEN>");

/**
 * Calls Windmill's API and checks the answer.
 *
 * @param path below `/api/`, e.g. `version` or `w/demo/users/whoami`.
 * @param body sent as JSON by POST; a GET without it.
 * @throws {@link ApiFailure} for anything but a 2xx answer of the expected shape. Redirects are not followed, so that the
 * token never leaves the server it is for.
 */
export async function callWindmill<T>(target: Target, path: string, shape: z.ZodType<T>, body?: unknown): Promise<T> {
  const url = `${target.baseUrl}/api/${path}`;
  const headers = { authorization: `Bearer ${target.token}`, "content-type": "application/json" };
  const request =
    body === undefined ? { method: "GET", headers } : { method: "POST", headers, body: JSON.stringify(body) };
  const { status, type, text } = await fetch(url, {
    ...request,
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
    .then(async (response) => ({
      status: response.status,
      type: response.headers.get("content-type") ?? "",
      text: await response.text(),
    }))
    .catch((error: Error) => {
      const cause = error.cause instanceof Error ? error.cause.message : error.message;
      throw new ApiFailure(`${url} could not be reached: ${cause}`, null);
    });
  const excerpt = withoutToken(text.slice(0, EXCERPT).replace(/\s+/g, " ").trim(), target.token);
  if (status < 200 || status > 299) throw new ApiFailure(`${url} answered ${status}: ${excerpt}`, status, excerpt);
  const parsed = shape.safeParse(type.includes("json") ? parseJson(text) : text);
  if (!parsed.success) {
    throw new ApiFailure(`${url} answered ${status}, but not with what Windmill sends: ${excerpt}`, status, excerpt);
  }
  return parsed.data;
}

/** The JSON value, or the text where it is none. A text answer is never read as JSON: the hash `97072e55` is no number. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
