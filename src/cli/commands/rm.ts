import { withLambda } from "../clients.ts";
import { connectionOptions, FAILED, OK, type Command } from "../command.ts";

export const rm: Command = {
  summary: "Delete functions.",
  usage: "NAME… [options]",
  about: "All versions of the functions go. Their logs stay until `aws logs delete-log-group`.",
  options: { ...connectionOptions },
  words: { least: 1, most: 1000, name: "The name of a function" },
  examples: [["kiln rm hello thumbnail", "delete two functions"]],

  async run(input, terminal) {
    const deleted: string[] = [];
    const missing: string[] = [];
    await withLambda(input, async (client, { DeleteFunctionCommand }) => {
      for (const name of new Set(input.words)) {
        try {
          await terminal.progress(`deleting ${name}`, () =>
            client.send(new DeleteFunctionCommand({ FunctionName: name })),
          );
          deleted.push(name);
          if (!input.flag("json")) terminal.print(`Deleted ${name}`);
        } catch (thrown) {
          // The others are deleted all the same; anything else than a missing function ends it.
          if (!(thrown instanceof Error) || thrown.name !== "ResourceNotFoundException") throw thrown;
          missing.push(name);
          terminal.note(`kiln: There is no function ${name}.`);
        }
      }
    });
    if (input.flag("json")) terminal.json({ deleted, missing });
    return missing.length === 0 ? OK : FAILED;
  },
};
