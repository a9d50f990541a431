import { z } from "zod";
import { BUNDLE } from "../metadata/bundle.ts";

const DryRun = z.looseObject({
  success: z.literal(true),
  changes: z.array(z.looseObject({ type: z.string(), path: z.string() })).default([]),
});

/** One file that a push would send, as wmill lists it. `type` is `added`, `edited`, `deleted` or a newer wmill's word. */
export type FileChange = z.infer<typeof DryRun>["changes"][number];

/** One script or flow that a push would create or update. */
export interface Item {
  kind: "script" | "flow";
  path: string;
  action: "create" | "update";
}

export interface DeployPlan {
  /** Scripts and flows, sorted by path. */
  items: Item[];
  /** Whether the folder itself is new. wmill lists an existing folder as changed every time and sends nothing for it. */
  newFolder: boolean;
  /** What a push of this bundle must never do, in plain words. Not empty: do not push. */
  refusals: string[];
}

/** Files of a script or of a flow; the first group is the item's path. */
const SCRIPT_FILE = new RegExp(`^(${BUNDLE}/[\\w/-]+)\\.(?:ts|script\\.yaml|script\\.lock)$`);
const FLOW_FILE = new RegExp(`^(${BUNDLE}/[\\w/-]+)__flow/`);

/**
 * Reads what `wmill sync push --dry-run --json-output` printed.
 *
 * @throws when it is no report, with the output.
 */
export function readDryRun(stdout: string): FileChange[] {
  // wmill may announce new folders before the report.
  const report = /^\{[\s\S]*/m.exec(stdout)?.[0];
  const parsed = DryRun.safeParse(report === undefined ? undefined : safeJson(report));
  if (!parsed.success) throw new Error(`wmill did not report a plan. It printed:\n${stdout}`);
  return parsed.data.changes;
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Groups the files of a dry run into scripts and flows and finds everything that does not belong into it. */
export function planOf(changes: readonly FileChange[]): DeployPlan {
  const items = new Map<string, Item>();
  const refusals: string[] = [];
  let newFolder = false;
  for (const { type, path } of changes) {
    const script = SCRIPT_FILE.exec(path)?.[1];
    const flow = FLOW_FILE.exec(path)?.[1];
    const item = script ?? flow;
    if (type === "deleted") refusals.push(`delete ${path}`);
    else if (type !== "added" && type !== "edited") refusals.push(`${type} ${path}`);
    else if (item !== undefined) {
      const kind = script === undefined ? "flow" : "script";
      const main = path.endsWith(kind === "script" ? ".ts" : "/flow.yaml");
      const known = items.get(`${kind} ${item}`);
      const action = type === "added" && main ? "create" : (known?.action ?? "update");
      items.set(`${kind} ${item}`, { kind, path: item, action });
    } else if (path === `${BUNDLE}/folder.meta.yaml`) newFolder = type === "added";
    else refusals.push(`change ${path}, which is no file of this bundle`);
  }
  return { items: [...items.values()].sort((a, b) => (a.path < b.path ? -1 : 1)), newFolder, refusals };
}

/** The plan as lines for a person. */
export function describePlan({ items, newFolder }: DeployPlan): string[] {
  const lines = items.map(({ kind, path, action }) => `  ${action === "create" ? "+" : "~"} ${action} ${kind} ${path}`);
  if (newFolder) lines.unshift(`  + create folder ${BUNDLE}`);
  if (lines.length === 0) return ["Nothing to do: the workspace already has exactly these scripts and flows."];
  const count = (action: Item["action"]): number => items.filter((item) => item.action === action).length;
  return [
    ...lines,
    `${count("create")} to create, ${count("update")} to update, 0 to delete. Nothing else is touched.`,
  ];
}
