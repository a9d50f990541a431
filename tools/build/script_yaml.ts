import { stringify } from "yaml";
import type { Form } from "../../src/inputs/form.ts";
import { type Parameter, parseSignature } from "./parser.ts";
import { formSchema } from "./schema.ts";

/**
 * The text of a `.script.yaml`: the words of the form beside the names and types of `main`.
 *
 * Not among its keys on purpose: `on_behalf_of`, which would let everybody who may run a script act as who deployed it.
 *
 * @param path the script's path in Windmill.
 * @param script the script's text, whose other functions answer what can be chosen.
 * @returns the text, and what a person must correct.
 */
export function scriptYaml(
  path: string,
  form: Form,
  parameters: readonly Parameter[],
  script = "",
): { text: string; problems: string[] } {
  const { schema, problems } = formSchema(parameters, form.fields, (name) => parseSignature(script, name));
  const yaml = {
    summary: form.summary,
    description: `${form.description.trim()}\n`,
    lock: `!inline ${path}.script.lock`,
    kind: "script",
    schema,
    timeout: form.timeout_s,
  };
  const head = `# Written by "npm run build" from src/inputs/${path.slice(path.lastIndexOf("/") + 1)}.ts and main's parameters: change it there.\n`;
  return { text: head + stringify(yaml, { singleQuote: true, lineWidth: 120 }), problems };
}
