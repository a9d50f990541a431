import "windmill-client@1.818.0";
import * as z from "zod@4.6.7";
import { differences, sameJson } from "./json.ts";
import { redact } from "./redact.ts";
import { Secret } from "./secret.ts";
import type { Route } from "./shapes.ts";
import type { Windmill } from "./windmill.ts";
import * as resources from "./workspace/resources.ts";
import * as schedules from "./workspace/schedules.ts";
import * as settings from "./workspace/settings.ts";
import * as variables from "./workspace/variables.ts";

type Settings = Record<string, unknown>;

/**
 * One reversible step each. A plan is a list of them: plain data that says what will be, shown before it is applied, applied
 * one by one, and undone in reverse order when a later one fails.
 */
export type Change =
  | { kind: "create-resource-type"; name: string; schema: unknown; description: string }
  | { kind: "create-secret"; path: string; secret: Secret; description: string }
  | { kind: "replace-secret"; path: string; before: Secret; after: Secret }
  | {
      kind: "create-resource";
      path: string;
      resource_type: string;
      value: Record<string, unknown>;
      description: string;
    }
  | { kind: "replace-resource"; path: string; before: unknown; after: Record<string, unknown> }
  | { kind: "save-ai-settings"; before: Settings; after: Settings; via: Route }
  | { kind: "create-schedule"; spec: schedules.ScheduleSpec }
  | { kind: "replace-schedule"; before: schedules.ScheduleInfo; spec: schedules.ScheduleSpec };

/** A change as the report shows it: nothing secret, values short enough to read. */
export const ChangeView = z.object({
  action: z.enum(["create", "change", "delete"]),
  target: z.string(),
  /** What differs, place by place. `before` is null for something new. */
  differences: z.array(z.object({ path: z.string(), before: z.unknown(), after: z.unknown() })),
  /** How a person undoes it by hand. */
  undo: z.string(),
});
export type ChangeView = z.infer<typeof ChangeView>;

/** Somebody changed the workspace between reading it and writing to it. Nothing of theirs was overwritten. */
export class StaleError extends Error {
  override readonly name = "StaleError";

  constructor(target: string) {
    super(
      `${target} was changed by somebody else while this ran, so it was left as it is. Run the script again: it starts from what is there now.`,
    );
  }
}

interface Handler<C> {
  view(change: C): ChangeView;
  apply(windmill: Windmill, change: C): Promise<void>;
  /** Puts back what was there, unless somebody else has changed it since. */
  revert(windmill: Windmill, change: C): Promise<void>;
}

type Handlers = { [K in Change["kind"]]: Handler<Extract<Change, { kind: K }>> };

const created = (value: unknown): ChangeView["differences"] => changed({}, value);

const changed = (before: unknown, after: unknown): ChangeView["differences"] =>
  differences(before, after).map((one) => ({
    path: one.path,
    before: showable(one.path, one.before),
    after: showable(one.path, one.after),
  }));

/** Names under which a resource may hold a credential in clear; a reference to a variable is none. */
const CREDENTIAL_KEY = /(api_?key|authorization|token|password|secret)$/i;

/** A value for people's eyes: credentials shortened to their prefix, foreign texts redacted. */
function showable(path: string, value: unknown): unknown {
  if (typeof value === "string") {
    return CREDENTIAL_KEY.test(path) && !value.startsWith("$var:") ? Secret.safePrefix(value) : redact(value);
  }
  if (Array.isArray(value)) return value.map((item) => showable(path, item));
  if (typeof value !== "object" || value === null) return value ?? null;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, showable(key, inner)]));
}

const HANDLERS: Handlers = {
  "create-resource-type": {
    view: ({ name }) => ({
      action: "create",
      target: `resource type ${name}`,
      differences: [],
      undo: `Delete the resource type ${name}.`,
    }),
    apply: async (windmill, { name, schema, description }) => {
      await resources.createResourceType(windmill, { name, schema, description });
    },
    revert: async (windmill, { name }) => {
      await resources.deleteResourceType(windmill, name);
    },
  },
  "create-secret": {
    view: ({ path, secret }) => ({
      action: "create",
      target: `secret variable ${path}`,
      differences: [{ path: "value", before: null, after: secret.prefix }],
      undo: `Delete the variable ${path}.`,
    }),
    apply: async (windmill, { path, secret, description }) => {
      await variables.createSecret(windmill, path, secret, description);
    },
    revert: async (windmill, { path, secret }) => {
      if ((await variables.findVariable(windmill, path)) === null) return;
      const current = await variables.readSecret(windmill, path);
      if (!current.secret.equals(secret)) throw new StaleError(`The secret variable ${path}`);
      await variables.deleteVariable(windmill, path);
    },
  },
  "replace-secret": {
    view: ({ path, before, after }) => ({
      action: "change",
      target: `secret variable ${path}`,
      differences: [{ path: "value", before: before.prefix, after: after.prefix }],
      undo: "The old key is put back when a later step fails; afterwards Windmill does not keep it.",
    }),
    apply: (windmill, { path, before, after }) => swapSecret(windmill, path, before, after),
    revert: (windmill, { path, before, after }) => swapSecret(windmill, path, after, before),
  },
  "create-resource": {
    view: ({ path, value, resource_type }) => ({
      action: "create",
      target: `resource ${path} (${resource_type})`,
      differences: created(value),
      undo: `Delete the resource ${path}.`,
    }),
    apply: async (windmill, { path, value, resource_type, description }) => {
      await resources.createResource(windmill, { path, value, resource_type, description });
    },
    revert: async (windmill, { path, value }) => {
      const current = await resources.findResource(windmill, path);
      if (current === null) return;
      if (!sameJson(current.value, value)) throw new StaleError(`The resource ${path}`);
      await resources.deleteResourceOnly(windmill, path);
    },
  },
  "replace-resource": {
    view: ({ path, before, after }) => ({
      action: "change",
      target: `resource ${path}`,
      differences: changed(before, after),
      undo: `Restore the version before in the resource's history (Resources, ${path}, History).`,
    }),
    apply: (windmill, { path, before, after }) => swapResource(windmill, path, before, after),
    revert: (windmill, { path, before, after }) => swapResource(windmill, path, after, before),
  },
  "save-ai-settings": {
    view: ({ before, after }) => ({
      action: "change",
      target: "workspace AI settings",
      differences: changed(before, after),
      undo: "Save the values shown as before (Workspace settings, Windmill AI).",
    }),
    apply: (windmill, { before, after, via }) => swapSettings(windmill, before, after, via),
    revert: (windmill, { before, after, via }) => swapSettings(windmill, after, before, via),
  },
  "create-schedule": {
    view: ({ spec }) => ({
      action: "create",
      target: `schedule ${spec.path}`,
      differences: created({ schedule: spec.schedule, enabled: spec.enabled, args: spec.args }),
      undo: `Delete the schedule ${spec.path}.`,
    }),
    apply: async (windmill, { spec }) => {
      await schedules.createSchedule(windmill, spec);
    },
    revert: async (windmill, { spec }) => {
      const current = await schedules.findSchedule(windmill, spec.path);
      if (current !== null && current.script_path === spec.script_path) {
        await schedules.deleteSchedule(windmill, spec.path);
      }
    },
  },
  "replace-schedule": {
    view: ({ before, spec }) => ({
      action: "change",
      target: `schedule ${spec.path}`,
      differences: changed(
        { schedule: before.schedule, enabled: before.enabled, args: before.args ?? {} },
        { schedule: spec.schedule, enabled: spec.enabled, args: spec.args },
      ),
      undo: "Set the values shown as before (Schedules).",
    }),
    apply: async (windmill, { before, spec }) => {
      const { schedule, timezone, args, no_flow_overlap, summary } = spec;
      await schedules.updateSchedule(windmill, before, { schedule, timezone, args, no_flow_overlap, summary });
      if (before.enabled !== spec.enabled) await schedules.switchSchedule(windmill, spec.path, spec.enabled);
    },
    revert: async (windmill, { before, spec }) => {
      await schedules.updateSchedule(windmill, before, {
        schedule: before.schedule,
        timezone: before.timezone,
        args: before.args ?? {},
        ...(before.no_flow_overlap ? { no_flow_overlap: true } : {}),
        ...(before.summary ? { summary: before.summary } : {}),
      });
      if (before.enabled !== spec.enabled) await schedules.switchSchedule(windmill, spec.path, before.enabled);
    },
  },
};

/** The change as people see it. */
export const viewChange = (change: Change): ChangeView => handlerOf(change).view(change);

export function handlerOf(change: Change): Handler<Change> {
  return HANDLERS[change.kind] as Handler<Change>;
}

/**
 * Replaces something, provided it is still what the plan was made from. Windmill has no versions to compare, so it is read
 * again right before the write. What already is as wanted stays: a write whose answer got lost is not repeated.
 */
async function swap<T>(
  target: string,
  read: () => Promise<T>,
  same: (a: T, b: T) => boolean,
  [expected, next]: [T, T],
  write: () => Promise<unknown>,
): Promise<void> {
  const current = await read();
  if (same(current, next)) return;
  if (!same(current, expected)) throw new StaleError(target);
  await write();
}

const swapSecret = (windmill: Windmill, path: string, expected: Secret, next: Secret): Promise<void> =>
  swap(
    `The secret variable ${path}`,
    () => variables.readSecret(windmill, path),
    (current, wanted) => current.secret.equals(wanted.secret) && (!current.padded || wanted.padded),
    [
      { secret: expected, padded: true, slip: null },
      { secret: next, padded: false, slip: null },
    ],
    () => variables.replaceSecret(windmill, path, next),
  );

const swapResource = (windmill: Windmill, path: string, expected: unknown, next: unknown): Promise<void> =>
  swap(
    `The resource ${path}`,
    async () => (await resources.findResource(windmill, path))?.value,
    sameJson,
    [expected, next],
    () => resources.replaceResourceValue(windmill, path, next),
  );

const swapSettings = (windmill: Windmill, expected: Settings, next: Settings, via: Route): Promise<void> =>
  swap(
    "The workspace's AI settings",
    () => settings.readAiSettings(windmill),
    sameJson,
    [expected, next],
    () => settings.writeAiSettings(windmill, next, via),
  );
