import type { FunctionConfiguration } from "@aws-sdk/client-lambda";
import { withLambda } from "../clients.ts";
import { connectionOptions, type Command } from "../command.ts";
import { megabytes } from "../size.ts";
import { table } from "../terminal.ts";

export const list: Command = {
  summary: "List the functions.",
  usage: "[options]",
  options: { ...connectionOptions },
  words: { least: 0, most: 0, name: "" },
  examples: [
    ["kiln list", "a table"],
    ["kiln list --json | jq -r '.[].FunctionName'", "the names alone"],
  ],

  async run(input, terminal) {
    const functions = await withLambda(input, (client, { ListFunctionsCommand }) =>
      terminal.progress("reading the list", async () => {
        const found: FunctionConfiguration[] = [];
        let Marker: string | undefined;
        do {
          const page = await client.send(new ListFunctionsCommand({ Marker }));
          found.push(...(page.Functions ?? []));
          Marker = page.NextMarker;
        } while (Marker !== undefined && Marker !== "");
        return found;
      }),
    );
    if (input.flag("json")) terminal.json(functions);
    else if (functions.length === 0) terminal.note("There are no functions yet. Make one: kiln deploy DIR");
    else
      terminal.print(
        table([["NAME", "RUNTIME", "HANDLER", "MEMORY", "TIMEOUT", "CODE", "MODIFIED"], ...functions.map(row)]),
      );
  },
};

function row(configuration: FunctionConfiguration): string[] {
  const { FunctionName, PackageType, Runtime, Handler, MemorySize, Timeout, CodeSize, LastModified } = configuration;
  const modified = LastModified?.slice(0, 16).replace("T", " ") ?? "";
  return [
    FunctionName ?? "",
    Runtime ?? (PackageType === "Image" ? "image" : ""),
    Handler ?? "",
    `${MemorySize} MB`,
    `${Timeout} s`,
    megabytes(CodeSize ?? 0),
    modified,
  ];
}
