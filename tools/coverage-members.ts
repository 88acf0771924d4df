/** The members of operations' inputs, with what becomes of each: rows for the page of API coverage. */
import type { CoverageTable, Exception } from "../src/services/catalogue.ts";
import type { operationSchemas } from "../src/wire/index.ts";

type Operation = ReturnType<typeof operationSchemas>[number];
type Shape = Operation["input"];

export interface MemberRow {
  /** `Code.ZipFile`: a member of a structure, also of those in a list. */
  path: string;
  /** Absent: honoured. */
  exception?: Exception;
}

/**
 * Members of one input in the order of the schema; those of a structure follow it, unless the table makes an exception
 * of it as a whole. Throws Error where the table names a member that the input does not have.
 */
export function memberRows(operation: Operation, table: CoverageTable): MemberRow[] {
  const exceptions = table[operation.name];
  if (!exceptions) throw new Error(`The coverage table has no entry for ${operation.name}, which is built.`);
  const known = new Map(membersOf(operation.input, "", []).map((path) => [path, exceptions[path]]));
  for (const path of Object.keys(exceptions)) {
    if (!known.has(path)) throw new Error(`${operation.name} has no member ${path}, which the coverage table names.`);
  }
  const rows: MemberRow[] = [];
  for (const [path, exception] of known) {
    const inherited = ancestorsOf(path).some((ancestor) => known.get(ancestor) !== undefined);
    if (exception) rows.push({ path, exception });
    else if (!inherited) rows.push({ path });
  }
  return rows;
}

/** `inside` are the structures on the way here: one that holds itself is not entered again. */
function membersOf(shape: Shape, prefix: string, inside: readonly string[]): string[] {
  const structure = structureOf(shape);
  if (!structure || inside.includes(structure.getName() ?? "")) return [];
  const below = [...inside, structure.getName() ?? ""];
  return [...structure.structIterator()].flatMap(([name, member]) => [
    `${prefix}${name}`,
    ...membersOf(member, `${prefix}${name}.`, below),
  ]);
}

function structureOf(shape: Shape): Shape | undefined {
  if (shape.isListSchema()) return structureOf(shape.getValueSchema());
  return shape.isStructSchema() ? shape : undefined;
}

function ancestorsOf(path: string): string[] {
  const parts = path.split(".");
  return parts.slice(1).map((_part, index) => parts.slice(0, index + 1).join("."));
}
