// Runs in a machine's network namespace, and says to its file server what a guest's kernel could say that a function has taken
// over (9P2000.L, diod's protocol.txt). Prints what has come of each attempt as JSON.
import { once } from "node:events";
import { connect } from "node:net";
import { getSystemErrorName } from "node:util";

const [LERROR, LOPEN, LCREATE, SYMLINK, MKNOD, SETATTR, READDIR, LOCK, LINK, MKDIR] = [
  7, 12, 14, 16, 18, 26, 40, 52, 70, 72,
];
const [VERSION, ATTACH, WALK, READ, WRITE, CLUNK] = [100, 104, 110, 116, 118, 120];
const [port, shared] = [9002, "/mnt/data"];
const NONE = 0xffff_ffff;

const u8 = (value) => Buffer.from([value]);
const u16 = (value) => Buffer.from([value & 255, value >> 8]);
const u32 = (value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
};
const u64 = (value) => Buffer.concat([u32(value), u32(0)]);
const text = (value) => Buffer.concat([u16(Buffer.byteLength(value)), Buffer.from(value)]);

/** One connection; requests one after the other. */
async function open() {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  let waiting;
  let kept = Buffer.alloc(0);
  const end = (error) => waiting?.reject(error ?? new Error("closed"));
  socket.on("error", end);
  socket.on("close", () => end());
  socket.on("data", (chunk) => {
    kept = Buffer.concat([kept, chunk]);
    if (kept.length < 4 || kept.length < kept.readUInt32LE(0)) return;
    const message = kept;
    kept = Buffer.alloc(0);
    waiting?.resolve(message);
  });
  async function ask(type, ...parts) {
    const body = Buffer.concat([u8(type), u16(type === VERSION ? 0xffff : 1), ...parts]);
    if (socket.destroyed) throw new Error("closed");
    waiting = Promise.withResolvers();
    socket.write(Buffer.concat([u32(body.length + 4), body]));
    const answer = await waiting.promise;
    if (answer[4] !== LERROR) return answer.subarray(7);
    throw Object.assign(new Error(), { code: getSystemErrorName(-answer.readUInt32LE(7)) });
  }
  await ask(VERSION, u32(65_536), text("9P2000.L"));
  return { ask, socket };
}

const PATIENCE_MS = 10_000;
const late = () => new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, "no answer").unref());

async function attempt(work) {
  try {
    return (await Promise.race([work(), late()])) ?? "done";
  } catch (error) {
    return error.code ?? error.message;
  }
}

let number = 0;
const { ask, socket } = await open();
const attach = async (name, with_ = ask) => {
  const fid = ++number;
  await with_(ATTACH, u32(fid), u32(NONE), text("function"), text(name), u32(NONE));
  return fid;
};
const walk = async (from, path, with_ = ask) => {
  const fid = ++number;
  const names = path === "" ? [] : path.split(" ");
  const answer = await with_(WALK, u32(from), u32(fid), u16(names.length), ...names.map(text));
  // The server says how far it has come.
  if (answer.readUInt16LE(0) < names.length) throw Object.assign(new Error(), { code: "ENOENT" });
  return fid;
};
const read = async (from, path) => {
  const fid = await walk(from, path);
  await ask(LOPEN, u32(fid), u32(0));
  const answer = await ask(READ, u32(fid), u64(0), u32(4096));
  await ask(CLUNK, u32(fid));
  return answer.subarray(4).toString("latin1");
};
const create = async (from, path, name) => {
  const fid = await walk(from, path);
  await ask(LCREATE, u32(fid), text(name), u32(0o101), u32(0o644), u32(990));
  await ask(WRITE, u32(fid), u64(0), u32(4), Buffer.from("mine"));
  await ask(CLUNK, u32(fid));
};
const list = async (from, path) => {
  const fid = await walk(from, path);
  await ask(LOPEN, u32(fid), u32(0o200000));
  const answer = await ask(READDIR, u32(fid), u64(0), u32(8192));
  const names = [];
  for (let at = 4; at < answer.length;) {
    const length = answer.readUInt16LE(at + 22);
    names.push(answer.toString("utf8", at + 24, at + 24 + length));
    at += 24 + length;
  }
  await ask(CLUNK, u32(fid));
  return names.filter((name) => !name.startsWith(".")).sort((a, b) => (a < b ? -1 : 1));
};

const lock = async (fid, with_ = ask) => {
  const answer = await with_(LOCK, u32(fid), u8(1), u32(0), u64(0), u64(0), u32(1), text("guest"));
  return ["taken", "blocked"][answer[0]] ?? "error";
};

const root = await attach(shared);
const found = {
  "its own directory": await attempt(() => read(root, "mine")),
  "the root as an export": await attempt(() => attach("/")),
  "another access point's directory": await attempt(() => attach("/mnt/other")),
  "the root above": await attempt(() => list(root, ".. ..")),
  "the root above, in one name": await attempt(() => list(root, "../..")),
  "an absolute name": await attempt(() => list(root, "/mnt")),
  "a link to the host's root": await attempt(() => list(root, "out")),
  "a file behind it": await attempt(() => read(root, "out etc passwd")),
  "a link to the host's secret": await attempt(() => read(root, "secret")),
  "the process's memory": await attempt(() => read(root, ".. .. proc 1 environ")),
  "a process of the host": await attempt(() => list(root, `.. .. proc`).then((names) => names.filter(Number))),
  "a file above": await attempt(() => create(root, "..", "x")),
  "a file at the top": await attempt(() => create(root, ".. ..", "x")),
  "a file in /dev": await attempt(() => create(root, ".. .. dev", "x")),
  "a kernel setting": await attempt(() => create(root, ".. .. proc sys kernel", "core_pattern")),
  "a device": await attempt(() => ask(MKNOD, u32(root), text("disk"), u32(0o60666), u32(8), u32(0), u32(990))),
  "a link to a file above": await attempt(async () =>
    ask(LINK, u32(root), u32(await walk(root, ".. .. etc passwd")), text("hard")),
  ),
  "a new link out": await attempt(async () => void (await ask(SYMLINK, u32(root), text("own"), text("/"), u32(990)))),
  "through it": await attempt(() => list(root, "own")),
  "another's file": await attempt(() => create(root, "", "theirs")),
  "giving away": await attempt(async () =>
    ask(SETATTR, u32(await walk(root, "mine")), u32(2), u32(0), u32(0), u32(990), ...Array(5).fill(u64(0))),
  ),
  "a long name": await attempt(() => ask(MKDIR, u32(root), text("n".repeat(300)), u32(0o755), u32(990))),
  "a long path": await attempt(async () => {
    let fid = root;
    for (let step = 0; step < 40; step++) {
      const name = "d".repeat(250);
      await ask(MKDIR, u32(fid), text(name), u32(0o755), u32(990));
      fid = await walk(fid, name);
    }
  }),
  "a lock": await attempt(async () => {
    const fid = await walk(root, "mine");
    await ask(LOPEN, u32(fid), u32(2));
    return lock(fid);
  }),
  "the same lock for another": await attempt(async () => {
    const other = await open();
    const fid = await walk(await attach(shared, other.ask), "mine", other.ask);
    await other.ask(LOPEN, u32(fid), u32(2));
    return lock(fid, other.ask).finally(() => other.socket.destroy());
  }),
  "open files": await attempt(async () => {
    for (let count = 0; count < 2000; count++) await ask(LOPEN, u32(await walk(root, "mine")), u32(0));
  }),
};
socket.destroy();

/** Connections that are there at once and answer. */
const many = [];
await attempt(async () => {
  while (many.length < 200) many.push(await open());
});
found["connections"] = many.length;
for (const each of many) each.socket.destroy();

/** Nonsense, on a connection of its own. */
found["nonsense"] = await attempt(async () => {
  const wild = connect(port, "127.0.0.1").on("error", () => undefined);
  await once(wild, "connect");
  wild.write(Buffer.concat([u32(NONE), Buffer.alloc(100_000, 0xee)]));
  const closed = once(wild, "close");
  wild.end();
  wild.resume();
  await closed;
});
// After the flood, and the last: what the server does no more is its own guest's loss.
found["a path out of the export"] = await attempt(async () => {
  const another = await open();
  await attach(`${shared}/../..`, another.ask);
  return "attached";
});
console.log(JSON.stringify(found));
process.exit(0);
