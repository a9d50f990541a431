import { createContext, Script } from "node:vm";

/** Longest time that an expression may take, in milliseconds. */
const LIMIT_MS = 5000;

/** An expression of a flow failed; the message is the one that the flow's result shows. */
export class ExpressionError extends Error {}

/**
 * Evaluates a JavaScript expression of a flow (input transform, branch, `stop_after_if`...) with the names of `scope`
 * (`flow_input`, `results`, `previous_result`, `result`, `error`). It sees copies, so it can change nothing.
 * @throws ExpressionError
 */
export function evaluate(expression: string, scope: Record<string, unknown>): unknown {
  const names = Object.fromEntries(Object.entries(scope).map(([name, value]) => [name, structuredClone(value)]));
  try {
    const value: unknown = compile(expression).runInContext(createContext(names), { timeout: LIMIT_MS });
    return value === undefined ? null : JSON.parse(JSON.stringify(value));
  } catch (error) {
    const why = error instanceof Error || isForeignError(error) ? `${error.name}: ${error.message}` : String(error);
    throw new ExpressionError(`Error during isolated evaluation of expression \`${expression}\`:\n${why}`);
  }
}

/** An expression, or the body of a function with its own `return`. */
function compile(expression: string): Script {
  try {
    return new Script(`(${expression}\n)`);
  } catch {
    return new Script(`(() => {${expression}\n})()`);
  }
}

/** An error of the expression's own realm, which is no instance of ours. */
function isForeignError(error: unknown): error is Error {
  return typeof error === "object" && error !== null && "name" in error && "message" in error;
}
