/**
 * The tables "promise, kept by, shown by" of a document. A cell names a file of the project in backticks, and behind it
 * what is in that file: a name of the code in backticks, the title of a test in italics. In a title `…` stands for what
 * a test puts in by itself, as the level.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const HEADER = "| promise | kept by | shown by |";

export interface Row {
  /** From 1. */
  line: number;
  promise: string;
  keptBy: string;
  shownBy: string;
}

/** All rows of all such tables. */
export function promiseRows(markdown: string): Row[] {
  const rows: Row[] = [];
  let inTable = false;
  for (const [index, text] of markdown.split("\n").entries()) {
    inTable = text === HEADER || (inTable && text.startsWith("|"));
    if (!inTable || text === HEADER || /^\|[-|]+\|$/.test(text)) continue;
    const [, promise = "", keptBy = "", shownBy = ""] = text.split("|").map((cell) => cell.trim());
    rows.push({ line: index + 1, promise, keptBy, shownBy });
  }
  return rows;
}

/** What has a title: node:test's own, and the project's ways to register tests. */
const TITLED = /\b(?:test|it|describe|hostile|check)\(\s*("(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`)/g;

function titles(source: string): string[] {
  return [...source.matchAll(TITLED)].map(([, literal = ""]) => literal.slice(1, -1));
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/** What stands for a part that a test puts in is `…`, or a text of the file. */
function isTitleIn(source: string, wanted: string): boolean {
  return titles(source).some((title) => {
    const pattern = title
      .split(/\$\{[^}]*\}/)
      .map(escaped)
      .join("(.+)");
    const parts = new RegExp(`^${pattern}$`).exec(wanted)?.slice(1);
    return parts?.every((part) => part === "…" || source.includes(`"${part}"`)) ?? false;
  });
}

const hasName = (source: string, name: string): boolean => new RegExp(`\\b${escaped(name)}\\b`).test(source);

/** What a cell names and is not there, or is missing in it; `what` is what it has to name behind each file. */
function problemsOf(cell: string, what: "code" | "test", root: string): string[] {
  const problems: string[] = [];
  let source: string | undefined;
  let named = 0;
  for (const [, code, title] of cell.matchAll(/`([^`]+)`|\*([^*]+)\*/g)) {
    if (code?.includes("/")) {
      const file = join(root, code);
      source = existsSync(file) ? readFileSync(file, "utf8") : undefined;
      if (source === undefined) problems.push(`there is no ${code}`);
      else if (what === "code") named += 1;
    } else if (source === undefined) {
      problems.push(`no file before ${code ?? title}`);
    } else if (code !== undefined && !hasName(source, code)) {
      problems.push(`no ${code} in its file`);
    } else if (title !== undefined && !isTitleIn(source, title)) {
      problems.push(`no test "${title}" in its file`);
    } else if (title !== undefined) {
      named += 1;
    }
  }
  if (named === 0 && problems.length === 0) problems.push(`names no ${what}`);
  return problems;
}

/** One line for each mistake; none when every named file, name and test is there. `root`: the project's folder. */
export function promiseProblems(markdown: string, root: string): string[] {
  return promiseRows(markdown).flatMap(({ line, promise, keptBy, shownBy }) =>
    [...problemsOf(keptBy, "code", root), ...problemsOf(shownBy, "test", root)].map(
      (problem) => `line ${line}, ${promise}: ${problem}`,
    ),
  );
}
