import { sameJson } from "../core/json.ts";
import { rowOf } from "../table/table.ts";
import { type Draft, draftOf, type Mended, type Scene } from "./draft.ts";
import { replaceGone, settleRoles } from "./models.ts";
import { addResourceType, correctBaseUrl, dropHeaders, dropOldKey, moveKey, useGoodResource } from "./resource.ts";
import { LIMIT_CODES, lowerLimits, putBack, switchScheduleOn, unsetCodeCompletion } from "./settings.ts";

/** One repair: what it mends, and how. */
export interface Repair {
  /** Codes of the findings that it mends; each is a row of the diagnosis table that says it can be repaired. */
  codes: readonly string[];
  /** One sentence for people. */
  does: string;
  /** Whether it also looks where none of its findings is there, because a repair before it may have brought the cause in. */
  follows?: true;
  mend(draft: Draft, scene: Scene): Mended;
}

/** A repair that changes which models there are leaves default and metadata model to be settled. */
function settled(mended: Mended, scene: Scene): Mended {
  if (mended === null || "person" in mended) return mended;
  const roles = settleRoles(mended.draft, scene);
  if (roles === null || "person" in roles) return mended;
  return { draft: roles.draft, notes: [...(mended.notes ?? []), ...(roles.notes ?? [])] };
}

/** Codes that a wrong base URL shows by. */
export const ADDRESS_CODES: readonly string[] = [
  "base-url-unresolved",
  "base-url-blanks",
  "base-url-not-http",
  "base-url-credentials",
  "base-url-query",
  "base-url-endpoint",
  "base-url-no-v1",
  "base-url-slash",
  "redirect",
  "wrong-base-path",
  "endpoint-not-found",
  "html-page",
];

/** Codes of a connection that has no resource to use. */
export const RESOURCE_CODES: readonly string[] = [
  "provider-missing",
  "resource-path-empty",
  "resource-missing",
  "resource-empty",
];

/** All repairs, in the order in which they build on each other. */
export const REPAIRS: readonly Repair[] = [
  {
    codes: ["resource-type-missing"],
    does: "Creates the resource type customai.",
    mend: addResourceType,
  },
  {
    codes: RESOURCE_CODES,
    does: "Lets the AI settings name a resource that answers.",
    mend: (draft, scene) => settled(useGoodResource(draft, scene), scene),
  },
  {
    codes: ADDRESS_CODES,
    does: "Corrects base_url, after the corrected one has answered.",
    mend: correctBaseUrl,
  },
  {
    codes: [
      "credential-header",
      "session-header",
      "forbidden-header",
      "malformed-header",
      "pinned-session",
      "not-acceptable",
    ],
    does: "Removes headers that carry credentials, pin a session or break the request.",
    mend: dropHeaders,
  },
  {
    codes: ["no-default-model", "default-model-not-enabled", "default-model-nowhere", "no-metadata-model"],
    does: "Sets the default and the metadata model to ones that work.",
    mend: settleRoles,
  },
  {
    codes: ["settings-drift"],
    does: "Puts back what was asked for.",
    mend: (draft, scene) => settled(putBack(draft, scene), scene),
  },
  {
    codes: ["literal-key-in-resource"],
    does: "Moves the key from the resource into a secret variable.",
    mend: moveKey,
  },
  {
    codes: ["old-key-kept"],
    does: "Deletes the old key that a rotation has left, when the present one answers.",
    mend: dropOldKey,
  },
  {
    codes: ["model-not-served", "model-refused"],
    does: "Replaces models that are gone.",
    follows: true,
    mend: (draft, scene) => settled(replaceGone(draft, scene), scene),
  },
  {
    codes: ["code-completion-on-customai"],
    does: "Unsets the code completion model, which this provider cannot be.",
    mend: unsetCodeCompletion,
  },
  {
    codes: LIMIT_CODES,
    does: "Lowers Windmill's token limits to what the gateway and the key accept.",
    mend: lowerLimits,
  },
  {
    codes: ["schedule-off", "schedule-error"],
    does: "Switches the schedule of the health check on.",
    mend: switchScheduleOn,
  },
];

/** What the repairs come to. */
export interface Mending {
  draft: Draft;
  /** Which repairs changed the draft, with the codes that were found, and all by which their cause may show. */
  done: { codes: readonly string[]; does: string; signs: readonly string[] }[];
  /** What only a person can do about findings that are usually repaired, and why. */
  people: { codes: readonly string[]; why: string }[];
  notes: readonly string[];
}

/** Lets every repair that is called for change the draft, one after the other. */
export function mend(scene: Scene): Mending {
  const before: Mending = { draft: draftOf(scene), done: [], people: [], notes: [] };
  return REPAIRS.reduce((so_far, repair) => step(so_far, repair, scene), before);
}

function step(so_far: Mending, repair: Repair, scene: Scene): Mending {
  const codes = repair.codes.filter((code) => scene.codes.has(code));
  if (codes.length === 0 && !repair.follows) return so_far;
  const mended = repair.mend(so_far.draft, scene);
  if (mended === null) return so_far;
  if ("person" in mended) return { ...so_far, people: [...so_far.people, { codes, why: mended.person }] };
  const { draft, notes = [] } = mended;
  if (sameJson(draft, so_far.draft)) return so_far;
  return {
    ...so_far,
    draft,
    done: [...so_far.done, { codes, does: repair.does, signs: signsOf(repair) }],
    notes: [...so_far.notes, ...notes],
  };
}

/** All codes by which the cause of a repair may show: its own, and those that they explain. */
const signsOf = ({ codes }: Repair): string[] => codes.flatMap((code) => [code, ...(rowOf(code).explains ?? [])]);
