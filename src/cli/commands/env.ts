import { connectionOptions, type Command } from "../command.ts";
import {
  notForThisUser,
  notRunningIn,
  readEndpointFile,
  serveCommand,
  stateDirectory,
  type EndpointFile,
} from "../endpoint.ts";
import { CommandError } from "../errors.ts";
import { healthOf } from "../trust.ts";
import { systemCode } from "../../base/errors.ts";

export const env: Command = {
  summary: "Print shell exports that point AWS tools at the running Kiln.",
  usage: "[--state DIR]",
  about: `The AWS CLI, every AWS SDK and what is built on them then talk to Kiln. AWS_DATA_PATH does the same for AWS CLIs
before 2.13, which do not know AWS_ENDPOINT_URL. With TLS by a CA that is not public, AWS_CA_BUNDLE and NODE_EXTRA_CA_CERTS name it.`,
  options: { state: connectionOptions["state"] ?? { help: "" } },
  words: { least: 0, most: 0, name: "" },
  examples: [
    [`eval "$(kiln env)"`, "for this shell"],
    [`eval "$(kiln env)" && aws lambda list-functions`, "then any AWS tool"],
  ],

  async run(input, terminal) {
    const state = stateDirectory(input);
    const endpoint = await read(state);
    if (endpoint === undefined) throw notRunningIn(state);
    if ((await healthOf(endpoint.url, endpoint.caFile ?? endpoint.certFile)) !== 200) {
      throw new CommandError(
        `Nothing answers at ${endpoint.url}, where Kiln was last running on ${state}.`,
        `Start it: ${serveCommand(state)}`,
      );
    }
    const variables = variablesOf(endpoint);
    if (input.flag("json")) terminal.json(variables);
    else terminal.print(shellExports(variables));
  },
};

async function read(state: string): Promise<EndpointFile | undefined> {
  try {
    return await readEndpointFile(state);
  } catch (thrown) {
    if (systemCode(thrown) !== "EACCES") throw thrown;
    throw notForThisUser(state, thrown);
  }
}

function variablesOf({
  url,
  accessKeyId,
  secretAccessKey,
  region,
  dataPath,
  caFile,
}: EndpointFile): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    // Node.js does not read the variable of the AWS tools.
    ...(caFile === undefined ? {} : { AWS_CA_BUNDLE: caFile, NODE_EXTRA_CA_CERTS: caFile }),
    ...(dataPath === undefined ? {} : { AWS_DATA_PATH: dataPath }),
  };
}

/** A token of other credentials that the shell may hold would go along with these, so it goes. */
function shellExports(variables: Record<string, string>): string {
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}`);
  return [...lines, "unset AWS_SESSION_TOKEN"].join("\n");
}

function quoted(value: string): string {
  return /^[\w./:@%+=-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}
