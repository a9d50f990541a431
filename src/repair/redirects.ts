import type { Finding } from "../core/shapes.ts";

/** Where the gateway's redirects lead, as the findings tell it. Pure. */
export const redirectTargets = (findings: readonly Finding[]): string[] =>
  findings
    .filter(({ code }) => code === "redirect")
    .flatMap(({ evidence }) => evidence)
    .flatMap(({ excerpt }) => /Location: (https?:\/\/\S+)/.exec(excerpt)?.[1] ?? []);
