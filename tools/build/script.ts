import { parseAst } from "rollup/parseAst";
import { BuildError, ts } from "./bundle.ts";

/**
 * The text of a script as Windmill gets it: the types of its form, `main` and what else the command exports with their signatures as
 * they were written first, then all that they use.
 */

/** The function that Windmill runs unless a form asks for another one. */
const MAIN = "main";

/** A function that a command exports, as its source says it. */
interface Exported {
  name: string;
  /** Its comment; "" without one. */
  docs: string;
  /** What stands before the word `function`, e.g. `export async`. */
  modifiers: string;
  /** From the opening parenthesis of its parameters to the brace of its body, as written. */
  signature: string;
  /** Names of the parameters in order. */
  parameters: string[];
}

/** A place in a text. The bundler's parser gives one to every node. */
interface Span {
  type: string;
  start: number;
  end: number;
}

/**
 * Makes a script of a bundle.
 *
 * Windmill passes arguments by the names in a function's signature, and a bundler renames a parameter that collides with a name
 * elsewhere in the file. So signatures come from the source; where the bundler has renamed, the function hands over by position.
 *
 * @param entry path of the source, for the head and for errors.
 * @param source text of the source.
 * @param bundled what the bundler made of it.
 * @throws BuildError when the source has no `main`, or exports what Windmill could not call by its name.
 */
export function scriptText(entry: string, source: string, bundled: string): string {
  const { functions, types } = readExports(entry, source);
  const statements = statementsOf(bundled);
  const written = functions.map((one) => {
    const found = statements.find(({ node }) => node.type === "FunctionDeclaration" && nameOf(node) === one.name);
    if (found === undefined) {
      throw new BuildError(
        `${entry}: the bundle has no function ${one.name}, because something that it imports has this name too. Give it another.`,
      );
    }
    return { found, text: functionText(one, found.node, bundled) };
  });
  const isImport = ({ node }: Statement): boolean => node.type === "ImportDeclaration";
  const exported = new Set(written.map(({ found }) => found));
  const rest = statements.filter((one) => !isImport(one) && !exported.has(one) && !isListOfExports(one.node));
  return [
    `// Built by "npm run build" from ${entry}: change it there.\n`,
    ...statements
      .filter(isImport)
      .map(({ text }) => text)
      .sort((a, b) => (fromOf(a) < fromOf(b) ? -1 : 1)),
    ...types.map((text) => `\n${text}`),
    ...written.map(({ text }) => `\n${text}`),
    ...rest.map(({ comment, text }) => `\n${comment}${comment === "" ? "" : "\n"}${text}`),
    "",
  ].join("\n");
}

/** A function with the body that the bundler made of it. */
function functionText(one: Exported, node: Span, bundled: string): string {
  const { params, body } = node as unknown as { params: Span[]; body: Span };
  const kept = params.every((parameter, index) => parameterName(parameter) === one.parameters[index]);
  const code = bundled.slice(body.start, body.end);
  const own = `${one.docs}\n${one.modifiers} function ${one.name}${one.signature}`;
  if (kept) return own + code;
  const inner = `${one.name}Body`;
  const handOver = `${own}{\n  return ${inner}(${one.parameters.join(", ")});\n}`;
  return `${handOver}\n\nasync function ${inner}(${params.map(parameterName).join(", ")}) ${code}`;
}

/** Imports stand in the order of their packages, which is that of the lock. */
const fromOf = (text: string): string => /from "([^"]+)"|from '([^']+)'/.exec(text)?.[0] ?? text;

/** Functions and types that a command exports; `main` first, types as written. */
function readExports(entry: string, source: string): { functions: Exported[]; types: string[] } {
  const file = ts.createSourceFile(entry, source, ts.ScriptTarget.ES2023, true);
  const functions: Exported[] = [];
  const types: string[] = [];
  for (const statement of file.statements) {
    const isExported = ts.canHaveModifiers(statement)
      ? ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
      : false;
    if (!isExported) continue;
    if (ts.isTypeAliasDeclaration(statement)) types.push(source.slice(statement.getFullStart(), statement.end).trim());
    else if (ts.isFunctionDeclaration(statement) && statement.name && statement.body) {
      const docs = ts.getLeadingCommentRanges(source, statement.getFullStart())?.at(-1);
      functions.push({
        name: statement.name.text,
        docs: docs ? source.slice(docs.pos, docs.end) : "",
        modifiers: (ts.getModifiers(statement) ?? []).map((one) => one.getText(file)).join(" "),
        signature: source.slice(statement.name.end, statement.body.getStart(file)),
        parameters: statement.parameters.map(({ name }) => name.getText(file)),
      });
    } else {
      throw new BuildError(
        `${entry} exports ${statement.getText(file).slice(0, 60)} ... A command exports functions and type aliases only.`,
      );
    }
  }
  if (!functions.some(({ name }) => name === MAIN)) {
    throw new BuildError(`${entry} exports no function main, which is what Windmill runs.`);
  }
  return { functions: functions.sort((a, b) => Number(b.name === MAIN) - Number(a.name === MAIN)), types };
}

interface Statement {
  node: Span;
  /** Comments in front of it. */
  comment: string;
  text: string;
}

/** The statements of a module with the comments in front of each. */
function statementsOf(code: string): Statement[] {
  const { body } = parseAst(code) as unknown as { body: Span[] };
  let last = 0;
  return body.map((node) => {
    const statement = { node, comment: code.slice(last, node.start).trim(), text: code.slice(node.start, node.end) };
    last = node.end;
    return statement;
  });
}

const nameOf = (node: Span): string | undefined => (node as unknown as { id?: { name?: string } }).id?.name;

/** The name of a parameter, also of one with a default. */
function parameterName(parameter: Span): string {
  const { name, left } = parameter as unknown as { name?: string; left?: { name?: string } };
  return name ?? left?.name ?? "";
}

/** The bundler's own `export { main }` at the end. */
const isListOfExports = (node: Span): boolean =>
  node.type === "ExportNamedDeclaration" && (node as unknown as { declaration: unknown }).declaration === null;
