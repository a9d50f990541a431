import { asRecord } from "../core/json.ts";
import { RESOURCE_TYPE } from "../core/resource_type.ts";
import { PROVIDER } from "../observe/ai_settings.ts";
import { observe } from "../observe/observe.ts";
import { listResources } from "../windmill/resources.ts";
import { readAiSettings } from "../windmill/settings.ts";
import { listSecrets } from "../windmill/variables.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { nothing, type Offer, plain } from "./choice.ts";

/** What stands in the workspace to choose from. */

/** The resources of the provider; a temporary one is nobody's choice. */
export async function aiResources(windmill: Windmill): Promise<Offer> {
  const paths = (await listResources(windmill, RESOURCE_TYPE.name)).filter(isLasting);
  return paths.length === 0
    ? nothing(`There is no resource of the type ${RESOURCE_TYPE.name}.`)
    : { choices: paths.sort().map(plain), note: "" };
}

/** The secret variables that may hold a new key: all but the live one. Nobody looks at what is in them. */
export async function secretVariables(windmill: Windmill): Promise<Offer> {
  const [variables, { secret }] = await Promise.all([listSecrets(windmill), observe(windmill)]);
  const others = variables.filter(({ path }) => isLasting(path) && path !== secret?.path);
  if (others.length === 0) return nothing("There is no other secret variable. Type the key above.");
  const choices = others.map(({ path, description }) => ({
    label: description ? `${path} (${description})` : path,
    value: path,
  }));
  return { choices, note: "" };
}

/** The models of the other providers that are enabled, as `<provider>:<model>`. */
export async function otherModels(windmill: Windmill): Promise<Offer> {
  const { providers } = await readAiSettings(windmill);
  const enabled = Object.entries(asRecord(providers)).flatMap(([provider, one]) => {
    const { models } = asRecord(one);
    return provider === PROVIDER || !Array.isArray(models)
      ? []
      : models.filter((id) => typeof id === "string").map((id) => plain(`${provider}:${id}`));
  });
  return { choices: [...enabled, { label: "none", value: "none" }], note: "" };
}

/** Names under which changes keep items for a while (docs/changing.md, "Temporary items"). */
const isLasting = (path: string): boolean => !/\/codex_pooler_(candidate|in_change|previous_key)$/.test(path);
