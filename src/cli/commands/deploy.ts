import type { FunctionConfiguration } from "@aws-sdk/client-lambda";
import { systemClock } from "../../base/clock.ts";
import { connectionOptions, type Command } from "../command.ts";
import { withLambda } from "../clients.ts";
import type { Deployment, Wishes } from "../deploy/create-or-update.ts";
import { CommandError, UsageError } from "../errors.ts";
import type { Input } from "../input.ts";
import type { Source } from "../package/source.ts";
import { megabytes } from "../size.ts";
import type { Terminal } from "../terminal.ts";

export const deploy: Command = {
  summary: "Create or update a function from a folder, a zip, a file or a container image.",
  usage: "DIR|ZIP|FILE|--image URI [options]",
  about: `A folder needs nothing else when it has at its top
  index.mjs, index.js or index.cjs (or a "main" in its package.json)   Node.js, index.handler
  lambda_function.py, or one .py only                                  Python, lambda_function.lambda_handler
  lambda_function.rb, or one .rb only                                  Ruby, lambda_function.lambda_handler
  an executable bootstrap                                              provided.al2023
The name is the folder's, the runtime the newest of the language. node_modules goes along; .git, *.log, .DS_Store,
__pycache__ and what .kilnignore lists (as in a .gitignore) stay out; links stay links.
On an existing function only what is given changes; --env replaces all of its variables.`,
  options: {
    image: { value: "URI", short: "i", help: "A container image instead, as the server finds it: REGISTRY/NAME:TAG." },
    name: { value: "NAME", short: "n", help: "Name of the function. Default: the folder's or file's." },
    runtime: { value: "ID", short: "r", help: "Runtime, see `kiln runtimes`. Default: the newest of the language." },
    handler: { value: "FILE.EXPORT", help: "Default: what fits the language and the file." },
    memory: { value: "MB", short: "m", help: "128 to 10240. Default: 128." },
    timeout: { value: "SECONDS", short: "t", help: "1 to 900. Default: 3." },
    env: { value: "K=V", short: "e", multiple: true, help: "Environment variable; may be given more than once." },
    url: { help: "Also give the function a URL that anyone may call, and print it." },
    role: { value: "ARN", help: "Execution role. Default: one that nothing is granted to." },
    ...connectionOptions,
  },
  words: { least: 0, most: 1, name: "What to deploy (a folder, a .zip, or a .mjs, .js, .cjs, .py or .rb file)" },
  examples: [
    ["kiln deploy samples/hello", "function hello from that folder"],
    ["kiln deploy build.zip --name api --handler app.handler --memory 512", "from a zip"],
    ["kiln deploy . -e STAGE=test -e LOG=debug", "with two variables"],
    ["kiln deploy --image localhost/shop:v1", "a container image"],
    ["kiln deploy samples/hello --url", "with a function URL, for browsers and webhooks"],
  ],

  async run(input, terminal) {
    const wishes = readWishes(input);
    const what = await readWhat(input);
    const name = input.text("name") ?? checkedName(what.name);
    const deployed = await withLambda(input, async (client) =>
      terminal.progress(what.uri === undefined ? "packing" : "asking for the image", async (say) => {
        const code = await codeOf(what);
        const { createOrUpdate } = await import("../deploy/create-or-update.ts");
        const result = await createOrUpdate({ client, name, code, wishes, say });
        if (!input.flag("url")) return result;
        const { openUrl } = await import("../deploy/open-url.ts");
        return { ...result, url: await openUrl(client, name) };
      }),
    );
    const { configuration, action } = deployed;
    const url = "url" in deployed ? deployed.url : undefined;
    await warnOfEnd(configuration.Runtime, terminal);
    if (input.flag("json")) {
      terminal.json({ action, ...described(configuration), ...(url === undefined ? {} : { FunctionUrl: url }) });
      return;
    }
    const from = what.uri ?? `${what.source.describe} (${megabytes(configuration.CodeSize ?? 0)} zipped)`;
    terminal.print(configuration.FunctionArn ?? name);
    if (url !== undefined) terminal.print(url);
    terminal.note(`${sentences[action]} ${name} from ${from}: ${summaryOf(configuration)}.`);
    terminal.note(`Call it:  kiln invoke ${name} --payload '{}'`);
  },
};

/** On stderr, and so also beside JSON. */
async function warnOfEnd(runtime: string | undefined, terminal: Terminal): Promise<void> {
  const { catalogue } = await import("../../artifacts/runtimes/catalogue.ts");
  const { endOfRuntime } = await import("../runtimes/end.ts");
  const entry = catalogue.find(({ id }) => id === runtime);
  const warning = entry === undefined ? undefined : endOfRuntime(entry, catalogue, systemClock);
  if (warning !== undefined) terminal.note(`warning: ${warning}`);
}

const sentences = { created: "Created", updated: "Updated", unchanged: "Nothing to change in" } as const;

function readWishes(input: Input): Wishes {
  const memory = input.number("memory", 128, 10_240);
  const timeout = input.number("timeout", 1, 900);
  const variables = input.list("env");
  return {
    runtime: input.text("runtime"),
    handler: input.text("handler"),
    role: input.text("role"),
    memory,
    timeout,
    environment: variables.length === 0 ? undefined : Object.fromEntries(variables.map(readVariable)),
  };
}

function readVariable(text: string): [string, string] {
  const split = text.indexOf("=");
  if (split < 1) throw new UsageError(`--env is "${text}": it must be NAME=VALUE.`);
  return [text.slice(0, split), text.slice(split + 1)];
}

/** What the function is made of. */
type What = { name: string; uri: string; source?: undefined } | { name: string; source: Source; uri?: undefined };

async function readWhat(input: Input): Promise<What> {
  const uri = input.text("image");
  if ((uri === undefined) === (input.words.length === 0)) {
    throw new UsageError(
      uri === undefined
        ? "What to deploy (a folder, a .zip, or a .mjs, .js, .cjs, .py or .rb file; or --image) is missing."
        : "Either something here or an --image can be deployed, not both.",
    );
  }
  if (uri !== undefined) {
    if ((input.text("runtime") ?? input.text("handler")) !== undefined) {
      throw new UsageError("A container image has neither --runtime nor --handler.");
    }
    return { name: /([^/:@]+)(?::[^/]*)?(?:@.*)?$/.exec(uri)?.[1] ?? "", uri };
  }
  const { openSource } = await import("../package/source.ts");
  const source = await openSource(input.word());
  return { name: source.name, source };
}

async function codeOf(what: What): Promise<Deployment["code"]> {
  if (what.uri !== undefined) return { kind: "image", uri: what.uri };
  return { kind: "zip", source: what.source, zip: await what.source.zip() };
}

function checkedName(name: string): string {
  if (/^[a-zA-Z0-9_-]{1,64}$/.test(name)) return name;
  throw new CommandError(
    `"${name}" cannot be the name of a function: letters, digits, - and _ can, at most 64.`,
    "Give one with --name.",
  );
}

function summaryOf({ Runtime, Handler, MemorySize, Timeout }: FunctionConfiguration): string {
  const program = Runtime === undefined ? "" : `${Runtime}, ${Handler}, `;
  return `${program}${MemorySize} MB, ${Timeout} s`;
}

function described(configuration: FunctionConfiguration): Record<string, unknown> {
  const { FunctionName, FunctionArn, Runtime, Handler, MemorySize, Timeout, CodeSize, CodeSha256, Version } =
    configuration;
  return { FunctionName, FunctionArn, Runtime, Handler, MemorySize, Timeout, CodeSize, CodeSha256, Version };
}
