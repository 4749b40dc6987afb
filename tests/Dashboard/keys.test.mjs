import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { desktop, executable, launch } from "./browser.mjs";
import { Mesh } from "./mesh.mjs";
import { watched } from "./watched.mjs";

const options = { skip: executable ? false : "no Chromium here", timeout: 300_000 };
const admin = `am_admin_${randomBytes(32).toString("hex")}`;

let mesh, browser;

before(async () => {
  if (!executable) return;
  mesh = await Mesh.start({ AGENTMESH_AUTH: "keys", AGENTMESH_ADMIN_KEY: admin });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await mesh?.stop();
});

async function signIn(page, key) {
  await page.getByLabel("API key").fill(key);
  await page.getByRole("button", { name: "Sign in" }).click();
}

test("a server with keys asks for one; an admin makes another, who may do what its roles say and no more", options, async () => {
  await watched(browser, { viewport: desktop }, async (page) => {
    await page.goto(`${mesh.url}/keys`);
    await signIn(page, "am_ключ");
    await page.getByText("No key has such characters").waitFor();
    await signIn(page, "am_wrong_0000");
    await page.getByText("The server does not take this key.").waitFor();
    await signIn(page, admin);

    await page.getByRole("button", { name: "Make a key" }).first().click();
    await page.getByLabel("Name").fill("watcher");
    await page.getByRole("checkbox", { name: /^submitter/ }).uncheck();
    await page.getByRole("checkbox", { name: /^approver/ }).check();
    await page.getByRole("button", { name: "Make it" }).click();
    const key = await page.getByRole("textbox", { name: "Key", exact: true }).inputValue();
    assert.match(key, /^am_/);
    // As over plain http, where a page may write nothing for others to paste.
    await page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
    await page.getByRole("button", { name: "Copy" }).click();
    await page.getByText("The key is selected: copy it by hand.").waitFor();
    assert.equal(await page.evaluate(() => getSelection().toString()), key);
    await page.getByRole("button", { name: "I have it" }).click();
    await page.getByRole("cell", { name: /watcher/ }).first().waitFor();

    await page.getByRole("button", { name: "Sign out" }).click();
    await signIn(page, key);
    await page.getByText("No goals yet").waitFor();
    assert.equal(await page.getByRole("button", { name: "Submit a goal" }).count(), 0, "who may not submit is not asked to");
    await page.getByRole("link", { name: "Keys" }).click();
    await page.getByText("Keys are for admins").waitFor();
    // The tab keeps it, and nothing else does.
    await page.reload();
    await page.getByText("Keys are for admins").waitFor();
    assert.equal(await page.evaluate(() => Object.keys(localStorage).some((k) => localStorage[k].includes("am_"))), false);
  });
});
