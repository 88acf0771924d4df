import assert from "node:assert/strict";
import { test } from "node:test";
import { KilnError } from "../base/errors.ts";
import { loadConfig } from "./index.ts";

test("the defaults are those of the manual", () => {
  const config = loadConfig({}, {});
  assert.equal(config.stateDir, "/var/lib/kiln");
  assert.deepEqual(config.listen, { host: "127.0.0.1", port: 4566 });
  assert.equal(config.isolation, "auto");
  assert.equal(config.auth, "on");
  assert.equal(config.environmentMaxAgeMs, 14 * 3600 * 1000);
  assert.ok(Object.isFrozen(config));
});

test("a store of objects has its own region and credentials, or the instance's region and none", () => {
  assert.equal(loadConfig({}, {}).objectStore, undefined);
  const KILN_S3_ENDPOINT = "http://127.0.0.1:9000/";
  const store = { endpoint: "http://127.0.0.1:9000", region: "eu-west-1" };
  assert.deepEqual(loadConfig({}, { KILN_S3_ENDPOINT, KILN_REGION: "eu-west-1" }).objectStore, store);
  const own = { KILN_S3_REGION: "eu-west-1", KILN_S3_ACCESS_KEY_ID: "a", KILN_S3_SECRET_ACCESS_KEY: "b" };
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  assert.deepEqual(loadConfig({}, { KILN_S3_ENDPOINT, ...own }).objectStore, { ...store, credentials });
});

test("a flag wins over the environment, the environment over the default", () => {
  const environment = { KILN_STATE: "/srv/a/", KILN_LISTEN: "[::1]:5000" };
  assert.equal(loadConfig({}, environment).stateDir, "/srv/a");
  assert.deepEqual(loadConfig({}, environment).listen, { host: "::1", port: 5000 });
  assert.equal(loadConfig({ state: "/srv/b" }, environment).stateDir, "/srv/b");
});

test("with authentication and TLS any address may be listened on, and without TLS where that is meant", () => {
  const open = { listen: "0.0.0.0:4566" };
  assert.throws(() => loadConfig(open, {}), { code: "LISTEN_WITHOUT_TLS" });
  assert.deepEqual(loadConfig({ ...open, tls: "off" }, {}).tls, { kind: "off" });
  assert.deepEqual(
    loadConfig(open, { KILN_TLS: "local", KILN_TLS_NAMES: "kiln.example.com, *.a.example, 10.0.0.1" }).tls,
    {
      kind: "local",
      names: ["kiln.example.com", "*.a.example", "10.0.0.1"],
    },
  );
  assert.deepEqual(loadConfig({ ...open, tlsCert: "/c.pem" }, { KILN_TLS_KEY: "/k.pem" }).tls, {
    kind: "files",
    certFile: "/c.pem",
    keyFile: "/k.pem",
  });
});

test("certificates by ACME are for names, and for at least one", () => {
  const names = { KILN_TLS: "acme", KILN_TLS_NAMES: "kiln.example.com" };
  const { tls } = loadConfig({}, { ...names, KILN_ACME_LISTEN: "10.0.0.1:8080", KILN_ACME_EMAIL: "ops@example.com" });
  assert.deepEqual(tls, {
    kind: "acme",
    names: ["kiln.example.com"],
    directoryUrl: "https://acme-v02.api.letsencrypt.org/directory",
    email: "ops@example.com",
    bindingFile: "",
    challenges: { host: "10.0.0.1", port: 8080 },
  });
  for (const wrong of ["", "*.example.com", "kiln.example.com,10.0.0.1"]) {
    assert.throws(() => loadConfig({}, { ...names, KILN_TLS_NAMES: wrong }), { code: "CONFIG_INVALID" });
  }
  assert.throws(() => loadConfig({}, { ...names, KILN_ACME_EAB_FILE: "binding" }), /absolute/);
  assert.throws(() => loadConfig({}, { ...names, KILN_ACME_DIRECTORY: "http://ca.example.com" }), /https/);
});

test("issuers of web identities come with their audiences", () => {
  assert.deepEqual(
    loadConfig({}, { KILN_OIDC_ISSUERS: "https://id.example.com a,b; http://127.0.0.1:9 c" }).oidcIssuers,
    [
      { url: "https://id.example.com", audiences: ["a", "b"] },
      { url: "http://127.0.0.1:9", audiences: ["c"] },
    ],
  );
  for (const text of ["https://id.example.com", "http://id.example.com a", "nonsense a"]) {
    assert.throws(() => loadConfig({}, { KILN_OIDC_ISSUERS: text }), { code: "CONFIG_INVALID" });
  }
});

for (const [name, overrides, environment, code, says] of [
  ["a relative state directory", { state: "here" }, {}, "CONFIG_INVALID", /--state is "here"/],
  ["a certificate without its key", { tlsCert: "/c.pem" }, {}, "CONFIG_INVALID", /Only one of --tls-cert/],
  ["a relative certificate", { tlsCert: "c.pem" }, {}, "CONFIG_INVALID", /--tls-cert is "c.pem"/],
  ["two kinds of TLS", { tlsCert: "/c", tlsKey: "/k" }, { KILN_TLS: "off" }, "CONFIG_INVALID", /Leave|as well/],
  ["a name with a comma in a certificate", {}, { KILN_TLS_NAMES: "a/b" }, "CONFIG_INVALID", /KILN_TLS_NAMES/],
  ["a port that is none", { listen: "127.0.0.1:99999" }, {}, "CONFIG_INVALID", /--listen/],
  ["an unknown isolation level", { isolation: "none" }, {}, "CONFIG_INVALID", /one of auto, container/],
  ["a store that is no URL", {}, { KILN_S3_ENDPOINT: "minio:9000" }, "CONFIG_INVALID", /KILN_S3_ENDPOINT/],
  ["half of the store's credentials", {}, { KILN_S3_ACCESS_KEY_ID: "a" }, "CONFIG_INVALID", /Only one of KILN_S3/],
  [
    "an OCI runtime that is no program's name",
    {},
    { KILN_OCI_RUNTIMES: "crun --debug" },
    "CONFIG_INVALID",
    /KILN_OCI_RUNTIMES/,
  ],
  ["a number out of range", {}, { KILN_POOL_SIZE: "-1" }, "CONFIG_INVALID", /KILN_POOL_SIZE/],
  [
    "no authentication on a public address",
    { listen: "0.0.0.0:4566", auth: "off" },
    {},
    "LISTEN_NOT_LOOPBACK",
    /0\.0\.0\.0/,
  ],
  [
    "a host name that only begins like loopback",
    { listen: "127.0.0.1.example.com:1" },
    { KILN_AUTH: "off" },
    "LISTEN_NOT_LOOPBACK",
    /example/,
  ],
] as const) {
  test(`${name} is refused`, () => {
    assert.throws(
      () => loadConfig(overrides, environment),
      (thrown: unknown) =>
        thrown instanceof KilnError && thrown.code === code && says.test(thrown.message) && thrown.hint !== undefined,
    );
  });
}
