import { KnownSecrets } from "../core/known_secrets.ts";
import type { Secret } from "../core/secret.ts";
import type { WebhookFormat } from "../inputs/alert.ts";
import { type Address, parseAddress, parseRoutingKey } from "./address.ts";
import { type Service, serviceAt, serviceOf, slipOf } from "./formats.ts";

/** Who is told, by what the webhook's variable holds. Addresses are credentials: a target is called by its host and service. Pure. */

/** Webhooks in one variable. */
const LIMIT = 5;

/** A line of the variable. One that cannot be used has a `slip`: what is wrong, and what to do. */
export type Target =
  | { name: string; slip: string; service: Service | null; address: Address | null }
  | { name: string; slip: null; service: Service; address: Address };

/** The targets that a variable holds, one per line, each with a name of its own; none for an empty one. */
export function readTargets(addresses: Secret, format: WebhookFormat): Target[] {
  const lines = [...new Set(addresses.unwrap().split(/\s+/).filter(Boolean))];
  const targets = lines.slice(0, LIMIT).map((line) => targetOf(line, format));
  if (lines.length > LIMIT) {
    const problem = `the variable holds ${lines.length} addresses, of which the first ${LIMIT} are told. Use one script for the rest.`;
    targets.push(slipped("further webhooks", problem));
  }
  return targets.map((one, index) => ({ ...one, name: numbered(targets, one.name, index) }));
}

function targetOf(line: string, format: WebhookFormat): Target {
  const address = (format === "pagerduty" ? parseRoutingKey(line) : null) ?? parseAddress(line);
  if (address === null) {
    const also = format === "pagerduty" ? ", or the routing key of 32 characters" : "";
    return slipped(
      "webhook",
      `the variable does not hold a web address. Store the webhook's whole address in it, with https://${also}.`,
    );
  }
  const service = serviceOf(format, address.url.hostname);
  return {
    name: `webhook at ${nameOf(address.url)} (${service})`,
    slip: slipOf(service, address),
    service,
    address,
  } as Target;
}

const slipped = (name: string, slip: string): Target => ({ name, slip, service: null, address: null });

/** Two targets of the same host and service are told apart by their place. */
function numbered(all: readonly Target[], name: string, index: number): string {
  const before = all.slice(0, index).filter((one) => one.name === name).length;
  return before === 0 ? name : `${name} #${before + 1}`;
}

/** What a webhook is called: the host, as far as it is no credential itself. Some services put one into its first part. */
export function nameOf({ host, hostname }: URL): string {
  const labels = host.split(".");
  const open = serviceAt(hostname) !== null || labels.length < 3 || /^[\d.]+$|^\[/.test(hostname);
  return open ? host : `….${labels.slice(-2).join(".")}`;
}

/** Characters from which on a part of the address is taken out; shorter ones are words of every text. */
const SHORTEST_PART = 6;

/** A text that repeats nothing of the address: not the whole, its path or query, nor any part of them. */
export function withoutAddress(text: string, { url, user, password }: Address): string {
  const { href, host, pathname, search } = url;
  const parts = [
    ...[href, user, password, `${pathname}${search}`, ...pathname.split("/")],
    ...[...new URLSearchParams(search).values(), ...host.split(".").slice(0, -2)],
  ].filter((part) => part.length >= SHORTEST_PART);
  const known = new KnownSecrets();
  for (const part of parts) known.learn(part);
  return parts.reduce((rest, part) => rest.replaceAll(part, "(secret)"), known.clean(text));
}
