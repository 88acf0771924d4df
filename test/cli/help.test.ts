import assert from "node:assert/strict";
import { test } from "node:test";
import { commands } from "../../src/cli/commands.ts";
import { kiln } from "./program.ts";

test("kiln alone and kiln help show every command", async () => {
  const alone = await kiln([]);
  assert.equal(alone.status, 0);
  for (const name of Object.keys(commands)) assert.match(alone.stdout, new RegExp(`^  ${name} `, "m"));
  for (const word of ["help", "--help", "-h"]) assert.deepEqual(await kiln([word]), alone);
});

for (const [name, entry] of Object.entries(commands)) {
  test(`kiln ${name} --help shows use, options and an example`, async () => {
    const shown = await kiln([name, "--help"]);
    assert.equal(shown.status, 0, shown.stderr);
    assert.match(shown.stdout, new RegExp(`^Usage: kiln ${name}\\b`, "m"));
    assert.match(shown.stdout, /^Options:$/m);
    assert.match(shown.stdout, /--json/);
    assert.match(shown.stdout, /^Examples:\n {2}.*kiln /m);
    assert.deepEqual(await kiln(["help", name]), shown);
  });

  test(`the overview's line for ${name} is its own`, async () => {
    assert.equal((await entry.load()).summary, entry.summary);
  });
}

for (const [parameters, says] of [
  [["inovke"], /no command "inovke"\. Did you mean kiln invoke\?/],
  [["xyzzy"], /no command "xyzzy"\./],
  [["list", "--jsno"], /no option --jsno\. Did you mean --json\?/],
  [["invoke"], /The name of the function is missing\./],
  [["invoke", "a", "b"], /"b" is one word too many/],
  [["invoke", "a", "--payload"], /--payload needs a value/],
  [["list", "--json=1"], /--json takes no value/],
  [["deploy", ".", "--memory", "12"], /--memory is "12": it must be a whole number from 128 to 10240/],
  [["deploy", ".", "--env", "novalue"], /--env is "novalue": it must be NAME=VALUE/],
  [["logs", "a", "--since", "yesterday"], /--since is "yesterday"/],
  [["invoke", "a", "--payload", "{nope"], /The payload \(--payload\) is not JSON/],
  [["list", "--endpoint", "nonsense"], /--endpoint is "nonsense"/],
  [["runtimes", "destroy"], /"destroy" is not something that kiln runtimes does/],
] as const) {
  test(`kiln ${parameters.join(" ")} is a usage error`, async () => {
    const { status, stdout, stderr } = await kiln(parameters);
    assert.equal(status, 2);
    assert.equal(stdout, "");
    assert.match(stderr, says);
    assert.match(stderr, /See: kiln /);
    assert.doesNotMatch(stderr, /\n\s+at /);
  });
}

test("help loads neither the SDK nor the server", async () => {
  // Every ES module that is loaded is read; a preloaded hook lists them.
  const hook = `data:text/javascript,${encodeURIComponent(
    `import { registerHooks } from "node:module"; registerHooks({ load(url, context, next) { process.stderr.write("LOADED " + url + "\\n"); return next(url, context); } });`,
  )}`;
  const { stderr } = await kiln(["--help"], { env: { NODE_OPTIONS: `--import ${hook}` } });
  const loaded = [...stderr.matchAll(/^LOADED (.*)$/gm)].map(([, url]) => url ?? "");
  assert.ok(loaded.some((url) => url.endsWith("src/cli/help.ts")));
  assert.deepEqual(
    loaded
      .filter((url) => url.startsWith("file:") && !url.includes("/src/cli/"))
      .filter((url) => !url.endsWith("/src/base/errors.ts")),
    [],
  );
});
