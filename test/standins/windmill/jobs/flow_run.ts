import type { Workspace } from "../store.ts";
import type { Engine, Runner } from "./engine.ts";
import { rootOf } from "./environment.ts";
import { ExpressionError, evaluate } from "./expressions.ts";
import { type BranchChosen, type FlowStatus, type ModuleStatus, NO_JOB } from "./flow_status.ts";
import type {
  BranchStep,
  FlowModule,
  FlowValue,
  InlineStep,
  InputTransform,
  LoopStep,
  ScriptStep,
} from "./flow_value.ts";
import { failure, type JobSpec, type Outcome } from "./job.ts";
import { runLoop } from "./loop_run.ts";
import { executionError } from "./script_run.ts";
import { type Job, runnableScript } from "./state.ts";
import { overlapping } from "./ticks.ts";

/** What the expressions of a flow can refer to. */
interface Scope {
  [name: string]: unknown;
  flow_input: unknown;
  results: Record<string, unknown>;
  previous_result: unknown;
}

/** How a step ended, and which job it was. */
export interface StepOutcome extends Outcome {
  job: string;
  branch?: BranchChosen;
}

export type Update = (change: Partial<ModuleStatus>) => void;

/** What a step's job is made of; the flow that runs it gives the rest. */
export type ChildSpec = Omit<JobSpec, "createdBy" | "identity" | "parent">;

/** Scopes of flows that run, by their job, so that a branch sees what came before it. */
const scopes = new WeakMap<Job, Scope>();

/** Runs flows on an engine. */
export function flowRunner(engine: Engine): Runner {
  return async (job) => {
    const workspace = engine.store.workspaces.get(job.workspaceId);
    if (!workspace || !job.flow || !job.flowStatus) return failure(executionError(`the flow ${job.path} is gone`));
    const blocker = overlapping(workspace, job);
    if (blocker) {
      job.isSkipped = true;
      Object.assign(job.flowStatus.modules[0] ?? {}, { type: "Success", job: NO_JOB, skipped: true });
      return { success: true, result: `not allowed to overlap with ${blocker.id}, scheduling next iteration` };
    }
    const outcome = await new FlowRun(engine, workspace, job, job.flow, job.flowStatus).run();
    job.logs += `Flow job completed with ${outcome.success ? "success" : "error"}\n`;
    return outcome;
  };
}

/** One run of a flow, or of a branch of one. */
class FlowRun {
  readonly #engine: Engine;
  readonly #workspace: Workspace;
  readonly #job: Job;
  readonly #flow: FlowValue;
  readonly #status: FlowStatus;
  readonly #scope: Scope;
  readonly #children = new Set<Job>();
  /** Ends the pause before a retry. */
  #wake: () => void = () => {};

  constructor(engine: Engine, workspace: Workspace, job: Job, flow: FlowValue, status: FlowStatus) {
    this.#engine = engine;
    this.#workspace = workspace;
    this.#job = job;
    this.#flow = flow;
    this.#status = status;
    const outer = job.parent && scopes.get(job.parent);
    this.#scope = outer
      ? { ...outer, flow_input: job.args, results: { ...outer.results } }
      : { flow_input: job.args, results: {}, previous_result: job.args };
    scopes.set(job, this.#scope);
    job.stop = () => {
      this.#wake();
      for (const child of this.#children) if (job.canceled) engine.cancel(child, job.canceled);
    };
  }

  async run(): Promise<Outcome> {
    for (const [index, module] of this.#flow.modules.entries()) {
      this.#status.step = index;
      const { result, end } = await this.#module(module, (change) =>
        Object.assign(this.#status.modules[index] ?? {}, change),
      );
      this.#scope.previous_result = result;
      this.#scope.results[module.id] = result;
      if (end) return end;
      if (this.#job.canceled) return failure(executionError(`the flow was cancelled by ${this.#job.canceled.by}`));
    }
    this.#status.step = this.#flow.modules.length;
    return { success: true, result: this.#scope.previous_result };
  }

  /** Runs a module with its settings. `end` says how the flow ends when the module ends it. */
  async #module(module: FlowModule, update: Update): Promise<{ result: unknown; end?: Outcome }> {
    const failedJobs: string[] = [];
    const outcome = await this.#evaluating(async () => {
      if (module.skip_if && evaluate(module.skip_if.expr, this.#scope) === true) return undefined;
      return this.#withRetries(module, update, failedJobs);
    });
    if (!outcome) {
      update({ type: "Success", job: NO_JOB, skipped: true });
      return { result: this.#scope.previous_result };
    }
    const { success, result, job, branch } = outcome;
    const done = {
      job,
      ...(branch ? { branch_chosen: branch } : {}),
      ...(failedJobs.length > 0 ? { failed_retries: failedJobs } : {}),
    };
    update(success ? { type: "Success", ...done, skipped: false } : { type: "Failure", ...done });
    if (!success) return module.continue_on_error ? { result } : { result, end: await this.#fail(module, outcome) };
    const end = await this.#evaluating(async () => this.#stopAfter(module, result));
    return end ? { result, end } : { result };
  }

  /** Turns the failure of an expression into that of the step. */
  async #evaluating<T>(work: () => Promise<T>): Promise<T | StepOutcome> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      return { ...failure(executionError(error.message)), job: NO_JOB };
    }
  }

  async #withRetries(module: FlowModule, update: Update, failedJobs: string[]): Promise<StepOutcome> {
    const { attempts = 0, seconds = 0 } = module.retry?.constant ?? {};
    for (;;) {
      const outcome = await this.#step(module, update, failedJobs.length > 0);
      const mayRetry = !outcome.success && failedJobs.length < attempts && !this.#job.canceled;
      if (!mayRetry || !this.#wantsRetry(module, outcome)) {
        delete this.#status.retry;
        return outcome;
      }
      failedJobs.push(outcome.job);
      this.#status.retry = { fail_count: failedJobs.length, failed_jobs: [...failedJobs] };
      if (seconds > 0) await this.#pause(seconds);
    }
  }

  #wantsRetry({ retry }: FlowModule, { result }: StepOutcome): boolean {
    if (!retry?.retry_if) return true;
    return evaluate(retry.retry_if.expr, { ...this.#scope, result, error: errorIn(result) }) === true;
  }

  async #pause(seconds: number): Promise<void> {
    const { clock } = this.#engine.store;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      clock.at(clock.now() + seconds * 1000, resolve);
    });
  }

  #stopAfter({ stop_after_if: stop }: FlowModule, result: unknown): Outcome | undefined {
    if (!stop || evaluate(stop.expr, { ...this.#scope, result }) !== true) return undefined;
    if (stop.error_message !== undefined) return failure({ name: "EarlyStopError", message: stop.error_message });
    this.#job.isSkipped = stop.skip_if_stopped;
    return { success: true, result };
  }

  /** How a flow ends whose module failed: with its error, or with what the failure module returns. */
  async #fail({ id }: FlowModule, failed: Outcome): Promise<Outcome> {
    const handler = this.#flow.failure_module;
    if (!handler || this.#job.canceled) return failed;
    const status = Object.assign(this.#status.failure_module, { parent_module: id });
    this.#scope.error = { step_id: id, ...errorIn(failed.result) };
    this.#scope.previous_result = failed.result;
    const handled = await this.#evaluating(() =>
      this.#withRetries({ ...handler, id: status.id }, (change) => Object.assign(status, change), []),
    );
    Object.assign(status, { type: handled.success ? "Success" : "Failure", job: handled.job });
    const recovered = handled.success && (handled.result as { recover?: unknown } | null)?.recover === true;
    return { success: recovered, result: handled.result };
  }

  async #step(module: FlowModule, update: Update, isRetry: boolean): Promise<StepOutcome> {
    const { value } = module;
    if (value.type === "branchone") return this.#branch(module, value, update);
    if (value.type === "forloopflow") return this.#loop(module, value, update);
    if (value.type !== "other") return this.#code(module, value, update, isRetry);
    return { ...failure(executionError(`the stand-in runs no steps of type ${value.raw.type}`)), job: NO_JOB };
  }

  #value(transform: InputTransform): unknown {
    return transform.type === "static" ? transform.value : evaluate(transform.expr, this.#scope);
  }

  async #code(
    module: FlowModule,
    step: ScriptStep | InlineStep,
    update: Update,
    isRetry: boolean,
  ): Promise<StepOutcome> {
    const timeout = module.timeout && Number(this.#value(module.timeout));
    const args = Object.fromEntries(
      Object.entries(step.input_transforms).map(([name, transform]) => [name, this.#value(transform)]),
    );
    const spec = { args, stepId: module.id, isRetry };
    if (step.type === "rawscript") {
      const inline = { content: step.content, lock: step.lock ?? null };
      return this.#child(
        { ...spec, kind: "flowscript", path: `${rootOf(this.#job).path}/${module.id}`, inline, timeout },
        update,
      );
    }
    const script = runnableScript(this.#workspace, step.path);
    if (!script) return { ...failure(executionError(`Not found: script not found at name ${step.path}`)), job: NO_JOB };
    return this.#child(
      { ...spec, kind: "script", path: step.path, hash: script.hash, timeout: timeout ?? script.timeout },
      update,
    );
  }

  async #branch(module: FlowModule, step: BranchStep, update: Update): Promise<StepOutcome> {
    const index = step.branches.findIndex(({ expr }) => Boolean(evaluate(expr, this.#scope)));
    const branch: BranchChosen = index < 0 ? { type: "default" } : { type: "branch", branch: index };
    const modules = step.branches[index]?.modules ?? step.default;
    if (modules.length === 0) return { success: true, result: this.#scope.previous_result, job: NO_JOB, branch };
    const path = `${this.#job.path}/branchone-${index < 0 ? "default" : index}`;
    const outcome = await this.#child(
      { kind: "flownode", path, args: this.#job.args, stepId: module.id, flow: { modules } },
      (change) => update({ ...change, branch_chosen: branch }),
    );
    return { ...outcome, branch };
  }

  async #loop({ id }: FlowModule, step: LoopStep, update: Update): Promise<StepOutcome> {
    const parallelism = step.parallelism && this.#value(step.parallelism);
    // The worker reads it as a u16 (worker_flow.rs: evaluate_input_transform::<u16>).
    if (parallelism !== undefined && !(Number.isInteger(parallelism) && Number(parallelism) >= 0)) {
      const message = `invalid value: ${JSON.stringify(parallelism)}, expected u16`;
      return { ...failure(executionError(message)), job: NO_JOB };
    }
    return runLoop(
      { step, items: this.#value(step.iterator), parallelism: parallelism as number | undefined, stepId: id },
      { job: this.#job, push: (spec) => this.#push(spec), start: (child) => this.#start(child), update },
    );
  }

  async #child(spec: ChildSpec, update: Update): Promise<StepOutcome> {
    const child = this.#push(spec);
    update({ type: "InProgress", job: child.id });
    await this.#start(child);
    return { success: child.success, result: child.result, job: child.id };
  }

  #push(spec: ChildSpec): Job {
    const { createdBy, identity } = this.#job;
    const child = this.#engine.push(this.#workspace, { ...spec, createdBy, identity, parent: this.#job });
    this.#children.add(child);
    return child;
  }

  async #start(child: Job): Promise<void> {
    await this.#engine.start(child);
    this.#children.delete(child);
  }
}

function errorIn(result: unknown): object {
  const error = (result as { error?: unknown } | null)?.error;
  return typeof error === "object" && error !== null ? error : {};
}
