import { ApiError, internal } from "../errors.ts";
import { json } from "../http.ts";

/**
 * How a result is answered by the routes that wait for it: as JSON, or as the raw body that the result asks for
 * (`result_to_response` and `WindmillCompositeResult`, backend/windmill-api-jobs/src/execution.rs).
 */

/** What a result may ask for; each name also with `wm_` in place of `windmill_`. */
const ASKED = {
  status_code: (value: unknown): value is number =>
    Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535,
  content_type: (value: unknown): value is string => typeof value === "string",
  headers: (value: unknown): value is Record<string, string> =>
    typeof value === "object" && value !== null && Object.values(value).every((one) => typeof one === "string"),
  content_transfer_encoding: (value: unknown): value is string => typeof value === "string",
} as const;
type Asked = {
  -readonly [K in keyof typeof ASKED]?: (typeof ASKED)[K] extends (value: unknown) => value is infer T ? T : never;
};

/** What a result asks for; null when it asks for nothing, or for something of another type: then it is an ordinary result. */
function askedOf(result: unknown): Asked | null {
  if (typeof result !== "object" || result === null || Array.isArray(result)) return null;
  const asked: Record<string, unknown> = {};
  for (const [name, fits] of Object.entries(ASKED)) {
    const given = ["windmill_", "wm_"].filter((prefix) => `${prefix}${name}` in result);
    const value = (result as Record<string, unknown>)[`${given[0] ?? ""}${name}`];
    if (given.length > 1) return null;
    if (given.length === 0 || value === null) continue;
    if (!fits(value)) return null;
    asked[name] = value;
  }
  return Object.keys(asked).length === 0 ? null : asked;
}

/** @throws ApiError for a raw body that cannot be made */
export function answerOf(result: unknown, success: boolean): Response {
  const plain = () => json(result, success ? 200 : 422);
  const asked = askedOf(result);
  if (asked === null) return plain();
  const body = (result as { result?: unknown }).result ?? null;
  const status = asked.status_code ?? (success ? (body === null ? 204 : 200) : 422);
  if (status < 100 || status > 999) throw new ApiError(500, "Invalid status code");
  const headers = headersOf(asked.headers ?? {});
  if (asked.content_type === undefined) {
    if (asked.content_transfer_encoding !== undefined)
      throw new ApiError(500, "windmill_content_transfer_encoding requires windmill_content_type to be set");
    if (body === null) return new Response(null, { status, headers });
    headers.set("content-type", "application/json");
    return new Response(JSON.stringify(body), { status, headers });
  }
  headers.set("content-type", asked.content_type);
  const text = typeof body === "string" ? body : body === null ? "" : JSON.stringify(body);
  return new Response(status === 204 ? null : bytesOf(text, typeof body === "string", asked), { status, headers });
}

function headersOf(given: Record<string, string>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(given)) {
    try {
      headers.set(name, value);
    } catch {
      throw internal(`Invalid header name ${name}`, "execution.rs:419");
    }
  }
  return headers;
}

function bytesOf(
  text: string,
  isText: boolean,
  { content_transfer_encoding: encoding }: Asked,
): string | Uint8Array<ArrayBuffer> {
  if (encoding === undefined) return text;
  if (encoding !== "base64")
    throw new ApiError(
      500,
      `Unsupported windmill_content_transfer_encoding "${encoding}" (only "base64" is supported)`,
    );
  if (!isText || !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text))
    throw new ApiError(
      500,
      'windmill_content_transfer_encoding "base64" requires result to be a base64-encoded string',
    );
  return new Uint8Array(Buffer.from(text, "base64"));
}
