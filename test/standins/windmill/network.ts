import { isIP } from "node:net";
import type { UpstreamRequest, UpstreamResponse } from "./upstream.ts";

/** What a host name of the stand-in's internet stands for. */
export interface Host {
  /** What the name resolves to. They only count for the private-address guard; nothing ever connects to them. */
  addresses: string[];
  /** The local port where connections to the name really go. Without one, every connection to it is refused. */
  port?: number;
}

/** The name table that both processes of the stand-in resolve with, so that a test decides what is public and what is private. */
export interface Network {
  /** By host name (or by IP literal, to send the connections of a public literal to a local port). Tests change it at any time. */
  readonly hosts: Map<string, Host>;
  /**
   * Addresses of a host name. Names that are not in the table: literals and `localhost` mean themselves.
   * @throws UnresolvableName for any other name
   */
  resolve(hostname: string): string[];
  /** Where a connection really goes; undefined = nobody listens. @throws UnresolvableName */
  connectTo(hostname: string, port: number): { host: string; port: number } | undefined;
  /**
   * Answers in the place of a connection, for gateways in the same process. Where nobody listens, it throws what a connection would.
   */
  dispatch?(request: UpstreamRequest, url: URL, signal: AbortSignal): Promise<UpstreamResponse>;
}

/** A name that DNS does not know. The message is that of the system's resolver. */
export class UnresolvableName extends Error {
  constructor() {
    super("failed to lookup address information: Name or service not known");
  }
}

/** An internet with no names in it. */
export function createNetwork(): Network {
  const hosts = new Map<string, Host>();
  const resolve = (hostname: string): string[] => {
    const bare = hostname.replace(/^\[|\]$/g, "");
    const host = hosts.get(bare);
    if (host) return host.addresses;
    if (isIP(bare)) return [bare];
    if (bare === "localhost") return ["127.0.0.1"];
    throw new UnresolvableName();
  };
  return {
    hosts,
    resolve,
    connectTo(hostname, port) {
      const [address] = resolve(hostname);
      const host = hosts.get(hostname);
      if (!host) return address === undefined ? undefined : { host: address, port };
      return host.port === undefined ? undefined : { host: "127.0.0.1", port: host.port };
    },
  };
}
