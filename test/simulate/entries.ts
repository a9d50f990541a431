import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../../tools/shared/programs.ts";
import { FOLDER, SCRIPTS } from "./windmill.ts";

/** The code of the bundle's scripts, as a worker calls it. */
export interface Entry {
  main(...args: unknown[]): Promise<unknown>;
  /** Names of `main`'s parameters, in order. */
  parameters: string[];
}

/** Entry points by the script's path. They are loaded before time is taken over. */
export const ENTRIES: ReadonlyMap<string, Entry> = new Map(
  await Promise.all(
    SCRIPTS.map(async (name): Promise<[string, Entry]> => {
      const { main } = (await import(pathToFileURL(join(ROOT, "src/commands", `${name}.ts`)).href)) as Pick<
        Entry,
        "main"
      >;
      return [`${FOLDER}/${name}`, { main: async (...args) => main(...args), parameters: parametersOf(main) }];
    }),
  ),
);

/** The parameters of a function, off its text: names up to the first default. */
function parametersOf(code: (...args: never[]) => unknown): string[] {
  const text = code.toString();
  const list = text.slice(text.indexOf("(") + 1);
  const names: string[] = [];
  let depth = 0;
  let name = "";
  let isNamed = false;
  for (const character of list) {
    if (depth === 0 && (character === "," || character === ")")) {
      if (name.trim() !== "") names.push(name.trim());
      name = "";
      isNamed = false;
      if (character === ")") return names;
      continue;
    }
    if ("([{".includes(character)) depth += 1;
    if (")]}".includes(character)) depth -= 1;
    if (character === "=") isNamed = true;
    if (!isNamed) name += character;
  }
  return names;
}
