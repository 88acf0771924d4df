import { settingsOf } from "../clients.ts";
import { connectionOptions, type Command } from "../command.ts";
import { readEndpointFile, stateDirectory } from "../endpoint.ts";
import { CommandError, UsageError } from "../errors.ts";
import { systemCode } from "../../base/errors.ts";
import type { Rotation } from "../../security/keys/index.ts";
import type { RootKey } from "../../security/root/root-key.ts";

export const keys: Command = {
  summary: "Show or rotate the root key of the account, or rotate the keys of what is encrypted.",
  usage: "(root [--rotate] | rotate) [--state DIR]",
  about: `kiln keys rotate makes a new key for the key file (KILN_KEY_FILE) and one for what is encrypted from now on. What is
stored stays as it is: its keys are wrapped anew. A running Kiln goes on, and takes the new key within seconds. Backups of
the state directory from before need the key file of their time.

kiln keys root is about the account's root. Its key may do everything; kiln env hands it out. It is in root-key.json in the state directory, which only
the user of Kiln can read. --rotate makes a new one in its place, also where the old one is lost: a running Kiln takes
it at once, and the old key is good for nothing from then on.`,
  options: {
    state: connectionOptions["state"] ?? { help: "" },
    rotate: { help: "Make a new key in the place of the old one." },
  },
  words: { least: 1, most: 1, name: "What to do (root, rotate)" },
  examples: [
    ["sudo kiln keys root", "which key it is, and since when"],
    [`sudo kiln keys root --rotate && eval "$(sudo kiln env)"`, "another one, and its exports"],
    ["sudo kiln keys rotate", "new keys for what is encrypted at rest"],
  ],

  async run(input, terminal) {
    const state = stateDirectory(input);
    if (input.word() === "rotate") {
      const done = await rotateAtRest(state);
      if (input.flag("json")) terminal.json(done);
      else terminal.print(sentenceOf(done));
      return;
    }
    if (input.word() !== "root") throw new UsageError(`There is no "${input.word()}": there are root and rotate.`);
    const key = input.flag("rotate") ? await rotate(state) : await show(state);
    const { account, accessKeyId, createdAt } = key;
    if (input.flag("json")) terminal.json({ account, accessKeyId, createdAt });
    else terminal.print(`${accessKeyId} is the root key of the account ${account}, made at ${createdAt}.`);
  },
};

async function rotateAtRest(state: string): Promise<Rotation & { keyFile?: string }> {
  const { loadConfig } = await import("../../config/index.ts");
  const { openRoot, ringFile, rotateKeys } = await import("../../security/keys/index.ts");
  const { keyFile, keyRoot } = loadConfig({ state });
  try {
    const root = await openRoot(keyRoot);
    return { ...(await rotateKeys(ringFile(state), keyFile, root)), ...(root === undefined ? { keyFile } : {}) };
  } catch (error) {
    throw explained(error, state);
  }
}

function sentenceOf({ keyFile, rootKeyId, dataKeyId, dataKeys, oldKept }: Rotation & { keyFile?: string }): string {
  const root = keyFile === undefined ? rootKeyId : `The key ${rootKeyId} in ${keyFile}`;
  const wrapped = `${root.charAt(0).toUpperCase()}${root.slice(1)} wraps ${dataKeys} data keys now; ${dataKeyId} encrypts what is written.`;
  return oldKept ? `${wrapped} The old key is still in the file, which Kiln has not made.` : wrapped;
}

async function show(state: string): Promise<RootKey> {
  const { readRootKey, rootKeyFile } = await import("../../security/root/root-key.ts");
  const key = await readRootKey(rootKeyFile(state)).catch((error: unknown) => {
    throw explained(error, state);
  });
  if (key !== undefined) return key;
  throw new CommandError(
    `There is no root key in ${state}.`,
    "It is made by the first start, or by: kiln keys root --rotate",
  );
}

/** The account stays the one that the old key, or else the configuration, names. */
async function rotate(state: string): Promise<RootKey> {
  const { readRootKey, rootKeyFile, writeRootKey } = await import("../../security/root/root-key.ts");
  const { loadConfig } = await import("../../config/index.ts");
  const file = rootKeyFile(state);
  try {
    const before = await readRootKey(file).catch((error: unknown) => {
      // A broken file is what a new key is for.
      if (systemCode(error) === undefined || systemCode(error) === "ROOT_KEY_UNUSABLE") return undefined;
      throw error;
    });
    const key = await writeRootKey(file, before?.account ?? loadConfig({}).account);
    await tellServer(state, key);
    return key;
  } catch (error) {
    throw explained(error, state);
  }
}

/** A Kiln that runs looks at the file when somebody uses the key. */
async function tellServer(state: string, { accessKeyId, secretAccessKey }: RootKey): Promise<void> {
  const endpoint = await readEndpointFile(state);
  if (endpoint === undefined) return;
  const { GetAccountSettingsCommand, LambdaClient } = await import("@aws-sdk/client-lambda");
  const client = new LambdaClient(settingsOf({ ...endpoint, accessKeyId, secretAccessKey }));
  try {
    await client.send(new GetAccountSettingsCommand());
  } catch (error) {
    // Left behind by a Kiln that was killed: the next start reads the file.
    if (systemCode(error) !== "ECONNREFUSED") throw error;
  } finally {
    client.destroy();
  }
}

function explained(error: unknown, state: string): unknown {
  if (systemCode(error) !== "EACCES") return error;
  return new CommandError(`This user may not use the keys in ${state}.`, "Run it as the user that runs Kiln.", error);
}
