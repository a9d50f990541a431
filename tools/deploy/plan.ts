import { z } from "zod";
import { BUNDLE } from "../build/deployed.ts";

const DryRun = z.looseObject({
  success: z.literal(true),
  changes: z.array(z.looseObject({ type: z.string(), path: z.string() })).default([]),
});

/** One file that a push would send, as wmill lists it. `type` is `added`, `edited`, `deleted` or a newer wmill's word. */
export type FileChange = z.infer<typeof DryRun>["changes"][number];

/** One script, flow or app that a push would create or update. */
export interface Item {
  kind: "script" | "flow" | "app";
  path: string;
  action: "create" | "update";
}

export interface DeployPlan {
  /** Scripts, flows and apps, sorted by path. */
  items: Item[];
  /** Whether the folder itself is new. wmill lists an existing folder as changed every time and sends nothing for it. */
  newFolder: boolean;
  /** What a push of this bundle must never do, in plain words. Not empty: do not push. */
  refusals: string[];
}

/** Files of an item: the first group of `file` is the item's path, and the item is new when its `main` file is. */
const KINDS: readonly { kind: Item["kind"]; file: RegExp; main: string }[] = [
  { kind: "flow", file: new RegExp(`^(${BUNDLE}/[\\w/-]+)__flow/`), main: "/flow.yaml" },
  { kind: "app", file: new RegExp(`^(${BUNDLE}/[\\w/-]+)__raw_app/`), main: "/raw_app.yaml" },
  { kind: "script", file: new RegExp(`^(${BUNDLE}/[\\w/-]+)\\.(?:ts|script\\.yaml|script\\.lock)$`), main: ".ts" },
];

/**
 * Files that wmill lists as changed when people have shared the item, because the repository leaves rights alone: it sends
 * nothing for them unless there is more.
 */
const SHARED_BY_PEOPLE = new RegExp(`^${BUNDLE}/(?:folder\\.meta|[\\w/-]+__raw_app/raw_app)\\.yaml$`);

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

/** Groups the files of a dry run into scripts, flows and apps and finds everything that does not belong into it. */
export function planOf(changes: readonly FileChange[]): DeployPlan {
  const items = new Map<string, Item>();
  const refusals: string[] = [];
  let newFolder = false;
  for (const { type, path } of changes) {
    const found = KINDS.find(({ file }) => file.test(path));
    // Parts of an app may go with a new version of it: wmill sends all of its files together.
    const goes = type === "deleted" && found?.kind === "app" && !path.endsWith(found.main);
    if (type === "deleted" && !goes) refusals.push(`delete ${path}`);
    else if (type !== "added" && type !== "edited" && !goes) refusals.push(`${type} ${path}`);
    else if (type === "edited" && SHARED_BY_PEOPLE.test(path)) continue;
    else if (path === `${BUNDLE}/folder.meta.yaml`) newFolder = true;
    else if (found === undefined) refusals.push(`change ${path}, which is no file of this bundle`);
    else {
      const { kind } = found;
      const item = found.file.exec(path)?.[1] ?? path;
      const known = items.get(`${kind} ${item}`);
      const action = type === "added" && path.endsWith(found.main) ? "create" : (known?.action ?? "update");
      items.set(`${kind} ${item}`, { kind, path: item, action });
    }
  }
  return { items: [...items.values()].sort((a, b) => (a.path < b.path ? -1 : 1)), newFolder, refusals };
}

/** The plan as lines for a person. */
export function describePlan({ items, newFolder }: DeployPlan): string[] {
  const lines = items.map(({ kind, path, action }) => `  ${action === "create" ? "+" : "~"} ${action} ${kind} ${path}`);
  if (newFolder) lines.unshift(`  + create folder ${BUNDLE}`);
  if (lines.length === 0) return ["Nothing to do: the workspace already has exactly these scripts, flows and apps."];
  const count = (action: Item["action"]): number => items.filter((item) => item.action === action).length;
  return [
    ...lines,
    `${count("create")} to create, ${count("update")} to update, 0 to delete. Nothing else is touched.`,
  ];
}
