import { showableAddress } from "../core/address.ts";
import { headerSlip } from "../core/headers.ts";
import { asRecord } from "../core/json.ts";
import { Secret } from "../core/secret.ts";
import { isSamePlace, likelyBaseUrls } from "../inputs/base_url.ts";
import { withConnection } from "../observe/ai_settings.ts";
import { among, wishOf } from "../observe/drift.ts";
import { type Draft, type Mended, type Scene, viewOf } from "./draft.ts";
import { redirectTargets } from "./redirects.ts";

/** Repairs of the resource: which one is used, its address, its headers, its key. */

/** Lets the AI settings name a good resource: the one that was asked for, another one that answers, or one made anew. */
export function useGoodResource(draft: Draft, scene: Scene): Mended {
  const { resource, remake } = scene;
  const view = viewOf(draft);
  if (resource === null || (remake === null && resource.state !== "ok")) return { person: scene.no_resource };
  if (scene.observation.settings.source === "instance" && wishOf(scene.observation) === null) {
    return {
      person:
        "This workspace lives on the instance's AI settings, and settings of its own would hide all of them: whoever runs the instance repairs them, or run f/codex_pooler/connect.",
    };
  }
  const notes: string[] = [];
  if (remake !== null)
    notes.push(`${resource.path} is made again with the address and the variable that were asked for.`);
  const value = remake ?? draft.value;
  if (view.connection?.resource_path === resource.path) return { draft: { ...draft, value }, notes };
  const models = view.connection?.models ?? modelsToEnable(scene);
  if (models.length === 0) {
    return { person: "Nobody knows which models to enable: run f/codex_pooler/connect, which adds the provider." };
  }
  const wish = wishOf(scene.observation);
  const role = (key: "default_model" | "metadata_model"): string | null =>
    view.connection === null && view[key] === null ? (wish?.[key] ?? null) : null;
  const desired = {
    resource_path: resource.path,
    models,
    default_model: role("default_model"),
    metadata_model: role("metadata_model"),
  };
  return { draft: { ...draft, value, settings: withConnection(draft.settings, desired) }, notes };
}

/** The models of a provider that is put back: those that were asked for, as far as the gateway still serves them. */
function modelsToEnable({ observation, served }: Scene): string[] {
  const wanted = wishOf(observation)?.models ?? [];
  const there = served === null ? wanted : among(wanted, served);
  return there.length > 0 ? there : wanted;
}

/** Writes another base URL into the resource. */
export function correctBaseUrl(draft: Draft, scene: Scene): Mended {
  if (draft.value === null) return null;
  if (scene.base_url !== null) return { draft: { ...draft, value: withBaseUrl(draft.value, scene.base_url) } };
  const present = String(draft.value.base_url ?? draft.value.baseUrl ?? "");
  const elsewhere = redirectTargets(scene.findings).filter((target) => !isSamePlace(present, target));
  const [target] = elsewhere.flatMap((one) => likelyBaseUrls(one));
  if (target) {
    return {
      person: `The gateway redirects to another place, ${target}. The key is sent there only when you say so: if that is the gateway, run f/codex_pooler/connect with base_url ${target} and the rest blank.`,
    };
  }
  if (scene.tried_urls.length === 0) {
    return {
      person:
        "What the right base URL is cannot be told from the present one. Correct it, or run f/codex_pooler/connect.",
    };
  }
  return {
    person: `None of these answers as a gateway, so base_url was left as it is: ${scene.tried_urls.map(showableAddress).join(", ")}. Correct it, or run f/codex_pooler/connect.`,
  };
}

/** Windmill also reads `baseUrl`, and whichever is there is the one to change. */
export const withBaseUrl = (value: Readonly<Record<string, unknown>>, base_url: string): Record<string, unknown> => {
  const { baseUrl: _other, ...rest } = value;
  return { ...rest, base_url };
};

/** Takes out the headers that must not be there; the others stay. */
export function dropHeaders(draft: Draft): Mended {
  if (draft.value === null) return null;
  const headers = Object.entries(asRecord(draft.value.headers));
  const slips = headers.flatMap(([name, value]) => {
    const slip = headerSlip(name, String(value));
    return slip ? [{ name, code: slip.code }] : [];
  });
  if (slips.length === 0) return null;
  const gone = new Set(slips.map(({ name }) => name));
  const kept = Object.fromEntries(headers.filter(([name]) => !gone.has(name)));
  const leaked = slips.filter(({ code }) => code === "credential-header").map(({ name }) => name);
  return {
    draft: { ...draft, value: { ...draft.value, headers: kept } },
    notes: leaked.map(
      (name) =>
        `The header ${name} held a credential, which stays readable in the resource's history. Make it invalid where it came from.`,
    ),
  };
}

/** Moves a key that stands in the resource into a secret variable. Another key that is stored there is never overwritten. */
export function moveKey(draft: Draft, { key_place: place }: Scene): Mended {
  if (draft.value === null || place === null) return null;
  if (place.state === "nowhere") {
    return {
      person:
        "The key stands in the resource, and there is no default for where to store it. Give a path as secret_path.",
    };
  }
  if (place.state === "taken") {
    return {
      person: `The key stands in the resource, and the variable ${place.path} holds something else, which is not overwritten. Give another path as secret_path to move the key there; or, if the stored key is the right one, set api_key in the resource to $var:${place.path}.`,
    };
  }
  const { apiKey, api_key, ...rest } = draft.value;
  const key = new Secret(String(api_key || apiKey || ""));
  return {
    draft: {
      ...draft,
      value: { ...rest, api_key: `$var:${place.path}` },
      secret: place.state === "free" ? { path: place.path, key } : null,
    },
    notes: [
      "The key was readable, and it stays so in the resource's history. Make a new one with f/codex_pooler/rotate_key, then revoke this one.",
    ],
  };
}

/** Deletes an old key that a rotation has left, once the present one answers: until then it is the way back. */
export function dropOldKey(draft: Draft, { old_key, findings }: Scene): Mended {
  if (old_key === null) return null;
  if (findings.some(({ severity, layer }) => severity === "critical" && layer === "key")) {
    return {
      person: `The old key in ${old_key.path} is kept, because the present one is refused. Run f/codex_pooler/rotate_key with new_key_path ${old_key.path} to go back to it.`,
    };
  }
  return {
    draft: { ...draft, keeps_old_key: false },
    notes: ["Revoke the old key in Codex Pooler too: Windmill does not use it any more."],
  };
}

/** Adds the resource type, so that Windmill's pages offer the resource. */
export const addResourceType = (draft: Draft): Mended => ({ draft: { ...draft, resource_type: true } });
