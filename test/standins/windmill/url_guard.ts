import { BlockList, isIP } from "node:net";
import { badRequest } from "./errors.ts";
import type { Process } from "./http.ts";
import { type Network, UnresolvableName } from "./network.ts";
import type { Release } from "./store.ts";

/** What counts as private or internal: address, prefix length. All of 0.0.0.0/8 since 1.784.0, its first address before. */
const PRIVATE: readonly [string, number][] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["255.255.255.255", 32],
  ["::", 128],
  ["::1", 128],
  ["fc00::", 7],
  ["fe80::", 10],
];

const blocked = new BlockList();
for (const [address, prefix] of PRIVATE) blocked.addSubnet(address, prefix, isIP(address) === 6 ? "ipv6" : "ipv4");

function isPrivate(address: string, release: Release): boolean {
  if (release === "1.743.0" && address.startsWith("0.")) return address === "0.0.0.0";
  return blocked.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

const privateUrl = (how: "targets" | "resolves to") =>
  badRequest(
    `URL ${how} a private/internal IP address. If you need to use private/internal AI endpoints, set the ALLOW_PRIVATE_AI_BASE_URLS=true environment variable`,
  );

/**
 * The check of AI base URLs that each process does by its own `ALLOW_PRIVATE_AI_BASE_URLS`, at every request. A literal
 * address is said to be targeted, a name (or a bracketed IPv6 literal) to resolve to it. With the check off nothing is refused.
 * @throws ApiError 400
 */
export function guardUrl(process: Process, network: Network, url: string, release: Release): void {
  if (process.allowPrivate) return;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed) throw badRequest(`Invalid URL: ${urlMistake(url)}`);
  const scheme = parsed.protocol.slice(0, -1);
  if (scheme !== "http" && scheme !== "https") {
    throw badRequest(`URL scheme '${scheme}' is not allowed, only http and https are permitted`);
  }
  if (isIP(parsed.hostname)) {
    if (isPrivate(parsed.hostname, release)) throw privateUrl("targets");
    return;
  }
  const addresses = resolve(network, parsed.hostname);
  if (addresses.length === 0) throw badRequest(`Host '${parsed.hostname}' did not resolve to any addresses`);
  if (addresses.some((address) => isPrivate(address, release))) throw privateUrl("resolves to");
}

function resolve(network: Network, hostname: string): string[] {
  try {
    return network.resolve(hostname);
  } catch (error) {
    if (!(error instanceof UnresolvableName)) throw error;
    throw badRequest(`Failed to resolve host '${hostname}': ${error.message}`);
  }
}

/** Why a text is no URL, in the words of Windmill's URL parser. */
export function urlMistake(url: string): string {
  if (!/^[a-z][a-z0-9+.-]*:/i.test(url)) return "relative URL without a base";
  if (/^[^/]*\/\/(:|\/*$)/.test(url)) return "empty host";
  return /:\d*[^\d/[\]]*$/.test(url.split("/")[2] ?? "") ? "invalid port number" : "invalid international domain name";
}
