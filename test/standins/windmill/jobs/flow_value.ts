import { wrongShape } from "../errors.ts";
import type { JsonNode } from "../json_text.ts";
import { any, array, boolean, i32, optional, type Read, record, type Shape, string, struct } from "../shape.ts";

/** How a step gets one of its arguments. */
export type InputTransform = { type: "static"; value: unknown } | { type: "javascript"; expr: string };

/** A step that runs a script of the workspace. */
export interface ScriptStep {
  type: "script";
  path: string;
  input_transforms: Record<string, InputTransform>;
}

/** A step that brings its own code. */
export interface InlineStep {
  type: "rawscript";
  language: string;
  content: string;
  lock?: string | undefined;
  input_transforms: Record<string, InputTransform>;
}

/** A step that runs the first branch whose expression is true, or the default. */
export interface BranchStep {
  type: "branchone";
  branches: Branch[];
  default: FlowModule[];
}

export interface Branch {
  summary?: string | undefined;
  expr: string;
  modules: FlowModule[];
  skip_failure: boolean;
  parallel: boolean;
}

/** A step that runs its modules once for each element of a list. */
export interface LoopStep {
  type: "forloopflow";
  iterator: InputTransform;
  modules: FlowModule[];
  skip_failures: boolean;
  parallel: boolean;
  /** How many iterations of a parallel loop may run at a time. */
  parallelism?: InputTransform | undefined;
  squash?: boolean | undefined;
}

/** A kind of step that the stand-in stores and exports, but cannot run. */
export interface OtherStep {
  type: "other";
  raw: Record<string, unknown>;
}

export type Step = ScriptStep | InlineStep | BranchStep | LoopStep | OtherStep;

export interface FlowModule extends Read<typeof MODULE_SETTINGS> {
  id: string;
  value: Step;
}

/** What a flow does. */
export interface FlowValue {
  modules: FlowModule[];
  failure_module?: FlowModule | undefined;
  same_worker?: boolean | undefined;
}

const TRANSFORM: Shape<InputTransform> = {
  read(node, path) {
    const { type, value, expr } = struct("InputTransform", {
      type: string,
      value: optional(any),
      expr: optional(string),
    }).read(node, path);
    if (type === "static") return { type, value: value ?? null };
    if (type === "javascript") return { type, expr: expr ?? "" };
    throw wrongShape(`got value: ${type} for field \`type\`, expected value: \`static\` or \`javascript\` ${node.end}`);
  },
};

/** Seconds or a count, written as a number or as a transform that gives one. */
const NUMBER: Shape<InputTransform> = {
  read: (node, path) =>
    typeof node.value === "number" ? { type: "static", value: i32.read(node, path) } : TRANSFORM.read(node, path),
};

const MODULE_SETTINGS = struct("FlowModule", {
  summary: optional(string),
  stop_after_if: optional(
    struct("StopAfterIf", { expr: string, skip_if_stopped: boolean, error_message: optional(string) }),
  ),
  skip_if: optional(struct("SkipIf", { expr: string })),
  retry: optional(
    struct("Retry", {
      constant: optional(struct("ConstantDelay", { attempts: optional(i32), seconds: optional(i32) })),
      exponential: optional(any),
      retry_if: optional(struct("RetryIf", { expr: string })),
    }),
  ),
  timeout: optional(NUMBER),
  continue_on_error: optional(boolean),
  sleep: optional(TRANSFORM),
  suspend: optional(any),
  mock: optional(any),
  cache_ttl: optional(i32),
  priority: optional(i32),
  delete_after_secs: optional(i32),
});

const MODULE: Shape<FlowModule> = {
  read(node, path) {
    const { id, value } = struct("FlowModule", { id: optional(string), value: STEP }).read(node, path);
    return { id: id ?? "", value, ...MODULE_SETTINGS.read(node, path) };
  },
};

const BRANCH: Shape<Branch> = {
  read(node, path) {
    const read = struct("Branch", {
      summary: optional(string),
      expr: optional(string),
      modules: array(MODULE),
      skip_failure: optional(boolean),
      parallel: optional(boolean),
    }).read(node, path);
    const { expr = "", skip_failure = true, parallel = true } = read;
    return { ...read, expr, skip_failure, parallel };
  },
};

const TRANSFORMS = optional(record(string, TRANSFORM));
const SCRIPT = struct("Script", { path: string, input_transforms: TRANSFORMS });
const INLINE = struct("RawScript", {
  language: string,
  content: string,
  lock: optional(string),
  input_transforms: TRANSFORMS,
});
const BRANCHONE = struct("BranchOne", { branches: array(BRANCH), default: array(MODULE) });

const FORLOOP = struct("ForloopFlow", {
  iterator: TRANSFORM,
  modules: array(MODULE),
  skip_failures: optional(boolean),
  parallel: optional(boolean),
  parallelism: optional(NUMBER),
  squash: optional(boolean),
});

const withTransforms = <T extends { input_transforms: Partial<Record<string, InputTransform>> | undefined }>(
  step: T,
) => ({
  ...step,
  input_transforms: (step.input_transforms ?? {}) as Record<string, InputTransform>,
});

const STEP: Shape<Step> = {
  read(node: JsonNode, path) {
    const { type } = struct("FlowModuleValue", { type: string }).read(node, path);
    if (type === "script") return { type, ...withTransforms(SCRIPT.read(node, path)) };
    if (type === "rawscript") return { type, ...withTransforms(INLINE.read(node, path)) };
    if (type === "branchone") return { type, ...BRANCHONE.read(node, path) };
    if (type === "forloopflow") {
      const { skip_failures = true, parallel = false, ...loop } = FORLOOP.read(node, path);
      return { type, ...loop, skip_failures, parallel };
    }
    return { type: "other", raw: node.value as Record<string, unknown> };
  },
};

/**
 * A flow's value the way the server keeps it: read into its types and written again. Unknown keys are gone, left-out ones have
 * their defaults (`parallel` and `skip_failure` of a branch or loop, a bare number as a transform).
 */
export const FLOW_VALUE: Shape<FlowValue> = {
  read(node, path) {
    const shape = { modules: array(MODULE), failure_module: optional(MODULE), same_worker: optional(boolean) };
    const { same_worker, ...read } = struct("FlowValue", shape).read(node, path);
    return { ...read, ...(same_worker ? { same_worker } : {}) };
  },
};

/** A flow's value as JSON. */
export function flowJson(value: FlowValue): unknown {
  return JSON.parse(JSON.stringify(value, (_key, inner) => (isOther(inner) ? inner.raw : inner)));
}

function isOther(value: unknown): value is OtherStep {
  return typeof value === "object" && value !== null && (value as OtherStep).type === "other" && "raw" in value;
}
