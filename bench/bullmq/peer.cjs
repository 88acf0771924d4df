/**
 * A job queue that people use for the same: BullMQ on a Redis that syncs every write. Takes a job with each POST and answers
 * 202; its worker runs a handler that does nothing, four at a time, in this process. `GET /` answers how many it has handled.
 * Prints its port. usage: peer.cjs REDIS-PORT, with the packages in NODE_PATH
 */
const { createServer } = require("node:http");
const { Queue, Worker } = require("bullmq");
const Redis = require("ioredis");

const connection = () => new Redis({ host: "127.0.0.1", port: Number(process.argv[2]), maxRetriesPerRequest: null });
const options = { removeOnComplete: true };
const queue = new Queue("events", { connection: connection(), defaultJobOptions: options });
let handled = 0;
const worker = new Worker("events", async () => "done", { connection: connection(), concurrency: 4 });
worker.on("completed", () => (handled += 1));

const server = createServer((request, response) => {
  if (request.method === "GET") {
    response.end(String(handled));
    return;
  }
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    queue.add("event", JSON.parse(Buffer.concat(chunks).toString())).then(
      () => response.writeHead(202, { "content-length": 0 }).end(),
      (error) => response.destroy(error),
    );
  });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
