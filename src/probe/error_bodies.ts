import type { Outcome } from "../core/shapes.ts";

/** Error bodies of all the shapes that gateways send, read without trusting any of them. */

export interface SaidError {
  /** `error.code` when it is a word; a number is a status and goes to `said`. */
  code: string;
  type: string;
  message: string;
  said: number | null;
}

type Json = Readonly<Record<string, unknown>>;

/** Characters of a web page that are looked at: its title and its first lines say what it is. */
const PAGE_LIMIT = 8_000;
const PAGE_TEXT_LIMIT = 600;

/** The JSON value of a text, or undefined. A JSON object that was cut off still gives up its first fields. */
export function asJson(text: string): unknown {
  const trimmed = text.trim();
  if (!/^[[{]/.test(trimmed)) return undefined;
  try {
    return JSON.parse(trimmed);
  } catch {
    return salvage(trimmed);
  }
}

const CUT_FIELD = /"(code|type|message|detail|status)"\s{0,9}:\s{0,9}(?:"((?:[^"\\]|\\.){0,2000})|(\d{1,9}))/g;

/** What can still be read of a JSON error whose end is missing: a toast's cut tail, or a body larger than the limit. */
function salvage(text: string): unknown {
  const head = text.slice(0, 4_000);
  if (!/"(?:error|message|detail)"\s*:/.test(head)) return undefined;
  const error: Record<string, unknown> = {};
  for (const [, name = "", word, number] of head.matchAll(CUT_FIELD)) {
    error[name] ??= number === undefined ? word : Number(number);
  }
  return Object.keys(error).length > 0 ? { error } : undefined;
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The first of the values that is a text with something in it. Python's "None" is nothing. */
const firstText = (...values: unknown[]): string =>
  values.find((value): value is string => typeof value === "string" && value !== "" && value !== "None") ?? "";

const firstStatus = (...values: unknown[]): number | null => {
  for (const value of values) {
    const number = typeof value === "string" && /^[45]\d\d$/.test(value) ? Number(value) : value;
    if (typeof number === "number" && number >= 400 && number <= 599) return number;
  }
  return null;
};

/**
 * The error in a JSON body, or null when it holds none. Shapes: `{error:{...}}` (OpenAI, Anthropic, Google in an array),
 * `{error:"..."}` (Ollama, TGI, LM Studio), `{object:"error",...}` (vLLM), `{detail}` (FastAPI), `{message}` (Kong, AWS),
 * `{errors}` (Phoenix, Cloudflare), `{title,status}` (RFC 9457), `{fault}` (Apigee).
 */
export function errorIn(json: unknown): SaidError | null {
  const outer = Array.isArray(json) ? json[0] : json;
  if (!isObject(outer)) return null;
  const listed = Array.isArray(outer.errors) ? outer.errors[0] : outer.errors;
  const inner = [outer.error, listed, outer.detail, outer.fault].find(isObject);
  const source = inner ?? outer;
  const message = firstText(
    wordsOf(source.message),
    source.msg,
    source.faultstring,
    wordsOf(source.error),
    source === outer ? "" : wordsOf(source.detail),
    wordsOf(outer.error),
    wordsOf(outer.detail),
    wordsOf(outer.message),
    wordsOf(listed),
    source.description,
    outer.error_description,
    outer.title,
    outer.Message,
  );
  // Google puts a word like RESOURCE_EXHAUSTED into `status`; outside an error object it is no code.
  const code = firstText(source.code, outer.code, inner?.status);
  const type = firstText(
    source.type,
    source.error_type,
    outer.error_type,
    outer === source ? "" : outer.type,
    source.name,
  );
  const isCompletion = "choices" in outer || "data" in outer || "models" in outer;
  const isError = inner !== undefined || outer.object === "error" || Boolean(outer.error) || !isCompletion;
  if (!isError || (message === "" && code === "" && inner === undefined)) return null;
  return {
    code: /^\d+$/.test(code) ? "" : code,
    type,
    message,
    said: firstStatus(
      source.code,
      source.status,
      source.statusCode,
      source.status_code,
      outer.code,
      outer.status,
      outer.statusCode,
      outer.status_code,
    ),
  };
}

/** The words in a message that may be a text, a list of validation errors (FastAPI) or an object around a text (LiteLLM). */
function wordsOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (!Array.isArray(value) && !isObject(value)) return "";
  if (isObject(value)) return firstText(value.message, value.error, value.msg);
  return value
    .slice(0, 5)
    .map((item) => {
      if (typeof item === "string") return item;
      if (!isObject(item)) return "";
      const place = Array.isArray(item.loc) ? `${item.loc.join(".")}: ` : "";
      return `${place}${firstText(item.msg, item.message, item.description)}`;
    })
    .filter((words) => words !== "")
    .join("; ");
}

/** Whether the body is a web page, by its first tag; a content type alone proves nothing about the text. */
export function isPage({ body, content_type }: Pick<Outcome, "body" | "content_type">): boolean {
  const head = body.slice(0, 500).trimStart();
  return (
    /^(?:<\?xml[^>]{0,200}>\s{0,20})?(?:<!--[^>]{0,300}-->\s{0,20})?<(?:!doctype html|html|head|body|title|center|h1|script|meta)\b/i.test(
      head,
    ) ||
    (content_type === "text/html" && head.startsWith("<"))
  );
}

/** What a person would see on a page: the title, then the first words. A password field leaves a mark. */
export function pageText(body: string): string {
  const head = body.slice(0, PAGE_LIMIT);
  const title = /<title[^>]{0,200}>([^<]{0,200})/i.exec(head)?.[1]?.trim() ?? "";
  const words = head
    .replace(/<(script|style)\b[\s\S]*?(?:<\/\1>|$)/gi, " ")
    .replace(/<[^>]{0,2000}>/g, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, PAGE_TEXT_LIMIT);
  const field = /<input[^>]{0,300}type=["']?password/i.test(head) ? " [password field]" : "";
  return `${title}: ${words}${field}`;
}

/** Status and the words that servers put into a page or a plain body for it. */
const REASONS: readonly (readonly [RegExp, number])[] = [
  [/^\W{0,3}(?:401 )?(?:unauthorized|authorization required)\b/i, 401],
  [/^\W{0,3}payment required\b/i, 402],
  [/^\W{0,3}forbidden\b/i, 403],
  [/^\W{0,3}(?:not found|page not found)\b/i, 404],
  [/^\W{0,3}method not allowed\b/i, 405],
  [/^\W{0,3}(?:request entity too large|payload too large|content too large)\b/i, 413],
  [/^\W{0,3}too many requests\b/i, 429],
  [/^\W{0,3}internal server error\b/i, 500],
  [/^\W{0,3}bad gateway\b/i, 502],
  [/^\W{0,3}service (?:temporarily )?unavailable\b/i, 503],
  [/^\W{0,3}gateway time-?out\b/i, 504],
];

/** The HTTP status that a message mentions at its beginning, or null. */
export function statusIn(message: string): number | null {
  const head = message.slice(0, 200);
  const number =
    /^\W{0,3}(?:HTTP(?:\/[\d.]{1,3})?\s|HTTP error |error(?: code)?:? |status(?: code)?:? |error code: |request failed with status code )?([45]\d\d)\b(?![\d.]|\s*(?:tokens|ms|s\b))/i.exec(
      head,
    )?.[1] ?? /\b(?:error|status)(?: code)?:? ([45]\d\d)\b/i.exec(head)?.[1];
  if (number) return Number(number);
  return REASONS.find(([words]) => words.test(head))?.[1] ?? null;
}
