import * as z from "zod";
import { excerpt } from "../core/redact.ts";
import type { CheckReport } from "../core/report.ts";
import { ConnectionFacts, Depth, type Finding, Owner, Status } from "../core/shapes.ts";
import { choice, httpUrl, path } from "../inputs/fields.ts";

/** The check of many workspaces: who they are, what became of each, and what that adds up to. Pure. */

/** Windmill's own rule for ids of workspaces. */
const WORKSPACE = /^[A-Za-z0-9_-]{1,50}$/;

/** One workspace of the fleet. */
export const FleetMember = z.object({
  workspace: z
    .string()
    .trim()
    .refine((id) => WORKSPACE.test(id), "is not the id of a workspace. It stands in the address after ?workspace=."),
  /** Path of the secret variable, in the workspace of the fleet, that holds a token for the workspace. */
  token_path: path.refine((text) => text !== "", "is missing. Give the path of the secret variable with its token."),
  /** Where a worker reaches the server; "" for the instance's own address. */
  server_url: httpUrl,
});
export type FleetMember = z.infer<typeof FleetMember>;

/** Workspaces in one run: the list, the iterations' jobs and the table grow with it. */
const MEMBERS = 2_000;

/** The list itself, as the form or a resource gives it. */
export const FleetList = z
  .array(FleetMember)
  .refine(({ length }) => length <= MEMBERS, `holds more than ${MEMBERS}. Split it over several schedules.`)
  .superRefine((members, context) => {
    const seen = new Set<string>();
    for (const { workspace } of members) {
      if (seen.has(workspace)) context.addIssue({ code: "custom", message: `names ${workspace} twice.` });
      seen.add(workspace);
    }
  });

/** Workspaces checked at a time at most: a Windmill with many workers keeps some for others. */
const MOST_PARALLEL = 50;

/** Inputs of the fleet flow. */
export const FleetInput = z.object({
  workspaces: z
    .array(z.unknown())
    .nullish()
    .transform((list) => list ?? []),
  fleet_path: path,
  /** The loop takes it from the form itself, so a bad one has to end the run before the loop. */
  parallelism: z
    .unknown()
    .refine(
      (count) => Number.isInteger(count) && Number(count) >= 1 && Number(count) <= MOST_PARALLEL,
      `is no whole number from 1 to ${MOST_PARALLEL}. Give how many workspaces are checked at a time, e.g. 5.`,
    ),
});

/** Inputs of the check of one member. */
export const MemberInput = FleetMember.extend({ depth: choice(Depth.options).transform((depth) => depth ?? "free") });
export type MemberInput = z.infer<typeof MemberInput>;

/** What became of one workspace: a line of the table. */
export const FleetRow = z.object({
  workspace: z.string(),
  status: Status,
  /** Whose AI settings serve its people; null where they could not be read. */
  settings: ConnectionFacts.shape.settings.nullable().default(null),
  /** The first cause; null when all is well. */
  finding: z.string().nullable(),
  /** Its code in docs/diagnoses.md; null when there is none. */
  code: z.string().nullable(),
  /** Who can repair it. */
  owner: Owner.nullable(),
  /** Findings that are more than information. */
  findings: z.number().int(),
  /** Tokens that the check used. */
  tokens: z.number().int(),
  /** Where the check of this workspace can be seen; absent where it is not known. */
  run_url: z.string().optional(),
});
export type FleetRow = z.infer<typeof FleetRow>;

/**
 * Characters of JSON that the rows may take. Windmill shows no result beyond about 90 kB, and the page takes as much as the rows
 * again: with 1,000 workspaces the healthy ones are what does not fit.
 */
const ROWS_SIZE = 30_000;

/** Raised when a field changes its meaning or goes; new fields do not raise it. */
export const FLEET_VERSION = 1;

/** What the fleet flow returns. */
export const FleetReport = z.object({
  version: z.literal(FLEET_VERSION),
  /** The worst of the fleet. */
  status: Status,
  summary: z.string(),
  /** ISO 8601. */
  checked_at: z.string(),
  counts: z.record(Status, z.number().int()),
  /** Tokens that the gateways said all checks used. */
  tokens: z.number().int(),
  /** Worst first, as many as fit ({@link ROWS_SIZE}). */
  rows: z.array(FleetRow),
  /** Workspaces that are counted but have no row here; theirs is the result of their own iteration. */
  omitted: z.number().int(),
});
export type FleetReport = z.infer<typeof FleetReport>;

/** The line of a workspace whose check came to an end. */
export function rowOf(workspace: string, report: CheckReport): FleetRow {
  const { status, findings, tokens, connection, could_not_look } = report;
  const telling = findings.filter(({ severity }) => severity !== "info");
  const [first] = telling;
  return {
    workspace,
    status,
    settings: could_not_look === undefined ? connection.settings : null,
    finding: first?.title ?? null,
    code: first?.code ?? null,
    owner: first?.owner ?? null,
    findings: telling.length,
    tokens,
  };
}

/** The line of a workspace that could not be checked for a reason that the diagnosis table knows. */
export const namedRow = (
  workspace: string,
  { title, code, owner }: Pick<Finding, "title" | "code" | "owner">,
): FleetRow => ({
  workspace,
  status: "unknown",
  settings: null,
  finding: title,
  code,
  owner,
  findings: 1,
  tokens: 0,
});

/** Characters of a reason; the advice after it must not be what is cut. */
const WHY_LIMIT = 180;

/** The line of a workspace that could not be checked: why, and what to do. */
export const unknownRow = (workspace: string, why: string, advice: string): FleetRow => ({
  workspace,
  status: "unknown",
  settings: null,
  finding: `${excerpt(why, { limit: WHY_LIMIT })} ${advice}`,
  code: null,
  owner: "workspace-admin",
  findings: 1,
  tokens: 0,
});

const WORST_FIRST: readonly Status[] = ["down", "unknown", "degraded", "healthy"];

/**
 * Adds up a fleet.
 *
 * @param results of the loop, in the order of the members. One that is no row is what Windmill puts in the place of an iteration
 *   that failed, `{ error }`.
 */
export function fleetReport(members: readonly FleetMember[], results: readonly unknown[], at: string): FleetReport {
  const rank = ({ status }: FleetRow): number => WORST_FIRST.indexOf(status);
  const rows = members
    .map(({ workspace }, index) => {
      const row = FleetRow.safeParse(results[index]);
      return row.success ? row.data : unknownRow(workspace, failureIn(results[index]), "Look at the iteration's run.");
    })
    .sort((a, b) => rank(a) - rank(b) || a.workspace.localeCompare(b.workspace));
  const count = (status: Status): number => rows.filter((row) => row.status === status).length;
  const counts = {
    healthy: count("healthy"),
    degraded: count("degraded"),
    down: count("down"),
    unknown: count("unknown"),
  };
  const shown = fitting(rows);
  return {
    version: FLEET_VERSION,
    status: rows[0]?.status ?? "unknown",
    summary: summarise(rows.length, counts),
    checked_at: at,
    counts,
    tokens: rows.reduce((sum, { tokens }) => sum + tokens, 0),
    rows: shown,
    omitted: rows.length - shown.length,
  };
}

function fitting(rows: readonly FleetRow[]): FleetRow[] {
  let size = 0;
  const end = rows.findIndex((row) => {
    size += JSON.stringify(row).length + 1;
    return size > ROWS_SIZE;
  });
  return rows.slice(0, end < 0 ? rows.length : end);
}

const Failed = z.object({ error: z.looseObject({ name: z.string().optional(), message: z.string() }) });

function failureIn(result: unknown): string {
  const failed = Failed.safeParse(result);
  if (!failed.success) return "Its check gave no result.";
  const { name, message } = failed.data.error;
  return `Its check failed: ${name ? `${name}: ` : ""}${message}.`;
}

function summarise(total: number, counts: Record<Status, number>): string {
  if (total === 0) return "There is no workspace in the fleet. Name some in the form or in the resource.";
  const others = WORST_FIRST.filter((status) => status !== "healthy" && counts[status] > 0);
  const rest = others.map((status) => `${counts[status]} ${status}`).join(", ");
  return `${counts.healthy} of ${total} workspaces are healthy${rest ? `, ${rest}` : ""}.`;
}
