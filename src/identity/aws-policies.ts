/**
 * AWS's managed policies that are used with Lambda, by ARN: what they allow, as AWS documents it.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
 */
import { hash } from "node:crypto";
import type { ManagedPolicy } from "./contract.ts";

interface Statement {
  readonly Effect: "Allow";
  readonly Action?: readonly string[];
  readonly NotAction?: readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const allow = (...Action: string[]): Statement => ({ Effect: "Allow", Action, Resource: "*" });
const logging = allow("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents");

const interfaces = allow(
  "ec2:CreateNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:DeleteNetworkInterface",
  "ec2:AssignPrivateIpAddresses",
  "ec2:UnassignPrivateIpAddresses",
);
const passToLambda: Statement = {
  Effect: "Allow",
  Action: ["iam:PassRole"],
  Resource: "*",
  Condition: { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } },
};
const reading = ["Describe*", "Get*", "List*", "BatchGet*", "Query", "Scan", "Search*", "View*"];
const services = [
  "lambda",
  "logs",
  "iam",
  "sts",
  "sqs",
  "kms",
  "s3",
  "sns",
  "events",
  "dynamodb",
  "cloudwatch",
  "ec2",
  "tag",
];

/** By path and name. */
const texts: Readonly<Record<string, readonly Statement[]>> = {
  "/AdministratorAccess": [allow("*")],
  "/PowerUserAccess": [
    { Effect: "Allow", NotAction: ["iam:*", "organizations:*", "account:*"], Resource: "*" },
    allow(
      "iam:CreateServiceLinkedRole",
      "iam:DeleteServiceLinkedRole",
      "iam:ListRoles",
      "organizations:DescribeOrganization",
    ),
  ],
  "/ReadOnlyAccess": [allow(...services.flatMap((service) => reading.map((action) => `${service}:${action}`)))],
  "/IAMFullAccess": [allow("iam:*", "organizations:DescribeAccount", "organizations:DescribeOrganization")],
  "/IAMReadOnlyAccess": [
    allow(
      "iam:GenerateCredentialReport",
      "iam:GenerateServiceLastAccessedDetails",
      "iam:Get*",
      "iam:List*",
      "iam:SimulateCustomPolicy",
      "iam:SimulatePrincipalPolicy",
    ),
  ],
  "/AWSLambda_FullAccess": [
    allow(
      "cloudformation:DescribeStacks",
      "cloudwatch:GetMetricData",
      "ec2:DescribeSecurityGroups",
      "ec2:DescribeSubnets",
      "ec2:DescribeVpcs",
      "iam:GetPolicy",
      "iam:GetPolicyVersion",
      "iam:GetRole",
      "iam:GetRolePolicy",
      "iam:ListAttachedRolePolicies",
      "iam:ListRolePolicies",
      "iam:ListRoles",
      "kms:ListAliases",
      "lambda:*",
      "logs:DescribeLogGroups",
      "states:ListStateMachines",
      "tag:GetResources",
      "xray:GetTraceSummaries",
      "xray:BatchGetTraces",
    ),
    passToLambda,
    {
      Effect: "Allow",
      Action: ["logs:DescribeLogStreams", "logs:GetLogEvents", "logs:FilterLogEvents"],
      Resource: "arn:aws:logs:*:*:log-group:/aws/lambda/*",
    },
  ],
  "/AWSLambda_ReadOnlyAccess": [
    allow(
      "cloudwatch:GetMetricData",
      "ec2:DescribeSecurityGroups",
      "ec2:DescribeSubnets",
      "ec2:DescribeVpcs",
      "iam:GetPolicy",
      "iam:GetPolicyVersion",
      "iam:GetRole",
      "iam:GetRolePolicy",
      "iam:ListAttachedRolePolicies",
      "iam:ListRolePolicies",
      "iam:ListRoles",
      "kms:ListAliases",
      "lambda:Get*",
      "lambda:List*",
      "logs:DescribeLogGroups",
      "tag:GetResources",
    ),
    {
      Effect: "Allow",
      Action: ["logs:DescribeLogStreams", "logs:GetLogEvents", "logs:FilterLogEvents"],
      Resource: "arn:aws:logs:*:*:log-group:/aws/lambda/*",
    },
  ],
  "/service-role/AWSLambdaBasicExecutionRole": [logging],
  "/service-role/AWSLambdaVPCAccessExecutionRole": [logging, interfaces],
  "/service-role/AWSLambdaENIManagementAccess": [interfaces],
  "/service-role/AWSLambdaRole": [allow("lambda:InvokeFunction")],
  "/service-role/AWSLambdaSQSQueueExecutionRole": [
    allow("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    logging,
  ],
  "/service-role/AWSLambdaKinesisExecutionRole": [
    allow(
      "kinesis:DescribeStream",
      "kinesis:DescribeStreamSummary",
      "kinesis:GetRecords",
      "kinesis:GetShardIterator",
      "kinesis:ListShards",
      "kinesis:ListStreams",
      "kinesis:SubscribeToShard",
    ),
    logging,
  ],
  "/service-role/AWSLambdaDynamoDBExecutionRole": [
    allow("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"),
    logging,
  ],
  "/service-role/AWSLambdaMSKExecutionRole": [
    allow(
      "kafka:DescribeCluster",
      "kafka:DescribeClusterV2",
      "kafka:GetBootstrapBrokers",
      "ec2:DescribeVpcs",
      "ec2:DescribeSecurityGroups",
    ),
    interfaces,
    logging,
  ],
  "/AWSXRayDaemonWriteAccess": [
    allow(
      "xray:PutTraceSegments",
      "xray:PutTelemetryRecords",
      "xray:GetSamplingRules",
      "xray:GetSamplingTargets",
      "xray:GetSamplingStatisticSummaries",
    ),
  ],
  "/CloudWatchLambdaInsightsExecutionRolePolicy": [
    { Effect: "Allow", Action: ["logs:CreateLogGroup"], Resource: "*" },
    {
      Effect: "Allow",
      Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
      Resource: "arn:aws:logs:*:*:log-group:/aws/lambda-insights:*",
    },
  ],
};

const made = Date.parse("2015-02-06T18:39:46Z");

export const awsPolicies: ReadonlyMap<string, ManagedPolicy> = new Map(
  Object.entries(texts).map(([place, Statement]): [string, ManagedPolicy] => {
    const slash = place.lastIndexOf("/");
    const arn = `arn:aws:iam::aws:policy${place}`;
    const policy: ManagedPolicy = {
      name: place.slice(slash + 1),
      path: place.slice(0, slash + 1),
      id: `ANPA${hash("sha256", arn, "hex").toUpperCase().slice(0, 17)}`,
      arn,
      createdAt: made,
      updatedAt: made,
      tags: {},
      versions: [{ id: "v1", text: JSON.stringify({ Version: "2012-10-17", Statement }), createdAt: made }],
      defaultVersion: "v1",
      nextVersion: 2,
      attachments: 0,
      boundaries: 0,
    };
    return [arn, policy];
  }),
);
