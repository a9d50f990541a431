import * as z from "zod";
import { ChangeView } from "./change_view.ts";
import { FeatureRow } from "./features.ts";
import { fitting } from "./fitting.ts";
import { Link } from "./links.ts";
import { ConnectionFacts, Depth, Finding, ModelRow, Probe, Status } from "./shapes.ts";

/** What a run answers: one JSON object with a stable shape, which Windmill shows by the HTML it carries. */

/** Raised when a field changes its meaning or goes; new fields do not raise it. */
export const REPORT_VERSION = 1;

/** How telling people went. */
export const AlertOutcome = z.object({
  /** Whether at least one target took it; else it is tried again with the next tick. */
  delivered: z.boolean(),
  targets: z.array(
    z.object({
      /** What people know it by, e.g. `webhook at hooks.slack.com (slack)`. Never an address. */
      target: z.string(),
      delivered: z.boolean(),
      /** Why not, and what to do; "" when delivered. */
      problem: z.string(),
      /** True where it may have arrived although nobody said so; absent where it is certain. */
      unsure: z.boolean().optional(),
    }),
  ),
});
export type AlertOutcome = z.infer<typeof AlertOutcome>;

/** What a member got who was asked for, see `member_token_path` of `check`. */
export const AsMember = z.object({
  who: z.string(),
  /** Whether their chat reaches the gateway. */
  chat: z.boolean(),
  /** Whether an AI agent step of theirs can use this connection's resource and key. */
  agent_steps: z.boolean(),
  /** Why not; "" where both do. */
  why: z.string(),
});
export type AsMember = z.infer<typeof AsMember>;

/** What `check` returns, and what the health flow hands from step to step. */
export const CheckReport = z.object({
  version: z.literal(REPORT_VERSION),
  status: Status,
  /** One line: the status and its first cause. */
  summary: z.string(),
  workspace: z.string(),
  /** ISO 8601. */
  checked_at: z.string(),
  server_version: z.string(),
  depth: Depth,
  /** Only where the depth was chosen by the memory of the health flow: why, and a mark of the settings that it saw. */
  chosen: z.object({ why: z.string(), fingerprint: z.string() }).optional(),
  /** A mark of settings, resource and intent as this check saw them, whatever its depth; absent when they could not be read. */
  fingerprint: z.string().optional(),
  /** Why this check could not even read what there is, so that it measured nothing; absent as a rule. */
  could_not_look: z.string().optional(),
  connection: ConnectionFacts,
  findings: z.array(Finding),
  probes: z.array(Probe),
  /** Ids of probes that this check had no time left for, so that they say nothing; absent when all were asked. */
  not_asked: z.array(z.string()).optional(),
  models: z.array(ModelRow),
  features: z.array(FeatureRow),
  /** Milliseconds. `probe` is the time of all probes together, which run side by side. */
  timings_ms: z.object({ observe: z.number(), probe: z.number(), slowest_probe: z.number(), total: z.number() }),
  /** Tokens that the gateway said this check used. */
  tokens: z.number().int(),
  /** What can be done next, as links to forms that are filled in. */
  links: z.array(Link).optional(),
  /** Only where a member's token was given. */
  as_member: AsMember.optional(),
  /** What the answers cannot vouch for, where address or key had just changed; absent when there is nothing of the kind. */
  proof: z.string().optional(),
});
export type CheckReport = z.infer<typeof CheckReport>;

/** What a command that changes something returns. */
export const ChangeReport = z.object({
  version: z.literal(REPORT_VERSION),
  command: z.string(),
  mode: z.enum(["plan", "apply"]),
  /** The connection's status after applying; null for a plan, which changes and proves nothing. */
  status: Status.nullable(),
  applied: z.boolean(),
  summary: z.string(),
  /** Give it to mode "apply" to have exactly this plan or none; "" where there is nothing to hold on to. */
  plan_id: z.string(),
  workspace: z.string(),
  changes: z.array(ChangeView),
  /** What people should know beside the changes. */
  notes: z.array(z.string()),
  findings: z.array(Finding),
  probes: z.array(Probe),
  models: z.array(ModelRow),
  /** What can be done next, as links to forms that are filled in; none where a link would not work. */
  links: z.array(Link).optional(),
  /** What a repair mends, and the findings that called for it; only `repair` says it. */
  repairs: z.array(z.object({ codes: z.array(z.string()), does: z.string() })).optional(),
  /** What can be undone, the newest first; only `undo` says it. */
  snapshots: z
    .array(
      z.object({
        id: z.string(),
        /** ISO 8601. */
        at: z.string(),
        by: z.string(),
        command: z.string(),
        touches: z.array(z.string()),
        undone: z.boolean(),
      }),
    )
    .optional(),
});
export type ChangeReport = z.infer<typeof ChangeReport>;

/** A report with its rendering, as Windmill's result view wants it. */
export type Rendered<T> = T & { wm_renderer: "html"; html: string };

/** Controls but for line ends, signs without a shape such as text direction overrides, and halves of signs, which no database
 * takes: model ids may hold anything. */
const INVISIBLE = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}]/gu;

/**
 * A JSON value in which no text can be taken for a reference. Windmill resolves every text that starts with `$var:`, `$res:`
 * and the like when a flow hands it to the next step, so a gateway's error text could otherwise fetch a secret into a job's
 * arguments. Such texts get a leading blank, and what nobody can see is taken out of all of them.
 */
export function inert<T>(value: T): T {
  const walk = (one: unknown): unknown => {
    if (typeof one === "string") {
      const visible = one.replace(INVISIBLE, "");
      return visible.startsWith("$") ? ` ${visible}` : visible;
    }
    if (Array.isArray(one)) return one.map(walk);
    if (typeof one !== "object" || one === null) return one;
    return Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, walk(inner)]));
  };
  return walk(value) as T;
}

/** The finished result of an entry point: what may leave, small enough to be shown, and the page that is made of it. */
export const finish = <T extends object>(report: T, render: (report: T) => string): Rendered<T> => {
  const rendered = (one: T): Rendered<T> => ({ ...one, wm_renderer: "html", html: render(one) });
  return rendered(fitting(inert(report), rendered));
};
