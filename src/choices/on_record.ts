import { touchedBy, undoneIds } from "../change/snapshot.ts";
import { listSnapshots } from "../change/snapshot_store.ts";
import { readIntent } from "../observe/intent.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { nothing, type Offer, plain } from "./choice.ts";

/** What the product's own records have to choose from. */

/** The changes that can be undone, the newest first: when, what, who, and what it touched. */
export async function changesOnRecord(windmill: Windmill): Promise<Offer> {
  const snapshots = await listSnapshots(windmill);
  if (snapshots.length === 0) return nothing("No change is on record.");
  const undone = undoneIds(snapshots);
  const choices = snapshots.map((snapshot) => {
    const { id, at, command, by, ai_settings } = snapshot;
    const touches = [...(ai_settings ? ["AI settings"] : []), ...touchedBy(snapshot).map(({ path }) => path)].join(
      ", ",
    );
    return {
      label: `${at.slice(0, 16).replace("T", " ")} UTC, ${command} by ${by}: ${touches}${undone.has(id) ? " (undone)" : ""}`,
      value: id,
    };
  });
  return { choices, note: "" };
}

/** The models that were left out when the connection was made. */
export async function leftOutModels(windmill: Windmill): Promise<Offer> {
  const intent = await readIntent(windmill);
  if (intent === null) return nothing("There is no record of what was left out.");
  return intent.left_out.length === 0
    ? nothing("No model was left out.")
    : { choices: intent.left_out.map(plain), note: "" };
}
