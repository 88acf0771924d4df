/** Values as AWS repeats them in its messages: the way Java prints strings, lists, maps and structures. */

/** Characters of a value that a message repeats. */
const maxCharacters = 1024;

/** `'value'`, or nothing for a value that must not be repeated, or `null`: with the space that leads to it. */
export function quoted(value: unknown, sensitive: boolean, type: string): string {
  if (value === undefined || value === null) return " null";
  if (sensitive) return "";
  return ` '${truncate(render(value, type, maxCharacters))}'`;
}

function truncate(text: string): string {
  return text.length <= maxCharacters ? text : `${text.slice(0, maxCharacters)}...`;
}

/** Stops soon after `budget` characters, so that a list of a million entries costs no more than a short one. */
function render(value: unknown, type: string, budget: number): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "number") return renderNumber(value, type);
  if (value instanceof Uint8Array) return `java.nio.HeapByteBuffer[pos=0 lim=${value.length} cap=${value.length}]`;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return `[${renderAll(value, (entry) => render(entry, type, budget), budget)}]`;
  if (typeof value === "object") {
    const entry = ([name, member]: [string, unknown]) => `${name}=${render(member, type, budget)}`;
    return `{${renderAll(Object.entries(value), entry, budget)}}`;
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}

function renderAll<Entry>(entries: readonly Entry[], each: (entry: Entry) => string, budget: number): string {
  const parts: string[] = [];
  let length = 0;
  for (const entry of entries) {
    const part = truncate(each(entry));
    parts.push(part);
    length += part.length + 2;
    if (length > budget) break;
  }
  return parts.join(", ");
}

/** Java prints a whole double with its `.0`. */
export function renderNumber(value: number, type: string): string {
  return (type === "double" || type === "float") && Number.isInteger(value) ? `${value}.0` : String(value);
}
