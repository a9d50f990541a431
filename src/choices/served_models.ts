import * as z from "zod";
import { probeCandidate } from "../check/check.ts";
import { defaultPath } from "../core/paths.ts";
import { excerpt, looksLikeCredential } from "../core/redact.ts";
import { Secret } from "../core/secret.ts";
import { classify } from "../diagnose/match.ts";
import { finding } from "../diagnose/wording.ts";
import { baseUrlSlip, tidyBaseUrl } from "../inputs/base_url.ts";
import { EVERY_MODEL } from "../inputs/connect.ts";
import { blankable, models, path } from "../inputs/fields.ts";
import { keySlip, STORED_MARK } from "../inputs/pool_key.ts";
import { observe, type ResourceSight, seeResource } from "../observe/observe.ts";
import { askModels, isPrivateUrl } from "../probe/direct.ts";
import { judgeModels } from "../probe/replies.ts";
import { readKey } from "../windmill/key_input.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { type Choice, nothing, type Offer, plain } from "./choice.ts";

/** The models that a gateway lists, for forms that let people choose among them. */

/** What the form of `connect` holds so far; what cannot be used counts as blank. */
const Filled = z.object({
  base_url: blankable.catch("").transform(tidyBaseUrl),
  api_key: blankable.catch("").transform((key) => (key === STORED_MARK ? "" : key)),
  secret_path: path.catch(""),
  resource_path: path.catch(""),
  models_by_hand: models.catch([]),
});
type Filled = z.infer<typeof Filled>;

/**
 * What the gateway lists for the address and the key in the form, or for the stored connection where the form leaves them blank. The
 * stored connection is asked through Windmill's proxy; what is just being filled in, from the worker itself.
 */
export async function servedModels(windmill: Windmill, filledIn: object): Promise<Offer> {
  const filled = Filled.parse(filledIn);
  const { choices, note } = await listed(windmill, filled);
  const known = new Set(choices.map(({ value }) => value));
  const byHand = filled.models_by_hand.filter((id) => !known.has(id) && id !== EVERY_MODEL && isShowable(id));
  return { choices: [...choices, ...byHand.map((id) => ({ label: `${id} (not listed)`, value: id }))], note };
}

/** The choice of all that the gateway lists, which a blank means on a first connect only. */
export const everyModel: Choice = { label: "Every model that the gateway lists", value: EVERY_MODEL };

/** What the gateway of the live connection lists. */
export async function servedNow(windmill: Windmill): Promise<Offer> {
  const { resource } = await observe(windmill);
  return resource?.state === "ok" ? throughProxy(windmill, resource) : nothing("There is no connection to ask.");
}

async function listed(windmill: Windmill, filled: Filled): Promise<Offer> {
  const { base_url, api_key } = filled;
  const slip = base_url === "" ? null : baseUrlSlip(base_url);
  if (slip) return nothing(`The gateway's address ${slip.says}. ${slip.fix}`);
  const malformed = api_key === "" ? null : keySlip(api_key);
  if (malformed) return nothing(`The key ${malformed.says}. ${malformed.fix}`);
  if (api_key !== "") {
    return base_url === ""
      ? nothing("Give the gateway's address first.")
      : fromWorker(windmill, base_url, new Secret(api_key));
  }
  const stored = await storedConnection(windmill, filled);
  if (stored?.state === "ok" && (base_url === "" || tidyBaseUrl(stored.base_url) === base_url)) {
    return throughProxy(windmill, stored);
  }
  if (base_url === "") return nothing("Give the gateway's address and the key first.");
  // A key that is in use goes to the address that it is stored for, and not to whatever is being typed.
  if (stored?.state === "ok") return nothing(`Type the key: the stored one is only sent to ${stored.base_url}.`);
  const kept = filled.secret_path === "" ? null : await readKey(windmill, filled.secret_path);
  return kept === null ? nothing("Type the key first.") : fromWorker(windmill, base_url, kept.secret);
}

/** The resource that the form is about: the named one, else that of the live connection, else the default one. */
async function storedConnection(windmill: Windmill, { resource_path }: Filled): Promise<ResourceSight | null> {
  if (resource_path !== "") return seeResource(windmill, resource_path);
  const { resource } = await observe(windmill);
  if (resource?.state === "ok") return resource;
  const fallback = defaultPath(windmill.permissionedAs);
  return fallback === null ? null : seeResource(windmill, fallback);
}

async function throughProxy(
  windmill: Windmill,
  { path: at, base_url }: { path: string; base_url: string },
): Promise<Offer> {
  const { served, findings } = await probeCandidate(windmill, at, { models: [], base_url });
  return served === null ? nothing(`${findings[0]?.title ?? "The gateway gives no list of models"}.`) : offerOf(served);
}

async function fromWorker(windmill: Windmill, base_url: string, key: Secret): Promise<Offer> {
  const [outcome, isPrivate] = await Promise.all([askModels(windmill, base_url, key), isPrivateUrl(base_url)]);
  const { served, why } = readList(outcome, base_url);
  const guard = isPrivate
    ? "This is a private address: Windmill refuses it unless its operator sets ALLOW_PRIVATE_AI_BASE_URLS=true."
    : "";
  if (served === null) return nothing([why, guard].filter(Boolean).join(" "));
  const offered = offerOf(served);
  return { ...offered, note: guard || offered.note };
}

/** The ids of a list, or why there is none, in the words of the diagnosis table. */
function readList(
  outcome: Awaited<ReturnType<typeof askModels>>,
  base_url: string,
): { served: string[] | null; why: string } {
  const verdict = judgeModels(outcome);
  if (verdict.ok) return { served: verdict.models ?? [], why: "" };
  const { status, failure } = outcome;
  if (failure) return { served: null, why: `The worker got no answer from the gateway: ${excerpt(failure.message)}.` };
  // The table knows a gateway's errors as Windmill passes them on.
  const passedOn = { ...outcome, status: status !== null && status >= 400 ? 400 : status };
  const about = {
    route: null,
    kind: "models",
    model: null,
    ...(status === null ? {} : { gateway_status: status }),
  } as const;
  const { code } = classify({ ...about, outcome: passedOn });
  const said = finding(
    code,
    [{ text: outcome.body, status, ...(outcome.location ? { location: outcome.location } : {}) }],
    {
      base_url,
      resource_path: null,
      default_model: null,
      served: null,
    },
  );
  // A form asks as soon as the first characters of a key are typed.
  const again = said.layer === "key" ? " Open the list again when the key is complete." : "";
  return { served: null, why: `${said.title}.${again}` };
}

const offerOf = (served: readonly string[]): Offer => ({
  choices: served.filter(isShowable).map(plain),
  note: served.length === 0 ? "The gateway lists no model for this key." : "",
});

/** Characters of a model's id. */
const LONGEST_ID = 200;

/** Whether a text is a model's id that may stand in a drop-down: what a gateway sends can be anything, a key among it. */
const isShowable = (id: string): boolean =>
  id.length <= LONGEST_ID && !/[\p{Cc}\p{Cf}\p{Cs}]|^\$|^\s|\s$|^$/u.test(id) && !looksLikeCredential(id);
