import { createContext, Script } from "node:vm";

/** Longest time that an expression may take, in milliseconds. */
const LIMIT_MS = 5000;

/** An expression of a flow failed; the message is the one that the flow's result shows. */
export class ExpressionError extends Error {}

/** The realm of all expressions: what they get goes in as a copy, and what they make comes out as one. */
const realm = createContext({});
const compiled = new Map<string, Script>();

/**
 * Evaluates a JavaScript expression of a flow (input transform, branch, `stop_after_if`...) with the names of `scope`
 * (`flow_input`, `results`, `previous_result`, `result`, `error`). It sees copies, so it can change nothing.
 * @throws ExpressionError
 */
export function evaluate(expression: string, scope: Record<string, unknown>): unknown {
  const named = Object.entries(scope).filter(([name]) => new RegExp(`\\b${name}\\b`).test(expression));
  const names = Object.fromEntries(named.map(([name, value]) => [name, structuredClone(value)]));
  try {
    const key = [...Object.keys(scope), expression].join(" ");
    const script = compiled.get(key) ?? compile(expression, Object.keys(scope));
    compiled.set(key, script);
    // A watch over the time costs more than most expressions, and only what repeats or calls itself can take long.
    const watch = /=>|\b(?:for|while|do|function|repeat)\b/.test(expression) ? { timeout: LIMIT_MS } : {};
    Object.assign(realm, { scope: names });
    const value: unknown = script.runInContext(realm, watch);
    return value === undefined ? null : JSON.parse(JSON.stringify(value));
  } catch (error) {
    const why = error instanceof Error || isForeignError(error) ? `${error.name}: ${error.message}` : String(error);
    throw new ExpressionError(`Error during isolated evaluation of expression \`${expression}\`:\n${why}`);
  }
}

/** An expression, or the body of a function with its own `return`, as a call with the names that it may use. */
function compile(expression: string, names: readonly string[]): Script {
  const called = (body: string) =>
    new Script(`((${names.join(", ")}) => {${body}\n})(${names.map((name) => `scope.${name}`).join(", ")})`);
  try {
    return called(`return (${expression}\n)`);
  } catch {
    return called(expression);
  }
}

/** An error of the expression's own realm, which is no instance of ours. */
function isForeignError(error: unknown): error is Error {
  return typeof error === "object" && error !== null && "name" in error && "message" in error;
}
