import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { connect, type PeerCertificate } from "node:tls";
import { type Certificate, tlsHost } from "../core/certificate.ts";
import { isPrivateAddress } from "../core/private_address.ts";
import { excerpt } from "../core/redact.ts";

/** Looks at the certificate that a gateway shows: a TLS connection from this worker, and no request. */

/** Milliseconds for name and handshake together. */
const PATIENCE_MS = 5_000;
const ISSUER_LIMIT = 80;

/**
 * @param base_url the gateway's address; only an https one has a certificate.
 * @param allowed whether Windmill lets this worker call the address; else it is looked at only when it is public.
 * @returns null where nothing can be seen: another way out of the network, a time-out, a name that nobody knows.
 */
export async function lookAtCertificate(base_url: string | null, allowed: boolean): Promise<Certificate | null> {
  const place = tlsHost(base_url);
  if (place === null) return null;
  const until = AbortSignal.timeout(PATIENCE_MS);
  try {
    const address = await Promise.race([addressOf(place.host, allowed), givenUp(until)]);
    return address === null ? null : await shown({ ...place, address }, until);
  } catch {
    return null;
  }
}

const givenUp = (until: AbortSignal): Promise<null> =>
  new Promise((resolve) => until.addEventListener("abort", () => resolve(null), { once: true }));

/** An address of the host that may be called; null when there is none. What was looked at is what is called. */
async function addressOf(host: string, allowed: boolean): Promise<string | null> {
  const addresses = isIP(host) ? [host] : (await lookup(host, { all: true })).map(({ address }) => address);
  return allowed || addresses.every((one) => !isPrivateAddress(one)) ? (addresses[0] ?? null) : null;
}

function shown(
  { host, port, shown: name, address }: { host: string; port: number; shown: string; address: string },
  until: AbortSignal,
): Promise<Certificate | null> {
  return new Promise((resolve) => {
    const socket = connect({
      ...{ host: address, port },
      ...(isIP(host) ? {} : { servername: host }),
      // Nothing is sent: one that nobody trusts is looked at too, and whether it is trusted is for the requests to say.
      rejectUnauthorized: false,
    });
    const done = (found: Certificate | null): void => {
      socket.destroy();
      resolve(found);
    };
    socket.once("secureConnect", () => done(certificateOf(socket.getPeerCertificate(), name)));
    socket.once("error", () => done(null));
    socket.once("close", () => done(null));
    until.addEventListener("abort", () => done(null), { once: true });
  });
}

/** Only its own end counts: of what vouches for it, clients choose one that holds, and an old one is sent along for years. */
function certificateOf(leaf: PeerCertificate | undefined, host: string): Certificate | null {
  const end = Date.parse(leaf?.valid_to ?? "");
  if (Number.isNaN(end)) return null;
  const issuer = leaf?.issuer?.O ?? leaf?.issuer?.CN ?? "";
  return {
    host,
    ends_at: new Date(end).toISOString(),
    issuer: excerpt(String(issuer), { limit: ISSUER_LIMIT }),
    seen_at: new Date().toISOString(),
  };
}
