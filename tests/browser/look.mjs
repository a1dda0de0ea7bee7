// Opens a local page in Chromium and says, as JSON, what it saw: usage: node look.mjs <chromium> <page> [screenshot]
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [executablePath, page, screenshot] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
try {
  // The page forbids scripts by its own policy; axe is ours and may pass it.
  const context = await browser.newContext({ bypassCSP: true, viewport: { width: 1280, height: 900 } });
  const tab = await context.newPage();
  const address = pathToFileURL(page).href;
  const asked = [];
  const errors = [];
  tab.on("request", (request) => asked.push(request.url()));
  tab.on("pageerror", (error) => errors.push(String(error)));
  tab.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await tab.goto(address, { waitUntil: "load" });
  const seen = await tab.evaluate(() => ({
    title: document.title,
    language: document.documentElement.lang,
    h1: [...document.querySelectorAll("h1")].map((node) => node.textContent.trim()),
    mains: document.querySelectorAll("main").length,
    tables: document.querySelectorAll("table").length,
    pairs: [...document.querySelectorAll(".pair")].map((pair) => ({
      id: pair.id,
      drawn: [...pair.querySelectorAll("img")].every((image) => image.complete && image.naturalWidth > 100),
      images: pair.querySelectorAll("img").length,
      rows: pair.querySelectorAll("tbody tr").length,
    })),
    wider: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    text: document.body.innerText,
  }));
  await tab.setViewportSize({ width: 400, height: 900 });
  seen.wider_on_a_phone = await tab.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  await tab.setViewportSize({ width: 1280, height: 900 });
  await tab.keyboard.press("Tab");
  seen.first_focus = await tab.evaluate(() => document.activeElement.textContent.trim());
  if (screenshot) await tab.screenshot({ path: screenshot, fullPage: true });
  await tab.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
  await tab.evaluate(axe);
  const report = await tab.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  seen.violations = report.violations.map(({ id, impact, help, nodes }) => ({
    id,
    impact,
    help,
    places: nodes.slice(0, 3).map((node) => node.target.join(" ")),
  }));
  seen.passes = report.passes.length;
  seen.outside = asked.filter((url) => url !== address && !url.startsWith("data:"));
  seen.errors = errors;
  console.log(JSON.stringify(seen));
} finally {
  await browser.close();
}
