import { parseAst } from "rollup/parseAst";
import { BuildError, ts } from "./bundle.ts";

/** The text of a script as Windmill gets it: `main` with its signature as it was written first, then all that it uses. */

/** What `main` calls where its own body had to be renamed. */
const INNER = "mainBody";

/** What a command's source says of its `main`. */
interface Main {
  /** Its comment; "" without one. */
  docs: string;
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
 * Windmill passes arguments by the names in `main`'s signature, and a bundler renames a parameter that collides with a name
 * elsewhere in the file. So the signature comes from the source; where the bundler has renamed, `main` hands over by position.
 *
 * @param entry path of the source, for the head and for errors.
 * @param source text of the source.
 * @param bundled what the bundler made of it.
 * @throws BuildError when the source has no `main`.
 */
export function scriptText(entry: string, source: string, bundled: string): string {
  const main = readMain(entry, source);
  const statements = statementsOf(bundled);
  const at = statements.findIndex(({ node }) => node.type === "FunctionDeclaration" && nameOf(node) === "main");
  const found = statements[at];
  if (found === undefined) throw new BuildError(`${entry}: the bundle has no function main.`);
  const { params, body } = found.node as unknown as { params: Span[]; body: Span };
  const kept = params.every((one, index) => parameterName(one) === main.parameters[index]);
  const code = bundled.slice(body.start, body.end);
  const own = `${main.docs}\nexport async function main${main.signature}`;
  const written = kept
    ? own + code
    : `${own}{\n  return ${INNER}(${main.parameters.join(", ")});\n}\n\nasync function ${INNER}(${params.map(parameterName).join(", ")}) ${code}`;
  const isImport = ({ node }: Statement): boolean => node.type === "ImportDeclaration";
  const rest = statements.filter((one) => !isImport(one) && one !== found && !isExportOfMain(one.node));
  return [
    `// Built by "npm run build" from ${entry}: change it there.\n`,
    ...statements
      .filter(isImport)
      .map(({ text }) => text)
      .sort((a, b) => (fromOf(a) < fromOf(b) ? -1 : 1)),
    `\n${written}`,
    ...rest.map(({ comment, text }) => `\n${comment}${comment === "" ? "" : "\n"}${text}`),
    "",
  ].join("\n");
}

/** Imports stand in the order of their packages, which is that of the lock. */
const fromOf = (text: string): string => /from "([^"]+)"|from '([^']+)'/.exec(text)?.[0] ?? text;

function readMain(entry: string, source: string): Main {
  const file = ts.createSourceFile(entry, source, ts.ScriptTarget.ES2023, true);
  for (const statement of file.statements) {
    if (!ts.isFunctionDeclaration(statement) || statement.name?.text !== "main" || !statement.body) continue;
    const docs = ts.getLeadingCommentRanges(source, statement.getFullStart())?.at(-1);
    return {
      docs: docs ? source.slice(docs.pos, docs.end) : "",
      signature: source.slice(statement.name.end, statement.body.getStart(file)),
      parameters: statement.parameters.map(({ name }) => name.getText(file)),
    };
  }
  throw new BuildError(`${entry} exports no function main, which is what Windmill runs.`);
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
const isExportOfMain = (node: Span): boolean =>
  node.type === "ExportNamedDeclaration" && (node as unknown as { declaration: unknown }).declaration === null;
