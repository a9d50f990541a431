/** What a line of the webhook's variable says, taken apart. Pure. */

/** An address as it is stored. `user` and `password` stood before the host and are no part of the URL any more: no client sends them from there. */
export interface Address {
  url: URL;
  user: string;
  password: string;
}

/** PagerDuty's integration keys: "Length of 'routing_key' is incorrect (should be 32 characters)". */
const ROUTING_KEY = /^[A-Za-z0-9]{32}$/;
/** Where PagerDuty takes events, unless the account is in its European region. */
const PAGERDUTY = "https://events.pagerduty.com/v2/enqueue";

/** Takes a line apart; null for what is no web address. */
export function parseAddress(line: string): Address | null {
  const url = parseUrl(line);
  if (url === null || !/^https?:$/.test(url.protocol)) return null;
  const [user, password] = [decode(url.username), decode(url.password)];
  url.username = "";
  url.password = "";
  return { url, user, password };
}

/** A routing key that stands alone, as PagerDuty's page shows it; null for anything else. */
export const parseRoutingKey = (line: string): Address | null =>
  ROUTING_KEY.test(line) ? { url: new URL(PAGERDUTY), user: line, password: "" } : null;

/** A URL, or null. */
export function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
