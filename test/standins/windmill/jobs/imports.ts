import { posix } from "node:path";

/** An import, re-export or dynamic import in a TypeScript module, with the place of its specifier in the text. */
export interface ModuleImport {
  specifier: string;
  /** Index of the specifier's first character. */
  start: number;
  /** Whether it is an `import()`, in which the server sees no import, but the bundler does. */
  dynamic: boolean;
}

/** A specifier of an npm package, taken apart: `@scope/name@1.2.3/sub/path`. */
export interface PackageSpecifier {
  name: string;
  /** The pin, Windmill's own convention; absent in an ordinary specifier. */
  version?: string;
  /** `/sub/path`, or "". */
  subpath: string;
}

/** What stands between a keyword and its specifier, for statements that import a value. */
const CLAUSE = String.raw`(?<clause>[\w$*{}\s,]*?)`;
const STATEMENT = new RegExp(
  String.raw`^[ \t]*(?:import\s*${CLAUSE}(?:\bfrom|(?<=\})from)?|export\s*(?:type\s*)?(?:\*(?:\s+as\s+[\w$]+)?|\{[^}]*\})\s*from)\s*["'](?<specifier>[^"'\n]+)["']`,
  "gm",
);
const DYNAMIC = /\bimport\(\s*["'](?<specifier>[^"'\n]+)["']\s*\)/g;

/** What was found in a source before: a push of many modules has each looked at once for every module that it may concern. */
const scans = new Map<string, readonly ModuleImport[]>();

/**
 * The imports of a module that are left when its types are gone, in the order in which bun's bundler follows them: statements
 * in source order, then dynamic imports. Like the bundler it drops `import type` and imports of nothing but types; it
 * does not look for imports that nobody uses, so it agrees with the bundler on code for `verbatimModuleSyntax` only.
 */
export function scanImports(source: string): readonly ModuleImport[] {
  const known = scans.get(source);
  if (known) return known;
  const code = maskText(source);
  const found = (pattern: RegExp) =>
    [...code.matchAll(pattern)]
      .filter((match) => !isTypeOnly(match[0], match.groups?.clause))
      .map((match) => {
        const specifier = match.groups?.specifier ?? "";
        const start = match.index + match[0].lastIndexOf(specifier);
        return { specifier, start, dynamic: pattern === DYNAMIC };
      });
  const imports = [...found(STATEMENT), ...found(DYNAMIC)];
  scans.set(source, imports);
  return imports;
}

function isTypeOnly(statement: string, clause: string | undefined): boolean {
  if (/^\s*(?:import|export)\s+type[\s{*]/.test(statement) && !/^\s*import\s+type\s+from/.test(statement)) return true;
  const names = /^\s*\{([^}]*)\}\s*$/
    .exec(clause ?? "")?.[1]
    ?.split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  return names !== undefined && names.length > 0 && names.every((name) => name.startsWith("type "));
}

/** Replaces every specifier by what `change` makes of it. */
export function rewriteImports(source: string, change: (specifier: string) => string): string {
  const backwards = [...scanImports(source)].sort((a, b) => b.start - a.start);
  return backwards.reduce(
    (text, { specifier, start }) => text.slice(0, start) + change(specifier) + text.slice(start + specifier.length),
    source,
  );
}

/** Whether the specifier names a module of the workspace rather than a package. */
export function isWorkspaceImport(specifier: string): boolean {
  return /^(?:\.{1,2}\/|\/[ufg]\/)/.test(specifier);
}

/** The workspace path (without `.ts`) that a {@link isWorkspaceImport} specifier in the module at `importer` names. */
export function resolveImport(importer: string, specifier: string): string {
  const path = specifier.startsWith("/") ? specifier.slice(1) : posix.join(posix.dirname(importer), specifier);
  return path.replace(/\.ts$/, "");
}

/** Takes a package specifier apart. Undefined for `node:` modules, which no lock mentions. */
export function parsePackage(specifier: string): PackageSpecifier | undefined {
  if (specifier.startsWith("node:")) return undefined;
  const [, name = specifier, version, subpath = ""] =
    /^((?:@[^/@]+\/)?[^/@]+)(?:@([^/]+))?(\/.*)?$/.exec(specifier) ?? [];
  return { name, subpath, ...(version === undefined ? {} : { version }) };
}

/** The source without the pins of its package specifiers, as the worker runs it and `raw_unpinned` serves it. */
export function stripPins(source: string): string {
  return rewriteImports(source, (specifier) => {
    const parsed = isWorkspaceImport(specifier) ? undefined : parsePackage(specifier);
    return parsed ? parsed.name + parsed.subpath : specifier;
  });
}

const KEYWORD_BEFORE_REGEX = /(?:^|[^\w$.])(?:return|typeof|case|in|of|do|else|void|throw|await|yield)\s*$/;

/** The source with comments, template literals and regular expressions blanked out, at the same indices; strings stay. */
function maskText(source: string): string {
  const token = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`|\//g;
  let masked = "";
  let last = 0;
  const keep = (until: number) => {
    masked += source.slice(last, until);
    last = until;
  };
  const blank = (until: number) => {
    masked += source.slice(last, until).replace(/[^\n]/g, " ");
    last = until;
  };
  for (let match = token.exec(source); match; match = token.exec(source)) {
    const [text] = match;
    keep(match.index);
    if (text === "`") token.lastIndex = endOfTemplate(source, match.index);
    if (text === "/") token.lastIndex = startsRegex(masked) ? endOfRegex(source, match.index) : match.index + 1;
    if (text === "/" || text === "`" || text.startsWith("//") || text.startsWith("/*")) blank(token.lastIndex);
  }
  return masked + source.slice(last);
}

function startsRegex(before: string): boolean {
  const last = before.trimEnd().at(-1);
  return last === undefined || /[(,=:[!&|?{};+\-*%~^<>]/.test(last) || KEYWORD_BEFORE_REGEX.test(before);
}

function endOfRegex(source: string, start: number): number {
  const end = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y;
  end.lastIndex = start;
  return end.exec(source) ? end.lastIndex : start + 1;
}

/** The index after a template literal, counting the braces and nested literals of its substitutions. */
function endOfTemplate(source: string, start: number): number {
  let at = start + 1;
  while (at < source.length && source[at] !== "`") {
    if (source[at] === "\\") at += 2;
    else if (source.startsWith("${", at)) at = endOfSubstitution(source, at + 2);
    else at += 1;
  }
  return at + 1;
}

function endOfSubstitution(source: string, start: number): number {
  let at = start;
  for (let depth = 1; at < source.length; ) {
    if (source[at] === "`") at = endOfTemplate(source, at);
    else {
      if (source[at] === "{") depth += 1;
      if (source[at] === "}") depth -= 1;
      at += 1;
      if (depth === 0) break;
    }
  }
  return at;
}
