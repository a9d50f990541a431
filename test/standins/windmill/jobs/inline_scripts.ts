/** Code that a flow or an app brings along. */
export interface InlineScript {
  /** Id of the flow's step, or of the component that holds it in an app; "" where an app has no ids. */
  node: string;
  content: string;
  /** "" when it has none. */
  lock: string;
  setLock(lock: string): void;
}

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * The inline bun scripts in a flow's or an app's value: a flow's `{ id, value: { type: "rawscript" } }`, an app's
 * `{ id, inlineScript }`. Setting a lock changes the value.
 */
export function inlineScripts(value: unknown, node = ""): InlineScript[] {
  if (Array.isArray(value)) return value.flatMap((element) => inlineScripts(element, node));
  if (!isObject(value)) return [];
  const id = typeof value.id === "string" ? value.id : node;
  const code = isObject(value.inlineScript) ? value.inlineScript : value.type === "rawscript" ? value : undefined;
  if (code === undefined) return Object.values(value).flatMap((inner) => inlineScripts(inner, id));
  if (code.language !== "bun" && code.language !== "bunnative") return [];
  return [
    {
      node: id,
      content: typeof code.content === "string" ? code.content : "",
      lock: typeof code.lock === "string" ? code.lock.trim() : "",
      setLock(lock) {
        code.lock = lock;
      },
    },
  ];
}
