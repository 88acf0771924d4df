// Runs inside a jail. Does what can be done with a shared directory, and prints what has come of each attempt as JSON.
import fs from "node:fs";

const at = process.env.AT;
const outcome = (work) => {
  try {
    return work() ?? "done";
  } catch (error) {
    return error.code;
  }
};
const read = (path) => fs.readFileSync(path, "utf8");

console.log(
  JSON.stringify({
    names: outcome(() => fs.readdirSync("/mnt")),
    "a file beside it": outcome(() => fs.writeFileSync("/mnt/x", "")),
    "a directory beside it": outcome(() => fs.mkdirSync("/mnt/y")),
    owner: outcome(() => [fs.statSync(at).uid, fs.statSync(at).gid]),
    write: outcome(() => fs.appendFileSync(`${at}/log`, `${process.env.NAME}\n`)),
    read: outcome(() => read(`${at}/log`)),
    "a new file's owner": outcome(() => [fs.statSync(`${at}/log`).uid, fs.statSync(`${at}/log`).gid]),
    "another's secret": outcome(() => read(`${at}/secret`)),
    "another's open file": outcome(() => read(`${at}/open`)),
    "writing another's writable file": outcome(() => fs.appendFileSync(`${at}/writable`, "x")),
    "another's directory": outcome(() => fs.writeFileSync(`${at}/theirs/x`, "")),
    "giving away": outcome(() => fs.chownSync(`${at}/log`, 0, 0)),
    // /dev/zero has no end.
    "a device": outcome(() => void fs.readSync(fs.openSync(`${at}/device`), Buffer.alloc(1))),
    "what is mounted below": outcome(() => fs.readdirSync(`${at}/mounted`)),
    "a link to the host": outcome(() => read(`${at}/link`)),
    "a way up": outcome(() => fs.readdirSync(`${at}/../..`).includes("proc")),
    program: outcome(
      () => (fs.writeFileSync(`${at}/tool`, "#!/bin/sh\n", { mode: 0o755 }), fs.chmodSync(`${at}/tool`, 0o755)),
    ),
    mount: read("/proc/self/mountinfo")
      .split("\n")
      .find((line) => line.split(" ")[4] === at)
      ?.split(" ")[5],
  }),
);
