/**
 * Addresses that Windmill's server and workers refuse as AI base URLs unless their operator allows private ones: its own list
 * (`is_private_ip` in backend/windmill-common/src/ssrf.rs, 1.784 and later).
 */

/** First address and length of the prefix, in bits. */
const PRIVATE_V4: readonly (readonly [string, number])[] = [
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
];

/** Whether an IP address, as text and without brackets, is one that Windmill calls private or internal. */
export function isPrivateAddress(address: string): boolean {
  const v4 = toNumber(address);
  if (v4 !== null) return PRIVATE_V4.some(([first, bits]) => prefix(toNumber(first) ?? 0, bits) === prefix(v4, bits));
  const text = address.toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+|[0-9a-f]{1,4}:[0-9a-f]{1,4})$/.exec(text)?.[1];
  if (mapped !== undefined) return isPrivateAddress(mapped.includes(".") ? mapped : dotted(mapped));
  const head = Number.parseInt(/^([0-9a-f]{1,4}):/.exec(text)?.[1] ?? "0", 16);
  return text === "::" || text === "::1" || (head & 0xfe00) === 0xfc00 || (head & 0xffc0) === 0xfe80;
}

/** An IPv4 address as a number; null for anything else. */
function toNumber(address: string): number | null {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return null;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

const prefix = (address: number, bits: number): number => Math.floor(address / 2 ** (32 - bits));

/** `7f00:1` as `127.0.0.1`. */
function dotted(hextets: string): string {
  const [high = 0, low = 0] = hextets.split(":").map((part) => Number.parseInt(part, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}
