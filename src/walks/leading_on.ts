import { isOf } from "../change/snapshot.ts";
import { listSnapshots } from "../change/snapshot_store.ts";
import { formLink, type Link, repairLinks } from "../core/links.ts";
import type { ChangeReport, CheckReport } from "../core/report.ts";
import type { Form } from "../inputs/form.ts";
import { warnOfOpenArguments } from "../windmill/key_input.ts";
import { readStoredArguments } from "../windmill/settings.ts";
import type { Windmill } from "../windmill/windmill.ts";

/** From a report to what people do next: links to forms that are filled in. A report without them is as good as before. */

/** A walk whose report leads on: from a plan to exactly that change, from a change back to before it, from trouble to its repair. */
export const leadingOn =
  <Rest extends unknown[]>(form: Form, walk: (windmill: Windmill, ...rest: Rest) => Promise<ChangeReport>) =>
  async (windmill: Windmill, ...rest: Rest): Promise<ChangeReport> => {
    const report = await walk(windmill, ...rest);
    const link = report.mode === "plan" ? await applyLink(windmill, form, report) : await undoLink(windmill, report);
    const repair = report.command === "repair" ? [] : repairLinks(windmill, report.findings, scopeOf(windmill));
    return { ...report, links: [...(link ? [link] : []), ...repair] };
  };

/** A check whose report leads on to the repair. */
export const leadingToRepair =
  <Rest extends unknown[]>(walk: (windmill: Windmill, ...rest: Rest) => Promise<CheckReport>) =>
  async (windmill: Windmill, ...rest: Rest): Promise<CheckReport> => {
    const report = await walk(windmill, ...rest);
    return { ...report, links: repairLinks(windmill, report.findings, scopeOf(windmill)) };
  };

/** What a form has to say for a run that is about the instance. */
const scopeOf = ({ instance }: Windmill): Record<string, unknown> =>
  instance === null ? {} : { scope: "instance", superadmin_token_path: instance.token_path };

/** The same form with mode apply and the plan's id; null where nothing is to be changed or the arguments cannot be handed on. */
async function applyLink(
  windmill: Windmill,
  form: Form,
  { command, plan_id, changes }: ChangeReport,
): Promise<Link | null> {
  if (changes.length === 0) return null;
  const stored = await readStoredArguments(windmill).catch(() => null);
  if (stored === null || (await warnOfOpenArguments(windmill, stored)).length > 0) return null;
  const fields = handedOn(form, stored);
  if (fields === null) return null;
  const url = formLink(windmill, command, { ...fields, mode: "apply", ...(plan_id === "" ? {} : { plan_id }) });
  // A plan without an id is one whose models are chosen when it is applied.
  return url === null
    ? null
    : { does: "apply", label: plan_id === "" ? "Apply this plan" : "Apply exactly this plan", url };
}

/**
 * The arguments of this run as its form takes them again, without those that say what the form says by itself.
 *
 * @param stored as Windmill keeps them: references to variables are not resolved.
 * @returns null where a key was given itself instead of a reference: it must not stand in a link, and without it the plan is another.
 */
export function handedOn(form: Form, stored: Readonly<Record<string, unknown>>): Record<string, unknown> | null {
  const fields: Record<string, unknown> = {};
  for (const [name, { default: usual, password }] of Object.entries(form.fields)) {
    const value = stored[name];
    if (name === "more" || isBlank(value) || value === usual) continue;
    if (password && !(typeof value === "string" && value.startsWith("$var:"))) return null;
    fields[name] = value;
  }
  for (const [name, { of, besides }] of Object.entries(form.keeps ?? {})) {
    const values = [name, ...of].flatMap((one) => fields[one] ?? []).filter((one) => !besides.includes(String(one)));
    if (values.length > 0) fields[name] = [...new Set(values)];
  }
  return fields;
}

const isBlank = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === "" ||
  value === false ||
  (typeof value === "object" && Object.keys(value).length === 0);

/** The form of `undo` for this very change; null where there is nothing that undo could put back. */
async function undoLink(windmill: Windmill, { applied, changes }: ChangeReport): Promise<Link | null> {
  if (!applied || changes.length === 0) return null;
  const snapshots = await listSnapshots(windmill).catch(() => []);
  if (!snapshots.some((one) => isOf(one, windmill.jobId))) return null;
  const url = formLink(windmill, "undo", { mode: "apply", snapshot: windmill.jobId, ...scopeOf(windmill) });
  return url === null ? null : { does: "undo", label: "Undo this", url };
}
