"use strict";
/** AWS changed its Node.js runtime with nodejs24.x: it handles calls, logs and errors in ways of its own. */
const id = /^AWS_Lambda_nodejs(\d+)\./.exec(process.env.AWS_EXECUTION_ENV ?? "")?.[1];

module.exports = { modern: Number(id ?? process.versions.node.split(".")[0]) >= 24 };
