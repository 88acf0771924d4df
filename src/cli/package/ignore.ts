/**
 * What does not belong into a function's code. `.kilnignore` has the syntax of .gitignore: `*`, `**`, `?`, a trailing `/`
 * for folders, a `/` elsewhere to tie the pattern to the top, `!` to take something back in, `#` for comments.
 */
const ALWAYS = [".git", "*.log", ".DS_Store", "__pycache__/", "/.kilnignore"];

interface Rule {
  expression: RegExp;
  keeps: boolean;
  foldersOnly: boolean;
}

/** Tells whether a path, relative and with `/`, is left out. The last rule that fits decides. */
export function ignoreRules(kilnignore: string): (path: string, isFolder: boolean) => boolean {
  const rules = [...ALWAYS, ...kilnignore.split("\n")].flatMap(readRule);
  return (path, isFolder) => {
    const rule = rules.findLast(({ expression, foldersOnly }) => (isFolder || !foldersOnly) && expression.test(path));
    return rule !== undefined && !rule.keeps;
  };
}

function readRule(line: string): Rule[] {
  let pattern = line.trim();
  if (pattern === "" || pattern.startsWith("#")) return [];
  const keeps = pattern.startsWith("!");
  if (keeps) pattern = pattern.slice(1);
  const foldersOnly = pattern.endsWith("/");
  if (foldersOnly) pattern = pattern.slice(0, -1);
  const tied = pattern.includes("/");
  const start = tied ? "^" : "^(?:.*/)?";
  return [{ expression: new RegExp(`${start}${toExpression(pattern.replace(/^\//, ""))}$`, "u"), keeps, foldersOnly }];
}

function toExpression(pattern: string): string {
  return pattern.replaceAll(/\*\*\/|\/\*\*$|\*+|\?|[\\^$.|+()[\]{}/-]/gu, (found) => {
    if (found === "**/") return "(?:.*/)?";
    if (found === "/**") return "/.*";
    if (found.startsWith("*")) return "[^/]*";
    return found === "?" ? "[^/]" : `\\${found}`;
  });
}
