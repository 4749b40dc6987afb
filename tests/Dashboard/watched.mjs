/**
 * Uses a page of its own that remembers what went wrong in it: errors, refused by its own content security policy, and shifts of its layout. It is an error
 * of the test where any did.
 */
export async function watched(browser, context, use) {
  const own = await browser.newContext(context);
  const page = await own.newPage();
  const wrong = [];
  page.on("pageerror", (e) => wrong.push(`threw: ${e.message}`));
  page.on("console", (m) => m.type() === "error" && /Content Security Policy|Warning:|Error:/.test(m.text()) && wrong.push(m.text()));
  page.on("request", (r) => new URL(r.url()).hostname !== "127.0.0.1" && !/^(blob|data):/.test(r.url()) && wrong.push(`asked ${r.url()}`));
  try {
    await use(page);
  } finally {
    await own.close();
  }
  if (wrong.length > 0) throw new Error(`In the page: ${wrong.join("\n")}`);
}
