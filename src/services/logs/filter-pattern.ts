/**
 * Filter patterns over unstructured events
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax-for-unstructured-log-events.html):
 *
 *   ERROR timeout      both          "out of memory"    the phrase, with `\"` and `\\` inside
 *   ?ERROR ?WARN       one of them   ERROR -retry       the first and not the second
 *
 * Case counts. A term without quotes is letters, digits and `_`. `?` terms beside others are ignored, as AWS does.
 */
import { invalidParameter } from "./errors.ts";

const OTHER_LANGUAGES: readonly [string, string][] = [
  ["{", "JSON patterns ({ $.level = … })"],
  ["[", "space-delimited patterns ([a, b, …])"],
  ["%", "regular expressions (%…%)"],
];

interface Term {
  sign: "" | "-" | "?";
  text: string;
}

/** Throws InvalidParameterException for a pattern that is wrong or that is not one of terms. */
export function compileFilter(pattern: string | undefined): (message: string) => boolean {
  const trimmed = pattern?.trim() ?? "";
  for (const [start, name] of OTHER_LANGUAGES) {
    if (!trimmed.startsWith(start)) continue;
    throw invalidParameter(
      `Invalid filter pattern: ${name} are not supported by Kiln; use terms and "quoted phrases", for instance: ERROR -retry`,
    );
  }
  const terms = parseTerms(trimmed);
  const wanted = textsOf(terms, "");
  const unwanted = textsOf(terms, "-");
  const alternatives = wanted.length + unwanted.length > 0 ? [] : textsOf(terms, "?");
  return (message) =>
    wanted.every((text) => message.includes(text)) &&
    !unwanted.some((text) => message.includes(text)) &&
    (alternatives.length === 0 || alternatives.some((text) => message.includes(text)));
}

function textsOf(terms: readonly Term[], sign: Term["sign"]): string[] {
  return terms.filter((term) => term.sign === sign).map(({ text }) => text);
}

function parseTerms(pattern: string): Term[] {
  const terms: Term[] = [];
  const token = /\s*([-?]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))(?=\s|$)/suy;
  while (token.lastIndex < pattern.length) {
    const match = token.exec(pattern);
    if (match === null) throw invalidParameter("Invalid filter pattern");
    const [, sign = "", quoted, bare] = match;
    if (bare !== undefined && !/^[\p{L}\p{N}_]+$/u.test(bare)) {
      throw invalidParameter(`Invalid filter pattern: Invalid character(s) in term '${bare}'`);
    }
    terms.push({ sign: sign as Term["sign"], text: bare ?? quoted?.replaceAll(/\\(.)/gsu, "$1") ?? "" });
  }
  return terms;
}
