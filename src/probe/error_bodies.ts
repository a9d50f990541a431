import type { Outcome } from "../core/shapes.ts";

/** Error bodies of all the shapes that gateways send, read without trusting any of them. */

export interface SaidError {
  /** `error.code` when it is a word; a number is a status and goes to `said`. */
  code: string;
  /** `error.type`, or a `code` that is a whole phrase, as xAI's are: both name a class. */
  type: string;
  /** What the body says beside the code for programs to read: Google's `reason`, Azure's `innererror.code`, Apigee's `errorcode`. */
  reason: string;
  message: string;
  said: number | null;
  /** What the provider behind the gateway said, where the body carries it apart (OpenRouter's `metadata.raw`); "" elsewhere. */
  raw: string;
  /** The provider whose error the gateway says it passes on (Portkey's `provider`, OpenRouter's `provider_name`); "" elsewhere. */
  provider: string;
}

type Json = Readonly<Record<string, unknown>>;

/** Characters of a web page that are looked at: its title and its first lines say what it is, and styles may stand before them. */
const PAGE_LIMIT = 24_000;
const PAGE_TEXT_LIMIT = 900;

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

const CUT_FIELD =
  /["'](code|type|message|detail|status)["']\s{0,9}:\s{0,9}(?:"((?:[^"\\]|\\.){0,2000})|'((?:[^'\\]|\\.){0,2000})|(\d{1,9}))/g;

/** What can be read of a JSON error whose end is missing, or of one that Python printed: a cut toast, a body over the limit. */
function salvage(text: string): unknown {
  const head = text.slice(0, 4_000);
  if (!/["'](?:error|message|detail)["']\s*:/.test(head)) return undefined;
  const error: Record<string, unknown> = {};
  for (const [, name = "", double, single, number] of head.matchAll(CUT_FIELD)) {
    error[name] ??= number === undefined ? (double ?? single) : Number(number);
  }
  return Object.keys(error).length > 0 ? { error } : undefined;
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const objectIn = (value: unknown): Json => (isObject(value) ? value : {});

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

/** Fields that hold an error's status or code, by product: OpenAI, Google, Nest, Azure, one's own, MiniMax, Baidu and Huawei. */
const STATUS_FIELDS = ["code", "status", "statusCode", "status_code", "http_code", "error_code"] as const;
/** Fields that hold the words, likeliest first. */
const WORD_FIELDS = [
  "message",
  "msg",
  "faultstring",
  "status_msg",
  "error_msg",
  "errmsg",
  "err",
  "errorMessage",
] as const;

/**
 * The error in a JSON body, or null when it holds none. Shapes: `{error:{...}}` (OpenAI, Anthropic, Google in an array),
 * `{error:"..."}` (Ollama, TGI, LM Studio, xAI beside a `code`), `{object:"error",...}` (vLLM), `{detail}` (FastAPI), `{message}`
 * (Kong, AWS), `{msg}` (gateways of Chinese make), `{errors}` (Phoenix, Cloudflare), `{title,status}` (RFC 9457), `{fault}`
 * (Apigee), `{base_resp}` (MiniMax, with status 200).
 */
export function errorIn(json: unknown): SaidError | null {
  const outer = Array.isArray(json) ? json[0] : json;
  if (!isObject(outer)) return null;
  const listed = firstOf(outer.errors);
  const base = objectIn(outer.base_resp);
  const inner = [
    firstOf(outer.error),
    listed,
    outer.detail,
    outer.fault,
    base.status_code ? base : undefined,
    objectIn(outer.response).error,
    outer.header,
  ].find(isObject);
  const source = inner ?? outer;
  const message = words(source, outer, listed);
  // Google puts a word like RESOURCE_EXHAUSTED into `status`; outside an error object it is no code.
  const code = firstText(source.code, outer.code, inner?.status, source.error_code);
  const isPhrase = /\s/.test(code);
  const type = firstText(
    source.type,
    source.error_type,
    outer.error_type,
    outer === source ? "" : outer.type,
    source.__type,
    outer.__type,
    source.name,
    isPhrase ? code : "",
  );
  const isAnswer = [outer.choices, outer.data, outer.models].some((part) => part !== undefined && part !== null);
  const isError = inner !== undefined || outer.object === "error" || Boolean(outer.error) || !isAnswer;
  if (!isError || (message === "" && code === "" && inner === undefined)) return null;
  const metadata = objectIn(source.metadata);
  return {
    code: isPhrase || /^\d+$/.test(code) ? "" : code,
    type: isPhrase ? code : type,
    reason: reasonIn(source),
    message,
    said: firstStatus(...STATUS_FIELDS.flatMap((name) => [source[name], outer[name]])),
    raw: typeof metadata.raw === "string" ? metadata.raw : isObject(metadata.raw) ? JSON.stringify(metadata.raw) : "",
    provider: firstText(metadata.provider_name, outer.provider),
  };
}

const firstOf = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value);

/** The words of an error, wherever they stand. A title comes before what explains it. */
function words(source: Json, outer: Json, listed: unknown): string {
  const own = firstText(
    ...WORD_FIELDS.map((name) => wordsOf(source[name])),
    wordsOf(source.error),
    source === outer ? "" : wordsOf(source.detail),
    wordsOf(outer.error),
  );
  const title = firstText(outer.title);
  const detail = wordsOf(outer.detail);
  return firstText(
    own,
    title !== "" && detail !== "" ? `${title}: ${detail}` : "",
    detail,
    ...WORD_FIELDS.map((name) => wordsOf(outer[name])),
    wordsOf(listed),
    source.description,
    wordsOf(source.reason),
    outer.error_description,
    title,
    outer.Message,
  );
}

/** What a body says for programs beside its code. */
function reasonIn(source: Json): string {
  const details = Array.isArray(source.details) ? source.details.map(objectIn) : [];
  return firstText(
    ...details.map(({ reason }) => reason),
    objectIn(source.innererror).code,
    objectIn(source.inner_error).code,
    objectIn(source.detail).errorcode,
    objectIn(source.metadata).error_type,
    objectIn(source.metadata).provider_error_code,
  );
}

/** The words in a message that may be a text, a list of validation errors (FastAPI) or an object around a text (LiteLLM). */
function wordsOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (!Array.isArray(value) && !isObject(value)) return "";
  if (isObject(value)) return firstText(value.message, value.error, value.msg, listOf(value.detail));
  return listOf(value);
}

/** A list of errors as one text, each with the place that it is about. */
function listOf(value: unknown): string {
  if (!Array.isArray(value)) return "";
  return value
    .slice(0, 5)
    .map((item) => {
      if (typeof item === "string") return item;
      if (!isObject(item)) return "";
      const place = Array.isArray(item.loc) ? `${item.loc.join(".")}: ` : "";
      return `${place}${firstText(item.msg, item.message, item.description)}`;
    })
    .filter((text) => text !== "")
    .join("; ");
}

/** Whether the body is a web page, by its first tag; a content type alone proves nothing about the text. */
export function isPage({ body, content_type }: Pick<Outcome, "body" | "content_type">): boolean {
  const head = body.slice(0, 900).trimStart();
  return (
    /^(?:<\?xml[^>]{0,200}>\s{0,20})?(?:<!--[^>]{0,400}-->\s{0,20})*<(?:!doctype|html|head|body|title|center|h[1-3]|script|meta|div|p|pre|a\s)\b/i.test(
      head,
    ) ||
    (content_type === "text/html" && head.startsWith("<"))
  );
}

/** What a person would see on a page: the title, then the first words. A password field leaves a mark. */
export function pageText(body: string): string {
  const head = body.slice(0, PAGE_LIMIT);
  const title = /<title[^>]{0,200}>([^<]{0,200})/i.exec(head)?.[1]?.trim() ?? "";
  const text = head
    .replace(/<(script|style|title)\b[\s\S]*?(?:<\/\1>|$)/gi, " ")
    .replace(/<!--[\s\S]*?(?:-->|$)/g, " ")
    .replace(/<[^>]{0,2000}>/g, " ")
    .replace(/&#(\d{1,5});/g, (_, number: string) => String.fromCharCode(Number(number)))
    .replace(/&(?:nbsp|quot|amp);/g, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, PAGE_TEXT_LIMIT);
  const field = /<input[^>]{0,300}type=["']?password/i.test(head) ? " [password field]" : "";
  return `${title}${title === "" ? "" : ": "}${text}${field}`;
}
