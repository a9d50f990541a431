import type { FlowModule, FlowValue } from "./flow_value.ts";

/** The job of a step that ran nothing: an empty branch, or a skipped one. */
export const NO_JOB = "00000000-0000-0000-0000-000000000000";

/** How far a flow is, in the shape in which the API shows it. */
export interface FlowStatus {
  /** Index of the current module; the number of modules when the flow is over. */
  step: number;
  modules: ModuleStatus[];
  cleanup_module: Record<string, never>;
  failure_module: ModuleStatus & { parent_module?: string };
  preprocessor_module: null;
  retry?: { fail_count: number; failed_jobs: string[] };
}

export interface ModuleStatus {
  id: string;
  type: "WaitingForPriorSteps" | "WaitingForExecutor" | "InProgress" | "Success" | "Failure";
  job?: string;
  branch_chosen?: BranchChosen;
  /** Of a parallel loop: how many iterations there are, and their jobs; `flow_jobs_success` is null for those not over. */
  iterator?: { index: number; itered_len: number };
  flow_jobs?: string[];
  flow_jobs_success?: (boolean | null)[];
  flow_jobs_duration?: { started_at: (string | null)[]; duration_ms: (number | null)[] };
  parallel?: boolean;
  failed_retries?: string[];
  /** Of a success only. */
  skipped?: boolean;
}

export type BranchChosen = { type: "default" } | { type: "branch"; branch: number };

const waiting = (id: string): ModuleStatus => ({ id, type: "WaitingForPriorSteps" });

/** The status of a flow that has not started. */
export function newFlowStatus(flow: FlowValue): FlowStatus {
  return {
    step: 0,
    modules: flow.modules.map(({ id }: FlowModule) => waiting(id)),
    cleanup_module: {},
    failure_module: waiting("failure"),
    preprocessor_module: null,
  };
}

/** The jobs of the finished steps by module id, as a queued flow shows them; undefined when there is none. */
export function leafJobs(status: FlowStatus): Record<string, { SingleJob: string }> | undefined {
  const finished = status.modules.filter(({ type, job }) => type === "Success" && job !== undefined && job !== NO_JOB);
  if (finished.length === 0) return undefined;
  return Object.fromEntries(finished.map(({ id, job = NO_JOB }) => [id, { SingleJob: job }]));
}
