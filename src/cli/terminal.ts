/** Results go to stdout; progress, warnings and errors to stderr, so that `kiln … | jq` works. */
import { setTimeout as sleep } from "node:timers/promises";

export interface Terminal {
  /** A result. */
  print(text: string): void;
  /** A result as it is, without a newline. */
  write(bytes: Uint8Array): void;
  /** A piece of a result that is still coming; resolves when more may be written. */
  writePiece(bytes: Uint8Array): Promise<void>;
  /** A result for programs. */
  json(value: unknown): void;
  /** Something that the user should know beside the result. */
  note(text: string): void;
  /** Runs `work` and shows that it is going on, on a terminal, once it has taken longer than a second. */
  progress<T>(text: string, work: (say: (text: string) => void) => Promise<T>): Promise<T>;
}

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_MS = 100;
const SHOW_AFTER_MS = 1_000;

export function createTerminal(stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream): Terminal {
  return {
    print: (text) => void stdout.write(`${text}\n`),
    write: (bytes) => void stdout.write(bytes),
    writePiece: (bytes) => new Promise((resolve) => stdout.write(bytes, () => resolve())),
    json: (value) => void stdout.write(`${JSON.stringify(value, undefined, 2)}\n`),
    note: (text) => void stderr.write(`${text}\n`),
    async progress(text, work) {
      let words = text;
      const done = new AbortController();
      const shown = stderr.isTTY ? spin(stderr, () => words, done.signal) : undefined;
      try {
        return await work((said) => (words = said));
      } finally {
        done.abort();
        await shown;
      }
    },
  };
}

async function spin(stderr: NodeJS.WriteStream, words: () => string, signal: AbortSignal): Promise<void> {
  const start = Date.now();
  let visible = false;
  while (await tick(signal)) {
    const elapsed = Date.now() - start;
    if (elapsed < SHOW_AFTER_MS) continue;
    visible = true;
    const frame = FRAMES[Math.floor(elapsed / FRAME_MS) % FRAMES.length] ?? "";
    const line = `${frame} ${words()} ${Math.floor(elapsed / 1000)} s`;
    stderr.write(`\r\u001B[2K${line.slice(0, Math.max(10, stderr.columns - 1))}`);
  }
  if (visible) stderr.write("\r\u001B[2K");
}

/** False when the signal ended it. */
async function tick(signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(FRAME_MS, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}

/** Columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
