import { createHash } from "node:crypto";
import {
  AddLayerVersionPermissionCommand,
  PublishLayerVersionCommand,
  type PublishLayerVersionRequest,
} from "@aws-sdk/client-lambda";
import type { TestApi } from "../../../lambda/api.ts";
import { layerArn, request } from "../../../lambda/support.ts";
import { good, type GoodCase } from "../good-case.ts";
import { anything, time, uuid } from "../match.ts";
import { shown } from "./functions.ts";

const zip = Buffer.from("content of a layer");
const content = { LayerName: "l", Content: { ZipFile: zip } };
const version = { LayerName: "l", VersionNumber: 1 };
const said = {
  Description: "text",
  LicenseInfo: "MIT",
  CompatibleRuntimes: ["nodejs24.x" as const],
  CompatibleArchitectures: ["x86_64" as const],
};
const permission = { ...version, StatementId: "s", Action: "lambda:GetLayerVersion", Principal: "*" };
const statement = `{"Sid":"s","Effect":"Allow","Principal":"*","Action":"lambda:GetLayerVersion","Resource":"${layerArn("l", 1)}"}`;

const item = { LayerVersionArn: layerArn("l", 1), Version: 1, Description: "", CreatedDate: time };
const whole = {
  ...item,
  LayerArn: layerArn("l"),
  Content: {
    CodeSha256: createHash("sha256").update(zip).digest("base64"),
    CodeSize: zip.length,
    Location: /^http:\/\/127\.0\.0\.1:\d+\/_kiln\/code\//,
  },
};

/** After the layer `l` has got a version. */
function withLayer<I extends object>(input: I, changes: Partial<PublishLayerVersionRequest> = {}) {
  return async ({ client }: TestApi): Promise<I> => {
    await client.send(new PublishLayerVersionCommand({ ...content, ...changes }));
    return input;
  };
}

/** After that version has got a policy. */
function withPolicy<I extends object>(input: I) {
  return async (api: TestApi): Promise<I> => {
    await withLayer(input)(api);
    await api.client.send(new AddLayerVersionPermissionCommand(permission));
    return input;
  };
}

const used = { Layers: [{ Arn: layerArn("l", 1), CodeSize: zip.length }] };

export const layerCases: GoodCase[] = [
  good("PublishLayerVersion", "defaults", content, { status: 201, answer: whole }),
  good("PublishLayerVersion", "second, by ARN", withLayer({ ...content, LayerName: layerArn("l") }), {
    status: 201,
    answer: { ...whole, Version: 2, LayerVersionArn: layerArn("l", 2) },
  }),
  good(
    "PublishLayerVersion",
    "all that can be said",
    { ...content, ...said },
    { status: 201, answer: { ...whole, ...said } },
  ),
  good("GetLayerVersion", "defaults", withLayer(version), { answer: whole }),
  good("GetLayerVersion", "by ARN", withLayer({ ...version, LayerName: layerArn("l") }, said), {
    answer: { ...whole, ...said },
  }),
  good("GetLayerVersionByArn", "defaults", withLayer({ Arn: layerArn("l", 1) }), { answer: whole }),
  good("ListLayers", "none", {}, { answer: { Layers: [] } }),
  good("ListLayers", "one", withLayer({ CompatibleRuntime: "nodejs24.x" as const }, said), {
    answer: { Layers: [{ LayerName: "l", LayerArn: layerArn("l"), LatestMatchingVersion: { ...item, ...said } }] },
  }),
  good("ListLayers", "for another runtime", withLayer({ CompatibleRuntime: "nodejs22.x" as const }, said), {
    answer: { Layers: [] },
  }),
  good("ListLayerVersions", "one", withLayer({ LayerName: "l" }), { answer: { LayerVersions: [item] } }),
  good("ListLayerVersions", "none", { LayerName: "l" }, { answer: { LayerVersions: [] } }),
  good("DeleteLayerVersion", "there", withLayer(version), { status: 204, answer: {} }),
  good("DeleteLayerVersion", "not there", version, { status: 204, answer: {} }),
  good("AddLayerVersionPermission", "everyone", withLayer(permission), {
    status: 201,
    answer: { Statement: statement, RevisionId: uuid },
  }),
  good("GetLayerVersionPolicy", "one statement", withPolicy(version), {
    answer: { Policy: `{"Version":"2012-10-17","Id":"default","Statement":[${statement}]}`, RevisionId: uuid },
  }),
  good("RemoveLayerVersionPermission", "the only statement", withPolicy({ ...version, StatementId: "s" }), {
    status: 204,
    answer: {},
  }),
  good("CreateFunction", "with a layer", withLayer(request("new", { Layers: [layerArn("l", 1)] })), {
    status: 201,
    answer: {
      ...shown("new"),
      ...used,
      RuntimeVersionConfig: anything,
      State: "Pending",
      StateReason: anything,
      StateReasonCode: "Creating",
    },
  }),
];
