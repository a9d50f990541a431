import * as z from "zod";

/** The certificate that a gateway shows, as far as a worker can see it. */
export const Certificate = z.object({
  /** Host and port that showed it. */
  host: z.string(),
  /** When it ends (ISO 8601). */
  ends_at: z.string(),
  /** Who issued it, as it says itself; "" when it does not. */
  issuer: z.string(),
  /** When it was looked at (ISO 8601). */
  seen_at: z.string(),
});
export type Certificate = z.infer<typeof Certificate>;

const DAY_MS = 86_400_000;
/** Days before its end from which on it is a warning. */
export const CERTIFICATE_WARNING_DAYS = 14;

/** Whole days until it ends, negative when it has. @param now milliseconds since 1970. */
export const daysLeft = ({ ends_at }: Pick<Certificate, "ends_at">, now: number): number =>
  Math.floor((Date.parse(ends_at) - now) / DAY_MS);

/** Host and port of an https address; null for any other. */
export function tlsHost(base_url: string | null): { host: string; port: number; shown: string } | null {
  if (base_url === null) return null;
  try {
    const { protocol, hostname, port, host } = new URL(base_url);
    if (protocol !== "https:" || hostname === "") return null;
    return { host: hostname.replace(/^\[|\]$/g, ""), port: port === "" ? 443 : Number(port), shown: host };
  } catch {
    return null;
  }
}
