/** How far the members of an operation's input are honoured: the form of the tables behind `docs/api-coverage.md`. */

/**
 * What becomes of a member that is not honoured:
 * - `kept`: checked as AWS checks it, stored and given back, and without effect on what functions do;
 * - `ignored`: accepted and forgotten;
 * - `partly`: some of its values are honoured, and the others refused;
 * - `refused`: a request that asks for something with it gets an error that says so.
 */
export type Standing = "kept" | "ignored" | "partly" | "refused";

export interface Exception {
  readonly standing: Standing;
  /** What a caller has to know: a sentence without its first capital. */
  readonly why: string;
}

/** By member of the input, or the path of a member further down: `Code.ImageUri`. Whatever is absent is honoured. */
export type Exceptions = Readonly<Record<string, Exception>>;

/** By operation, for every operation that is built. */
export type CoverageTable = Readonly<Record<string, Exceptions>>;

export const kept = (why: string): Exception => ({ standing: "kept", why });
export const ignored = (why: string): Exception => ({ standing: "ignored", why });
export const refused = (why: string): Exception => ({ standing: "refused", why });
export const partly = (why: string): Exception => ({ standing: "partly", why });
