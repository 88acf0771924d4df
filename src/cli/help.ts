import { commonOptions, type Command, type OptionSpec } from "./command.ts";
import { table } from "./terminal.ts";

/** `kiln NAME --help` */
export function commandHelp(name: string, command: Command): string {
  const options = Object.entries({ ...command.options, ...commonOptions }).map(([long, spec]) => [
    `  ${optionName(long, spec)}`,
    spec.help,
  ]);
  const examples = command.examples.map(([line, does]) => [`  ${line}`, `# ${does}`]);
  const parts = [
    `${command.summary}\n\nUsage: kiln ${name} ${command.usage}`,
    ...(command.about === undefined ? [] : [command.about]),
    `Options:\n${table(options)}`,
    `Examples:\n${table(examples)}`,
  ];
  return parts.join("\n\n");
}

function optionName(long: string, { short, value, multiple }: OptionSpec): string {
  const names = short === undefined ? `--${long}` : `-${short}, --${long}`;
  return `${names}${value === undefined ? "" : ` ${value}`}${multiple === true ? " …" : ""}`;
}

/** `kiln`, `kiln help` */
export function overview(commands: readonly (readonly [name: string, summary: string])[]): string {
  return `Kiln runs AWS Lambda functions on this machine, each in its own jail, behind the Lambda API.

Usage: kiln COMMAND [options]

Commands:
${table(commands.map(([name, summary]) => [`  ${name}`, summary]))}

Every command has --help with an example, and --json.
The first steps:
  kiln serve                                        # in one terminal
  kiln deploy samples/hello                         # in another
  kiln invoke hello --payload '{"name":"you"}'`;
}
