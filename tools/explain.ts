import { readFileSync } from "node:fs";
import { type Exchange, Exchange as ExchangeSchema, explainExchange } from "./explain/exchange.ts";
import { UsageError } from "./shared/errors.ts";

/**
 * `npm run --silent explain -- <file.json>`: reads an array of exchanges in the format of test/recordings/README.md and prints a
 * JSON array of `{name, code, severity, owner, cause, remedy}`, one per exchange. One that is fine has the code `ok`, severity
 * and owner `none`. Exit code 0: printed; 2: the file cannot be used.
 */

const USAGE = "Usage: npm run --silent explain -- <file.json>";

try {
  const explained = readExchanges(process.argv.slice(2)).map(explainExchange);
  process.stdout.write(`${JSON.stringify(explained, null, 1)}\n`);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

/** @throws UsageError when the arguments or the file cannot be used. */
function readExchanges(argv: readonly string[]): Exchange[] {
  const [file, ...more] = argv;
  if (file === undefined || more.length > 0 || file.startsWith("--"))
    throw new UsageError(["give exactly one file."], USAGE);
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const why = error instanceof SyntaxError ? "is not JSON" : "cannot be read";
    throw new UsageError([`${file} ${why}.`], USAGE);
  }
  if (!Array.isArray(json)) throw new UsageError([`${file} holds no array of exchanges.`], USAGE);
  return json.map((item, index) => {
    const parsed = ExchangeSchema.safeParse(item);
    if (parsed.success) return parsed.data;
    const place = parsed.error.issues[0]?.path.join(".") || "the entry";
    throw new UsageError([`entry ${index} is no exchange: ${place} has the wrong kind of value.`], USAGE);
  });
}
