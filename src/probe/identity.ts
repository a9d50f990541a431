/** What an answer's headers tell of the gateway behind it. Pure. */

/**
 * Headers that name a product and stay the same from one answer of it to the next. All others are left alone: limits, times, caches
 * and replicas change them from request to request.
 */
const NAMING = ["server", "x-powered-by", "openai-version", "x-litellm-version"] as const;

/** Names under which gateways send the id of a request. */
const IDS = ["x-request-id", "request-id", "x-litellm-call-id", "x-amzn-requestid", "apim-request-id"] as const;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** How a gateway writes its ids, e.g. `uuid`, `req_…`, `32 hex`: two gateways seldom write them alike. */
function formOf(id: string): string {
  if (UUID.test(id)) return "uuid";
  const prefix = /^[a-z]{1,12}[_-]/i.exec(id)?.[0];
  if (prefix) return `${prefix}…`;
  return /^[0-9a-f]+$/i.test(id) ? `${id.length} hex` : "other";
}

/**
 * A line that is the same for two answers of one gateway, and as a rule another one for another gateway: its product and the form of
 * its request ids. "" where the headers tell neither. Windmill passes the headers of 2xx and 3xx answers on, and none of an error.
 */
export function senderOf(headers: Headers): string {
  const named = NAMING.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [`${name}: ${value.slice(0, 80)}`];
  });
  const ids = IDS.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [`${name}: ${formOf(value.trim())}`];
  });
  return [...named, ...ids].join("; ");
}
