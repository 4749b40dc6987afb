// The inbox over lists that the test makes: what must not happen there hangs on moments that no mesh brings about on demand.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { desktop, executable, launch } from "./browser.mjs";
import { Mesh, until } from "./mesh.mjs";
import { watched } from "./watched.mjs";

const options = { skip: executable ? false : "no Chromium here", timeout: 120_000 };
const at = "2030-01-01T00:00:00+00:00";

let mesh, browser;

before(async () => {
  if (!executable) return;
  mesh = await Mesh.start();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await mesh?.stop();
});

/** A goal that asks for consent; its arguments as JSON text, which may say more than a JavaScript number can. */
const asking = (name, args = `{"to":"${name}"}`) =>
  `{"goal":"${name}","tenant":"default","text":"Goal ${name}","status":"Waiting","submittedBy":"ann","submittedAt":"${at}","changedAt":"${at}","questions":[],"planVersion":1,` +
  `"approvals":[{"request":"r-${name}","step":"s","call":"s/1","tool":"mail.${name}","arguments":${args},"planVersion":1,"untrusted":[],"why":"It writes."}],` +
  `"steps":[{"step":"s","role":"writer","instruction":"write","produces":"reply","inputs":[],"status":"Suspended","agent":"${name}/writer/7"}]}`;

/** The inbox with a server whose answers the test decides: `server.goals`, newest first, and how decisions end. */
async function inbox(use, path = "/approvals") {
  await watched(browser, { viewport: desktop }, async (page) => {
    const server = { goals: [], status: 200, decisions: [], answer: { status: 204 } };
    await page.route(/\/v1\/approvals(\?|$)/, (route) =>
      server.status === 200 ? route.fulfill({ contentType: "application/json", body: `{"goals":[${server.goals.join()}]}` }) : route.fulfill({ status: server.status, contentType: "application/problem+json", body: '{"code":"overloaded","detail":"The store is away."}' }),
    );
    await page.route("**/v1/approvals/events", (route) => route.fulfill({ status: 503 }));
    await page.route("**/v1/goals/*/requests/**", (route) => {
      server.decisions.push({ path: new URL(route.request().url()).pathname, body: route.request().postData() });
      const goal = server.decisions.at(-1).path.split("/")[3];
      if (server.answer.status === 204) server.goals = server.goals.filter((g) => !g.startsWith(`{"goal":"${goal}"`));
      return route.fulfill(server.answer);
    });
    await use(page, server, () => page.goto(mesh.url + path));
  });
}

const card = (page, name) => page.getByRole("article", { name: `mail.${name} for s` });

test("a key that is held decides one request, and none behind a form", options, async () => {
  await inbox(async (page, server, open) => {
    server.goals = [asking("three"), asking("two"), asking("one")];
    await open();
    await card(page, "one").waitFor();
    assert.match(await card(page, "one").innerText(), /asked by writer\/7 for step s/);
    for (let n = 0; n < 20; n++) await page.keyboard.down("a");
    await card(page, "two").waitFor();
    for (let n = 0; n < 20; n++) await page.keyboard.down("a");
    await page.keyboard.up("a");
    await page.keyboard.press("r");
    await page.getByLabel(/Why not/).waitFor();
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press("a");
    await page.waitForTimeout(300);
    assert.deepEqual(server.decisions.map((d) => d.path), ["/v1/goals/one/requests/r-one/decision"]);
    assert.equal(await page.getByRole("list", { name: "Open requests" }).getByRole("button").count(), 2);
  });
});

test("what is read stays in sight: when something older is asked, and when it is decided elsewhere", options, async () => {
  await inbox(async (page, server, open) => {
    server.goals = [asking("later"), asking("read")];
    await open();
    await card(page, "read").getByRole("button", { name: "Reject…" }).click();
    await page.getByLabel(/Why not/).fill("Half of a rea");
    server.goals = [asking("later"), asking("read"), asking("older")];
    await page.getByRole("button", { name: /mail\.older/ }).waitFor();
    assert.equal(await page.getByLabel(/Why not/).inputValue(), "Half of a rea");
    server.goals = [asking("later"), asking("older")];
    await page.getByText("This was decided elsewhere").waitFor();
    assert.equal(await page.getByLabel(/Why not/).inputValue(), "Half of a rea");
    assert.equal(await page.getByRole("button", { name: "Reject", exact: true }).isDisabled(), true);
    await page.getByRole("button", { name: "Go on" }).click();
    await card(page, "later").waitFor();
    assert.deepEqual(server.decisions, []);
  });
});

test("a decision that is not taken is said, even when its card is gone", options, async () => {
  await inbox(async (page, server, open) => {
    server.goals = [asking("two"), asking("one")];
    server.answer = { status: 409, contentType: "application/problem+json", body: '{"code":"request-decided","detail":"bob decided it."}' };
    await open();
    await card(page, "one").waitFor();
    await page.keyboard.press("a");
    await page.getByText("bob decided it.").waitFor();
    await page.keyboard.press("j");
    await card(page, "two").waitFor();
    assert.match(await page.getByRole("alert").innerText(), /bob decided it/);
    await page.getByRole("button", { name: "Dismiss" }).click();
    assert.equal(await page.getByRole("alert").count(), 0);
  });
});

test("nobody is said to wait for nobody while the server is away", options, async () => {
  await inbox(async (page, server, open) => {
    await open();
    await page.getByText("Nobody waits for you").waitFor();
    server.status = 503;
    await page.getByText("The store is away.").waitFor({ timeout: 60_000 });
    assert.equal(await page.getByText("Nobody waits for you").count(), 0);
  });
});

test("arguments are shown to the last digit and character, and sent so", options, async () => {
  const long = `${"word ".repeat(5_000)}the end`;
  await inbox(async (page, server, open) => {
    server.goals = [asking("one", `{"account":9007199254740993,"note":"n","long":${JSON.stringify(long)},"many":[${Array.from({ length: 300 }, (_, n) => n + 5_000)}]}`)];
    await open();
    await card(page, "one").getByText("9007199254740993").waitFor();
    assert.equal(await page.getByText("the end").count(), 0);
    await page.getByRole("button", { name: /more characters: show all/ }).click();
    await page.getByText("the end").waitFor();
    await page.getByText("[300]").click();
    await page.getByRole("button", { name: "… 100 more items: show all" }).click();
    await page.getByText("5299").waitFor();
    await page.keyboard.press("e");
    await page.getByRole("textbox", { name: "note" }).fill("edited");
    await page.getByRole("button", { name: "Approve with these" }).click();
    await page.getByText("Nobody waits for you").waitFor();
    assert.match(server.decisions[0].body, /"account":9007199254740993,"note":"edited"/);
  });
});

test("letters mean nothing in controls elsewhere, nor where somebody turned them off", options, async () => {
  await inbox(async (page, server, open) => {
    server.goals = [asking("one")];
    await open();
    await card(page, "one").waitFor();
    await page.getByRole("link", { name: "Usage" }).first().focus();
    await page.keyboard.press("a");
    const keys = page.getByRole("button", { name: /^Keys/ });
    await keys.click();
    await page.getByRole("checkbox", { name: /Single letters/ }).uncheck();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    assert.equal(await keys.evaluate((k) => k === document.activeElement), true, "the focus returns to what opened the dialog");
    await page.reload();
    await card(page, "one").waitFor();
    await page.keyboard.press("a");
    await page.waitForTimeout(300);
    assert.deepEqual(server.decisions, []);
    await keys.click();
    await page.getByRole("checkbox", { name: /Single letters/ }).check();
    await page.keyboard.press("Escape");
    await page.keyboard.press("a");
    await until(() => server.decisions.length === 1, "the decision");
  });
});
