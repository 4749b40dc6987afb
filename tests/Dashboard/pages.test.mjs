import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { desktop, executable, launch, phone } from "./browser.mjs";
import { Mesh, until } from "./mesh.mjs";
import { watched } from "./watched.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const options = { skip: executable ? false : "no Chromium here", timeout: 600_000 };
// Where pictures of each page go, for people to look at; none are taken otherwise.
const shots = process.env.DASHBOARD_SHOTS;
const mail = "From: Ann <ann@example.com>\nTo: help@example.com\nSubject: Charged twice\n\nI was charged twice for invoice NW-2026-03-1187. My account is AC-48213. Please pay one back.\n";

let mesh, browser, waiting, done;

before(async () => {
  if (!executable) return;
  mesh = await Mesh.start();
  browser = await launch();
  await mesh.post("/v1/knowledge", { collection: "articles", name: "refunds.md", text: "# Refunds\n\nWho was charged twice gets one charge back within five days. Send us the invoice." });
  waiting = await submit("Ask");
  done = await submit("Auto");
  await until(async () => (await mesh.api(`/v1/goals/${waiting}`)).status === "Waiting", "the goal that asks");
  await until(async () => (await mesh.api(`/v1/goals/${done}`)).endedAt, "the goal that ends");
});

after(async () => {
  await browser?.close();
  await mesh?.stop();
});

async function submit(approvals) {
  const { goal } = await mesh.post("/v1/goals", {
    text: "Answer this customer: classify the mail, find what our articles say, open a ticket and write a reply",
    constraints: { approvals },
    attachments: [{ name: "mail.eml", content: Buffer.from(mail).toString("base64") }],
  });
  return goal;
}

const pages = () => [
  ["goals", "/goals", "table[name=Goals]"],
  ["goals-none", "/goals?tenant=nobody", "No goal is like this"],
  ["goal-asks", `/goals/${waiting}`, "It waits for you"],
  ["goal-done", `/goals/${done}`, "All steps are done."],
  ["plan", `/goals/${done}?tab=plan&step=ticket`, "Step ticket"],
  ["timeline", `/goals/${done}?tab=timeline`, "Timeline"],
  ["messages", `/goals/${done}?tab=messages`, "Who told whom"],
  ["artifacts", `/goals/${done}?tab=artifacts&artifact=in-1`, "Charged twice"],
  ["why", `/goals/${done}?tab=why`, "Why it went as it did"],
  ["journal", `/goals/${done}?tab=journal`, "goal.submitted"],
  ["goal-missing", "/goals/no-such-goal", "This goal cannot be shown"],
  ["approvals", "/approvals", "The plan so far"],
  ["activity", "/activity", "Grains by type"],
  ["knowledge", "/knowledge?q=charged+twice", "Found for"],
  ["roles", "/catalogue", "Sure enough at"],
  ["tools", "/catalogue?shelf=tools&name=ticket.create", "Arguments"],
  ["playbooks", "/catalogue?shelf=playbooks&name=support", "Spoken for by"],
  ["usage", "/usage", "Day by day"],
  ["keys", "/keys", "who may call this server"],
  ["lost", "/nowhere", "There is no page at this address"],
];

for (const [window, viewport] of [
  ["desktop", desktop],
  ["phone", phone],
])
  test(`every page on a ${window}, light and dark: nothing that axe finds, nothing that jumps, nothing wider than the window`, options, async (t) => {
    await watched(browser, { viewport, reducedMotion: "reduce" }, async (page) => {
      await page.addInitScript(() => {
        window.shift = 0;
        new PerformanceObserver((list) => list.getEntries().forEach((e) => (window.shift += e.hadRecentInput ? 0 : e.value))).observe({ type: "layout-shift", buffered: true });
      });
      for (const [name, path, sign] of pages())
        await t.test(name, async () => {
          await page.emulateMedia({ colorScheme: "light" });
          await page.goto(mesh.url + path);
          await (sign.startsWith("table") ? page.getByRole("table", { name: "Goals" }) : page.getByText(sign).first()).waitFor({ timeout: 60_000 });
          await page.waitForLoadState("load");
          // Until what comes a moment later is there, too: charts, the graph.
          await page.waitForTimeout(500);
          assert.ok((await page.evaluate(() => window.shift)) < 0.1, `its layout shifts by ${await page.evaluate(() => window.shift)}`);
          assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0, "it scrolls sideways");
          await page.evaluate(axe);
          for (const colorScheme of ["light", "dark"]) {
            await page.emulateMedia({ colorScheme });
            await page.waitForFunction((theme) => document.documentElement.dataset.theme === theme, colorScheme);
            // However short, a colour's transition ends with a frame, and a busy page's next frame may be some way off.
            await page.evaluate(settled);
            await shoot(page, `${window}-${colorScheme}-${name}`);
            assert.deepEqual(await found(page), []);
          }
        });
    });
  });

async function shoot(page, name) {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
}

/** In the page: until no colour is on its way to another. */
async function settled() {
  for (let frames = 0; frames < 2; frames++) {
    await new Promise(requestAnimationFrame);
    await Promise.allSettled(document.getAnimations().filter((a) => a instanceof CSSTransition).map((a) => a.finished));
  }
}

/** What axe finds, a line each. */
async function found(page) {
  const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"] }));
  return violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.target} ${n.failureSummary}`).join(" | ")}`);
}

test("offline from everything but the mesh, behind its own policy", options, async () => {
  const answer = await fetch(mesh.url, { headers: { Accept: "text/html" } });
  assert.match(answer.headers.get("content-security-policy"), /default-src 'self'/);
  assert.doesNotMatch(await answer.text(), /<script>|style=|https?:\/\//);
});

test("the submit dialog by keys alone, and axe finds nothing in it", options, async () => {
  await watched(browser, { viewport: desktop }, async (page) => {
    await page.goto(`${mesh.url}/goals`);
    await page.getByRole("button", { name: "Submit a goal" }).first().press("Enter");
    await page.getByRole("dialog").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.tagName), "TEXTAREA");
    await page.getByText("Playbook, knowledge, consent and limits").click();
    await page.evaluate(axe);
    assert.deepEqual(await found(page), []);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  });
});

test("a silo that is gone hides none that is there", options, async () => {
  await watched(browser, { viewport: desktop }, async (page) => {
    await page.goto(`${mesh.url}/activity?silo=gone`);
    await page.getByRole("group", { name: "Silos" }).getByText("Active").waitFor();
    for (const title of ["Failed calls by grain", "Latency"]) await page.getByText(title).waitFor();
  });
});

test("a journal that the server refuses to go on with says why, and is asked for again on demand only", options, async () => {
  await watched(browser, { viewport: desktop }, async (page) => {
    const { spec } = await mesh.api(`/v1/goals/${waiting}`);
    const first = { sequence: 1, at: "2030-01-01T00:00:00+00:00", event: { type: "goal.submitted", goal: waiting, spec } };
    const answers = [
      { contentType: "text/event-stream", body: `id: 1\ndata: ${JSON.stringify(first)}\n\n` },
      { status: 403, contentType: "application/problem+json", body: '{"code":"forbidden","detail":"The key was revoked."}' },
    ];
    let asked = 0;
    await page.route(`**/v1/goals/${waiting}/events`, (route) => (asked < answers.length ? route.fulfill(answers[asked++]) : (asked++, route.continue())));
    await page.goto(`${mesh.url}/goals/${waiting}`);
    await page.getByText("The key was revoked.").waitFor();
    await page.waitForTimeout(2_000);
    assert.equal(asked, 2);
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("It waits for you").waitFor();
    assert.equal(await page.getByText("The key was revoked.").count(), 0);
  });
});
