import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { desktop, executable, launch, phone } from "./browser.mjs";
import { Mesh, root } from "./mesh.mjs";
import { watched } from "./watched.mjs";

const text = "Answer this customer: classify the mail, find what our articles say, open a ticket and write a reply that quotes them";
const mails = join(root, "samples/support/emails/dev");
const options = { skip: executable ? false : "no Chromium here", timeout: 300_000 };
const long = 120_000;

let mesh, browser;

before(async () => {
  if (!executable) return;
  mesh = await Mesh.start();
  browser = await launch();
  const articles = join(root, "samples/support/knowledge");
  for (const name of readdirSync(articles).filter((f) => f.endsWith(".md")))
    await mesh.post("/v1/knowledge", { collection: "articles", name, text: readFileSync(join(articles, name), "utf8") });
});

after(async () => {
  await browser?.close();
  await mesh?.stop();
});

async function submit(page, mail) {
  await page.goto(mesh.url);
  await page.getByRole("button", { name: "Submit a goal" }).first().click();
  await page.getByLabel("What shall be done?").fill(text);
  await page.setInputFiles('input[type="file"]', join(mails, mail));
  await page.getByRole("button", { name: "Submit", exact: true }).click();
  await page.waitForURL(/\/goals\/[a-z0-9-]{8,}/, { timeout: long });
}

test("a support goal with a file: watched live, approved in the inbox by keys, its reply read, and why", options, async () => {
  await watched(browser, { viewport: desktop }, async (page) => {
    await submit(page, readdirSync(mails).find((f) => f.startsWith("01")));

    // Live: it goes on until a person is needed, without loading the page again.
    await page.getByText("It waits for you").waitFor({ timeout: long });
    assert.match(await page.locator("article").first().innerText(), /untrusted/);

    await page.getByRole("link", { name: /^Approvals/ }).first().click();
    await page.getByRole("button", { name: "Approve", exact: true }).waitFor({ timeout: long });
    assert.match(await page.getByRole("region", { name: "The plan so far" }).innerText(), /asks this/);
    await page.keyboard.press("a");
    await page.getByText("Nobody waits for you").waitFor({ timeout: long });

    await page.getByRole("link", { name: "Goals" }).first().click();
    await page.getByRole("table", { name: "Goals" }).getByRole("link").first().click();
    await page.getByText("All steps are done.").waitFor({ timeout: long });
    const result = await page.getByRole("region", { name: "Result" }).innerText();
    assert.match(result, /reply/);
    assert.ok(result.length > 300, "the reply itself is there");

    await page.getByRole("link", { name: "Why", exact: true }).click();
    const why = page.getByRole("list", { name: "Decisions" });
    await why.waitFor({ timeout: long });
    assert.match(await why.innerText(), /Playbook 'support' matches/);

    await page.getByRole("link", { name: "Plan", exact: true }).click();
    await page.locator(".react-flow__node").nth(5).waitFor({ timeout: long });
    assert.match(await page.locator('.react-flow__node[data-id="ticket"]').innerText(), /#1 → ticket[^]*Completed · /, "who made it, its state, and what answered");
    await page.getByRole("link", { name: "ticket", exact: true }).click();
    await page.getByRole("region", { name: "Step ticket" }).getByText("ticket.create", { exact: true }).waitFor({ timeout: long });

    // Back in time: the first event is the submit, and nothing was planned then.
    await page.getByRole("slider", { name: "Event of the journal" }).fill("1");
    await page.getByText("A plan is being made.").first().waitFor({ timeout: long });
    assert.match(page.url(), /at=1/);
    await page.getByRole("button", { name: "End" }).click();
    await page.getByText("All steps are done.").waitFor({ timeout: long });
  });
});

test("the same on a phone, where it is rejected with a reason", options, async () => {
  await watched(browser, { viewport: phone, hasTouch: true, isMobile: true }, async (page) => {
    await submit(page, readdirSync(mails).find((f) => f.startsWith("02")));
    await page.getByRole("button", { name: "Reject…" }).click({ timeout: long });
    await page.getByLabel(/Why not/).fill("A ticket is open for this already.");
    await page.getByRole("button", { name: "Reject", exact: true }).click();
    await page.getByRole("link", { name: "Why", exact: true }).click();
    await page.getByText("A ticket is open for this already.").first().waitFor({ timeout: long });

    await page.getByRole("button", { name: "Menu" }).click();
    await page.getByRole("navigation", { name: "Menu" }).getByRole("link", { name: "Goals" }).click();
    await page.getByRole("table", { name: "Goals" }).getByRole("link").first().waitFor({ timeout: long });
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "nothing is wider than the phone");
  });
});

test("an edited ticket is opened as it was edited", options, async () => {
  await watched(browser, { viewport: desktop }, async (page) => {
    await submit(page, readdirSync(mails).find((f) => f.startsWith("03")));
    await page.getByRole("button", { name: "Edit…" }).click({ timeout: long });
    await page.getByRole("textbox", { name: "title", exact: true }).fill("Edited by a person");
    await page.getByRole("button", { name: "Approve with these" }).click();
    await page.getByText("All steps are done.").waitFor({ timeout: long });
    await page.getByRole("link", { name: "Artifacts", exact: true }).click();
    await page.getByRole("navigation", { name: "Artifacts" }).getByRole("link", { name: /^ticket/ }).click();
    await page.getByText("Edited by a person").first().waitFor({ timeout: long });
  });
});
