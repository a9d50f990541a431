/** Remedies as the diagnosis table writes them: a sentence, and lines to copy below it. Pure. */

export type Piece = { kind: "text" | "code"; text: string };

export interface Step {
  pieces: Piece[];
  /** Lines to copy as they are; "" when there are none. */
  block: string;
}

/** A setting that somebody has to put into an environment, e.g. `ALLOW_PRIVATE_AI_BASE_URLS=true`. */
const SETTING = /\b[A-Z][A-Z0-9_]{3,}=[^\s,;`"'<>]+/;
const CODE = new RegExp(`\`([^\`]{1,400})\`|(${SETTING.source})`, "g");

/** Takes a step of a remedy apart: the first line is prose with code in it, the rest is a block. */
export function readStep(text: string): Step {
  const [first = "", ...rest] = text.split("\n");
  return { pieces: prose(first), block: rest.join("\n").replace(/^\n+|\s+$/g, "") };
}

/** A sentence in which code between backticks and environment settings are told apart. */
export function prose(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(CODE)) {
    if (match.index > from) pieces.push({ kind: "text", text: text.slice(from, match.index) });
    pieces.push({ kind: "code", text: (match[1] ?? match[2] ?? "").replace(/[.:]$/, "") });
    from = match.index + match[0].length - (/[.:]$/.test(match[2] ?? "") ? 1 : 0);
  }
  if (from < text.length) pieces.push({ kind: "text", text: text.slice(from) });
  return pieces;
}

/** Whether a piece of code is worth a button that copies it: a setting or a command, not a name. */
export const isToCopy = (code: string): boolean => SETTING.test(code) || /^\S+ \S/.test(code);
