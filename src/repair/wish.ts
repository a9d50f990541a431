import type { Change } from "../change/change.ts";
import type { Wish } from "../change/intent.ts";
import { asRecord, sameJson } from "../core/json.ts";
import { tidyBaseUrl } from "../inputs/base_url.ts";
import { ownModel } from "../observe/ai_settings.ts";
import { wishOf, without } from "../observe/drift.ts";
import { type Draft, draftOf, type Scene, viewOf } from "./draft.ts";

/**
 * What is wanted after a repair. Places that it changed, or whose drift is accepted, are wanted as they are now; all others as they
 * were asked for, so that a drift which could not be put back is not forgotten. A connection that nobody has asked for is adopted
 * with its first repair: what was made must be known to a disconnect, and where it stands to a run that goes on after a dead one.
 *
 * @returns null when there is nothing to keep.
 */
export function wishAfter(scene: Scene, draft: Draft, changes: readonly Change[]): Wish | null {
  const wish = wishOf(scene.observation);
  const now = placesOf(scene, draft);
  if (now === null) return null;
  if (wish === null) return changes.length > 0 ? { ...now, active: true, left_out: [], schedule_off: false } : null;
  const was = placesOf(scene, draftOf(scene));
  const changed = (place: keyof Places): boolean => was === null || !sameJson(was[place], now[place]);
  // Another resource comes with its own address and key.
  const moved = changed("resource_path");
  const follows = (place: keyof Places): boolean =>
    (scene.input.accept_drift && !scene.unfinished) ||
    changed(place) ||
    (moved && (place === "base_url" || place === "secret_path"));
  const pick = <P extends keyof Places>(place: P): Places[P] => (follows(place) ? now[place] : wish[place]);
  const models = pick("models");
  return {
    active: true,
    resource_path: pick("resource_path"),
    secret_path: pick("secret_path"),
    base_url: pick("base_url"),
    models,
    default_model: pick("default_model"),
    metadata_model: pick("metadata_model"),
    left_out: without(wish.left_out, models),
    schedule_off: wish.schedule_off && !draft.schedule_on,
  };
}

type Places = Pick<Wish, "resource_path" | "secret_path" | "base_url" | "models" | "default_model" | "metadata_model">;

/** What a draft says of the places that an intent names; null without a connection. */
function placesOf({ observation }: Scene, draft: Draft): Places | null {
  const view = viewOf(draft);
  if (view.connection === null) return null;
  const value = asRecord(draft.value);
  const wish = wishOf(observation);
  const key = String(value.api_key ?? value.apiKey ?? "");
  return {
    resource_path: view.connection.resource_path,
    secret_path: key.startsWith("$var:") ? key.slice("$var:".length) : (wish?.secret_path ?? ""),
    base_url: tidyBaseUrl(String(value.base_url ?? value.baseUrl ?? wish?.base_url ?? "")),
    models: view.connection.models,
    default_model: ownModel(view.default_model),
    metadata_model: ownModel(view.metadata_model),
  };
}
