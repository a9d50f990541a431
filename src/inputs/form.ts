/** What a person sees of a form: the words and hints of a script's inputs. Names, types and required come from its `main`. */

/** A hint of a form field that Windmill's form reads. */
export interface FormField {
  title: string;
  /** Markdown, shown below the title. */
  description?: string;
  placeholder?: string;
  /** What stands in the field first; where `main` has a literal default, that one counts. */
  default?: unknown;
  format?: string;
  password?: boolean;
  /** What is shown for a value of an enum. */
  enumLabels?: Readonly<Record<string, string>>;
  /** JavaScript over `fields`: the field is shown only where it is true. */
  showExpr?: string;
}

/** The form of a script. */
export interface Form {
  /** One line for the home page. A script that is only a step says so here. */
  summary: string;
  /** Markdown, shown above the form. */
  description: string;
  /** Seconds after which Windmill ends a run. */
  timeout_s: number;
  /** The fields in the order in which they are shown; one for each parameter of `main`. */
  fields: Readonly<Record<string, FormField>>;
}
