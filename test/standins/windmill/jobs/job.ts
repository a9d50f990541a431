import { randomUUID } from "node:crypto";
import { jsonb } from "../jsonb.ts";
import type { Workspace } from "../store.ts";
import { newFlowStatus } from "./flow_status.ts";
import type { FlowValue } from "./flow_value.ts";
import type { Identity, Job, JobKind } from "./state.ts";

/** What a new job is made of; see {@link Job} for the meaning. */
export interface JobSpec {
  kind: JobKind;
  path: string;
  hash?: string | undefined;
  args: Record<string, unknown>;
  createdBy: string;
  identity: Identity;
  scheduledFor?: string;
  schedulePath?: string | undefined;
  parent?: Job;
  stepId?: string;
  isRetry?: boolean;
  flow?: FlowValue;
  inline?: { content: string; lock: string | null };
  timeout?: number | undefined;
  endUserEmail?: string;
}

/** How a job ended. */
export interface Outcome {
  success: boolean;
  /** As it is stored: what the job returned, or `{ error }`. */
  result: unknown;
}

/** The outcome of a job that failed. */
export const failure = (error: unknown): Outcome => ({ success: false, result: { error } });

/** A queued job, and what settles its `done`. */
export function newJob(workspace: Workspace, spec: JobSpec, now: string): { job: Job; settle: () => void } {
  let settle = () => {};
  const done = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const { kind, path, hash, createdBy, identity, schedulePath, parent, stepId, flow, inline, timeout } = spec;
  const job: Job = {
    id: randomUUID(),
    workspaceId: workspace.id,
    kind,
    path,
    hash,
    args: jsonb(spec.args) as Record<string, unknown>,
    createdBy,
    identity,
    createdAt: now,
    scheduledFor: spec.scheduledFor ?? now,
    schedulePath,
    parent,
    stepId,
    isRetry: spec.isRetry ?? false,
    flow,
    inline,
    timeout,
    endUserEmail: spec.endUserEmail,
    phase: "queued",
    startedAt: undefined,
    completedAt: undefined,
    durationMs: 0,
    success: false,
    result: null,
    logs: "",
    flowStatus: flow && newFlowStatus(flow),
    isSkipped: false,
    canceled: undefined,
    memoryPeak: undefined,
    progress: undefined,
    done,
    stop: undefined,
  };
  return { job, settle };
}
