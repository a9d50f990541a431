/** What the health flow may mend by itself. One table, because the memory decides by it and the repairs are bound by it. */

/** Off unless somebody has chosen otherwise. */
export const SELF_REPAIR = ["off", "settings", "models"] as const;
export type SelfRepair = (typeof SELF_REPAIR)[number];

/** Codes of findings that each choice adds: nothing about a key, and nothing that only a person can judge. */
const COVERED: Readonly<Record<SelfRepair, readonly string[]>> = {
  off: [],
  settings: [
    "settings-drift",
    "no-default-model",
    "no-metadata-model",
    "default-model-not-enabled",
    "default-model-nowhere",
    "schedule-off",
    "schedule-error",
    "base-url-unresolved",
    "base-url-blanks",
    "base-url-not-http",
    "base-url-query",
    "base-url-endpoint",
    "base-url-no-v1",
    "base-url-slash",
    "redirect",
    "wrong-base-path",
    "endpoint-not-found",
  ],
  models: ["model-not-served"],
};

/** The codes of findings that a choice covers. */
export const coveredBy = (choice: SelfRepair): ReadonlySet<string> =>
  new Set(SELF_REPAIR.slice(0, SELF_REPAIR.indexOf(choice) + 1).flatMap((one) => COVERED[one]));

/** Attempts in 24 hours. */
export const ATTEMPTS_A_DAY = 3;
/** Milliseconds for which nothing is mended after somebody has changed something. */
export const HANDS_OFF_MS = 3_600_000;
