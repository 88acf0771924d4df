// Runs inside a jail. Prints all that can be read below /proc, but for other processes, as JSON: path → text.
import { closeSync, constants, openSync, readdirSync, readSync } from "node:fs";

/** Memory and its maps: this process's own, and without an end. */
const SKIPPED = /^\/proc\/(\d+|thread-self|self\/(task|mem|pagemap|map_files|fd|cwd|root|exe)(\/|$))/;
const MOST = 64 * 1024;
const found = {};

function read(path) {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const bytes = Buffer.alloc(MOST);
    return bytes.toString("latin1", 0, readSync(fd, bytes));
  } finally {
    closeSync(fd);
  }
}

function walk(dir, depth) {
  let entries = [];
  try {
    entries = readdirSync(dir, { withFileTypes: true });
  } catch {
    return;
  }
  for (const entry of entries) {
    const path = `${dir}/${entry.name}`;
    if (SKIPPED.test(path)) continue;
    if (entry.isDirectory()) {
      if (depth < 8) walk(path, depth + 1);
      continue;
    }
    try {
      found[path] = read(path);
    } catch {
      // Not for functions.
    }
  }
}
walk("/proc", 0);
walk("/proc/self", 0);
process.stdout.write(JSON.stringify(found));
