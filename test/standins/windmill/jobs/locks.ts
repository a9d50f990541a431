import type { Workspace } from "../store.ts";
import { bunLock, installedPackages, LockError, learnFrom } from "./bun_lock.ts";
import { dependencyMapOf, type Importer, type ImporterKind } from "./dependency_map.ts";
import { createDependencyQueue, type DependencyQueue } from "./dependency_queue.ts";
import type { Engine, Runner } from "./engine.ts";
import { type InlineScript, inlineScripts } from "./inline_scripts.ts";
import { failure, type JobSpec, type Outcome } from "./job.ts";
import { isBun, sourcesFor } from "./library.ts";
import { directImports, packagesOf, type Sources } from "./modules.ts";
import { relockedVersion } from "./script_body.ts";
import { executionError } from "./script_run.ts";
import {
  type App,
  currentScript,
  deployedIn,
  type Flow,
  type Identity,
  type Job,
  type JobKind,
  nextFlowVersion,
  type Script,
} from "./state.ts";

/**
 * Dependency jobs: who makes locks, and what a deployment sets off. Read in Windmill's source (release 1.788):
 * `handle_dependency_job`, `handle_flow_dependency_job` and `handle_app_dependency_job` in
 * backend/windmill-worker/src/worker_lockfiles.rs, `process_relative_imports` in backend/windmill-dep-map/src/lib.rs, and
 * `trigger_dependents_to_recompute_dependencies` in backend/windmill-dep-map/src/trigger_dependents.rs.
 *
 * A finished job of a script makes one for each direct importer that is not on the way which led here, and nothing remembers that
 * another way has been there: so there are as many jobs as ways through the graph of imports.
 */

/** How long after a push with a lock the server reads the imports (`create_script` in backend/windmill-api-scripts/src/scripts.rs). */
const IMPORTS_READ_MS = 10_000;
/** How long the job of an importer waits (`DEPENDENCY_JOB_DEBOUNCE_DELAY` in trigger_dependents.rs). */
const IMPORTER_DELAY_MS = 5_000;

const KINDS = { script: "dependencies", flow: "flowdependencies", app: "appdependencies" } as const satisfies Record<
  ImporterKind,
  JobKind
>;

/** Has to be told of everything that is deployed, and makes the locks. */
export interface Locksmith extends Pick<DependencyQueue, "settle" | "notMade"> {
  scriptDeployed(workspace: Workspace, script: Script, by: Identity): void;
  flowDeployed(workspace: Workspace, flow: Flow, by: Identity): void;
  appDeployed(workspace: Workspace, app: App, by: Identity): void;
}

/** What a dependency job was told by the one that made it. */
interface Arguments {
  already_visited?: string[];
  triggered_by_relative_import?: boolean;
  nodes_to_relock?: string[];
  components_to_relock?: string[];
}
const argumentsOf = (job: Job) => job.args as Arguments;

const locksmiths = new WeakMap<Engine, Locksmith>();

/** The locksmith of an engine. */
export function locksmithOf(engine: Engine): Locksmith {
  const known = locksmiths.get(engine);
  if (known) return known;
  const locksmith = createLocksmith(engine);
  locksmiths.set(engine, locksmith);
  return locksmith;
}

function createLocksmith(engine: Engine): Locksmith {
  const { store } = engine;
  const registry = installedPackages();
  const queue = createDependencyQueue(engine, (job) => pull(workspaceOf(job), job));
  const workspaceOf = (job: Job): Workspace => {
    const workspace = store.workspaces.get(job.workspaceId);
    if (!workspace) throw new Error(`the workspace ${job.workspaceId} is gone`);
    return workspace;
  };

  /** A job for an importer begins with a version of its own, whose lock is empty until the job is over. */
  const pull = (workspace: Workspace, job: Job): Outcome | undefined => {
    if (job.kind !== "dependencies" || !argumentsOf(job).triggered_by_relative_import) return undefined;
    const base = currentScript(workspace, job.path);
    if (!base) return failure(executionError(`Not found: Non-archived script with path '${job.path}' not found`));
    const clone = relockedVersion(base, store.clock.iso());
    base.archived = true;
    deployedIn(workspace).scripts.get(job.path)?.push(clone);
    job.hash = clone.hash;
    return undefined;
  };

  const makeLock = (path: string, sources: Sources): string => {
    const { packages, missing } = packagesOf(path, sources);
    if (missing && "module" in missing) {
      throw new LockError(`Failed to find relative import at ${missing.module}.ts, which ${missing.from}.ts imports`);
    }
    return bunLock(packages, registry, store.relocking.lockfileVersion);
  };

  const processImports = (workspace: Workspace, path: string, source: string, visited: string[], by: Identity) => {
    const map = dependencyMapOf(workspace);
    map.record("script", path, new Map([["", directImports(path, source)]]));
    const way = [...visited, path];
    for (const importer of map.importersOf(path)) {
      if (way.includes(importer.path)) continue;
      const spec = importerSpec(workspace, importer, way, by);
      if (spec) queue.relock(workspace, spec, IMPORTER_DELAY_MS);
      else map.forget(importer.kind, importer.path);
    }
  };

  const lockScript: Runner = async (job) => {
    const workspace = workspaceOf(job);
    const versions = deployedIn(workspace).scripts.get(job.path) ?? [];
    const script = versions.find(({ hash }) => hash === job.hash);
    if (!script) return failure(executionError(`Not found: script not found at name ${job.path}`));
    const { triggered_by_relative_import: again = false, already_visited: visited = [] } = argumentsOf(job);
    const map = dependencyMapOf(workspace);
    const kept = again && map.isUnchanged("script", job.path, "") ? versions.findLast(hasLock)?.lock : undefined;
    try {
      const sources = new Map([...sourcesFor(workspace), [job.path, script.content]]);
      job.logs += kept ? "\nSkipping relock - imported lockfiles unchanged" : "\nRelocking script";
      script.lock = kept ?? makeLock(job.path, sources);
      script.lockErrorLogs = null;
      map.locked(job.path, script.lock);
      processImports(workspace, job.path, script.content, visited, job.identity);
      return { success: true, result: { status: "Successful lock file generation", lock: script.lock } };
    } catch (error) {
      if (!(error instanceof LockError)) throw error;
      script.lockErrorLogs = `${job.logs}\n${error.message}`;
      return failure(executionError(`Error locking file: ${error.message}\n\nlogs:\n${job.logs}`));
    }
  };

  /**
   * Locks the inline scripts of a flow or an app that have no lock, or, for an importer, those whose imports changed.
   * @returns what went wrong, by node
   */
  const lockInline = (
    workspace: Workspace,
    kind: "flow" | "app",
    path: string,
    nodes: string[] | undefined,
    scripts: InlineScript[],
  ) => {
    const map = dependencyMapOf(workspace);
    const errors: string[] = [];
    const imports = new Map<string, string[]>();
    for (const script of scripts) {
      const at = `${path}/${kind}`;
      const again = nodes?.includes(script.node) === true;
      const unchanged = again && script.lock !== "" && map.isUnchanged(kind, path, script.node);
      if (nodes ? again && !unchanged : script.lock === "") {
        try {
          script.setLock(makeLock(at, new Map([...sourcesFor(workspace), [at, script.content]])));
        } catch (error) {
          if (!(error instanceof LockError)) throw error;
          errors.push(`${script.node}: ${error.message}`);
        }
      }
      imports.set(script.node, [...(imports.get(script.node) ?? []), ...directImports(at, script.content)]);
    }
    map.record(kind, path, imports);
    return errors;
  };

  const lockFlow: Runner = async (job) => {
    const workspace = workspaceOf(job);
    const flow = deployedIn(workspace).flows.get(job.path);
    if (!flow) return failure(executionError(`Not found: flow not found at name ${job.path}`));
    const { nodes_to_relock: nodes, triggered_by_relative_import: again } = argumentsOf(job);
    const value = structuredClone(flow.value);
    const errors = lockInline(workspace, "flow", job.path, nodes, inlineScripts(value));
    if (errors.length > 0) return failure(executionError(`Error locking flow modules:\n${errors.join("\n")}`));
    flow.value = value;
    if (again) flow.version = nextFlowVersion(store);
    return { success: true, result: { status: "Successful lock file generation" } };
  };

  /** A job that an import set off locks a version that is never published (the guard on `versions` in `handle_app_dependency_job`). */
  const lockApp: Runner = async (job) => {
    const workspace = workspaceOf(job);
    const app = deployedIn(workspace).apps.get(job.path);
    if (!app) return failure(executionError(`Not found: app not found at name ${job.path}`));
    const { components_to_relock: components, triggered_by_relative_import: again } = argumentsOf(job);
    const value = structuredClone(app.value);
    lockInline(workspace, "app", job.path, components, inlineScripts(value));
    if (!again) app.value = value;
    return { success: true, result: null };
  };

  engine.runners.set(KINDS.script, lockScript);
  engine.runners.set(KINDS.flow, lockFlow);
  engine.runners.set(KINDS.app, lockApp);

  const pushed = (kind: ImporterKind, path: string, hash: string, by: Identity): JobSpec => ({
    ...{ kind: KINDS[kind], path, hash, args: {}, createdBy: by.username, identity: by },
  });
  return {
    scriptDeployed(workspace, script, by) {
      if (!isBun(script)) return;
      const { path, hash, content, lock } = script;
      if (lock === null) return queue.push(workspace, pushed("script", path, hash, by));
      learnFrom(lock, registry);
      queue.after(IMPORTS_READ_MS, () => processImports(workspace, path, content, [], by));
    },
    flowDeployed: (workspace, { path, version }, by) => queue.push(workspace, pushed("flow", path, hex(version), by)),
    appDeployed: (workspace, { path, versions }, by) =>
      queue.push(workspace, pushed("app", path, hex(versions.at(-1)?.id ?? 0), by)),
    settle: queue.settle,
    notMade: queue.notMade,
  };
}

const hasLock = ({ lock }: Script) => lock !== null;

/** A version's number as jobs show it. */
const hex = (version: number) => version.toString(16).padStart(16, "0");

/** The job for an importer; undefined when it is no longer there. */
function importerSpec(workspace: Workspace, importer: Importer, way: string[], by: Identity): JobSpec | undefined {
  const { kind, path, nodes } = importer;
  const { flows, apps } = deployedIn(workspace);
  const version = {
    script: () => currentScript(workspace, path)?.hash,
    flow: () => flows.has(path) && hex(flows.get(path)?.version ?? 0),
    app: () => apps.has(path) && hex(apps.get(path)?.versions.at(-1)?.id ?? 0),
  }[kind]();
  if (!version) return undefined;
  const relocked = { script: {}, flow: { nodes_to_relock: nodes }, app: { components_to_relock: nodes } }[kind];
  const args = { already_visited: way, triggered_by_relative_import: true, ...relocked };
  return { kind: KINDS[kind], path, hash: version, args, createdBy: by.username, identity: by };
}
