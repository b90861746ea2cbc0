// The audit suite of graphql-http: every MUST and SHOULD holds, on both endpoints.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { serverAudits } from "graphql-http";

import { bearer, CLIENT, DESK, Site } from "./site.js";

const site = Site.here;
const CALLERS = { [DESK]: site.tokens.anna, [CLIENT]: site.tokens.mario };

for (const [path, token] of Object.entries(CALLERS)) {
  describe(path, () => {
    const audits = serverAudits({
      url: site.url(path),
      fetchFn: (url, init = {}) =>
        fetch(url, { ...init, headers: { ...bearer(token), ...init.headers } }),
    });

    test("the suite is there", () => assert.ok(audits.length > 50, String(audits.length)));

    for (const { id, name, fn } of audits)
      test(`${id} ${name}`, async (t) => {
        const { status, reason, response } = await fn();
        if (name.startsWith("MAY") && status !== "ok") return t.skip(reason);
        assert.equal(status, "ok", `${reason}: ${await text(response)}`);
      });
  });
}

async function text(response) {
  return response && !response.bodyUsed ? `${response.status} ${await response.text()}` : "";
}
