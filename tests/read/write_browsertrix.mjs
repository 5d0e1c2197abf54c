// Writes a crawl as browsertrix-crawler does, with its writer (warcio.js): pages with their requests, and the
// resource records of its own kinds.   node write_browsertrix.mjs OUT.warc.gz
import { createWriteStream } from "node:fs";
import { WARCRecord, WARCSerializer } from "warcio";
const out = createWriteStream(process.argv[2]);
const date = "2026-01-02T03:04:05Z";
const warcVersion = "WARC/1.1";
const encoder = new TextEncoder();
async function* once(bytes) { yield bytes; }
async function put(record) { out.write(await WARCSerializer.serialize(record, { gzip: true })); }
await put(await WARCRecord.createWARCInfo({ filename: "rec-0.warc.gz", warcVersion },
  { software: "Browsertrix-Crawler 1.5.0 (with warcio.js 2.4.2)", format: "WARC File Format 1.1" }));
for (let i = 0; i < 60; i++) {
  const url = `https://example.org/${i}`;
  const html = encoder.encode(`<html><p>Page ${i} \u00e9\u4e2d</p></html>`.repeat(1 + i * i));
  const response = WARCRecord.create({ url, date, warcVersion, type: "response",
    httpHeaders: { "Content-Type": "text/html", "x-a": "b" },
    warcHeaders: { "WARC-Page-ID": `page-${i}`, "WARC-Resource-Type": "document" } }, once(html));
  await put(response);
  await put(WARCRecord.create({ url, date, warcVersion, type: "request", httpHeaders: { Host: "example.org" },
    warcHeaders: { "WARC-Concurrent-To": response.warcHeader("WARC-Record-ID") } }, once(new Uint8Array(0))));
  const resource = (kind, type, bytes) => put(WARCRecord.create({ url: `urn:${kind}:${url}`, date, warcVersion,
    type: "resource", warcHeaders: { "Content-Type": type } }, once(bytes)));
  await resource("pageinfo", "application/json", encoder.encode(JSON.stringify({ pageid: `${i}`, urls: { [url]: { status: 200 } } })));
  await resource("text", "text/plain", encoder.encode(`Page ${i} \u00e9\u4e2d\n`.repeat(1 + i)));
  await resource("thumbnail", "image/jpeg", new Uint8Array(3000).map((_, k) => k * k * (i + 7)));
  await resource("view", "image/png", new Uint8Array(70000).map((_, k) => (k * 2654435761) >> 13));
  await put(WARCRecord.create({ url: url + "/again", date, warcVersion, type: "revisit",
    warcHeaders: { "WARC-Refers-To-Target-URI": url, "WARC-Refers-To-Date": date,
      "WARC-Payload-Digest": "sha256:7d865e959b2466918c9863afca942d0fb89d7c9ac0c99bafc3749504ded97730" },
    httpHeaders: { "Content-Type": "text/html" } }, once(new Uint8Array(0))));
}
out.end();
