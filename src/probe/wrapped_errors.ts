import { asJson, errorIn, isPage, pageText, type SaidError } from "./error_bodies.ts";

/**
 * Errors that carry another server's error: a gateway's class name before the provider's words, the provider's JSON inside a
 * message, a printed Python dictionary, a field for the raw answer, an id behind the words.
 */

/** One speaker's part of an error. */
export interface Layer extends SaidError {
  /** Whether the provider behind the gateway says it: its refusals are about the gateway's account, not about Windmill's key. */
  upstream: boolean;
}

/** How deep errors are looked for in one another: Windmill > gateway > second gateway > provider, and one to spare. */
const DEPTH = 6;
/** Characters of a message that are searched for an inner error. */
const SEARCHED = 8_000;

/** What stands before another's words in a text. `upstream`: the rest is the provider's. `type` and `said` name its class and status. */
const LEADS: readonly { lead: RegExp; upstream?: true }[] = [
  { lead: /^litellm\.(?<type>[A-Z]\w{2,50}):\s+/, upstream: true },
  { lead: /^(?:[A-Z]\w{1,40})Exception(?: (?:- |error: )|:\s)/, upstream: true },
  { lead: /^(?<type>[A-Z][A-Za-z]{2,40}(?:Error|Exception|Timeout)):\s+/ },
  { lead: /^Error code: (?<said>\d{3}) - / },
  { lead: /^(?:Failed to generate tokens: )?HTTP error: (?<said>\d{3}) - (?:Error generating chat completion: )?/ },
  { lead: /^Upstream error from [^:]{1,60}: /i, upstream: true },
  {
    lead: /^(?:error from (?:the )?provider|provider (?:returned )?error|upstream (?:provider )?(?:error|returned(?: an?)? error|returned|responded with))(?: \([^)]{1,60}\))?(?:[ ,:]+(?:status(?: code)? )?(?<said>[45]\d\d))?\s?[:,]\s+(?:body: )?/i,
    upstream: true,
  },
  { lead: /^<(?<said>[45]\d\d)>\s+(?:InternalError\.Algo\.)?(?<type>[A-Z][\w.]{2,60}):\s+/ },
  {
    lead: /^An error occurred \((?<type>\w{3,60})\) when calling the \w{3,60} operation(?: \([^)]{1,80}\))?:\s+/,
    upstream: true,
  },
  { lead: /^\[[\w./:-]{1,120}\]\s+\[(?<said>[45]\d\d)\]:\s+/, upstream: true },
  { lead: /^(?:HTTP )?(?<said>[45]\d\d):? (?=[{[])/ },
  { lead: /^(?:Input|Output)?\s?validation error: (?=[`'"]\w+[`'"] tokens)/i },
];

/** What gateways put behind another's words: ids, their own routing, advice about themselves. */
const TAILS: readonly RegExp[] = [
  /\s*\(request id: [\w-]{1,80}\)\s*$/i,
  /[.,]?\s*(?:request[_ ]id|trace[_ ]id|correlation[_ ]id): ?[\w-]{4,80}\.?\s*$/i,
  /\n?\s*(?:No fallback model group found|Received Model Group=|Available Model Group Fallbacks=|LiteLLM Retried:|Fallbacks=\[)[\s\S]*$/,
  /\s*\nmodel=[\s\S]{0,400}content_policy_fallback[\s\S]*$/,
];
const ROUTING_MARK = /\(request id: [\w-]{1,80}\)\s*$/i;
/** Types that one-api and its descendants give to errors of their own; behind other types the words are the provider's. */
const OWN_TYPES = /^(?:one|new|v|shell|chat)_?api_(?:error|panic)$|^(?:None)?$/i;

/** The parts of an error, innermost first: the last one to speak knows the cause. */
export function layersOf(error: SaidError): Layer[] {
  const layers: Layer[] = [];
  let current: Layer | null = { ...error, upstream: false };
  while (current !== null && layers.length < DEPTH) {
    const { own, inner } = split(current);
    layers.unshift(own);
    current = inner;
  }
  return layers;
}

/** A layer without what it quotes, and what it quotes. */
function split(layer: Layer): { own: Layer; inner: Layer | null } {
  const passed = isPassedOn(layer);
  if (layer.raw !== "") {
    return { own: { ...layer, raw: "" }, inner: quoted({ ...layer, code: "", type: "" }, layer.raw, {}, true) };
  }
  const message = trimmed(layer.message);
  const own = { ...layer, message, upstream: layer.upstream || passed };
  const provider = providerLead(message, layer.provider);
  if (provider !== null) return { own, inner: quoted(own, message.slice(provider), {}, true) };
  for (const { lead, upstream } of LEADS) {
    const found = lead.exec(message);
    if (!found) continue;
    const rest = message.slice(found[0].length);
    return { own: { ...own, message: found[0] }, inner: quoted(own, rest, found.groups ?? {}, upstream) };
  }
  const json = embedded(message);
  if (json === null) return { own, inner: null };
  const inner = errorIn(json.value);
  const before = message.slice(0, json.start).trim();
  if (inner === null || (inner.message === "" && inner.code === "" && inner.type === "")) return { own, inner: null };
  return {
    own: { ...own, message: before },
    inner: { ...inner, said: inner.said ?? own.said, upstream: own.upstream || inner.raw !== "" },
  };
}

/** The quoted part of a layer; it has the layer's class and status until it says one of its own. */
function quoted(
  own: Layer,
  text: string,
  { type, said }: Readonly<Record<string, string | undefined>>,
  upstream: true | undefined,
): Layer {
  const status = said ? Number(said) : own.said;
  const speaker = { upstream: own.upstream || upstream === true };
  const error = errorIn(asJson(balanced(text)));
  if (error) return { ...error, said: error.said ?? status, ...speaker };
  const message = isPage({ body: text, content_type: "" }) ? pageText(text) : text;
  return { ...own, type: type ?? own.type, message, raw: "", provider: "", said: status, ...speaker };
}

function trimmed(message: string): string {
  let text = message;
  for (const tail of TAILS) text = text.replace(tail, "");
  return text.trim();
}

/** Whether the gateway passes on what a provider said: it says so by the type, or its id stands behind another's type. */
function isPassedOn({ type, message }: SaidError): boolean {
  return (
    /^upstream_error$/i.test(type) ||
    /^provider returned error\W*$/i.test(message) ||
    (ROUTING_MARK.test(message) && !OWN_TYPES.test(type))
  );
}

/** Where the provider's words begin in `openai error: ...`, or null. */
function providerLead(message: string, provider: string): number | null {
  const found = /^([a-z][a-z0-9-]{1,40}) error: /.exec(message);
  if (!found) return null;
  return provider === "" || found[1] === provider.toLowerCase() ? found[0].length : null;
}

/** Where an object or a list of objects begins that may be an error; Python prints bytes as `b'...'`. */
const QUOTED_ERROR = /b?['"]?(?=[[{]{1,2}\s{0,20}["'](?:error|message|detail|code|type|object|status|errors)["']\s?:)/g;
const CANDIDATES = 5;

/** The first JSON or Python value in a text that holds an error, and where it begins. */
function embedded(message: string): { value: unknown; start: number } | null {
  const text = message.slice(0, SEARCHED);
  for (const { index } of [...text.matchAll(QUOTED_ERROR)].slice(0, CANDIDATES)) {
    const start = index + text.slice(index).search(/[[{]/);
    const value = asJson(balanced(text.slice(start)));
    if (value !== undefined) return { value, start: index };
  }
  return null;
}

/** The text up to where its first bracket closes; all of it when it never does. Quotes of either kind hide brackets. */
function balanced(text: string): string {
  let depth = 0;
  let quote = "";
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at] ?? "";
    if (quote !== "") {
      if (sign === "\\") at += 1;
      else if (sign === quote) quote = "";
    } else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === "{" || sign === "[") depth += 1;
    else if (sign === "}" || sign === "]") {
      depth -= 1;
      if (depth === 0) return text.slice(0, at + 1);
    }
  }
  return text;
}
