/**
 * The commands. The summaries are here as well, so that `kiln help` loads none of them; a test compares them with the
 * commands' own.
 */
import type { Command } from "./command.ts";

export interface CommandEntry {
  summary: string;
  load(): Promise<Command>;
}

export const commands: Readonly<Record<string, CommandEntry>> = {
  serve: {
    summary: "Start Kiln in the foreground.",
    load: async () => (await import("./commands/serve.ts")).serve,
  },
  env: {
    summary: "Print shell exports that point AWS tools at the running Kiln.",
    load: async () => (await import("./commands/env.ts")).env,
  },
  deploy: {
    summary: "Create or update a function from a folder, a zip, a file or a container image.",
    load: async () => (await import("./commands/deploy.ts")).deploy,
  },
  invoke: {
    summary: "Call a function and print its answer.",
    load: async () => (await import("./commands/invoke.ts")).invoke,
  },
  logs: {
    summary: "Show what a function has logged.",
    load: async () => (await import("./commands/logs.ts")).logs,
  },
  list: {
    summary: "List the functions.",
    load: async () => (await import("./commands/list.ts")).list,
  },
  rm: {
    summary: "Delete functions.",
    load: async () => (await import("./commands/rm.ts")).rm,
  },
  keys: {
    summary: "Show or rotate the root key of the account, or rotate the keys of what is encrypted.",
    load: async () => (await import("./commands/keys.ts")).keys,
  },
  audit: {
    summary: "Show who has called what, and verify the record of it.",
    load: async () => (await import("./commands/audit.ts")).audit,
  },
  tls: {
    summary: "Show the local CA, or let this machine trust it.",
    load: async () => (await import("./commands/tls.ts")).tls,
  },
  runtimes: {
    summary: "List the runtimes, or build their images.",
    load: async () => (await import("./commands/runtimes.ts")).runtimes,
  },
  setup: {
    summary: "Prepare what microVMs need: a guest, QEMU, and the Firecracker that you have.",
    load: async () => (await import("./commands/setup.ts")).setup,
  },
  doctor: {
    summary: "Check what this host offers, and say what to do about what is missing.",
    load: async () => (await import("./commands/doctor.ts")).doctor,
  },
};
