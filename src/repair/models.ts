import { nearest } from "../core/nearest.ts";
import { ownModel, PROVIDER, withConnection } from "../observe/ai_settings.ts";
import { among, ownView, wishOf, without } from "../observe/drift.ts";
import { defaultElsewhere } from "../probe/feature_rows.ts";
import { rowOf } from "../table/table.ts";
import { type Draft, type Mended, type Scene, viewOf } from "./draft.ts";

/**
 * Which model stands in for one that is gone. The rule: the nearest id (nearest.ts) among those that are enabled and served;
 * where none is, the nearest one that the gateway serves, but never one that the admin excluded. Excluded are the ids of
 * `exclude_models`, and those that the gateway listed and the admin did not choose when the connection was made; `allow_models`
 * lets them in again.
 */

/** Ids that nobody enables unasked. What others have enabled is asked for where their changes are accepted. */
export function excluded({ observation, input }: Pick<Scene, "observation" | "input">): string[] {
  const accepted = input.accept_drift ? (ownView(observation).connection?.models ?? []) : [];
  const left_out = wishOf(observation)?.left_out ?? [];
  return [...without(left_out, [...input.allow_models, ...accepted]), ...input.exclude_models];
}

/** Ids that answer as far as is known; null when the gateway's list is not known, or empty, which says nothing of one model. */
const usable = ({ served, refused }: Scene): string[] | null =>
  served === null || served.length === 0 ? null : without(served, refused);

/** The stand-in for an id among the enabled ones, else among all that the gateway serves; null when there is none. */
function standIn(id: string, enabled: readonly string[], served: readonly string[], scene: Scene): string | null {
  const own = among(without(enabled, scene.input.exclude_models), served);
  return nearest(id, own)[0] ?? nearest(id, without(served, excluded(scene)))[0] ?? null;
}

const roles = ["default_model", "metadata_model"] as const;
const nameOf = (role: (typeof roles)[number]): string => role.replace("_", " ");

/** The settings with these models; null leaves a role as it is. */
const settingsWith = (
  draft: Draft,
  models: string[],
  chosen: { default_model: string | null; metadata_model: string | null },
): Draft => ({
  ...draft,
  settings: withConnection(draft.settings, {
    resource_path: viewOf(draft).connection?.resource_path ?? "",
    models,
    ...chosen,
  }),
});

/** Takes models out that the gateway does not serve, and puts a stand-in where one of them is default or metadata model. */
export function replaceGone(draft: Draft, scene: Scene): Mended {
  const view = viewOf(draft);
  const served = usable(scene);
  if (view.connection === null || served === null || served.length === 0) return null;
  const enabled = view.connection.models;
  const used = roles.map((role) => ownModel(view[role])).filter((id) => id !== null);
  const gone = without([...new Set([...enabled, ...used])], served);
  if (gone.length === 0) return null;

  const notes: string[] = [];
  const chosen: Record<string, string> = {};
  const added: string[] = [];
  const stays = among(enabled, served);
  for (const id of stays.length === 0 ? gone : gone.filter((one) => used.includes(one))) {
    const next = standIn(id, stays, served, scene);
    if (next === null) return { person: noStandIn(id, served) };
    if (!stays.includes(next) && !added.includes(next)) added.push(next);
    chosen[id] = next;
  }
  const pick = (role: (typeof roles)[number]): string | null => {
    const next = chosen[ownModel(view[role]) ?? ""] ?? null;
    if (next) notes.push(`The ${nameOf(role)} ${ownModel(view[role])} is gone; ${next} takes its place.`);
    return next;
  };
  const models = [...stays, ...added];
  const after = settingsWith(draft, models, {
    default_model: pick("default_model"),
    metadata_model: pick("metadata_model"),
  });
  const dropped = without(gone, used);
  if (dropped.length > 0)
    notes.push(`No longer offered, because the gateway does not serve it: ${dropped.join(", ")}.`);
  if (added.length > 0) {
    notes.push(
      `Enabled anew, because none of the enabled models is served any more: ${added.join(", ")}. To have another one, name this one in exclude_models.`,
    );
  }
  return { draft: after, notes };
}

const noStandIn = (id: string, served: readonly string[]): string =>
  `There is no stand-in for ${id}: none of the enabled models is served any more, and what the gateway serves (${served.slice(0, 20).join(", ")}) was left out on purpose. Name in allow_models what people may use, or run f/codex_pooler/connect with other models.`;

/**
 * Whose model answers people's chats, where that is another provider's and the gateway refuses requests for a reason that only a
 * person can mend: moving the chats to the gateway would take away what works. Null where they may move.
 */
export function keepsChats(draft: Draft, { findings }: Scene): string | null {
  const stopped = findings.some(({ code, probes }) => {
    const { severity, repairable } = rowOf(code);
    return probes.length > 0 && severity === "critical" && repairable !== true;
  });
  return stopped ? defaultElsewhere(viewOf(draft)) : null;
}

const staysElsewhere = (model: string): string =>
  `The default model stays ${model}: the gateway refuses requests, and people's chats would be refused with it. Run this again when the gateway answers.`;

/** Gives the default and the metadata model a value that Windmill can use: what was asked for, else what is there. */
export function settleRoles(draft: Draft, scene: Scene): Mended {
  let next = draft;
  const notes: string[] = [];
  const elsewhere = keepsChats(draft, scene);
  for (const role of elsewhere === null ? roles : roles.filter((one) => one !== "default_model")) {
    const done = settleRole(role, next, scene);
    if (done === null) continue;
    next = done.draft;
    notes.push(...done.notes);
  }
  if (elsewhere !== null) notes.push(staysElsewhere(elsewhere));
  if (next !== draft) return { draft: next, notes };
  return elsewhere === null ? null : { person: staysElsewhere(elsewhere) };
}

function settleRole(
  role: (typeof roles)[number],
  draft: Draft,
  scene: Scene,
): { draft: Draft; notes: string[] } | null {
  const view = viewOf(draft);
  if (view.connection === null) return null;
  const ref = view[role];
  const own = ownModel(ref);
  const enabled = view.connection.models;
  if (ref !== null && (own === null ? view.providers.includes(ref.provider) : enabled.includes(own))) return null;
  // A workspace whose chat goes to another provider does not need a metadata model of this one.
  if (ref === null && role === "metadata_model" && (view.default_model?.provider ?? PROVIDER) !== PROVIDER) return null;

  const served = usable(scene);
  if (own !== null && (served === null || among([own], served).length > 0)) {
    if (among([own], excluded(scene)).length === 0) {
      const chosen = { default_model: null, metadata_model: null };
      return {
        draft: settingsWith(draft, [...enabled, own], chosen),
        notes: [`${own} is enabled, as the ${nameOf(role)} needs it.`],
      };
    }
  }
  const wished = wishOf(scene.observation)?.[role];
  const fitting = without(served === null ? enabled : among(enabled, served), excluded(scene));
  const fallback = role === "metadata_model" ? ownModel(view.default_model) : null;
  const model = [wished, fallback].find((id) => typeof id === "string" && fitting.includes(id)) ?? fitting[0];
  if (model === undefined) return null;
  const was = ref === null ? "was not set" : `was ${ref.provider === PROVIDER ? "" : `${ref.provider}:`}${ref.model}`;
  return {
    draft: settingsWith(draft, enabled, { default_model: null, metadata_model: null, [role]: model }),
    notes: [`The ${nameOf(role)} ${was}; it becomes ${model}.`],
  };
}
