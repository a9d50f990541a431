/** What wmill puts in the place of this module when it bundles the app: one function per file of backend/. */
export declare const backend: {
  data(args: object): Promise<unknown>;
  check_now(args: object): Promise<unknown>;
};
