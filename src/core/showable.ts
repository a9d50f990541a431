import { showableAddress } from "./address.ts";
import { isHarmlessHeader, isReference, mayCarryCredential } from "./credentials.ts";
import { asRecord } from "./json.ts";
import { looksLikeCredential, redact, redactLines } from "./redact.ts";
import { Secret } from "./secret.ts";

/** What may be shown, and what may be kept, of a value in which people store credentials: one rule for both. */

/** What a text is, by its dotted path: the names at its end are those of fields or headers. */
function placeOf(path: string): { header: string } | { field: string } {
  const header = /(?:^|\.)headers\.(.+)$/s.exec(path)?.[1];
  return header === undefined ? { field: path.slice(path.lastIndexOf(".") + 1) } : { header };
}

const isAddressField = (field: string): boolean => /url$/i.test(field);

/** Whether a text holds nothing that could be a credential. A reference names one and is none. */
function isOpen(path: string, text: string): boolean {
  if (isReference(text)) return true;
  const place = placeOf(path);
  if ("header" in place) return isHarmlessHeader(place.header, text);
  if (mayCarryCredential(place.field) || looksLikeCredential(text)) return false;
  return !isAddressField(place.field) || showableAddress(text) === text;
}

/**
 * A value for people's eyes: credentials shortened to their prefix, addresses without user and query, of headers only that they are
 * set, foreign texts redacted.
 *
 * @param path dotted, from the value that is shown as a whole.
 */
export function showable(path: string, value: unknown): unknown {
  if (typeof value === "string") return showableText(path, value);
  if (Array.isArray(value)) return value.map((item) => showable(path, item));
  if (typeof value !== "object" || value === null) return value ?? null;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, showable(below(path, key), inner)]));
}

function showableText(path: string, text: string): string {
  const place = placeOf(path);
  if (isOpen(path, text)) return redactLines(text);
  if ("header" in place) return "(set)";
  if (mayCarryCredential(place.field)) return Secret.safePrefix(text);
  return redact(isAddressField(place.field) ? showableAddress(text) : text);
}

const below = (path: string, key: string): string => (path === "" ? key : `${path}.${key}`);

/** What is left of a value, and the dotted places that were left out of it, so that people can be told. */
export interface Kept {
  value: Record<string, unknown>;
  left_out: string[];
}

/** A resource's value without anything in it that could be a credential; references stay. What is left is as it was. */
export function keepable(value: unknown): Kept {
  const left_out: string[] = [];
  const keep = (fields: Record<string, unknown>, at: string): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(fields).flatMap(([key, inner]): [string, unknown][] => {
        const path = below(at, key);
        if (path === "headers" && typeof inner === "object" && inner !== null)
          return [[key, keep(asRecord(inner), path)]];
        if (isOpenThroughout(path, inner)) return [[key, inner]];
        left_out.push(path);
        return [];
      }),
    );
  return { value: keep(asRecord(value), ""), left_out };
}

function isOpenThroughout(path: string, value: unknown): boolean {
  if (typeof value === "string") return isOpen(path, value);
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([key, inner]) =>
    isOpenThroughout(Array.isArray(value) ? path : below(path, key), inner),
  );
}
