import { safePrefix } from "./redact.ts";

/**
 * A credential that cannot be printed by accident: string conversion, JSON and the console see its safe prefix. The value is
 * taken out by {@link Secret.unwrap} at the one place that sends it to Windmill.
 */
export class Secret {
  readonly #value: string;

  /** Blanks and line breaks around the value are dropped: Windmill's form stores a newline after Ctrl+Enter. */
  constructor(value: string) {
    this.#value = value.trim();
  }

  /** What may be shown: `sk-cxp-0123456789ab…` for a Pool API key, `(secret)` for anything else. */
  get prefix(): string {
    return safePrefix(this.#value);
  }

  /** The credential itself. */
  unwrap(): string {
    return this.#value;
  }

  /** Whether both hold the same credential. */
  equals(other: Secret): boolean {
    return this.#value === other.#value;
  }

  toString(): string {
    return this.prefix;
  }

  toJSON(): string {
    return this.prefix;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.prefix;
  }

  /** What may be shown of a credential that is still a plain text. */
  static safePrefix(value: string): string {
    return safePrefix(value.trim());
  }
}
