/** Node.js as npm's `node-linux-<arch>` packages it. The registry's SHA-512 pins the bytes that a build may use. */

import type { NodeBuild } from "./builds.ts";

/**
 * Where ES modules are looked for, going up from /var/task: Node.js itself does not ask NODE_PATH for them, and these
 * versions have no hook that the bootstrap could use. It keeps them out of what `require` looks at.
 */
const moduleLinks = { "var/node_modules": "/opt/nodejs/node_modules", node_modules: "/var/runtime/node_modules" };

/** By runtime identifier. */
export const nodeBuilds: Readonly<Record<string, NodeBuild>> = {
  "nodejs18.x": {
    kind: "node",
    version: "18.20.8",
    links: moduleLinks,
    integrity: {
      x64: "sha512-JWUTwZ9vMOjZXMtiBc74OZn12DXb4skKfY4Nlyc17Ss8BTaxjwkXAw6xZb0Ck5afUYU/neBbrHjo9O3baF34ww==",
      arm64: "sha512-xTMJYtLdLjIimh8zRpgUDFsNknLP72AT/QWQEmeyDOM1/Gqj/GZn/MlbA+zWSjSMBxQscYvgFpq3qERMEcFEUA==",
    },
  },
  "nodejs20.x": {
    kind: "node",
    version: "20.20.2",
    links: moduleLinks,
    integrity: {
      x64: "sha512-PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==",
      arm64: "sha512-LCXJnNTFiyGuYBw2gZSI5OBFMbkjAPt8sqD/NKrWoE2QmDgSubTqFng6GaNJ9EJ8HpxBMGcWWpbbcs4Vo+CnGg==",
    },
  },
  "nodejs22.x": {
    kind: "node",
    version: "22.23.3",
    integrity: {
      x64: "sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==",
      arm64: "sha512-l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJnSE+dzpMNtgW+c3oiDvXtA==",
    },
  },
  "nodejs24.x": {
    kind: "node",
    version: "24.21.0",
    integrity: {
      x64: "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
      arm64: "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
    },
  },
  "nodejs26.x": {
    kind: "node",
    version: "26.9.0",
    integrity: {
      x64: "sha512-pS4RIjfmsVWgAlkmEtkf1PMwzy7xbc4VS4nqX3fz4lnWKGI2Veio5JZS69nu1BskrjnRJN2qJOFu1whq8uvjAA==",
      arm64: "sha512-V1I9YiCWpZPKW/Uuw8rtZNquVOyy7xgkeeXANpNYzjAkb5YT5bPBoedOLWsWk5YpsXO7QKhaKr5bYUtNbiQKQQ==",
    },
  },
};
