/** Pieces of the scripts that the suite runs in jails. */
import { RUNTIME_API_HOST, RUNTIME_API_PORT } from "../contract.ts";

export const connect = `require("node:net").connect(${RUNTIME_API_PORT}, "${RUNTIME_API_HOST}")`;
export const sleepForever = "setInterval(() => {}, 1e6);";
export const readTask = `require("node:fs").readFileSync("/var/task/name", "utf8")`;
