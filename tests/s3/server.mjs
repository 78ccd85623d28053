// An S3 server on a free port of loopback, in a folder of its own: `node server.mjs FOLDER`.
//
// Prints the port on its first line, and ends when its standard input does: with whoever started it,
// however that one ended.
import S3rver from "s3rver";

const server = new S3rver({
    port: 0,
    address: "127.0.0.1",
    silent: true,
    directory: process.argv[2],
    configureBuckets: [{name: "images"}],
});
const {port} = await server.run();
console.log(port);
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
